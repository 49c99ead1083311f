"""The schemes of S1, S2 and S3: boundaries and ties by hand, and their facts month by month."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest

from metrics.calendar import shift_months
from metrics.lifecycle import order_totals, purchase_dates
from metrics.purchase_days import bought_on, in_order
from metrics.revenue import customer_months
from metrics.tiers.basis import tier_basis
from metrics.tiers.marts import tier_marts
from metrics.tiers.requests import Requests, requests, tenure_months
from metrics.tiers.scheme import scheme, schemes

YUAN = 100
NOBODY = {
    "revenue_12m": 0,
    "profit_12m": 0,
    "purchases_12m": 0,
    "purchases_90d": 0,
    "silent_days": 0,
    "tenure_months": 60,
    "complaints_12m": 0,
    "inquiries_12m": 0,
}


def tiers(code: str, *customers: dict[str, int | None]) -> list[str]:
    rows = pl.DataFrame(
        [NOBODY | each for each in customers], schema=dict.fromkeys(NOBODY, pl.Int64)
    )
    return rows.select(tier=scheme(code).tier(money_scale=2))["tier"].to_list()


def spent(yuan: float, **known: int) -> dict[str, int | None]:
    return {"revenue_12m": round(yuan * YUAN), **known}


C001 = spent(150_000, tenure_months=36)
C002 = spent(80_000, tenure_months=12, silent_days=90)
C003 = spent(30_000, tenure_months=6, inquiries_12m=9)
C004 = spent(20_000, tenure_months=24, complaints_12m=2)


def test_the_four_customers_of_the_template_are_where_the_plan_has_them():
    found = tiers("value_tier_s1", C001, C002, C003, C004)
    assert found == ["high", "mid", "potential", "low_or_risk"]


@pytest.mark.parametrize(
    ("customer", "tier"),
    [
        (spent(100_000.01), "high"),
        (spent(100_000), "mid"),  # 100,000 and 50,000 are mid
        (spent(50_000), "mid"),
        (spent(49_999.99, tenure_months=12), "potential"),
        (spent(49_999.99, tenure_months=13), "low_or_risk"),
        (spent(0, tenure_months=1, silent_days=180), "potential"),
        (spent(0, tenure_months=1, silent_days=181), "low_or_risk"),
        (spent(0, tenure_months=1, complaints_12m=1), "potential"),
        (spent(0, tenure_months=1, complaints_12m=2), "low_or_risk"),
        (spent(60_000, tenure_months=1, complaints_12m=9), "mid"),  # risk is no tier above 50,000
        (spent(-5, tenure_months=1), "potential"),
    ],
)
def test_the_bounds_of_the_four_tiers(customer, tier):
    assert tiers("value_tier_s1", customer) == [tier]


def test_above_the_median_of_inquiries_is_strictly_above_that_of_everybody():
    asked = [spent(1_000, inquiries_12m=n) for n in (0, 2, 2, 2, 5)]
    assert tiers("value_tier_s1", *asked) == [*["low_or_risk"] * 4, "potential"]
    even = [spent(1_000, inquiries_12m=n) for n in (0, 1)]  # the median is 0.5
    assert tiers("value_tier_s1", *even) == ["low_or_risk", "potential"]


def test_the_reference_mix_of_the_four_tiers_is_that_of_the_example():
    assert [tier.mix for tier in scheme("value_tier_s1").tiers] == [0.1, 0.3, 0.4, 0.2]


def earned(*profits: int | None) -> list[dict[str, int | None]]:
    return [{"profit_12m": profit} for profit in profits]


def test_a_fifth_by_profit_is_core_and_the_next_three_tenths_important():
    found = tiers("three_axis_s2", *earned(*range(10, 0, -1)))
    assert found == [*["core"] * 2, *["important"] * 3, *["ordinary"] * 5]


def test_who_ties_at_the_edge_of_core_is_core_and_losses_are_ordinary():
    found = tiers("three_axis_s2", *earned(9, 7, 7, 7, 1, 1, 0, 0, -1, -5))
    assert found == [*["core"] * 4, *["important"] * 2, *["ordinary"] * 4]


def test_without_recorded_profit_the_contribution_is_the_revenue():
    rows = [{"revenue_12m": yuan, "profit_12m": None} for yuan in range(10, 0, -1)]
    assert tiers("three_axis_s2", *rows).count("core") == 2


@pytest.mark.parametrize(
    ("customer", "spend", "activity"),
    [
        (spent(100_000.01, purchases_90d=6), "spend_high", "activity_high"),
        (spent(100_000, purchases_90d=5), "spend_mid", "activity_mid"),
        (spent(10_000, purchases_90d=1), "spend_mid", "activity_mid"),
        (spent(9_999.99, purchases_90d=0), "spend_low", "dormant"),
    ],
)
def test_the_levels_of_the_axes(customer, spend, activity):
    rows = pl.DataFrame([NOBODY | customer])
    axes = scheme("three_axis_s2").axes
    found = rows.select(axis.level(money_scale=2).alias(axis.code) for axis in axes).row(0)
    assert found == (spend, activity)
    assert len(axes[0].codes) * len(axes[1].codes) * len(scheme("three_axis_s2").codes) == 27


def rfm(*customers: tuple[int, int, int]) -> list[str]:
    names = ("silent_days", "purchases_12m", "revenue_12m")
    return tiers("rfm_s3", *(dict(zip(names, each, strict=True)) for each in customers))


def test_gold_is_recent_and_spends_most_silver_follows_by_the_mean_rank():
    # 20 customers: R top 20 % are 4, M top 15 % are 3, the best 40 % are 8. The third by money was
    # last seen fifth; the fourth by recency is fourth by money.
    customers = [(day, 30 - day, 1_000 - day) for day in range(1, 21)]
    customers[2], customers[4] = (5, 28, 997), (3, 26, 995)
    found = rfm(*customers)
    assert found[:2] == ["gold", "gold"]
    assert found[2:8] == ["silver"] * 6
    assert found[8:] == ["bronze"] * 12


def test_equal_customers_are_in_one_tier_in_whatever_order():
    customers = [(5, 2, 100)] * 6 + [(9, 1, 50)] * 14
    found = rfm(*customers)
    # All six share rank 1 in R and M, so all are gold although 15 % are 3; the other fourteen
    # share rank 7 of 20 in everything, which is among the best 40 % (8).
    assert found == ["gold"] * 6 + ["silver"] * 14
    assert rfm(*reversed(customers)) == found[::-1]


def test_who_has_spent_nothing_is_not_gold():
    assert rfm((1, 0, 0), (2, 0, 0)) == ["silver", "bronze"]  # 40 % of two is one
    assert rfm((1, 1, 1), (2, 0, 0))[0] == "gold"


def test_a_code_never_stands_higher_in_one_scheme_and_lower_in_another():
    seen: dict[tuple[str, str], bool] = {}
    for each in schemes():
        assert len(set(each.codes)) == len(each.codes)
        for place, code in enumerate(each.codes):
            for lower in each.codes[place + 1 :]:
                assert (lower, code) not in seen
                seen[code, lower] = True


@pytest.mark.parametrize(
    ("first", "day", "months"),
    [
        (date(2025, 1, 15), date(2025, 1, 15), 0),
        (date(2025, 1, 15), date(2025, 1, 16), 1),
        (date(2025, 1, 15), date(2026, 1, 15), 12),
        (date(2025, 1, 15), date(2026, 1, 16), 13),
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2024, 2, 29), date(2025, 3, 1), 13),
    ],
)
def test_months_as_a_customer_count_begun_ones(first: date, day: date, months: int):
    rows = pl.DataFrame({"first": [first]})
    assert rows.select(tenure_months(pl.col("first"), day)).item() == months


TICKETS = {"customer_id": pl.String, "created_on": pl.Date, "kind": pl.String}


def test_requests_count_within_twelve_months_and_of_known_customers():
    rows = [
        ("ann", date(2025, 10, 31), "complaint"),  # a year and a day before
        ("ann", date(2025, 11, 1), "complaint"),
        ("ann", date(2026, 10, 31), "inquiry"),
        ("ann", date(2026, 11, 1), "inquiry"),  # later
        ("ann", date(2026, 5, 1), "feedback"),
        (None, date(2026, 5, 1), "complaint"),
        ("bob", date(2026, 5, 1), None),
    ]
    tickets = pl.LazyFrame(rows, schema=TICKETS, orient="row")
    found = requests(tickets, as_of=date(2026, 10, 31))
    counts = Requests.of(found, pl.Series(["ann", "bob"])).within_year(date(2026, 10, 31))
    assert {name: each.tolist() for name, each in counts.items()} == {
        "complaints_12m": [1, 0],
        "inquiries_12m": [1, 0],
    }


def company(seed: int) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    pick = random.Random(seed)
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(900)]
    orders = [
        (f"c{pick.randrange(25):02}", pick.choice(days), status, amount, amount // 3 or None)
        for _ in range(700)
        for status in [pick.choices(["completed", "returned", "cancelled"], [8, 1, 1])[0]]
        for amount in [pick.choice([-1, 1][status == "completed" :]) * pick.randrange(4_000_000)]
    ]
    asked = [
        (f"c{pick.randrange(25):02}", pick.choice(days), pick.choice(["complaint", "inquiry"]))
        for _ in range(150)
    ]
    names = ["customer_id", "ordered_on", "status", "amount", "profit"]
    schema = dict(zip(names, [pl.String, pl.Date, pl.String, pl.Int64, pl.Int64], strict=True))
    gone = [date(2024, 6, 7) if n % 9 == 4 else None for n in range(25)]
    people = {"customer_id": [f"c{n:02}" for n in range(25)], "deleted_on": gone}
    return (
        pl.LazyFrame(orders, schema=schema, orient="row"),
        pl.LazyFrame(asked, schema=TICKETS, orient="row"),
        pl.LazyFrame(people),
    )


def known_on(
    day: date, orders: pl.LazyFrame, asked: pl.LazyFrame, people: pl.LazyFrame
) -> pl.DataFrame:
    """What is known of everybody on a day, straight from the events."""
    since = shift_months(day + timedelta(days=1), -12)
    bought = (pl.col("status") == "completed") & (pl.col("amount") > 0)
    year = pl.col("ordered_on") >= since
    lines = orders.filter(pl.col("ordered_on") <= day, pl.col("status") != "cancelled")
    sums = lines.group_by("customer_id").agg(
        revenue_12m=pl.col("amount").filter(year).sum(),
        profit_12m=pl.col("profit").filter(year).sum(),
        purchases_12m=(bought & year).sum(),
        first=pl.col("ordered_on").filter(bought).min(),
        last=pl.col("ordered_on").filter(bought).max(),
    )
    lately = asked.filter(pl.col("created_on").is_between(since, day)).group_by("customer_id")
    counts = lately.agg(
        complaints_12m=(pl.col("kind") == "complaint").sum(),
        inquiries_12m=(pl.col("kind") == "inquiry").sum(),
    )
    there = pl.col("deleted_on").is_null() | (pl.col("deleted_on") > day)
    rows = sums.join(people, on="customer_id").filter(pl.col("first").is_not_null(), there)
    months = [
        next(n for n in range(100) if shift_months(first, n) >= day)
        for first in rows.collect()["first"]
    ]
    return (
        rows.join(counts, on="customer_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("complaints_12m", "inquiries_12m").fill_null(0),
            silent_days=(pl.lit(day) - pl.col("last")).dt.total_days(),
        )
        .collect()
        .with_columns(tenure_months=pl.Series(months, dtype=pl.Int64))
    )


@pytest.mark.parametrize("code", [each.code for each in schemes()])
@pytest.mark.parametrize("as_of", [date(2025, 5, 31), date(2025, 6, 11)])
def test_the_tiers_of_every_month_end_are_those_of_its_own_facts(code: str, as_of: date):
    orders, asked, people = company(5)
    known = orders.filter(pl.col("ordered_on") <= as_of)
    days = in_order(bought_on(known, as_of=as_of))
    dates = purchase_dates(order_totals(known, as_of=as_of), days)
    states = tier_marts(
        customer_months(known, as_of=as_of),
        people.join(dates, on="customer_id", how="left"),
        schemes=schemes(),
        as_of=as_of,
        money_scale=2,
        requests=requests(asked, as_of=as_of),
    )[code].states.collect()
    months = [name for name in states.columns if name[0].isdigit()]
    assert len(months) > 28
    seen: set[str] = set()
    for month in months[::5] + months[-2:]:
        first = date.fromisoformat(f"{month}-01")
        day = min(as_of, shift_months(first, 1) - timedelta(days=1))
        facts = known_on(day, orders, asked, people)
        expected = facts.select("customer_id", tier=scheme(code).tier(money_scale=2))
        found = states.select("customer_id", pl.col(month).alias("tier")).drop_nulls()
        assert dict(found.rows()) == dict(expected.rows()), month
        seen |= set(found["tier"])
    assert seen == set(scheme(code).codes)


@pytest.mark.parametrize(
    ("code", "tier", "customer", "field"),
    [
        ("value_tier_s1", "potential", C003, "revenue_12m"),
        ("value_tier_s1", "low_or_risk", C004, ""),
        ("rfm_s3", "gold", spent(5), "revenue_12m"),
        ("rfm_s3", "silver", spent(5), "silent_days"),
    ],
)
def test_the_basis_of_a_tier_of_several_conditions(code, tier, customer, field):
    basis = tier_basis(tier, NOBODY | customer, scheme=scheme(code), money_scale=2)
    assert basis == field
