"""Revenue, purchases, buyers and average order value by month."""

from datetime import date

import polars as pl
import pytest

from metrics import revenue
from metrics.dimensions import Dimensions
from metrics.measure import measure
from metrics.numbering import numbered, numbering, with_numbers
from metrics.order_months import order_months
from metrics.selection import DIMENSIONS, Selection
from metrics.tiers.scheme import default_code

ORDERS = {
    "customer_id": pl.String,
    "ordered_on": pl.Date,
    "status": pl.String,
    "amount": pl.Int64,
    "profit": pl.Int64,
}
JAN, FEB = date(2024, 1, 1), date(2024, 2, 1)
PEOPLE = pl.LazyFrame({"customer_id": ["ann", "bob"], "region": ["east", "west"]})
HISTORY = pl.LazyFrame(
    {
        "customer_id": ["ann", "ann", "bob"],
        "month": [JAN, FEB, JAN],
        "tier": ["basic", "high", "mid"],
    }
)


def orders(*rows):
    return pl.LazyFrame(rows, schema=ORDERS, orient="row")


FACTS = orders(
    ("ann", date(2024, 1, 5), "completed", 100, 30),
    ("ann", date(2024, 1, 31), "completed", 200, None),
    ("ann", date(2024, 2, 1), "returned", -50, -10),
    ("bob", date(2024, 1, 7), "completed", 400, 50),
    ("bob", date(2024, 2, 7), "cancelled", 999, 999),
    ("bob", date(2024, 2, 8), "completed", 0, 0),  # worth nothing: no purchase
    (None, date(2024, 2, 9), "completed", 70, 7),  # anonymous: revenue, but no purchase
    ("ann", date(2024, 3, 1), "completed", 5, 5),  # after as_of
)
AS_OF = date(2024, 2, 29)


def mart(facts=FACTS):
    months = revenue.customer_months(facts, as_of=AS_OF)
    return order_months(months, PEOPLE, HISTORY)


def figures(frame):
    return measure(
        frame,
        "month",
        revenue=revenue.revenue(),
        profit=revenue.profit(),
        purchases=revenue.purchases(),
        buyers=revenue.buyers(),
        value=revenue.average_order_value(),
    ).collect()


def test_each_month_adds_up_by_hand():
    assert figures(mart()).rows() == [
        (JAN, 700, 80, 3, 2, 700 / 3),
        (FEB, 20, -3, 0, 0, None),  # -50 + 0 + 70; no purchases, no average
    ]


def test_anonymous_orders_count_only_when_nothing_is_filtered():
    east = Selection((("region", ("east",)),)).of(mart())
    assert figures(east).select("month", "revenue").rows() == [(JAN, 300), (FEB, -50)]
    anonymous = mart().filter(pl.col("region").is_null()).collect()
    assert anonymous.select("revenue", "purchases", "buyers").rows() == [(70, 0, 0)]


def test_a_customer_deleted_since_leaves_revenue_but_no_buyer():
    left = PEOPLE.with_columns(deleted_on=pl.Series([None, date(2024, 2, 20)], dtype=pl.Date))
    months = revenue.customer_months(FACTS, as_of=AS_OF)
    found = figures(order_months(months, left, HISTORY))
    assert found.select("revenue", "purchases", "buyers").rows() == [(700, 3, 1), (20, 0, 0)]


def test_orders_carry_the_tier_known_in_their_month():
    rows = mart().filter(pl.col("region") == "east").select("month", "tier").collect().rows()
    # Ann's rise at the end of February is known from March on.
    assert rows == [(JAN, "basic"), (FEB, "basic")]


def test_the_average_order_value_of_two_cells_is_a_ratio_of_sums():
    rows = figures(mart())
    assert rows["value"][0] == 700 / 3  # not the mean of 150 and 400


def test_a_company_without_profits_has_null_profit_not_zero():
    for facts in (FACTS.drop("profit"), FACTS.with_columns(profit=pl.lit(None, pl.Int64))):
        found = mart(facts).collect()
        assert found["profit"].null_count() == found.height
        assert figures(found.lazy())["profit"].to_list() == [None, None]


def test_no_orders_give_a_typed_empty_mart():
    empty = mart(orders()).collect()
    assert empty.is_empty()
    assert empty.columns == [
        "month",
        *DIMENSIONS,
        "purchases",
        "purchased",
        "revenue",
        "profit",
        "buyers",
    ]


def test_facts_keep_their_number_and_get_all_dimensions():
    facts = pl.LazyFrame(
        {"customer_id": ["ann", None, "stranger"], "day": [date(2024, 3, 5)] * 3, "n": [1, 2, 3]}
    )
    numbers = numbering(PEOPLE)
    who, history = (numbered(frame, numbers.lazy()) for frame in (PEOPLE, HISTORY))
    known = Dimensions.of(who.sort("customer_id"), {default_code(): history})
    rows = known.beside(with_numbers(facts, numbers.lazy()), day=pl.col("day")).sort("n").collect()
    assert rows["tier"].to_list() == ["high", None, None]
    assert rows["region"].to_list() == ["east", None, None]
    assert rows.schema["stage"] == pl.String
    assert rows.columns == ["customer_id", "day", "n", *DIMENSIONS]


def test_customers_in_another_order_are_refused_not_mixed_up():
    who = pl.LazyFrame({"customer_id": [1, 0], "region": ["west", "east"]})
    with pytest.raises(ValueError, match="order of their numbers"):
        Dimensions.of(who, {})
