"""The schemes of tiers against plain SQL on the demo company, and against each other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import tier_compare, tier_records, tiers
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from metrics.tiers.care import needs
from metrics.tiers.scheme import scheme, scheme_codes
from tests.conftest import Installation
from tests.dashboard.test_against_sql import CLEAN

PEOPLE = """
create temp table people as
select p.who, sum(case when b.day > '2025-10-31' and b.status in ('completed', 'returned')
    then b.amount else 0 end) as revenue,
  sum(case when b.day > '2025-10-31' and b.status in ('completed', 'returned')
    then b.profit else 0 end) as profit,
  sum(b.day > '2025-10-31' and b.status = 'completed' and b.amount > 0) as orders,
  max(case when b.status = 'completed' and b.amount > 0 then b.day end) as last
from present p join buys b on b.who = p.who group by p.who
"""
GOLD = """
select count(*) from (select revenue, rank() over (order by last desc) as r,
  rank() over (order by revenue desc) as m, count(*) over () as n from people)
where r <= (n * 20 + 99) / 100 and m <= (n * 15 + 99) / 100 and revenue > 0
"""
SILVER = """
with ranked as (select revenue, count(*) over () as n, rank() over (order by last desc) as r,
  rank() over (order by orders desc) as f, rank() over (order by revenue desc) as m from people),
mean as (select *, rank() over (order by r + f + m) as place from ranked)
select count(*) from mean where place <= (n * 40 + 99) / 100
  and not (r <= (n * 20 + 99) / 100 and m <= (n * 15 + 99) / 100 and revenue > 0)
"""
CORE = """
select count(*) from (select profit, rank() over (order by profit desc) as place,
  count(*) over () as n from people) where place <= (n * 20 + 99) / 100 and profit > 0
"""
COUNTS = {
    ("value_tier_s1", "high"): "select count(*) from people where revenue > 10000000",
    ("value_tier_s1", "mid"): "select count(*) from people where revenue between 5e6 and 1e7",
    ("three_axis_s2", "core"): CORE,
    ("rfm_s3", "gold"): GOLD,
    ("rfm_s3", "silver"): SILVER,
}


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Cursor:
    return demo_crm.executescript(CLEAN + PEOPLE)


@pytest.mark.parametrize(("code", "tier"), list(COUNTS))
def test_a_tier_holds_whom_the_crm_says(code: str, tier: str, view: View, crm: sqlite3.Cursor):
    (expected,) = crm.execute(COUNTS[code, tier]).fetchone()
    view = replace(view, scheme=code)
    assert tiers.mix_at_end(view)[tier]["customers"] == expected > 0
    people = data.selected(view, "customer_mart").filter(pl.col("tier") == tier).collect()
    assert people.height == expected


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("segmentation_accuracy", "value_spend_s0"),
        ("segmentation_accuracy_s2", "three_axis_s2"),
    ],
)
def test_the_reviewed_share_is_that_of_the_crm(
    key: str, code: str, view: View, crm: sqlite3.Cursor
):
    row = crm.execute(
        """select avg(right), count(right) from (
          select review_correct as right, max(valid_from_at) from main.tier_records
          where scheme = ? and valid_to_at is null
            and customer_id in (select who from present) group by customer_id)""",
        (code,),
    ).fetchone()
    card = tier_records.readings(view)[key]
    assert (card.value, card.n) == (pytest.approx(row[0]), row[1])
    assert 0 < row[0] < 1


@pytest.mark.parametrize("code", scheme_codes())
def test_the_figures_of_a_scheme_add_up(code: str, view: View):
    view = replace(view, scheme=code)
    mix = {tier: row["customers"] for tier, row in tiers.mix_at_end(view).items()}
    everybody = sum(mix.values())
    told = tier_compare.by_tier(view)
    assert dict(told.select("tier", "customers").rows()) == mix
    assert tier_compare.grid(view)["customers"].sum() == everybody
    for other in scheme_codes():
        found = tier_compare.cross(view, other)
        sums = found.group_by("tier").agg(pl.col("customers").sum())
        assert dict(sums.rows()) == {tier: mix[tier] for tier in scheme(code).codes}
    assert (
        tier_records.needs(view)
        .collect()["strategy"]
        .is_in(
            pl.Series(["executive_and_gift", "coupon_and_training", "trial_and_case"]).append(
                pl.Series(["agent_and_voucher", "promotion_and_recall"])
            )
        )
        .all()
    )
    assert "problem_solving" in needs()
    listed = tier_records.needs(view).collect()["need"].value_counts()
    assert tier_records.counted(view) == dict(listed.iter_rows())


@pytest.mark.parametrize("code", scheme_codes())
def test_the_lists_hold_as_many_as_the_cells_say(code: str, view: View):
    view = replace(view, scheme=code)
    axes = list(tier_compare.axes(view))
    listed = tier_compare.in_cells(view).group_by(pl.col(axes).cast(pl.String)).len().collect()
    cells = tier_compare.grid(view).filter(pl.col("customers") > 0)
    assert dict(zip(listed.select(axes).rows(), listed["len"], strict=True)) == dict(
        zip(cells.select(axes).rows(), cells["customers"], strict=True)
    )


def test_the_pairs_of_records_are_lists_as_long(view: View):
    pairs = tier_records.pairs(view)
    assert pairs.height > 3
    for row in pairs.iter_rows(named=True):
        people = tier_records.in_pair(view, row["recorded"], row["tier"]).collect()
        assert people.height == row["customers"]
    agreed = tier_records.readings(view)["tier_records_agree"]
    same = pairs.filter(pl.col("recorded") == pl.col("tier"))["customers"].sum()
    assert agreed.value == pytest.approx(same / pairs["customers"].sum())


def test_a_scheme_without_records_has_no_pairs(view: View):
    assert tier_records.pairs(replace(view, scheme="rfm_s3")).is_empty()


def test_a_filter_on_tiers_chooses_those_of_the_scheme(view: View):
    gold = Selection((("tier", ("gold",)),))
    people = data.selected(replace(view, scheme="rfm_s3", selection=gold), "customer_mart")
    assert set(people.collect()["tier"]) == {"gold"}
