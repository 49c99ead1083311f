"""Which tier a customer of given revenue and profit is in: boundaries, ties, scales."""

import polars as pl
import pytest

from metrics.rules import load
from metrics.tiers import scheme as schemes

S0 = schemes.scheme()


def tiers(revenue, profit=None, money_scale=2):
    profit = profit or [None] * len(revenue)
    frame = pl.DataFrame(
        {"revenue_12m": revenue, "profit_12m": profit},
        schema={"revenue_12m": pl.Int64, "profit_12m": pl.Int64},
    )
    return frame.select(tier=S0.tier(money_scale=money_scale))["tier"].to_list()


@pytest.mark.parametrize(
    ("fen", "tier"),
    [
        (10_000_001, "high"),  # one fen above 100,000
        (10_000_000, "mid"),  # exactly 100,000 is mid
        (1_000_000, "mid"),  # exactly 10,000 is mid
        (999_999, "basic"),  # one fen below 10,000
        (0, "basic"),
        (-500, "basic"),  # net returns
    ],
)
def test_the_bounds_of_s0_fall_on_the_documented_side(fen, tier):
    assert tiers([fen]) == [tier]


def test_a_finer_money_scale_changes_amounts_but_no_tier():
    revenue = [10_000_001, 10_000_000, 1_000_000, 999_999, 0, -500]
    profit = [0, 0, 5, 90, 100, -3]
    finer = tiers([10 * x for x in revenue], [10 * x for x in profit], money_scale=3)
    assert tiers(revenue, profit) == finer


def test_the_best_tenth_by_profit_is_high_whatever_it_spends():
    # 20 customers with positive profit: the best 2. All spend 0.
    assert tiers([0] * 20, list(range(1, 21))) == ["basic"] * 18 + ["high"] * 2


def test_the_best_tenth_is_rounded_up():
    assert tiers([0] * 11, list(range(1, 12))).count("high") == 2  # ceil(1.1)
    assert tiers([0] * 10, list(range(1, 11))).count("high") == 1
    assert tiers([0], [1]) == ["high"]  # ceil(0.1)


def test_only_positive_profits_count_towards_the_tenth():
    # 10 positive of 30: one is high, not three.
    assert tiers([0] * 30, [*range(1, 11), *[0] * 10, *[-5] * 10]).count("high") == 1
    assert tiers([0] * 3, [0, -1, -2]) == ["basic"] * 3


def test_customers_who_tie_at_the_cut_off_are_all_high():
    assert tiers([0] * 10, [9, 9, 9, 1, 1, 1, 1, 1, 1, 1]) == ["high"] * 3 + ["basic"] * 7


def test_tiers_do_not_depend_on_the_order_of_rows():
    profit = [5, 9, 9, 1, 2, 3, 4, 7, 6, 8, 9]
    forward = tiers([0] * 11, profit)
    assert tiers([0] * 11, profit[::-1]) == forward[::-1]


def test_without_profits_only_the_spend_decides():
    assert tiers([10_000_001, 10_000_000, 5]) == ["high", "mid", "basic"]
    # One unknown profit: the profit rule passes that customer over.
    assert tiers([0, 0], [None, 3]) == ["basic", "high"]


def test_a_customer_outside_the_population_has_no_tier():
    assert tiers([None, 5]) == [None, "basic"]


def test_no_customers_no_tiers():
    assert tiers([]) == []


def test_ranks_follow_the_file_and_one_is_best():
    ranks = pl.DataFrame({"tier": S0.codes}).select(S0.rank("tier")).to_series().to_list()
    assert S0.codes == ("high", "mid", "basic")
    assert ranks == [1, 2, 3]
    assert S0.fields == ("profit_12m", "revenue_12m")


@pytest.mark.parametrize("code", schemes.scheme_codes())
def test_every_scheme_of_the_file_can_be_read_and_has_sources(code):
    read = schemes.scheme(code)
    assert [tier.rank for tier in read.tiers] == list(range(1, len(read.tiers) + 1))
    assert read.source
    assert all(tier.source for tier in read.tiers)


def bands(*limits):
    """Three tiers; limits are (lower of the better, inclusive, upper of the worse, inclusive)."""
    (a, a_in, b, b_in), (c, c_in, d, d_in) = limits
    rule = {
        "source": "test",
        "tiers": [
            {"lower": a, "lower_inclusive": a_in},
            {"upper": b, "upper_inclusive": b_in, "lower": c, "lower_inclusive": c_in},
            {"upper": d, "upper_inclusive": d_in},
        ],
    }
    for rank, tier in enumerate(rule["tiers"], 1):
        bound = {**tier, "field": "revenue_12m"}
        tier.clear()
        tier |= {"code": f"t{rank}", "rank": rank, "source": "test", "any": [bound]}
    return rule


@pytest.mark.parametrize(
    "limits",
    [
        ((100, False, 100, False), (10, True, 10, False)),  # 100 is nobody's
        ((100, True, 100, True), (10, True, 10, False)),  # 100 is both's
        ((100, False, 90, True), (10, True, 10, False)),  # a gap from 90 to 100
    ],
)
def test_a_scheme_with_a_gap_or_an_overlap_is_refused(limits, monkeypatch):
    monkeypatch.setitem(load("tiers")["schemes"], "broken", bands(*limits))
    with pytest.raises(ValueError, match="gap or overlap"):
        schemes.scheme("broken")


def test_a_scheme_that_forgets_the_smallest_customers_is_refused(monkeypatch):
    rule = bands((100, False, 100, True), (10, True, 10, False))
    rule["tiers"].pop()
    monkeypatch.setitem(load("tiers")["schemes"], "short", rule)
    with pytest.raises(ValueError, match="whole line"):
        schemes.scheme("short")
