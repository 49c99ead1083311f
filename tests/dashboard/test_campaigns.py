"""Measures of campaigns asked again of the CRM in plain SQL; lists, cards and tables agree."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import campaign_rows, campaigns, campaigns_headline, campaigns_open
from data_access.principal import Principal
from metrics.selection import months_code
from tests.dashboard.test_against_sql import CLEAN, MOMENT, YEAR

TODAY = YEAR[1]
DATED = f"""
create temp table dated as
  select c.*, date(starts_at, '+8 hours') as begins, date(ends_at, '+8 hours') as ends
  from main.campaigns c;
create temp table targets as
  select m.*, begins, ends, scenario,
    customer_id in (select customer_id from main.customers where deleted_at is null) as here
  from main.campaign_members m join dated using (campaign_id)
  where ends between '{YEAR[0]}' and '{TODAY}';
create temp table closed as select * from targets where date(ends, '+30 days') <= '{TODAY}';
create temp table complained as
  select customer_id as who, day, date(resolved_at, '+8 hours') as solved from issues
  where kind = 'complaint' and customer_id in (select customer_id from main.customers);
create index temp.complained_by on complained(who, day);
"""


def around(column: str) -> str:
    return f"select count(*) from complained where who = closed.customer_id and {column}"


BEFORE = around("day between date(begins, '-30 days') and date(begins, '-1 day')")
AFTER = around("day between date(ends, '+1 day') and date(ends, '+30 days')")
OPEN = (
    "exists (select 1 from complained where who = t.customer_id and day < sent "
    "and coalesce(solved, '9999') > sent)"
)
QUESTIONS = {
    "campaign_participation": (
        "select avg(participated), count(*) from targets where not is_control "
        "and participated is not null"
    ),
    "campaign_repurchase": (
        "select avg(exists (select 1 from purchases where who = customer_id "
        "and day between date(ends, '+1 day') and date(ends, '+30 days'))), count(*) "
        "from closed where participated and not is_control and here"
    ),
    "campaign_satisfaction": "select avg(satisfaction), count(satisfaction) from targets",
    "campaign_conversion": (
        "select avg(converted), count(*) from closed where not is_control "
        "and contacted_at is not null and converted is not null"
    ),
    "campaign_reach": (
        "select avg(contacted_at is not null), count(*) from targets where not is_control"
    ),
    "interaction_participation": (
        "select avg(participated), count(*) from targets where not is_control and form in "
        "('challenge', 'salon', 'product_launch', 'live_class')"
    ),
    "cost_per_participant": (
        "select (select sum(spent) from dated where ends between "
        f"'{YEAR[0]}' and '{TODAY}') / 100.0 / count(*), count(*) from targets "
        "where participated and not is_control"
    ),
    "campaign_tasks_on_time": (
        "select avg(coalesce(ended_on <= planned_end_on, 0)), count(*) from main.campaign_tasks "
        f"where planned_end_on >= '{YEAR[0]}' and planned_end_on < '{TODAY}'"
    ),
    "campaign_days_tracked": (
        "with recursive days as (select campaign_id, begins as day, ends from dated where begins "
        f"<= '{TODAY}' union all select campaign_id, date(day, '+1 day'), ends from days "
        f"where day < min(ends, '{TODAY}')) select avg(tracked_on is not null), count(*) from days "
        "left join main.campaign_days d on d.campaign_id = days.campaign_id and d.tracked_on = "
        f"days.day where day between '{YEAR[0]}' and '{TODAY}'"
    ),
    "community_activity": (
        "select 1.0 * sum(community_active) / sum(community_members), sum(community_members) "
        f"from main.campaign_days where tracked_on >= '{YEAR[0]}'"
    ),
    "call_connect": (
        "select 1.0 * sum(calls_connected) / sum(calls), sum(calls) from main.campaign_days "
        f"where tracked_on >= '{YEAR[0]}'"
    ),
    "complaint_change": (
        f"select 1.0 * (a - b) / b, n from (select sum(({AFTER})) as a, sum(({BEFORE})) as b, "
        "count(*) as n from closed where not is_control)"
    ),
    "early_promotions": (
        "select sum(n), sum(n) from (select count(*) as n from (select customer_id, "
        "date(contacted_at, '+8 hours') as sent from main.campaign_members join dated using "
        "(campaign_id) where scenario <> 'repair' and not is_control) t "
        f"where sent between '{YEAR[0]}' and '{TODAY}' and {OPEN} union all "
        "select count(*) from (select customer_id, date(occurred_at, '+8 hours') as sent from "
        "(select *, max(updated_at) from main.interactions group by interaction_id) "
        f"where direction = 'outbound' and purpose = 'offer' and occurred_at <= '{MOMENT}') t "
        f"where sent between '{YEAR[0]}' and '{TODAY}' and {OPEN})"
    ),
}


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Cursor:
    return demo_crm.executescript(CLEAN + DATED)


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_the_measure_says_what_the_crm_says(key: str, look, crm: sqlite3.Cursor):
    value, n = crm.execute(QUESTIONS[key]).fetchone()
    found = campaigns_headline.headline(look())[key]
    assert found.n == n > 0
    assert found.value == pytest.approx(value, rel=1e-9)


def test_the_lift_is_that_of_the_crm(look, crm: sqlite3.Cursor):
    sql = """
        select campaign_id, count(*), avg(converted) - (select avg(converted) from closed o
          where o.campaign_id = c.campaign_id and o.is_control)
        from closed c where not is_control and converted is not null group by campaign_id
        having (select count(*) from closed o where o.campaign_id = c.campaign_id
          and o.is_control) > 1
    """
    rows = [row for row in crm.execute(sql) if row[2] is not None]
    found = campaigns_headline.headline(look())["campaign_lift"]
    weight = sum(n for _, n, _ in rows)
    assert found.value == pytest.approx(100 * sum(n * lift for _, n, lift in rows) / weight)
    results = campaigns.results(look())
    mine = dict(zip(results["campaign_id"], results["lift"], strict=True))
    assert {key: mine[key] for key, _, _ in rows} == pytest.approx(
        {key: lift for key, _, lift in rows}
    )


def test_participation_by_group_adds_up_to_the_card(look):
    view = look()
    whole = campaigns_headline.headline(view)["campaign_participation"]
    for by in campaigns.GROUPS:
        parts = campaigns.breakdown(view, by, "")
        assert parts["invited"].sum() == whole.n
        assert whole.n
        assert parts["participants"].sum() / whole.n == pytest.approx(whole.value)


def test_a_conversion_is_not_told_before_its_time(look):
    """Before, only who has converted is known, and the share would be 100 %."""
    running = campaigns.results(look()).filter("running")
    assert running.height == 1
    assert running["conversion"].to_list() == [None]
    assert running["lift"].to_list() == [None]
    soon = campaigns_headline.headline(look("month"))
    assert soon["campaign_conversion"].missing == "campaign_window_open"
    assert soon["campaign_repurchase"].missing == "campaign_window_open"
    assert soon["campaign_participation"].value is not None


def test_the_worked_example_is_there_and_evaluated(look):
    rows = campaigns.evaluations(look()).filter(campaign_id="K21")
    told = {row["measure"]: row for row in rows.iter_rows(named=True)}
    assert told["participation"]["actual"] == pytest.approx(0.65, abs=0.005)
    assert told["participation"]["attainment"] == "missed"
    assert told["repurchase"]["attainment"] == "exceeded"
    assert told["satisfaction"]["attainment"] == "missed"
    assert told["cost"]["goal"] == 50.0
    tasks = campaigns.tasks(look()).filter(campaign_id="K21")
    assert tasks["planned_start_on"].min().isoformat() == "2024-04-01"  # pyright: ignore
    assert tasks["planned_end_on"].max().isoformat() == "2024-05-10"  # pyright: ignore
    assert tasks["phase"].unique(maintain_order=True).to_list() == [
        "preparation",
        "execution",
        "follow_up",
    ]


@pytest.mark.parametrize("filters", [{}, {"region": "east_china"}, {"tier": "mid"}])
def test_every_list_of_members_is_as_long_as_it_says(filters: dict[str, str], look):
    view = look(**filters)
    for campaign_id in ("K15", "K22"):
        sizes = campaign_rows.counted(view, campaign_id)
        for group, n in sizes.items():
            rows = campaign_rows.members(view, campaign_id, group)
            assert rows.select(pl.len()).collect().item() == n, group
    targets = campaigns.results(view).filter(campaign_id="K15").row(0, named=True)
    sizes = campaign_rows.counted(view, "K15")
    assert sizes["joined"] == targets["participants"]
    assert sizes["absent"] + sizes["unreached"] + sizes["joined"] == targets["invited"]


@pytest.mark.parametrize("filters", [{}, {"region": "east_china"}])
def test_every_list_of_violations_is_as_long_as_its_bar(filters: dict[str, str], look):
    view = look("all", **filters)
    sizes = campaign_rows.violations(view)
    for kind in campaign_rows.EARLY:
        rows = campaign_rows.early(view, kind).collect()
        assert rows.height == sizes[kind]
        assert (rows["sent_on"] > rows["complained_on"]).all()
        assert (rows["sent_on"] < rows["solved_on"]).all(ignore_nulls=True)
    assert campaign_rows.mass(view).select(pl.len()).collect().item() == sizes["mass_to_top"]
    told = campaigns_headline.headline(view)["early_promotions"].value
    assert told == sizes["campaign"] + sizes["offer"]


def test_what_is_open_is_what_the_parts_say(look):
    frame = campaigns_open.actions(look())
    kinds = dict(frame.group_by("kind").len().iter_rows())
    tasks, reviews = campaigns.tasks(look()), campaigns.reviews(look())
    assert kinds["task"] == tasks.filter(state="overdue").height > 0
    assert kinds["review"] == reviews.filter(state="overdue").height > 0
    assert kinds["adjust"] == 1
    assert kinds["owner"] == 1
    assert frame["late_days"].min() == 0  # what has still time is not late
    assert frame["kind"].unique(maintain_order=True).to_list() == [
        kind for kind in campaigns_open.KINDS if kind in kinds
    ]


def test_plans_and_costs_do_not_depend_on_the_customers_chosen(look):
    everybody = campaigns_headline.headline(look())
    some = campaigns_headline.headline(look(region="overseas"))
    for key in ("cost_per_participant", "campaign_tasks_on_time", "campaign_adjusted"):
        assert some[key].value == everybody[key].value is not None
    assert some["campaign_participation"].n != everybody["campaign_participation"].n


def test_a_reader_of_one_region_sees_its_members_only(look):
    view = look()
    bound = Principal("lead", "success_lead", regions=("east_china",))
    mine = replace(view, principal=bound)
    theirs = campaigns_headline.headline(mine)["campaign_participation"]
    same = campaigns_headline.headline(look(region="east_china"))["campaign_participation"]
    assert (theirs.value, theirs.n) == (same.value, same.n)
    listed = campaign_rows.members(mine, "K15", "joined").collect()
    regions = data.frame(view, "customer_mart").select("customer_id", "region").collect()
    cards = campaigns_headline.headline(mine)  # what all cost says nothing of some of them
    for key in ("cost_per_participant", "campaigns_surveyed", "campaign_adjusted"):
        assert cards[key].missing == "whole_company"
    assert (
        campaigns.evaluations(mine).filter(measure="cost_per_participant")["actual"].is_null().all()
    )
    assert campaigns.triggers(mine).is_empty()
    assert not campaigns.triggers(view).is_empty()
    assert set(listed.join(regions, on="customer_id")["region"]) == {"east_china"}


@pytest.mark.parametrize(
    "key", ["cost_per_participant", "cost_per_reached", "interaction_participation"]
)
def test_the_baseline_is_the_year_before_the_programme_in_the_same_unit(key: str, look):
    """The same measure asked for those twelve months."""
    year = campaigns_headline.headline(look(months_code("2025-05", "2026-04")))[key]
    assert campaigns_headline.headline(look())[key].baseline == pytest.approx(year.value)
    assert year.value
