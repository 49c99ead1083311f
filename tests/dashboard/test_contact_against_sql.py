"""The figures of the contact page, asked again of the demo company's CRM in plain SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    contact,
    contact_cadence,
    contact_channels,
    contact_headline,
    contact_rows,
)
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from tests.conftest import Installation
from tests.dashboard.test_against_sql import CLEAN, IN_YEAR, MOMENT, YEAR

SQL = f"""
{CLEAN}
create temp table met as
  select i.*, date(occurred_at, '+8 hours') as day, c.customer_id as who, c.kind as sort,
    c.preferred_channel as stated, c.born_on as born, c.marketing_consent as consent
  from (select *, max(updated_at) from main.interactions group by interaction_id) i
  left join (select *, max(updated_at) from main.customers group by customer_id) c
    on c.customer_id = i.customer_id
  where occurred_at <= '{MOMENT}' and direction in ('outbound', 'inbound');
create index temp.met_by on met(who, day);
create temp table tiers as
  select p.who, case when p.who in (select who from best) then 'high'
      when coalesce(v.revenue, 0) >= 1000000 then 'mid' else 'basic' end as tier,
    (select min(day) from purchases q where q.who = p.who) as first
  from present p left join values_12m v on v.who = p.who
  where p.who not in (select who from thresholds where silent >= tau
      and who not in (select who from held))
    and p.who not in (select who from departed);
create temp view asked as
  select 'high_exclusive' as rule, 'high' as tier, 30 as days union all
  select 'high_online', 'high', 7 union all select 'mid_online', 'mid', 14 union all
  select 'basic_reminder', 'basic', 30;
create temp table told as
  select asked.rule, t.tier, t.who, (select count(*) from met m where m.who = t.who
      and m.direction = 'outbound' and m.day > date('{YEAR[1]}', '-' || days || ' days')
      and case asked.rule when 'high_exclusive' then m.channel in ('phone', 'visit')
        when 'basic_reminder' then 1
        else m.channel in ('wechat', 'email', 'sms', 'app', 'video') end) as n
  from tiers t join asked using (tier) where first <= date('{YEAR[1]}', '-' || days || ' days');
create temp view verdict as
  select who, min(n) = 0 as under, min(n) > 0 and max(n) <= 2 as within from told group by who;
