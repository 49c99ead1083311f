"""Figures of the backtest on rows worked by hand, and against other counts of the same."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from metrics.churn.backtest import Backtest
from metrics.churn.cancellation import contract_rows
from metrics.churn.evaluate import area, by_origin, by_tier, calibration
from metrics.churn.halves import halves
from metrics.churn.landmarks import landmark_rows
from metrics.churn.lead_time import lead_times
from metrics.churn.lists import deciles, lists, rules, sizes
from metrics.churn.model import ChurnModel
from metrics.churn.quality import scatter
from metrics.churn.regime import CONTRACTS
from metrics.churn.rhythm import Definition
from metrics.churn.scatter import next_ratio
from metrics.churn.tables import CrmTables
from tests.metrics import contract_company
from tests.metrics.churn_company import AS_OF, company

ORIGIN, LATER = date(2026, 1, 1), date(2026, 4, 1)


def judged(*rows: dict, origin: date = ORIGIN) -> pl.DataFrame:
    """Customers of a backtest: p90, the day of churn (after the origin) and what else is named."""
    usual = {
        "tier": "low",
        "regime": "purchases",
        "revenue": 100,
        "warning_rules": [],
        "tau_days": 45,
        "day": None,
    }
    full = [usual | {"customer_id": f"C{number}"} | row for number, row in enumerate(rows)]
    frame = pl.DataFrame(
        full,
        schema_overrides={
            "day": pl.Int64,
            "tau_days": pl.Int32,
            "warning_rules": pl.List(pl.String),
        },
        infer_schema_length=None,
    )
    names = ("p30", "p60", "clock30", "clock60", "clock90")
    alike = frame.with_columns(
        (pl.col(name).fill_null(pl.col("p90")) if name in frame.columns else pl.col("p90")).alias(
            name
        )
        for name in names
    )
    return alike.with_columns(
        origin=pl.lit(origin), churned_on=pl.lit(origin) + pl.duration(days="day")
    )


FIVE = judged(
    {"p90": 0.9, "day": 20, "revenue": 500},
    {"p90": 0.6, "day": None, "revenue": 300, "tier": "high"},
    {"p90": 0.5, "day": 70, "clock90": 0.2},
    {"p90": 0.2, "day": None, "tier": None},
    {"p90": 0.0, "day": None, "clock90": 0.3},
)


def scores(customers: pl.DataFrame, days: int = 90) -> dict:
    models = {("purchases", day): HAND for day in customers["origin"].unique()}
    return by_origin(customers, models, 1.0).filter(horizon=days).row(0, named=True)


def test_a_worked_origin():
    told = scores(FIVE)
    assert (told["customers"], told["eligible"], told["churned"]) == (5, 4, 2)
    assert told["foretold"] == pytest.approx(2.2)
    assert told["spread"] == pytest.approx(0.09 + 0.24 + 0.25 + 0.16)
    assert told["brier"] == pytest.approx(0.01 + 0.36 + 0.25 + 0.04)
    assert told["brier_clock"] == pytest.approx(0.01 + 0.36 + 0.64 + 0.04 + 0.09)
    # of the pairs (0.9, 0.6), (0.9, 0.2), (0.5, 0.6), (0.5, 0.2) three are right
    assert told["auc"] == pytest.approx(3 / 4)
    assert told["auc_clock"] == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    month = scores(FIVE, 30)
    assert (month["churned"], month["auc"]) == (1, 1.0)


def test_two_regimes_are_told_apart_and_together():
    contract = {"p90": 0.4, "day": 10, "regime": "contracts", "tau_days": None}
    both = pl.concat([FIVE.select(judged(contract).columns), judged(contract)])
    models = {("purchases", ORIGIN): HAND, ("contracts", ORIGIN): replace(HAND, rows=7, events=3)}
    rows = by_origin(both, models, 1.0).filter(horizon=90)
    told = {row["regime"]: row for row in rows.to_dicts()}
    assert set(told) == {None, "purchases", "contracts"}
    assert [told[name]["customers"] for name in (None, "purchases", "contracts")] == [6, 5, 1]
    assert [told[name]["rows"] for name in (None, "purchases", "contracts")] == [17, 10, 7]
    assert told["contracts"]["foretold"] == pytest.approx(0.4)
    earlier = judged({"p90": 0.5}, origin=date(2025, 1, 1))
    years = by_origin(pl.concat([earlier.select(both.columns), both]), models, 1.0)
    assert years.filter(horizon=90)["regime"].to_list() == [None, "purchases", *rows["regime"]]
    alone = by_origin(FIVE, models, 1.0)
    assert alone["regime"].to_list() == [None] * 3
    tiers = by_tier(both).filter(horizon=90)
    assert tiers.filter(regime="contracts")["churned"].to_list() == [1]
    assert tiers["customers"].sum() == 6


def test_all_or_none_who_churn_have_no_order_to_be_judged():
    assert scores(judged({"p90": 0.5, "day": 3}, {"p90": 0.1, "day": 80}))["auc"] is None
    assert scores(judged({"p90": 0.5}, {"p90": 0.1}))["auc"] is None


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=2, max_size=30))
def test_the_area_is_that_of_all_pairs_and_of_lifelines(rows: list[tuple[int, bool]]):
    customers = judged(*[{"p90": p / 5, "day": 10 if left else None} for p, left in rows])
    found = area(customers, "p90", 90)
    pairs = [
        1.0 if one > other else 0.5 if one == other else 0.0
        for (one, left), (other, stayed) in product(rows, rows)
        if left and not stayed
    ]
    if not pairs:
        assert found is None
        return
    assert found == pytest.approx(np.mean(pairs))
    days = [1 if left else 2 for _, left in rows]
    theirs = concordance_index(days, [-p for p, _ in rows], [left for _, left in rows])
    assert found == pytest.approx(theirs)


def test_tiers_add_up_and_revenue_is_of_who_left():
    told = by_tier(FIVE).filter(horizon=90)
    assert told["tier"].to_list() == ["high", "low", None]
    assert told["customers"].to_list() == [1, 3, 1]
    assert told["churned"].to_list() == [0, 2, 0]
    assert told["revenue_foretold"].to_list() == pytest.approx([180, 450 + 50, 20])
    assert told["revenue_lost"].to_list() == [0, 600, 0]
    assert told["foretold"].sum() == pytest.approx(2.2)


def test_bins_hold_equally_many_of_those_who_could_churn_in_time():
    told = calibration(FIVE, 2).filter(horizon=90)
    assert told.select("bin", "customers", "churned").rows() == [(1, 2, 1), (2, 2, 1)]
    assert told["foretold"].to_list() == pytest.approx([0.7, 1.5])
    assert calibration(FIVE, 20).filter(horizon=90)["customers"].to_list() == [1, 1, 1, 1]


def test_a_list_is_the_first_so_many_of_the_company_and_a_sample_stands_for_it():
    many = judged(*[{"p90": 1 - n / 100, "day": 5 if n % 2 == 0 else None} for n in range(50)])
    told = lists(many, 1.0).filter(pl.col("tier").is_null(), order="p90")
    assert told["size"].to_list() == [10, 15, 20, 30, 50]
    assert told["listed"].to_list() == [10, 15, 20, 30, 50]
    assert told["caught"].to_list() == [5, 8, 10, 15, 25]
    assert set(told["churned"]) == {25}
    tenth = lists(many, 0.1).filter(pl.col("tier").is_null(), order="p90")
    assert tenth.filter(size=100)["listed"].item() == 10
    assert tenth.filter(size=100)["caught"].item() == 5
    assert tenth["size"].max() == 500
    assert lists(judged({"p90": 0.0}), 1.0).is_empty()


def test_by_money_a_list_begins_with_what_may_be_lost_most_and_a_tier_has_its_own():
    small = [{"p90": 0.9 - n / 1000, "day": 5, "revenue": 100} for n in range(10)]
    large = [
        {"p90": 0.3, "day": 5, "revenue": 9_000, "tier": "high"},
        {"p90": 0.2, "day": None, "revenue": 9_000, "tier": "high"},
        {
            "p90": 0.1,
            "day": 5,
            "revenue": 0,
            "tier": "high",
        },  # nothing at risk: on no list of money
        {"p90": 0.0, "day": None, "revenue": 99_000, "tier": "high"},  # not in time: on none at all
        {"p90": 0.8, "day": 5, "revenue": 50, "tier": None},
    ]
    told = lists(judged(*small, *large), 1.0)
    assert set(told["size"]) == {10}
    names = ("listed", "caught", "churned", "customers", "revenue_caught", "revenue_lost")
    found = {(row["order"], row["tier"]): tuple(row[name] for name in names)
             for row in told.iter_rows(named=True)}  # fmt: skip
    assert found == {
        ("p90", None): (10, 10, 13, 15, 1_000, 10_050),
        ("p90", "high"): (3, 2, 2, 4, 9_000, 9_000),
        ("p90", "low"): (10, 10, 10, 10, 1_000, 1_000),
        ("revenue_at_risk", None): (10, 9, 13, 15, 9_800, 10_050),  # both large ones, eight small
        ("revenue_at_risk", "high"): (2, 1, 2, 4, 9_000, 9_000),
        ("revenue_at_risk", "low"): (10, 10, 10, 10, 1_000, 1_000),
    }


LISTS_SQL = """
with known as (
  select c.*, churned_on is not null as gone, o.*,
    case o."order" when 'p90' then p90 else p90 * revenue end as rank
  from customers c, (values ('p90'), ('revenue_at_risk')) o("order")
),
of_all as (
  select *, null as within from known union all select *, tier from known where tier is not null
),
placed as (
  select *, row_number() over (partition by origin, "order", within order by rank desc,
    customer_id) as place
  from of_all
)
select origin, "order", within as tier, size,
  count(*) filter (place <= size and rank > 0) as listed,
  count(*) filter (place <= size and rank > 0 and gone) as caught,
  count(*) filter (gone) as churned, count(*) as customers,
  coalesce(sum(revenue) filter (place <= size and rank > 0 and gone), 0) as revenue_caught,
  coalesce(sum(revenue) filter (gone), 0) as revenue_lost
