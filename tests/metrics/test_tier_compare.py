"""Two schemes side by side, time in tier, grids, records and needs: worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from metrics.measure import measure
from metrics.tiers import compare, grid
from metrics.tiers import records as tier_records
from metrics.tiers.care import with_care
from metrics.tiers.scheme import scheme

S0, S1, RFM = scheme("value_spend_s0"), scheme("value_tier_s1"), scheme("rfm_s3")


def test_the_cross_table_has_every_pair_and_the_shares_of_a_row():
    rows = pl.LazyFrame(
        {"tier": ["high", "high", "basic", None], "other": ["gold", "silver", "bronze", None]}
    )
    found = compare.cross(rows, S0, RFM).collect()
    assert found.height == 9
    assert found["tier"].to_list()[:3] == ["high"] * 3
    assert found["other"].to_list()[:3] == ["gold", "silver", "bronze"]
    assert found["customers"].to_list() == [1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert found["share"].to_list() == [0.5, 0.5, 0, None, None, None, 0, 0, 1]


def test_the_mix_is_set_beside_the_expected_one_and_months_are_counted():
    rows = pl.LazyFrame(
        {
            "tier": ["high", "mid", "mid", "mid", None],
            "tier_since": [
                date(2026, 10, 1),
                date(2025, 10, 1),
                date(2025, 11, 1),
                date(2026, 9, 1),
                None,
            ],
        }
    )
    found = compare.by_tier(rows, S1, as_of=date(2026, 10, 31)).collect()
    assert found["customers"].to_list() == [1, 3, 0, 0]
    assert found["share"].to_list() == [0.25, 0.75, 0, 0]
    assert found["expected"].to_list() == [0.1, 0.3, 0.4, 0.2]
    assert found["difference"].to_list() == pytest.approx([0.15, 0.45, -0.4, -0.2])
    assert found["median_months"].to_list() == [0, 11, None, None]  # 12, 11 and 1
    assert found["long_share"].to_list()[1] == pytest.approx(1 / 3)


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def records(*rows: tuple[str, str, str, date, date | None, bool | None]) -> pl.LazyFrame:
    return pl.DataFrame(
        [
            {
                "record_id": str(number),
                "customer_id": who,
                "scheme": code,
                "tier": tier,
                "valid_from_at": moment(start),
                "valid_from_on": start,
                "valid_to_on": end,
                "review_correct": seen,
                "core_need": None,
            }
            for number, (who, code, tier, start, end, seen) in enumerate(rows)
        ],
        schema_overrides={"valid_to_on": pl.Date, "review_correct": pl.Boolean},
    ).lazy()


def tallied(customers: pl.LazyFrame) -> pl.LazyFrame:
    counted = customers.group_by(tier_records.OF_PAIRS)
    return counted.agg(rows=pl.len().cast(pl.Int64))


def test_records_in_force_are_held_against_the_rule_and_the_reviewer():
    day, before, then = date(2026, 10, 31), date(2025, 1, 1), date(2026, 1, 1)
    kept = records(
        ("ann", S0.code, "high", before, None, True),
        ("bob", S0.code, "mid", before, then, False),  # ran out
        ("bob", S0.code, "basic", then, None, False),
        ("cid", S0.code, "mid", then, None, None),
        ("cid", S0.code, "high", before, None, True),  # overlaps: the later one is in force
        ("dan", RFM.code, "gold", before, None, True),  # of another scheme
        ("eve", S0.code, "high", date(2026, 11, 1), None, True),  # not yet
        ("fay", S0.code, "high", before, day, True),  # ended that day
    )
    people = pl.LazyFrame(
        {
            "customer_id": ["ann", "bob", "cid", "dan", "eve", "fay", "new"],
            "tier": ["high", "mid", "mid", "high", "high", "high", None],
            "stage": ["mature", "churned", "new", "mature", None, "warning", None],
        }
    )
    told = tier_records.kept(kept, as_of=day)
    gold = told.filter(pl.col("customer_id") == "dan").collect()
    assert gold.select("recorded", "recorded__rfm_s3").row(0) == (None, "gold")
    rows = people.join(told, on="customer_id", how="left", maintain_order="left")
    recorded = rows.collect()["recorded"].to_list()
    assert recorded == ["high", "basic", "mid", None, None, None, None]
    figures = measure(
        tier_records.pairs(tallied(rows)),
        coverage=tier_records.coverage(),
        agreement=tier_records.agreement(),
        accuracy=tier_records.accuracy(),
    ).collect()
    assert figures.row(0) == (2 / 5, 2 / 3, 1 / 2)  # bob has churned; ann right, bob wrong


def test_without_records_the_figures_are_null():
    people = pl.LazyFrame({"customer_id": ["a"], "tier": ["high"], "stage": ["mature"]})
    others = records(("b", S0.code, "mid", date(2025, 1, 1), None, True))
    told = tier_records.kept(others, as_of=date(2026, 1, 1))
    rows = tier_records.pairs(tallied(people.join(told, on="customer_id", how="left")))
    measures = {"a": tier_records.agreement(), "b": tier_records.accuracy()}
    assert measure(rows, **measures).collect().row(0) == (None, None)


def test_the_need_is_the_one_recorded_last_under_any_scheme():
    rows = records(
        ("a", S0.code, "mid", date(2025, 1, 1), None, None),
        ("a", RFM.code, "gold", date(2025, 6, 1), date(2025, 7, 1), None),  # ran out: still known
        ("a", S0.code, "mid", date(2025, 8, 1), None, None),  # nobody asked
        ("a", S0.code, "mid", date(2026, 8, 1), None, None),  # to come
    ).with_columns(core_need=pl.Series(["promotion", "usage_training", None, "trial"]))
    told = tier_records.kept(rows, as_of=date(2026, 1, 1)).collect()
    assert told["core_need"].to_list() == ["usage_training"]


def test_a_fifth_takes_in_who_ties_with_its_last():
    silent = pl.DataFrame({"silent_days": [1, 1, 1, 4, 5, 6, 7, 8, 9, 10, None]})
    limits = grid.fifth_limits(silent, "silent_days")
    assert limits == (1, 4, 6, 8)  # the second, fourth, sixth and eighth of ten
    found = silent.select(fifth=grid.fifth("silent_days", limits))["fifth"].to_list()
    assert found == ["1", "1", "1", "2", "3", "3", "4", "4", "5", "5", None]
    money = pl.DataFrame({"revenue_12m": [5, 4, 3, 2, 1]})
    best = money.select(grid.fifth("revenue_12m", grid.fifth_limits(money, "revenue_12m")))
    assert best.to_series().to_list() == ["1", "2", "3", "4", "5"]
    nobody = grid.fifth("revenue_12m", grid.fifth_limits(money.clear(), "revenue_12m"))
    assert money.with_columns(fifth=nobody)["fifth"].null_count() == 5


def test_the_grid_has_every_cell_and_its_money():
    rows = pl.LazyFrame({"a": ["x", "x", None], "b": ["q", "q", "p"], "revenue_12m": [3, 4, 9]})
    found = grid.grid(rows, {"a": ("x", "y"), "b": ("p", "q")}).collect()
    assert found.rows() == [("x", "p", 0, 0), ("x", "q", 2, 7), ("y", "p", 0, 0), ("y", "q", 0, 0)]


def test_the_four_customers_of_the_template_get_its_strategies():
    rows = pl.LazyFrame(
        {
            "tier": ["high", "mid", "potential", "low_or_risk", "low_or_risk", None],
            "complaints_12m": [0, 0, 0, 2, 0, 0],
            "core_need": ["customised_solution", None, None, None, "priority_service", None],
        }
    )
    found = with_care(rows).collect()
    assert found["need"].to_list() == [
        "customised_solution",
        "product_discount",
        "new_product_trial",
        "problem_solving",
        "priority_service",  # recorded, so it goes before what is assumed
        None,
    ]
    assert found["strategy"].to_list() == [
        "executive_and_gift",
        "coupon_and_training",
        "trial_and_case",
        "agent_and_voucher",
        "executive_and_gift",
        None,
    ]
    assert found["need_recorded"].to_list() == [True, False, False, False, True, False]


def test_a_recorded_need_without_an_answer_is_shown_beside_the_strategy_of_the_tier():
    rows = pl.LazyFrame({"tier": ["mid"], "complaints_12m": [0], "core_need": ["spare_parts"]})
    found = with_care(rows).select("need", "strategy").collect()
    assert found.row(0) == ("spare_parts", "coupon_and_training")