"""
OURS = f"direction = 'outbound' and {IN_YEAR}"


def rate(part: str, where: str = OURS) -> str:
    return f"select avg({part}), count({part}) from met where {where}"


QUESTIONS = {
    "cadence_compliance": "select avg(within), count(*) from verdict",
    "follow_up_coverage": "select avg(n > 0), count(*) from told",
    "overdue_contacts": "select sum(under), count(*) from verdict",
    "over_contacted": "select sum(not under and not within), count(*) from verdict",
    "cadence_high_exclusive": "select avg(n > 0), count(*) from told where rule = 'high_exclusive'",
    "cadence_mid_online": "select avg(n > 0), count(*) from told where rule = 'mid_online'",
    "cadence_high_online": "select avg(n > 0), count(*) from told where rule = 'high_online'",
    "cadence_basic_reminder": "select avg(n > 0), count(*) from told where rule = 'basic_reminder'",
    "personalised_share": rate("personalised"),
    "contact_standard": rate("standard_met"),
    "contact_response": rate("responded"),
    "contact_conversion": rate("converted"),
    "automated_share": rate("rule is not null"),
    "unwanted_contacts": rate("consent = 0"),
    "sms_open_rate": rate("opened", f"{OURS} and channel = 'sms' and delivered"),
    "email_click_rate": rate("clicked", f"{OURS} and channel = 'email' and delivered"),
    "visit_conversion": rate("converted", f"{OURS} and channel = 'visit'"),
    "proactive_share": rate("direction = 'outbound'", IN_YEAR),
    "call_minutes": "select avg(talk_seconds) / 60.0, count(talk_seconds) from met "
    f"where {IN_YEAR}",
    "contact_cost": rate("cost"),
    "phone_weekly": f"select count(*) * 7 / 365.0, count(*) from met where {IN_YEAR} "
    "and channel = 'phone'",
    "personalised_coverage": "select avg(who in (select who from met where personalised "
    f"and direction = 'outbound' and day > date('{YEAR[1]}', '-90 days'))), count(*) from tiers",
    "many_channels": "select avg(who in (select who from met where "
    f"day > date('{YEAR[1]}', '-365 days') and (direction = 'inbound' or responded) "
    "group by who having count(distinct channel) > 1)), count(*) from tiers",
    "app_active": "select 1.0 * count(*) filter (where who in (select customer_id from "
    f"main.activity_days where channel = 'app' and active_on > date('{YEAR[1]}', '-30 days'))) "
    "/ count(*), count(*) from tiers where who in (select customer_id from main.activity_days "
    "where channel = 'app') or who in (select customer_id from main.identities "
    f"where channel = 'app' and seen_at <= '{MOMENT}')",
    "touchpoint_coverage": f"select avg(coalesce(connected_at <= '{MOMENT}', 0)), count(*) "
    "from main.channels where planned",
    "script_categories": f"select count(distinct script), null from met where {OURS}",
    "automation_coverage": "select avg(by_rule), count(*) from (select purpose, "
    f"max(rule is not null) as by_rule from met where {OURS} group by purpose)",
    "modes_tested": "select count(distinct mode), count(*) from main.experiments "
    f"where date(started_at, '+8 hours') between '{YEAR[0]}' and '{YEAR[1]}'",
    "failed_experiment_cost": "select 1.0 * sum(cost) / (select sum(planned) from "
    f"main.budget_lines where period_start between '{YEAR[0]}' and '{YEAR[1]}'), count(*) "
    "from main.experiments where failed "
    f"and date(ended_at, '+8 hours') between '{YEAR[0]}' and '{YEAR[1]}'",
    "articles_published": f"select sum(date(published_at, '+8 hours') >= '{YEAR[0]}'), count(*) "
    "from main.articles where published_at is not null",
}


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Cursor:
    return demo_crm.executescript(SQL)


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_the_page_says_what_the_crm_says(key: str, view: View, crm: sqlite3.Cursor):
    value, n = crm.execute(QUESTIONS[key]).fetchone()
    found = contact_headline.headline(view)[key]
    assert found.value == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert found.n == n


@pytest.mark.parametrize(
    ("period", "days", "before"),
    [
        ("month", "'2026-10-01' and '2026-10-31'", "'2026-09-01' and '2026-09-30'"),
        ("last_quarter", "'2026-07-01' and '2026-09-30'", "'2026-04-01' and '2026-06-30'"),
    ],
)
def test_another_period_and_the_one_before(
    period: str, days: str, before: str, view: View, crm: sqlite3.Cursor
):
    found = contact_headline.headline(replace(view, period_code=period))["contact_response"]
    for value, asked in ((found.value, days), (found.previous, before)):
        where = f"direction = 'outbound' and day between {asked}"
        assert value == pytest.approx(crm.execute(rate("responded", where)).fetchone()[0])


def test_the_channel_fits_what_was_said_or_what_the_tier_of_the_time_asks(
    view: View, crm: sqlite3.Cursor
):
    """Of those whose answer needs no tier: the stated channel, which goes before all others."""
    stated = f"{OURS} and stated is not null and channel is not null"
    fits, judged = crm.execute(
        f"select sum(channel = stated), count(*) from met where {stated}"
    ).fetchone()
    period = contact.inside(view, contact.contacts(view))
    assert 0 < fits < period["channel_fits"].sum()
    assert judged < period["channel_judged"].sum()
    nobody = f"{OURS} and stated is null and channel is not null"
    (others,) = crm.execute(f"select count(*) from met where {nobody}").fetchone()
    assert judged <= period["channel_judged"].sum() <= judged + others


def test_the_heat_map_holds_every_contact_with_a_known_outcome(view: View, crm: sqlite3.Cursor):
    rows = crm.execute(
        "select strftime('%w', occurred_at, '+8 hours') as weekday, "
        "cast(strftime('%H', occurred_at, '+8 hours') as int) as hour, count(*), sum(responded) "
        f"from met where {OURS} and responded is not null group by 1, 2"
    ).fetchall()
    found = contact.hours(view, None).select("weekday", "hour", "judged", "answered").rows()
    expected = {(int(day) or 7, hour): (n, answered) for day, hour, n, answered in rows}
    assert {(day, hour): (n, answered) for day, hour, n, answered in found} == expected


def test_lists_matrix_topics_and_touchpoints_add_up_to_the_cards(view: View):
    told = contact_headline.headline(view)
    groups = contact_cadence.by_group(view, "region")
    assert groups["under"].sum() == told["overdue_contacts"].value
    assert groups["bound"].sum() == told["overdue_contacts"].n
    for state, key in (("under", "overdue_contacts"), ("over", "over_contacted")):
        assert contact_cadence.customers(view, state).collect().height == told[key].value
    for dimension in contact.GROUPS:
        assert contact.matrix(view, dimension)["judged"].sum() == told["contact_response"].n
    volume = (
        contact_channels.touchpoints(view).filter(pl.col("channel") == "phone")["volume"].item()
    )
    assert volume == told["phone_weekly"].n
    means = contact_channels.survival_by_channels(view)
    assert means is not None
    for group, size in means.means.select("group", "customers").iter_rows():
        assert contact_channels.customers(view, group).collect().height == size


LISTS = {
    "silent": ({"channel": "wechat"}, f"{OURS} and channel = 'wechat' and not responded"),
    "two_way": ({}, f"{IN_YEAR} and (direction = 'inbound' or responded)"),
    "converted": ({"script": "renewal"}, f"{OURS} and script = 'renewal' and converted"),
    "unwanted_contacts.yes": ({}, f"{OURS} and consent = 0"),
    "calls": ({}, f"{IN_YEAR} and talk_seconds is not null"),
    "lost": ({}, f"{OURS} and not delivered"),
}


@pytest.mark.parametrize("group", list(LISTS))
def test_a_list_holds_the_contacts_that_the_crm_counts(group: str, view: View, crm: sqlite3.Cursor):
    where, condition = LISTS[group]
    asked = crm.execute(f"select interaction_id from met where {condition}").fetchall()
    found = contact_rows.listed(view, contact_rows.Cut(tuple(where.items())), group)
    listed = found.slice(0, found.total + 1).collect()["interaction_id"].to_list()
    assert sorted(listed) == sorted(each for (each,) in asked)
    assert listed


def test_a_list_holds_the_customers_whom_a_cadence_misses(view: View, crm: sqlite3.Cursor):
    asked = crm.execute("select who from told where rule = 'mid_online' and n = 0").fetchall()
    cut = contact_cadence.Cut(rule="mid_online")
    listed = contact_cadence.customers(view, "under", cut).collect()["customer_id"]
    assert sorted(listed) == sorted(who for (who,) in asked)


@pytest.mark.parametrize(
    "filters",
    [
        {"region": ("east_china",)},
        {"tier": ("high",), "segment": ("retail", "finance")},
        {"owner_id": ("E0001",)},
        {"acquisition_channel": ("referral",)},
    ],
)
def test_filters_narrow_every_figure(filters: dict[str, tuple[str, ...]], view: View):
    chosen = replace(view, selection=Selection(tuple(filters.items())))
    everybody, some = contact_headline.headline(view), contact_headline.headline(chosen)
    for key in ("contact_response", "cadence_compliance", "channel_fit", "interaction_frequency"):
        assert 0 < (some[key].n or 0) < (everybody[key].n or 0), key
    assert contact.hours(chosen, None)["judged"].sum() > 0


def test_todays_stage_narrows_the_cadence_and_not_the_past(view: View):
    chosen = replace(view, selection=Selection((("stage", ("new",)),)))
    everybody, some = contact_headline.headline(view), contact_headline.headline(chosen)
    assert some["contact_response"] == everybody["contact_response"]
    assert contact.is_widened(chosen)
    assert not contact.is_widened(view)
    assert (some["cadence_compliance"].n or 0) < (everybody["cadence_compliance"].n or 0)


def test_who_follows_the_landmark_was_a_customer_then(view: View):
    lives = data.selected(view, "contact_cadence").drop_nulls("stay_days").collect()
    assert lives["stay_days"].is_between(1, 365).all()
    assert lives.filter(~lives["left"])["stay_days"].min() == 365, "nobody leaves but by churning"


def test_choosing_the_scheme_chooses_the_cadence(view: View):
    by_default, by_rfm, by_four = (
        contact_headline.headline(replace(view, scheme=code))
        for code in (view.scheme, "rfm_s3", "value_tier_s1")
    )
    assert by_default["cadence_gold"].missing == "other_scheme"
    assert by_rfm["cadence_high_online"].missing == "other_scheme"
    bound = [by_rfm[f"cadence_{name}"].n or 0 for name in ("gold", "silver", "bronze")]
    assert min(bound) > 0
    assert by_rfm["cadence_compliance"].n == sum(bound), "each customer is bound by one rule"
    assert by_four["cadence_executive"].n, "the gift is due later: a quarter"
    assert by_rfm["contact_response"] == by_default["contact_response"], "no tier plays a part"


# What the plans say suits the tiers, written down once more: content, then positioning.
SUITS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "value_tier_s1": (
        {
            "high": "executive_contact gift booking industry_report exclusive_offer",
            "mid": "exclusive_offer product_advice guide tips",
            "potential": "new_product guide",
            "low_or_risk": "reminder promotion",
        },
        {},
    ),
    "three_axis_s2": (
        {"core": "exclusive_offer booking gift", "important": "points",
         "ordinary": "first_offer reminder"},
        {"core": "exclusive_service customisation", "important": "incentive conversion",
         "ordinary": "basic_service"},
    ),
    "rfm_s3": (
        {"gold": "new_product gift", "silver": "care promotion", "bronze": "promotion reminder"},
        {"gold": "exclusive_service"},
    ),
}  # fmt: skip
THEN = """
select avg(instr(' ' || coalesce(suits, '') || ' ', ' ' || said || ' ') > 0), count(*) from (
  select m.{column} as said, (select suits from suited s where s.tier = (
    select tier from known k where k.who = m.who and since <= m.day order by since desc limit 1
  )) as suits, (select tier from known k where k.who = m.who and since <= m.day
    order by since desc limit 1) as tier
  from met m where {ours})
