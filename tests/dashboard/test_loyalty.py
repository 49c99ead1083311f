"""The loyalty page against plain SQL on the demo company, and its parts against each other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import loyalty, loyalty_headline, loyalty_rows, word_of_mouth
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import CHOICES, Selection
from tests.conftest import Installation

MakeView = Callable[..., View]
START, END = "2025-11-01", "2026-10-31"
MOMENT = "2026-10-31 10:00:00.000000"  # until when the demo's feeds are complete, UTC
FILTERS: dict[str, dict[str, str]] = {
    "everybody": {},
    "tier": {"tier": "high"},
    "stage": {"stage": "mature"},
    "region": {"region": "east_china", "acquisition_channel": "search"},
}

CLEAN = f"""
create temp table people as
  select customer_id as who, date(registered_at, '+8 hours') as registered
  from (select *, max(updated_at) from main.customers group by customer_id)
  where deleted_at is null;
create temp table buys as
  select customer_id as who, date(ordered_at, '+8 hours') as day
  from (select *, max(updated_at) from main.orders group by order_id)
  where deleted_at is null and ordered_at <= '{MOMENT}' and status = 'completed' and amount > 0;
create index temp.by_who on buys(who, day);
create temp table firsts as select who, min(day) as day from buys group by who;
create temp table runs as
  select customer_id as who, date(enrolled_at, '+8 hours') as since,
    coalesce(date(closed_at, '+8 hours'), '9999') as until
  from main.loyalty_accounts where enrolled_at <= '{MOMENT}';
create temp table moves as
  select customer_id as who, date(occurred_at, '+8 hours') as day, kind, points
  from main.loyalty_transactions where occurred_at <= '{MOMENT}';
create temp view members as
  select distinct who from runs where since <= '{END}' and until > '{END}'
    and who in (select who from people);
create temp view active as
  select who from members where who in (
    select who from moves where kind in ('earn', 'redeem') and day > date('{END}', '-365 days')
    union select customer_id from main.activity_days
      where active_on > date('{END}', '-365 days') and active_on <= '{END}');
create temp view asked as
  select p.who, exists (select 1 from runs r where r.who = p.who and r.since <= '2026-07-31'
      and r.until > '2026-07-31') as member,
    exists (select 1 from buys b where b.who = p.who and b.day between '2026-08-01' and '{END}')
      as again
  from people p join firsts f on f.who = p.who where f.day <= '2026-05-01'
    and exists (select 1 from buys b where b.who = p.who
      and b.day between '2025-08-01' and '2026-07-31');
create temp table given as
  select coupon_id, customer_id as who, kind, date(issued_at, '+8 hours') as day, is_control,
    redeemed_at is not null as used
  from main.coupons where date(issued_at, '+8 hours') between '{START}' and '{END}';
create temp view said as
  select r.*, date(r.referred_at, '+8 hours') as day, (select f.day from firsts f
      where f.who = r.referred_id and f.day >= date(r.referred_at, '+8 hours')
        and f.who in (select who from people)) as won
  from main.referrals r where date(r.referred_at, '+8 hours') between '{START}' and '{END}';
create temp view stars as
  select rating, shared from main.reviews
  where date(posted_at, '+8 hours') between '{START}' and '{END}';
create temp view flows as
  select kind, sum(points) as points from moves where day >= '{START}' group by kind;
