"""Tier mix and movement: by hand, complete, and adding up."""

import random
from datetime import date

import polars as pl
import pytest

from metrics.selection import DIMENSIONS
from metrics.tiers.history import tiers_between
from metrics.tiers.mix import movement, tier_mix
from metrics.tiers.scheme import scheme

S0 = scheme()
JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))
HISTORY = {"customer_id": pl.String, "month": pl.Date, "tier": pl.String}
MONTHS = {
    "month": pl.Date,
    "tier": pl.String,
    "region": pl.String,
    "customers": pl.Int64,
    "revenue_12m": pl.Int64,
    "profit_12m": pl.Int64,
}


def months(*rows):
    return pl.LazyFrame(rows, schema=MONTHS, orient="row")


def history(*rows):
    return pl.LazyFrame(rows, schema=HISTORY, orient="row")


def mix(frame, as_of=date(2024, 1, 31)):
    return tier_mix(frame, scheme=S0, as_of=as_of).collect()


def test_shares_are_of_the_month_over_all_cells():
    found = mix(
        months(
            (JAN, "high", "east", 1, 600, 50),
            (JAN, "high", "west", 1, 200, 20),
            (JAN, "basic", "east", 8, 200, 30),
        )
    )
    assert found.select("tier", "rank", "customers", "customers_share").rows() == [
        ("high", 1, 2, 0.2),
        ("mid", 2, 0, 0.0),  # nobody, but there
        ("basic", 3, 8, 0.8),
    ]
    assert found["revenue_12m_share"].to_list() == pytest.approx([0.8, 0.0, 0.2])
    assert found["profit_12m_share"].to_list() == pytest.approx([0.7, 0.0, 0.3])
    assert found["customers_total"].to_list() == [10] * 3
    assert found["revenue_12m_total"].to_list() == [1000] * 3


def test_months_without_a_row_exist_and_the_running_one_is_marked():
    found = mix(months((JAN, "mid", "east", 1, 5, 5), (MAR, "mid", "east", 1, 5, 5)), MAR)
    assert found["month"].unique().sort().to_list() == [JAN, FEB, MAR]
    assert found.filter(pl.col("month") == FEB)["customers_share"].to_list() == [None] * 3
    complete = found.filter(pl.col("tier") == "mid")["complete"].to_list()
    assert complete == [True, True, False]


def test_parts_of_a_loss_are_no_shares():
    found = mix(months((JAN, "mid", "e", 1, 10, -30), (JAN, "basic", "e", 1, -20, 10)))
    assert found["profit_12m"].to_list() == [0, -30, 10]
    assert found["profit_12m_total"].to_list() == [-20] * 3
    assert found["profit_12m_share"].to_list() == [None] * 3
    assert found["revenue_12m_share"].to_list() == [None] * 3


def test_without_recorded_profit_profit_is_null_and_the_rest_stands():
    found = mix(months((JAN, "mid", "e", 1, 10, None), (JAN, "basic", "e", 3, 0, None)))
    for column in ("profit_12m", "profit_12m_total", "profit_12m_share"):
        assert found[column].to_list() == [None] * 3
    assert found["revenue_12m_share"].to_list() == [0.0, 1.0, 0.0]


def test_no_customers_no_mix():
    found = mix(months())
    assert found.is_empty()
    assert found.columns[:4] == ["month", "tier", "rank", "customers"]


PAST = history(
    ("stays", JAN, "mid"),
    ("rises", JAN, "basic"),
    ("rises", MAR, "high"),
    ("comes", FEB, "basic"),
    ("goes", JAN, "mid"),
    ("goes", MAR, None),
    ("comes_and_goes", FEB, "mid"),
    ("comes_and_goes", MAR, None),
    ("later", APR, "high"),
)


def moved(past, start, end):
    found = movement(tiers_between(past, start, end), scheme=S0).collect()
    return {row[:2]: row[2] for row in found.rows()}, found


def test_everyone_moves_once_between_two_dates():
    pairs, found = moved(PAST, date(2024, 1, 31), date(2024, 3, 31))
    assert {pair: number for pair, number in pairs.items() if number} == {
        ("mid", "mid"): 1,
        ("basic", "high"): 1,
        ("new", "basic"): 1,
        ("mid", "gone"): 1,
    }
    assert len(pairs) == 15  # 4 × 4 without new → gone
    assert found["from_tier"].unique(maintain_order=True).to_list() == [*S0.codes, "new"]
    mid = found.filter(pl.col("from_tier") == "mid")
    assert mid["from_customers"].to_list() == [2] * 4
    assert mid["share"].to_list() == [0.0, 0.5, 0.0, 0.5]
    assert found.filter(pl.col("from_tier") == "high")["share"].to_list() == [None] * 4


def test_movement_stands_still_from_a_date_to_itself():
    pairs, _ = moved(PAST, MAR, date(2024, 3, 31))
    assert {pair: number for pair, number in pairs.items() if number} == {
        ("mid", "mid"): 1,
        ("high", "high"): 1,
        ("basic", "basic"): 1,
    }


def test_a_filter_on_joined_dimensions_keeps_just_those_customers():
    regions = pl.LazyFrame({"customer_id": ["stays", "rises"], "region": ["east", "west"]})
    past = PAST.join(regions, on="customer_id", how="left", validate="m:1")
    pairs, _ = moved(past.filter(pl.col("region") == "west"), JAN, MAR)
    assert {pair: number for pair, number in pairs.items() if number} == {("basic", "high"): 1}


def test_an_empty_history_moves_nobody():
    pairs, _ = moved(history(), JAN, MAR)
    assert set(pairs.values()) == {0}


@pytest.mark.parametrize("seed", range(5))
def test_rows_add_up_to_the_mix_at_the_start_and_columns_to_the_mix_at_the_end(seed):
    pick = random.Random(seed)
    states = [*S0.codes, None]
    rows, at = [], {}
    for name in map(str, range(60)):
        state, begun = None, False
        for month in (JAN, FEB, MAR, APR):
            if pick.random() < 0.5 and (not begun or state is not None):
                new = pick.choice(S0.codes if not begun else states)
                if new != state:
                    rows.append((name, month, new))
                state, begun = new, True
            at[name, month] = state
    cells = [
        (month, tier, "e", sum(at[str(i), month] == tier for i in range(60)), 0, 0)
        for month in (JAN, FEB, MAR, APR)
        for tier in S0.codes
    ]
    mixes = mix(months(*cells), APR)
    pairs, _ = moved(history(*rows), JAN, APR)
    for tier in S0.codes:
        at_start = sum(number for (origin, _), number in pairs.items() if origin == tier)
        at_end = sum(number for (_, target), number in pairs.items() if target == tier)
        counted = dict(mixes.filter(pl.col("tier") == tier).select("month", "customers").rows())
        assert (at_start, at_end) == (counted[JAN], counted[APR])


def test_the_mart_has_the_columns_the_mix_reads():
    assert set(MONTHS) <= {"month", *DIMENSIONS, "customers", "revenue_12m", "profit_12m"}