where tier is not null and said in (select value from json_each(?))
"""


@pytest.mark.parametrize("code", list(SUITS))
@pytest.mark.parametrize("place", [0, 1])
def test_what_fits_follows_the_scheme(code: str, place: int, view: View, crm: sqlite3.Cursor):
    """Of the tier known on the day: that of the month end before, at first of the first month."""
    chosen = replace(view, scheme=code)
    key, column = (("content_fit", "content"), ("positioning_fit", "positioning"))[place]
    found, suits = contact_headline.headline(chosen)[key], SUITS[code][place]
    if not suits:
        assert found.missing == "no_fit_rule"
        return
    history = data.frame(chosen, "tier_history").select("customer_id", "month", "tier").collect()
    crm.executescript(
        "drop table if exists states; drop table if exists suited; drop table if exists known;"
        "create temp table states(who, month, tier); create temp table suited(tier, suits);"
    )
    rows = [(who, f"{month}", tier) for who, month, tier in history.iter_rows()]
    crm.executemany("insert into states values (?, ?, ?)", rows)
    crm.executemany("insert into suited values (?, ?)", suits.items())
    crm.executescript(
        "create temp table known as select who, tier, iif(month = min(month) over "
        "(partition by who), month, date(month, '+1 month')) as since from states;"
        "create index temp.known_by on known(who, since);"
    )
    named = json.dumps(sorted({word for words in suits.values() for word in words.split()}))
    value, n = crm.execute(THEN.format(column=column, ours=OURS), (named,)).fetchone()
    assert (found.value, found.n) == (pytest.approx(value, rel=1e-9), n)
    assert 0 < value < 1
    assert n > 500
