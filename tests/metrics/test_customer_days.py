"""Windows of customers and days: worked by hand, and against plain loops."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from metrics.customer_days import CustomerDays, as_dates, day_number

DAY = date(2026, 3, 1)


def events(*rows: tuple[int, int, int]) -> pl.DataFrame:
    """Rows of customer, days after DAY and an amount."""
    return pl.DataFrame(
        {
            "customer_id": [who for who, _, _ in rows],
            "on": [DAY + timedelta(days=after) for _, after, _ in rows],
            "amount": [amount for _, _, amount in rows],
        },
        schema={"customer_id": pl.Int32, "on": pl.Date, "amount": pl.Int64},
    )


def asked(*rows: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    who, after = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return who, after + day_number(DAY)


# customer 0: days 0, 5 (twice), 9; customer 1: none; customer 2: day 9
KNOWN = CustomerDays.of(
    events((2, 9, 70), (0, 5, 3), (0, 0, 1), (0, 9, -4), (0, 5, 10)), "on", "amount"
)


def test_a_window_holds_its_last_day_and_not_the_one_before_its_first():
    who, until = asked((0, 9), (0, 8), (0, 5), (0, 4), (1, 9), (2, 9), (2, 8))
    span = KNOWN.within(who, after=until - 4, until=until)
    assert span.count().tolist() == [1, 2, 2, 0, 0, 1, 0]  # (5, 9], (4, 8], (1, 5], (0, 4] …
    assert KNOWN.total(span, "amount").tolist() == [-4, 13, 13, 0, 0, 70, 0]
    assert KNOWN.latest(span, "amount").to_list() == [-4, 10, 10, None, None, 70, None]
    last = as_dates(KNOWN.last_day(span, until - 100))
    assert [(day - DAY).days for day in last] == [9, 5, 5, -96, -91, 9, -92]


def test_all_until_a_day_and_the_first_of_them():
    who, until = asked((0, 100), (0, 5), (0, -1), (1, 100))
    span = KNOWN.until(who, until)
    assert span.count().tolist() == [4, 3, 0, 0]
    first = as_dates(KNOWN.first_day(span, until))
    assert [(day - DAY).days for day in first] == [0, 0, -1, 100]


def test_days_before_1970_and_a_window_that_ends_before_it_begins():
    early = CustomerDays.of(events((0, -30_000, 1), (1, -30_000, 2)), "on", "amount")
    who, until = asked((0, -30_000), (1, -30_000), (0, -30_001))
    assert early.until(who, until).count().tolist() == [1, 1, 0]
    assert early.within(who, after=until + 5, until=until).count().tolist() == [0, 0, 0]


def test_the_days_of_split_orders_count_once():
    once = KNOWN.distinct()
    assert once.customers().tolist() == [0, 0, 0, 2]
    assert [day - day_number(DAY) for day in once.days().tolist()] == [0, 5, 9, 9]


def test_without_events_nothing_has_happened():
    none = CustomerDays.of(events(), "on", "amount")
    who, until = asked((0, 9), (3, 9))
    span = none.until(who, until)
    assert span.count().tolist() == none.total(span, "amount").tolist() == [0, 0]
    assert none.latest(span, "amount").to_list() == [None, None]
    assert none.last_day(span, until).tolist() == until.tolist()


ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(-20, 20), st.integers(-9, 9)), max_size=30)


@given(ROWS, st.integers(0, 4), st.integers(-25, 25), st.integers(0, 30))
def test_windows_are_what_a_loop_finds(
    rows: list[tuple[int, int, int]], who: int, day: int, back: int
):
    known = CustomerDays.of(events(*rows), "on", "amount")
    whose, until = asked((who, day))
    span = known.within(whose, after=until - back, until=until)
    found = [
        (after, amount) for one, after, amount in rows if one == who and day - back < after <= day
    ]
    assert span.count().item() == len(found)
    assert known.total(span, "amount").item() == sum(amount for _, amount in found)
    last = max((after for after, _ in found), default=99)
    assert known.last_day(span, until * 0 + day_number(DAY) + 99).item() - day_number(DAY) == last