from placed, sizes group by all order by origin, "order", within nulls first, size
"""


def test_lists_are_counted_as_sql_counts_them():
    rng = np.random.default_rng(4)

    def some(origin: date) -> pl.DataFrame:
        risk = rng.choice([0.0, 0.1, 0.5, 0.9, 0.33], 400)  # many alike
        return judged(
            *(
                {
                    "customer_id": f"C{number:03}",
                    "p90": float(p),
                    "day": 40 if rng.random() < p else None,
                    "revenue": int(rng.choice([0, 100, 5_000, 70_000])),
                    "tier": str(rng.choice(["high", "mid", "basic"])) if number % 9 else None,
                }
                for number, p in enumerate(risk)
            ),
            origin=origin,
        )

    customers = pl.concat([some(ORIGIN), some(LATER)])
    found = lists(customers, 1.0)
    database = duckdb.connect()
    database.register("customers", customers.drop("warning_rules").to_arrow())
    database.register("sizes", found.select(pl.col("size").unique()).to_arrow())
    told = database.execute(LISTS_SQL).fetchall()
    database.close()
    assert found.rows() == told
    assert found.height == 2 * 2 * 4 * 10  # days, orders, tiers and all, sizes


def test_list_sizes():
    assert sizes(100) == [10, 15, 20, 30, 50, 70, 100]
    assert sizes(9) == []


def test_tenths_hold_everybody_once():
    many = judged(*[{"p90": 1 - n / 100, "day": 5 if n < 7 else None} for n in range(25)])
    told = deciles(many)
    assert told["customers"].sum() == 25
    assert told["caught"].to_list() == [2, 3, 2, 0, 0, 0, 0, 0, 0, 0]
    assert set(told["churned"]) == {7}


def test_rules_and_the_model_are_held_against_each_other_at_the_same_length():
    rows = [
        {"p90": 0.9, "day": 5, "warning_rules": ["blue"]},
        {"p90": 0.8, "day": 5, "warning_rules": []},
        {"p90": 0.3, "warning_rules": ["red", "blue"]},
        {"p90": 0.1, "day": 5, "warning_rules": ["red"]},
    ]
    told = {row["level"]: row for row in rules(judged(*rows), ("red", "blue")).to_dicts()}
    picked = ("flagged", "caught", "model_caught", "churned", "customers")
    assert {level: tuple(row[name] for name in picked) for level, row in told.items()} == {
        "red": (2, 1, 2, 3, 4),
        "blue": (2, 1, 2, 3, 4),
        "yellow": (None, None, None, 3, 4),
        "model": (2, 2, 2, 3, 4),
    }


def crm_of(orders: dict[str, list[int]]) -> CrmTables:
    """Orders of customers, so many days after the origin."""
    rows = [(who, ORIGIN + timedelta(days=day)) for who, days in orders.items() for day in days]
    frame = pl.DataFrame(rows, schema=["customer_id", "ordered_on"], orient="row")
    return CrmTables.read(
        customers=pl.LazyFrame({"customer_id": list(orders)}),
        orders=frame.lazy().with_columns(status=pl.lit("completed"), amount=pl.lit(1)),
    )


# The return at one per cent a day, whoever it is.
HAND = ChurnModel(
    effects=(),
    cuts=(),
    baseline=(tuple(0.01 * day for day in range(91)),),
    rows=10,
    customers=5,
    events=5,
    landmarks=1,
    concordance=0.5,
    definition=Definition(),
    as_of=ORIGIN,
)


def test_the_lead_is_counted_from_the_first_day_of_a_rule_since_the_last_purchase():
    # bought on day -30 of the origin, tau 45: churned on day 15. A quarter before there was one
    # order more, so blue begins when that leaves the last 90 days: on day -10.
    tables = crm_of({"A": [-30, -100, -101], "B": [-30]})
    gone = judged(
        {"customer_id": "A", "p90": 0.9, "day": 15}, {"customer_id": "B", "p90": 0.9, "day": 15}
    )
    found = Backtest(gone, {("purchases", ORIGIN): HAND}, 1.0, {}, tables)
    told = lead_times(found).filter(pl.col("origin") == ORIGIN)
    rows = {row["level"]: row for row in told.to_dicts()}
    assert set(rows) == {"blue", "model", "yellow"}
    assert (rows["blue"]["churned"], rows["blue"]["warned"]) == (2, 1)
    assert rows["blue"]["median_days"] == 15 + 10
    assert (rows["blue"]["warned_long"], rows["yellow"]["warned"]) == (0, 0)
    assert rows["yellow"]["median_days"] is None


def test_the_lead_of_the_model_is_counted_from_the_first_look_at_which_he_was_listed():
    """P = exp(-0.01 × days left): at least a half from 69 days before churn, so from the 65th."""
    tables = crm_of({"A": [-100, -200, -300]})  # shrunk gap 100: threshold 365, but 100 fixed here
    gone = judged({"customer_id": "A", "p90": 0.9, "day": 20, "tau_days": 120})
    model = replace(HAND, definition=Definition(fixed_days=120))
    told = lead_times(Backtest(gone, {("purchases", ORIGIN): model}, 1.0, {}, tables))
    row = told.filter(pl.col("origin") == ORIGIN, pl.col("level") == "model").row(0, named=True)
    assert (row["warned"], row["median_days"], row["warned_long"]) == (1, 65.0, 1)


def test_effects_that_are_the_same_all_the_time_do_not_shift_and_one_that_fades_does():
    rng = np.random.default_rng(3)
    n = 12_000
    x, z = rng.normal(size=n), rng.normal(size=n)
    # x works on every day, z only in the first 45
    early = rng.exponential(1 / (0.012 * np.exp(0.5 * x + 0.7 * z)))
    late = 45 + rng.exponential(1 / (0.012 * np.exp(0.5 * x)))
    day = np.ceil(np.where(early <= 45, early, late)).clip(1)
    rows = pl.DataFrame(
        {
            "customer_id": range(n),
            "landmark_on": [ORIGIN] * n,
            "overdue": rng.uniform(0, 3, n),
            "log_basket": x,
            "log_tenure": z,
            "duration": np.minimum(day, 90).astype(np.int32),
            "event": (day <= 90).astype(np.int8),
        }
    )
    told = halves(rows, as_of=AS_OF, definition=Definition.standard(), window=90)
    by = {row["feature"]: row for row in told.to_dicts()}
    assert told["feature"][0] == "log_tenure"
    assert by["log_tenure"]["first"] == pytest.approx(2**-0.7, rel=0.05)
    assert by["log_tenure"]["second"] == pytest.approx(1, rel=0.05)
    assert by["log_basket"]["shift"] == pytest.approx(1, rel=0.08)
    assert by["log_basket"]["first_low"] < 2**-0.5 < by["log_basket"]["first_high"]


def test_the_halves_of_contracts_tell_how_often_they_end():
    rows = contract_rows(contract_company.company(6_000), as_of=contract_company.AS_OF)
    told = halves(
        rows,
        as_of=contract_company.AS_OF,
        definition=Definition.standard(),
        window=90,
        regime=CONTRACTS,
    )
    assert set(told["regime"]) == {"contracts"}
    # the company's hazards are proportional: what is true of the window is true of both halves
    held = [
        row[f"{half}_low"] < math.exp(truth * _per_step(name)) < row[f"{half}_high"]
        for name, truth in contract_company.TRUTH.items()
        for row in told.filter(feature=name).to_dicts()
        for half in ("first", "second")
    ]
    assert len(held) == 20
    assert sum(held) >= 18
    assert told["shift"].is_between(1 / 1.3, 1.3).all()


def _per_step(feature: str) -> float:
    return math.log(2) if feature.startswith("log_") else 1.0


def test_halves_of_too_few_purchases_are_not_told():
    rows = landmark_rows(company(60, seed=1), as_of=AS_OF)
    assert halves(rows, as_of=AS_OF, definition=Definition.standard(), window=90).is_empty()


def test_the_next_ratio_by_hand():
    # logarithms -0.1, 0, 0, 0.1: s = sqrt(0.02 / 3), t of 3 degrees of freedom 3.18245
    half = 3.18245 * math.sqrt(0.02 / 3) * math.sqrt(1.25)
    low, high = next_ratio([math.exp(-0.1), 1.0, 1.0, math.exp(0.1)])
    assert (low, high) == pytest.approx((math.exp(-half), math.exp(half)), rel=1e-5)
    assert next_ratio([1.0, 1.0, 1.0]) is None
    assert next_ratio([1.0, 1.0, 1.0, 0.0]) is None


def test_scatter_is_of_all_tiers_together_and_needs_windows_that_do_not_overlap():
    def tiers(step: int) -> pl.DataFrame:
        origins = [ORIGIN + timedelta(days=step * each) for each in range(4)]
        return by_tier(pl.concat(judged(*FIVE_ROWS, origin=day) for day in origins))

    apart, close = scatter(tiers(90)), scatter(tiers(30))
    customers = apart.row(0, named=True)
    assert (customers["what"], customers["origins"]) == ("customers", 4)
    assert customers["ratio"] == pytest.approx(2 / 2.2)
    assert (customers["low"], customers["high"]) == pytest.approx((2 / 2.2, 2 / 2.2))
    assert close["ratio"].to_list() == apart["ratio"].to_list()
    assert close["low"].to_list() == [None, None]


FIVE_ROWS = [
    {"p90": 0.9, "day": 20},
    {"p90": 0.6, "tier": "high"},
    {"p90": 0.5, "day": 70},
    {"p90": 0.2, "tier": None},
    {"p90": 0.0},
]
