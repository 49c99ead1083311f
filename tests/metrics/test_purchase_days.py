"""Who bought between two days: by hand, and against the orders themselves."""

import random
from datetime import date, timedelta

import polars as pl
import pytest

from metrics.purchase_days import (
    bought_on,
    has_bought,
    in_order,
    purchase_bits,
    purchase_days,
)
from metrics.selection import DIMENSIONS, Period

ORDERS = {"customer_id": pl.String, "ordered_on": pl.Date, "status": pl.String, "amount": pl.Int64}
AS_OF = date(2024, 3, 31)


def orders(*rows):
    return pl.LazyFrame(rows, schema=ORDERS, orient="row")


def people(*names):
    dimensions = [pl.lit(None, pl.String).alias(name) for name in DIMENSIONS]
    return pl.LazyFrame({"customer_id": names}).with_columns(dimensions)


def mart_of(placed, customers):
    bits = purchase_bits(in_order(bought_on(placed, as_of=AS_OF)))
    return purchase_days(bits, customers).collect()


def active(mart, start, end):
    bought = has_bought(mart.columns, Period(date.fromisoformat(start), date.fromisoformat(end)))
    return mart.filter(bought)["customer_id"].to_list()


def test_the_first_day_counts_and_the_day_after_the_last_does_not():
    rows = [("ann", date(2024, 1, 31), "completed", 5), ("bob", date(2024, 2, 1), "completed", 5)]
    mart = mart_of(orders(*rows), people("ann", "bob"))
    assert mart["2024-01"].to_list() == [1 << 30, None]
    assert active(mart, "2024-01-31", "2024-02-01") == ["ann"]
    assert active(mart, "2024-02-01", "2024-02-02") == ["bob"]
    assert active(mart, "2024-01-01", "2024-02-01") == ["ann"]
    assert active(mart, "2024-02-02", "2024-03-01") == []
    assert active(mart, "2024-01-31", "2024-01-31") == []


def test_what_is_no_purchase_or_later_or_of_others_does_not_count():
    day = date(2024, 1, 10)
    rows = [
        ("ann", day, "cancelled", 5),
        ("ann", day, "returned", -5),
        ("ann", day, "completed", 0),
        ("ann", date(2024, 4, 1), "completed", 5),
        (None, day, "completed", 5),
        ("zoe", day, "completed", 5),
    ]
    mart = mart_of(orders(*rows), people("ann"))
    assert mart["customer_id"].to_list() == ["ann"]
    assert active(mart, "2020-01-01", "2025-01-01") == []


def test_without_orders_nobody_is_active():
    mart = mart_of(orders(), people("ann"))
    assert mart.columns == ["customer_id", *DIMENSIONS]
    assert active(mart, "2024-01-01", "2024-02-01") == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_period_of_a_random_company_agrees_with_its_orders(seed: int):
    pick = random.Random(seed)
    names = [f"c{number:02d}" for number in range(30)]
    first = date(2023, 11, 20)
    rows = [
        (pick.choice(names), first + timedelta(days=pick.randrange(133)), "completed", 1)
        for _ in range(90)
    ]
    mart = mart_of(orders(*rows), people(*names))
    for _ in range(60):
        start = first + timedelta(days=pick.randrange(-40, 140))
        end = start + timedelta(days=pick.choice([0, 1, 2, 28, 31, 60, 366]))
        expected = {name for name, day, *_ in rows if start <= day < end and day <= AS_OF}
        assert set(active(mart, start.isoformat(), end.isoformat())) == expected
