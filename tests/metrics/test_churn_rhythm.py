"""Usual gap, threshold and silence, by hand."""

from datetime import date

import polars as pl
import pytest

from metrics.churn.rhythm import Definition, rhythm
from metrics.purchase_days import bought_on

AS_OF = date(2026, 6, 30)
STANDARD = Definition.standard()


def orders(*rows):
    return pl.LazyFrame(
        rows,
        schema={
            "customer_id": pl.String,
            "ordered_on": pl.Date,
            "status": pl.String,
            "amount": pl.Int64,
        },
        orient="row",
    )


def bought(customer, *days, amount=100):
    return [(customer, day, "completed", amount) for day in days]


def told(frame, definition=STANDARD, as_of=AS_OF):
    table = rhythm(bought_on(frame, as_of=date.max), as_of=as_of, definition=definition).collect()
    return {row["customer_id"]: row for row in table.to_dicts()}


def test_the_usual_gap_is_shrunk_to_the_mean_gap_of_all():
    # A: 3 purchase days over 60 days (gaps 30, 30). B: 2 days over 90. C: one purchase.
    # m = (60 + 90) / (2 + 1) = 50; A: (60 + 100) / (2 + 2) = 40; B: (90 + 100) / 3; C: m = 50.
    frame = orders(
        *bought("A", date(2026, 4, 1), date(2026, 5, 1), date(2026, 5, 31)),
        *bought("B", date(2026, 3, 1), date(2026, 5, 30)),
        *bought("C", date(2026, 6, 1)),
    )
    rows = told(frame)
    assert rows["A"]["usual_gap_days"] == pytest.approx(40.0)
    assert rows["B"]["usual_gap_days"] == pytest.approx(190 / 3)
    assert rows["C"]["usual_gap_days"] == pytest.approx(50.0)
    assert rows["A"]["tau_days"] == 160  # 4 x 40
    assert rows["B"]["tau_days"] == 253  # 4 x 63.33 = 253.3
    assert rows["A"]["silent_days"] == 30
    assert rows["A"]["remaining_days"] == 130
    assert rows["A"]["churned"] is False


def test_orders_of_one_day_are_one_purchase_day():
    one = told(orders(*bought("A", date(2026, 4, 1), date(2026, 5, 1))))
    split = told(orders(*bought("A", date(2026, 4, 1), *[date(2026, 5, 1)] * 3)))
    assert one == split


@pytest.mark.parametrize(
    ("gap", "tau"), [(5, 45), (11, 45), (12, 48), (50, 200), (91, 364), (92, 365), (150, 365)]
)
def test_tau_has_a_floor_and_a_cap(gap, tau):
    got = pl.select(STANDARD.tau(pl.lit(float(gap)))).item()
    assert got == tau


def test_churned_begins_on_the_day_the_silence_reaches_tau():
    frame = orders(*bought("A", date(2026, 1, 1), date(2026, 1, 11)))  # gap 10, tau 45
    assert told(frame, as_of=date(2026, 2, 24))["A"]["churned"] is False  # silent 44
    last = told(frame, as_of=date(2026, 2, 25))["A"]
    assert (last["silent_days"], last["remaining_days"], last["churned"]) == (45, 0, True)


def test_only_purchases_count_and_the_future_is_not_seen():
    frame = orders(
        *bought("A", date(2026, 5, 1), date(2026, 6, 30)),
        ("A", date(2026, 6, 29), "cancelled", 100),
        ("A", date(2026, 6, 28), "returned", -100),
        ("A", date(2026, 6, 27), "completed", 0),
        ("A", date(2026, 7, 1), "completed", 100),
        (None, date(2026, 6, 1), "completed", 100),
    )
    rows = told(frame)
    assert list(rows) == ["A"]
    assert rows["A"]["purchase_days"] == 2
    assert rows["A"]["silent_days"] == 0  # as_of itself counts


def test_without_any_second_purchase_there_is_no_gap_and_the_cap_holds():
    row = told(orders(*bought("A", date(2026, 6, 1)), *bought("B", date(2024, 6, 1))))
    assert row["A"]["usual_gap_days"] is None
    assert row["A"]["tau_days"] == 365
    assert row["A"]["churned"] is False
    assert row["B"]["churned"] is True


def test_a_fixed_definition_is_the_same_for_all():
    frame = orders(*bought("A", date(2026, 3, 1), date(2026, 4, 1)), *bought("B", date(2026, 6, 1)))
    rows = told(frame, Definition(fixed_days=90))
    assert {row["tau_days"] for row in rows.values()} == {90}
    assert rows["A"]["churned"] is True  # silent exactly 90 days


def test_no_orders_give_no_rows():
    assert told(orders()) == {}