"""

# KPI: value and n in SQL.
QUESTIONS = {
    "member_share": "select 1.0 * (select count(*) from members) / count(*), count(*) from people",
    "loyalty_participation": (
        "select 1.0 * (select count(*) from active) / count(*), count(*) from people"
    ),
    "active_members": (
        "select 1.0 * (select count(*) from active) / count(*), count(*) from members"
    ),
    "redeeming_members": (
        "select avg(who in (select who from moves where kind = 'redeem' "
        f"and day > date('{END}', '-365 days'))), count(*) from members"
    ),
    "new_members": (
        "select count(*), count(*) from (select who, min(since) as first from runs "
        f"where who in (select who from people) group by who) where first >= '{START}'"
    ),
    "points_redemption": (
        "select 1.0 * (select points from flows where kind = 'redeem') / points, "
        "(select count(*) from members) from flows where kind = 'earn'"
    ),
    "points_expired": (
        "select 1.0 * (select points from flows where kind = 'expire') / points, "
        "(select count(*) from members) from flows where kind = 'earn'"
    ),
    "points_balance": (
        "select sum(iif(kind in ('redeem', 'expire'), -points, points)), "
        "(select count(*) from members) from moves"
    ),
    "points_liability": (
        "select 5 * sum(iif(kind in ('redeem', 'expire'), -points, points)), "
        "(select count(*) from members) from moves"
    ),
    "member_repurchase": "select avg(again), count(*) from asked where member",
    "other_repurchase": "select avg(again), count(*) from asked where not member",
    "coupon_redemption": "select avg(used), count(*) from given where not is_control",
    "recall_redemption": (
        "select avg(used), count(*) from given where not is_control and kind = 'recall'"
    ),
    "referral_conversion": (
        "select 1.0 * count(won) / count(referred_id), count(referred_id) from said"
    ),
    "reward_per_customer": "select 1.0 * sum(reward) / count(won), count(referred_id) from said",
    "review_count": "select count(*), count(rating) from stars",
    "review_stars": "select avg(rating), count(rating) from stars",
    "reviews_shared": "select avg(shared), count(rating) from stars",
}


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Connection:
    demo_crm.executescript(CLEAN)
    return demo_crm


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_a_measure_is_what_plain_sql_says(key: str, look: MakeView, crm: sqlite3.Connection):
    value, n = crm.execute(QUESTIONS[key]).fetchone()
    found = loyalty_headline.headline(look())[key]
    assert (found.value, found.n) == (pytest.approx(value), n)
    assert value


def test_orders_beside_the_control_are_what_plain_sql_says(look: MakeView, crm: sqlite3.Connection):
    counted = crm.execute(
        "select kind, is_control, substr(day, 1, 7), (select count(distinct b.day) from buys b "
        "where b.who = g.who and b.day between g.day and date(g.day, '+30 days')) from given g "
        f"where day <= date('{END}', '-30 days') and who in (select who from people)"
    ).fetchall()
    names = ("kind", "is_control", "month", "orders")
    frame = pl.DataFrame(counted, schema=names, orient="row").with_columns(
        pl.col("is_control").cast(pl.Boolean)
    )
    mean = {
        name: pl.col("orders").filter(holds).mean()
        for name, holds in (("given", ~pl.col("is_control")), ("held", pl.col("is_control")))
    }
    sizes = {
        "n": (~pl.col("is_control")).sum(),
        "m": pl.col("is_control").sum(),
    }
    strata = frame.group_by("kind", "month").agg(**mean, **sizes)
    both = strata.filter(pl.col("n") > 1, pl.col("m") > 1)
    expected = both.select(
        ((pl.col("given") - pl.col("held")) * pl.col("n")).sum() / pl.col("n").sum()
    )
    found = loyalty_headline.headline(look())["coupon_extra_orders"]
    assert found.value == pytest.approx(100 * expected.item())


@pytest.mark.parametrize("chosen", list(FILTERS))
@pytest.mark.parametrize("period", list(CHOICES))
def test_what_is_owed_adds_up_and_is_what_members_hold(period: str, chosen: str, look: MakeView):
    view = look(period, **FILTERS[chosen])
    rows = loyalty.shown(view)
    flows = pl.col("opening") + pl.col("earned") - pl.col("redeemed") - pl.col("expired")
    assert rows.select((flows + pl.col("adjusted") == pl.col("balance")).all()).item()
    assert rows["opening"][1:].to_list() == rows["balance"][:-1].to_list()
    held = data.selected(view, "loyalty_members").select(pl.col("balance").sum()).collect().item()
    gone = 0
    if chosen == "everybody":  # points of customers deleted since
        nobody = pl.all_horizontal(pl.col("region", "segment", "owner_id").is_null())
        unknown = data.selected(view, "loyalty_months").filter(nobody)
        last = unknown.filter(pl.col("month") == loyalty.months(view)["bucket"][-1])
        gone = last.select(pl.col("balance").sum()).collect().item()
    assert loyalty.months(view)["balance"][-1] == held + gone


@pytest.mark.parametrize("chosen", list(FILTERS))
@pytest.mark.parametrize("period", ["month", "last_quarter", "year"])
def test_lists_hold_as_many_as_the_page_says(period: str, chosen: str, look: MakeView):
    view = look(period, **FILTERS[chosen])
    expected: list[tuple[str, pl.LazyFrame, int]] = []
    for group, n in loyalty_rows.counted(view).items():
        expected.append((group, loyalty_rows.members(view, group), n))
    for level, n in loyalty_rows.of_levels(view).items():
        expected.append((level, loyalty_rows.of_level(view, level), n))
    for outcome, n in loyalty_rows.outcomes(view).items():
        expected.append((outcome, loyalty_rows.of_landmark(view, outcome), n))
    kinds = word_of_mouth.by_kind(view)
    for row in kinds.iter_rows(named=True):
        numbers = (row["redeemed"], row["given"] - row["redeemed"], row["withheld"])
        for use, n in zip(loyalty_rows.USES, numbers, strict=True):
            expected.append(
                (f"{row['kind']} {use}", loyalty_rows.coupons(view, row["kind"], use), n)
            )
    found = word_of_mouth.steps(view)
    won, came, all_ = (int(found[name] or 0) for name in ("won", "came", "referrals"))
    for group, n in zip(loyalty_rows.CAME, (won, came - won, all_ - came), strict=True):
        expected.append((group, loyalty_rows.recommendations(view, group), n))
    readings = loyalty_headline.headline(view)
    wrong = readings["mass_to_top"].value
    expected.append(("violations", loyalty_rows.violations(view), int(wrong or 0)))
    counted = pl.collect_all([rows.select(pl.len()) for _, rows, _ in expected])
    lists = {name: rows.item() for (name, _, _), rows in zip(expected, counted, strict=True)}
    assert lists == {name: n for name, _, n in expected}


def test_members_of_today_are_those_of_the_last_month(look: MakeView):
    for chosen in FILTERS.values():
        view = look(**chosen)
        last = loyalty.months(view).row(-1, named=True)
        groups = loyalty_rows.counted(view)
        assert (groups["members"], groups["active"]) == (last["members"], last["active"])
        assert loyalty.levels(view)["members"].sum() == last["members"]


def test_curves_and_shares_tell_the_same(look: MakeView):
    """Nobody is lost from sight within the year, so the curve ends at the share that stayed."""
    view = look()
    found, raw = loyalty.curves(view), loyalty.against(view, "stayed")["raw"]
    assert found is not None
    ends = {name: found.curve.filter(group=name)["survival"][-1] for name in ("member", "other")}
    assert (ends["member"], ends["other"]) == pytest.approx((raw.treated, raw.control))
    assert found.sizes == {"member": raw.n, "other": raw.n_control}


def test_without_a_year_of_points_before_the_programme_there_is_no_baseline(look: MakeView):
    readings = loyalty_headline.headline(look())
    assert readings["points_redemption"].baseline is None
    assert readings["member_repurchase"].baseline is not None


def test_who_takes_part_is_not_known_before_a_year_of_points(look: MakeView):
    rows = loyalty.months(look())
    known = rows.filter(pl.col("participation").is_not_null())["bucket"]
    assert len(known) <= 2
    assert loyalty_headline.headline(look("last_quarter"))["loyalty_participation"].previous is None


def test_a_crm_without_members_names_what_it_lacks(
    opened: Callable[[Installation], None], minimal: Installation
):
    opened(minimal)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    readings = loyalty_headline.headline(view)
    assert {found.missing for found in readings.values()} == {"no_table"}
    assert readings["member_share"].missing_what == "loyalty_accounts"
    assert readings["mass_to_top"].missing_what == "coupons"
