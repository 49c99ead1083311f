"""How few customers bring how much: curve, cut-offs, Gini."""

import random
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.tiers.concentration import concentration_curve, cut_offs, gini

SCHEMA = {
    "customer_id": pl.String,
    "first_order_on": pl.Date,
    "revenue_12m": pl.Int64,
    "profit_12m": pl.Int64,
}
DAY = date(2024, 1, 1)
K = 1000 * 100  # a thousand yuan in fen


def people(revenue, profit=None):
    profit = profit or [None] * len(revenue)
    rows = [(f"c{i}", DAY, r, p) for i, (r, p) in enumerate(zip(revenue, profit, strict=True))]
    return pl.LazyFrame(rows, schema=SCHEMA, orient="row")


def curve(frame, money_scale=2):
    return concentration_curve(frame, money_scale=money_scale).collect()


FIVE = people([60 * K, 20 * K, 10 * K, 10 * K, 0], [30 * K, 30 * K, -10 * K, 0, 0])


def test_the_curve_runs_from_nobody_to_everybody():
    found = curve(FIVE)
    assert found["customers"].to_list() == [0, 1, 2, 3, 4, 5]
    assert found["customer_share"].to_list() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert found["revenue_share"].to_list() == pytest.approx([0, 0.6, 0.8, 0.9, 1, 1])
    # A loss makes the profit curve rise above 1.
    assert found["profit_share"].to_list() == pytest.approx([0, 0.6, 1.2, 1, 1, 1])
    assert found["revenue_from"].to_list() == [None, 60 * K, 20 * K, 10 * K, 10 * K, 0]


def test_cut_offs_are_strict_and_marked_on_the_curve():
    found = cut_offs(FIVE, money_scale=2).collect()
    columns = ["cut_off", "customers", "customers_total", "customer_share"]
    assert found.select(*columns, "revenue_share", "profit_share").rows() == [
        (10_000, 2, 5, 0.4, 0.8, 1.2),  # exactly 10,000 is not above it
        (50_000, 1, 5, 0.2, 0.6, 0.6),
    ]
    marks = curve(FIVE).drop_nulls("cut_off").select("customers", "cut_off").rows()
    assert marks == [(1, 50_000), (2, 10_000)]


def test_a_long_curve_keeps_at_most_200_places_and_the_cut_offs_exactly():
    pick = random.Random(1)
    revenue = [int(pick.paretovariate(1.2) * 300_000) for _ in range(4321)]
    frame = people(revenue)
    found = curve(frame)
    assert found.height <= 200
    assert found["customers"][0] == 0
    assert found["customers"][-1] == 4321
    marked = found.drop_nulls("cut_off").sort("cut_off")
    exact = cut_offs(frame, money_scale=2).collect()
    assert marked["customers"].to_list() == [
        sum(r > limit for r in revenue) for limit in (1_000_000, 5_000_000)
    ]
    assert marked["revenue_share"].to_list() == pytest.approx(exact["revenue_share"].to_list())


@pytest.mark.parametrize("customers", [1, 195, 196, 197, 198, 392, 393, 1000])
def test_no_length_gives_more_than_200_places(customers):
    found = curve(people([7 * K] * customers))
    assert found.height <= 200
    assert found["revenue_share"][-1] == pytest.approx(1)


def test_the_curve_does_not_depend_on_the_money_scale():
    tens = FIVE.with_columns(pl.col("revenue_12m", "profit_12m") * 10)
    columns = ["customers", "customer_share", "revenue_share", "profit_share", "cut_off"]
    assert_frame_equal(curve(FIVE).select(columns), curve(tens, 3).select(columns))


def test_customers_who_never_bought_are_left_out():
    prospects = FIVE.with_columns(first_order_on=pl.lit(None, pl.Date))
    frame = pl.concat([FIVE, prospects])
    assert curve(frame)["customers"][-1] == 5
    assert cut_offs(frame, money_scale=2).collect()["customers_total"].to_list() == [5, 5]


def test_without_profit_or_revenue_shares_are_null():
    no_profit = curve(people([5, 5]))
    assert no_profit["profit_share"].null_count() == no_profit.height
    assert no_profit["profit_12m"].null_count() == no_profit.height
    assert curve(people([0, 0]))["revenue_share"].to_list() == [None] * 3
    assert curve(people([-5, 2]))["revenue_share"].to_list() == [None] * 3


def test_without_customers_there_is_only_the_origin():
    found = curve(people([]))
    assert found.select("customers", "customer_share", "revenue_share").rows() == [(0, None, None)]
    cuts = cut_offs(people([]), money_scale=2).collect()
    assert cuts.select("customers", "customer_share").rows() == [(0, None)] * 2


def value(revenue):
    return people(revenue).select(gini("revenue_12m")).collect().item()


def test_gini_by_hand():
    assert value([5, 5, 5, 5]) == 0
    assert value([0, 0, 0, 8]) == 0.75  # (n - 1) / n
    assert value([1, 3]) == 0.25
    assert value([-9, 0, 0, 8]) == 0.75  # net returns count as 0
    assert value([]) is None
    assert value([0, 0]) is None


def test_gini_is_half_the_relative_mean_difference():
    pick = random.Random(2)
    revenue = [pick.randrange(1000) for _ in range(80)]
    differences = sum(abs(a - b) for a in revenue for b in revenue)
    assert value(revenue) == pytest.approx(differences / (2 * 80 * sum(revenue)))
