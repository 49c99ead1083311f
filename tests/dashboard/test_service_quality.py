"""Service quality and mending on the demo company: against plain SQL, and against themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    complaints,
    rectification,
    service_call_rows,
    service_calls,
    service_cases,
    service_team,
)
from dashboard.answers import service_quality_headline as headline
from dashboard.answers import service_quality_rows as rows
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.catalog import KPIS
from metrics.selection import Selection
from tests.conftest import Installation

MOMENT = "2026-10-31 10:00:00.000000"
IN_YEAR = "'2025-11-01' and '2026-10-31'"
PEOPLE = f"""
create temp view cases as
  select ticket_id, kind, category, bot, cause, first_contact, reopened, created_at, channel,
    iif(customer_id in (select customer_id from main.customers), customer_id, null) as who,
    coalesce(resolved_at, closed_at) as ended,
    date(created_at, '+8 hours') between {IN_YEAR} as inside,
    (julianday('{MOMENT}') - julianday(created_at)) as age
  from (select *, max(updated_at) from main.tickets group by ticket_id)
  where created_at <= '{MOMENT}'
    and coalesce(first_response_at >= created_at, true)
    and coalesce(resolved_at >= created_at, true);
create temp table known as select *, cast(strftime('%s', created_at) as integer) as made,
  cast(strftime('%s', ended) as integer) as done
  from cases where who is not null and category is not null;
create index temp.known_who on known (who, category);
create temp view mended as select *, date(accepted_at, '+8 hours') as accepted_on,
  date(raised_at, '+8 hours') as raised_on from main.rectifications;
create temp view calls as
  select *, cast(strftime('%H', occurred_at, '+8 hours') as integer) as hour
  from (select *, max(updated_at) from main.interactions group by interaction_id)
  where direction = 'inbound' and channel = 'phone' and answered is not null
    and occurred_at <= '{MOMENT}' and date(occurred_at, '+8 hours') between {IN_YEAR};
"""
BACK = """exists (select 1 from known o where o.who = t.who and o.category = t.category
  and o.made > t.done and o.made <= t.done + {days} * 86400)"""
BEFORE = """exists (select 1 from known o where o.who = t.who and o.category = t.category
  and o.made < t.made and o.made >= t.made - 7 * 86400)"""
SQL = {
    "resolution_30d": """select sum(coalesce(julianday(ended) - julianday(created_at) <= 30, 0)),
        count(*) from cases where inside and age >= 30""",
    "first_contact_resolution": f"""select sum(first_contact and reopened = 0
        and not {BACK.format(days=7)}), count(*) from known t where inside
        and first_contact is not null and julianday('{MOMENT}') - julianday(ended) >= 7""",
    "recurrence": f"""select sum({BACK.format(days=30)}), count(*) from known t
        where inside and julianday('{MOMENT}') - julianday(ended) >= 30""",
    "repeat_contact": f"select sum({BEFORE}), count(*) from known t where inside",
    "reopen_rate": "select sum(reopened > 0), count(*) from cases where inside and ended not null",
    "bot_containment": "select sum(bot = 'solved'), count(bot) from cases where inside",
    "consult_bot_first": """select sum(bot <> 'none'), count(bot) from cases
        where inside and kind = 'inquiry'""",
    "knowledge_push": """select sum(ticket_id in (select ticket_id from main.knowledge_queries
        where pushed)), count(*) from cases where inside""",
    "hand_over_continuity": f"""select sum(coalesce(history_carried, 0)), count(*)
        from main.hand_overs where date(handed_at, '+8 hours') between {IN_YEAR}
        and (picked_up_at is not null or julianday('{MOMENT}') - julianday(handed_at) >= 1)""",
    "peak_answer_rate": """select sum(answered), count(*) from calls where hour in
        (select hour from calls group by hour order by count(*) desc, hour limit 3)""",
    "calls_in_time": """select sum(answered and waited_seconds <= 180), count(waited_seconds)
        from calls""",
    "knowledge_accuracy": f"""select sum(correct), count(correct) from main.knowledge_queries
        where date(asked_at, '+8 hours') between {IN_YEAR}""",
    "qa_compliance": f"""select sum(compliant), count(compliant) from main.quality_checks
        where date(checked_at, '+8 hours') between {IN_YEAR}""",
    "operation_consistency": f"""select sum(consistent), count(consistent)
        from main.quality_checks where date(checked_at, '+8 hours') between {IN_YEAR}""",
    "qa_record_complete": f"""select sum(problem <> '' and cause <> '' and measure <> ''), count(*)
        from main.quality_checks where date(checked_at, '+8 hours') between {IN_YEAR}
        and not (compliant and consistent)""",
    "rectification_on_time": f"""select sum(coalesce(accepted_on <= due_on, 0)), count(*)
        from mended where due_on between {IN_YEAR}
        and (accepted_on is not null or due_on < '2026-10-31')""",
    "customers_informed": f"""select count(informed_at), count(*) from mended
        where accepted_on between {IN_YEAR}""",
    "ledger_complete": f"""select sum(criteria <> '' and due_on not null), count(*) from mended
        where raised_on between {IN_YEAR}""",
    "success_manager_share": """select sum(role = 'success_manager'), count(*)
        from main.employees where role in ('success_manager', 'agent') and left_on is null""",
}


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Connection:
    demo_crm.executescript(PEOPLE)
    return demo_crm


@pytest.mark.parametrize("key", SQL)
def test_a_share_is_what_plain_sql_says(key: str, view: View, crm: sqlite3.Connection):
    part, whole = crm.execute(SQL[key]).fetchone()
    found = (headline.quality(view) | headline.mending(view))[key]
    assert (found.value, found.n) == (pytest.approx(part / whole, abs=1e-12), whole)
    assert 0 < (part or 0) < whole


def test_a_median_is_what_plain_sql_says(view: View, crm: sqlite3.Connection):
    waits = crm.execute(
        "select (julianday(picked_up_at) - julianday(handed_at)) * 1440 from main.hand_overs"
        f" where picked_up_at not null and date(handed_at, '+8 hours') between {IN_YEAR}"
    ).fetchall()
    hours = crm.execute(
        "select (julianday(ended) - julianday(created_at)) * 24 from cases"
        " where inside and ended not null"
    ).fetchall()
    found = headline.quality(view)
    for key, values in (("hand_over_minutes", waits), ("resolution_hours", hours)):
        median = pl.Series([value for (value,) in values]).median()
        assert (found[key].value, found[key].n) == (pytest.approx(median, rel=1e-4), len(values))
        assert found[key].baseline


def test_complaints_for_each_thousand_customers_are_what_the_tables_say(
    view: View, crm: sqlite3.Connection
):
    every, spoken = crm.execute(
        "select count(*), sum(cause = 'communication') from cases where inside"
        " and kind = 'complaint'"
    ).fetchone()
    ends = data.frame(view, "tier_months").filter(pl.col("month") >= pl.date(2025, 11, 1))
    customers = ends.select(pl.col("customers").sum()).collect().item()
    found = complaints.rates(view)
    assert found["complaint_rate"].value == pytest.approx(1000 * every / customers)
    assert found["communication_complaints"].value == pytest.approx(1000 * spoken / customers)
    assert found["communication_complaints"].baseline
    months = crm.execute(
        "select count(*) from cases where kind = 'complaint' and date(created_at, '+8 hours')"
        " between '2025-05-01' and '2026-04-30'"
    ).fetchone()[0]
    year = data.frame(view, "tier_months").filter(
        pl.col("month").is_between(pl.date(2025, 5, 1), pl.date(2026, 4, 1))
    )
    then = year.select(pl.col("customers").sum()).collect().item()
    assert found["complaint_rate"].baseline == pytest.approx(1000 * months / then)


def test_a_month_in_progress_tells_of_complete_months(view: View):
    """The data end on the last day of October, so October is complete."""
    month = complaints.rates(replace(view, period_code="month"))["complaint_rate"]
    year = complaints.rates(view)["complaint_rate"]
    assert month.value == pytest.approx(year.trend[-1])
    assert month.previous == pytest.approx(year.trend[-2])
    assert year.previous is None


def test_the_sample_is_of_tickets_and_calls_since_checks_began(view: View, crm: sqlite3.Connection):
    sampled = crm.execute(
        "select count(*) from main.quality_checks where kind in ('record', 'recording')"
        f" and date(checked_at, '+8 hours') between {IN_YEAR}"
    ).fetchone()[0]
    tickets = crm.execute("select count(*) from cases where inside").fetchone()[0]
    made = crm.execute(
        "select count(distinct interaction_id) from main.interactions where channel = 'phone'"
        f" and occurred_at <= '{MOMENT}' and date(occurred_at, '+8 hours') between {IN_YEAR}"
    ).fetchone()[0]
    found = headline.mending(view)["qa_sample"]
    assert (found.value, found.n) == (pytest.approx(sampled / (tickets + made)), tickets + made)
    narrowed = replace(view, selection=Selection((("region", ("overseas",)),)))
    assert headline.mending(narrowed)["qa_sample"] == found  # the whole company's


def test_visits_are_what_plain_sql_says(view: View, crm: sqlite3.Connection):
    visits = crm.execute(
        "select count(*) from main.quality_checks where kind = 'mystery_visit'"
        " and date(checked_at, '+8 hours') between '2026-10-01' and '2026-10-31'"
    ).fetchone()[0]
    assert headline.mending(view)["mystery_visits"].value == visits > 0


def test_meetings_are_counted_by_their_month_and_quarter(view: View, crm: sqlite3.Connection):
    def held(kind: str, first: str, last: str) -> int:
        return crm.execute(
            "select count(*) from main.governance_events where kind = ?"
            " and held_on between ? and ?",
            (kind, first, last),
        ).fetchone()[0]

    found = service_team.owed(view)
    assert found["service_analyses"].value == held("service_analysis", "2026-10-01", "2026-10-31")
    assert found["sop_assessments"].value == held("sop_assessment", "2026-07-01", "2026-09-30")
    vendors = "kind in ('vendor_sync', 'vendor_optimisation') and due_on > '2025-10-31'"
    done, due = crm.execute(
        f"select count(held_on), count(*) from main.governance_events where {vendors}"
        " and due_on <= '2026-10-31'"
    ).fetchone()
    assert (found["vendor_meetings"].value, found["vendor_meetings"].n) == (done / due, due)


# ---- what is shown together adds up


@pytest.mark.parametrize("measured", rows.FLAGS)
def test_the_rows_behind_a_measure_are_as_many_as_it_says(measured: str, view: View):
    counts, found = rows.counted(view, measured), headline.quality(view)[measured]
    assert sum(counts.values()) == found.n
    assert counts["yes"] / sum(counts.values()) == pytest.approx(found.value)
    for verdict, number in counts.items():
        assert rows.tickets(view, measured, verdict).collect().height == number


def test_subjects_and_scenarios_are_all_tickets_of_the_period(view: View):
    pareto, scenarios = service_cases.pareto(view), service_cases.by_scenario(view)
    assert pareto["tickets"].sum() == scenarios["tickets"].sum() > 0
    assert pareto["running"][-1] == pytest.approx(1)
    assert pareto["tickets"].is_sorted(descending=True)
    first = pareto.row(0, named=True)
    assert rows.of_category(view, first["category"]).collect().height == first["tickets"]


def test_the_tickets_of_every_scenario_and_agent_are_as_many_as_it_says(view: View):
    keys = ("first_contact_resolution", "resolution_30d", "recurrence")
    for row in service_cases.by_scenario(view).iter_rows(named=True):
        mine = rows.Among("kind", row["kind"])
        for key in keys:
            yes, judged = row[f"{key}_yes"], row[f"{key}_of"]
            assert rows.counted(view, key, mine) == {"no": judged - yes, "yes": yes}
            assert rows.tickets(view, key, "no", mine).collect().height == judged - yes
    for row in service_cases.by_agent(view).head(8).iter_rows(named=True):
        mine = rows.Among("agent_id", row["agent_id"])
        missed = row["judged"] - row["first_time"]
        assert rows.counted(view, keys[0], mine) == {"no": missed, "yes": row["first_time"]}
        assert rows.tickets(view, keys[0], "no", mine).collect().height == missed


@pytest.mark.parametrize("period", ["month", "last_quarter", "year"])
def test_the_calls_of_every_hour_are_as_many_as_the_chart_says(period: str, view: View):
    view = replace(view, period_code=period)
    hours = service_calls.by_hour(view)
    wanted = {f"{row['hour']}": row for row in hours.iter_rows(named=True)}
    sums = pl.col("calls", "answered", "in_time").sum()
    wanted |= {"every": hours.select(sums).row(0, named=True)}
    wanted |= {"peak": hours.filter("peak").select(sums).row(0, named=True)}
    assert wanted["every"]["calls"] == headline.quality(view)["calls_answered"].n
    for code, row in wanted.items():
        numbers = service_call_rows.counted(view, code)
        lost, slow = row["calls"] - row["answered"], row["answered"] - row["in_time"]
        assert numbers == {"lost": lost, "slow": slow, "in_time": row["in_time"], "unknown": 0}
        for group, number in numbers.items():
            found = service_call_rows.listed(view, code, group)
            assert found.total == number
            assert found.slice(0, number + 1).collect().height == number


def test_a_list_holds_the_calls_that_the_crm_says_nobody_answered(
    view: View, crm: sqlite3.Connection
):
    asked = crm.execute("select interaction_id from calls where not answered")
    found = service_call_rows.listed(view, "every", "lost")
    listed = found.slice(0, found.total).collect()["interaction_id"].to_list()
    assert sorted(listed) == sorted(each for (each,) in asked)
    assert listed


def test_the_matrix_and_its_rows_are_the_card(view: View):
    matrix, found = service_calls.transfers(view), headline.quality(view)["hand_over_continuity"]
    assert matrix["continuity_of"].sum() == found.n
    counts = rows.handed_over(view)
    assert counts["carried"] == matrix["continuity_yes"].sum()
    assert rows.hand_overs(view, "lost").collect().height == counts["lost"]


def test_the_ledger_lists_what_the_departments_are_told(view: View):
    departments, counts = rectification.by_department(view), rectification.counted(view)
    assert counts["overdue"] == departments["overdue"].sum() > 0
    assert counts["open"] == departments["open"].sum()
    assert counts["on_time"] == departments["on_time_yes"].sum()
    for state, number in counts.items():
        assert rectification.entries(view, state, "").collect().height == number
    for row in departments.iter_rows(named=True):
        mine = rectification.counted(view, row["department"])
        told = (row["overdue"], row["open"], row["on_time_yes"])
        assert (mine["overdue"], mine["open"], mine["on_time"]) == told
    worst = departments.row(0, named=True)
    mine = rectification.entries(view, "overdue", worst["department"]).collect()
    assert mine.height == worst["overdue"]
    assert mine["late_days"].max() == worst["oldest"]


def test_what_waits_in_the_loop_is_listed(view: View):
    loop = rectification.loop(view)
    assert loop["reached"].is_sorted(descending=True)
    assert loop["share"][-1] == pytest.approx(headline.mending(view)["loop_verified"].value)
    for row in loop.head(3).iter_rows(named=True):
        assert rectification.waiting(view, row["step"]).collect().height == row["waiting"]


def test_regions_add_up_to_the_company(view: View):
    everybody = service_cases.shares(view)["repeat_contact"]
    regions = data.frame(view, "case_facts").select(pl.col("region").unique()).collect()["region"]
    parts = [
        service_cases.shares(replace(view, selection=Selection((("region", (region,)),))))
        for region in regions.drop_nulls()
    ]
    unknown = data.frame(view, "case_facts").filter(
        pl.col("region").is_null(), pl.col("repeated").is_not_null(),
        pl.col("created_on") > pl.date(2025, 10, 31),
    )  # fmt: skip
    known = sum(part["repeat_contact"].n or 0 for part in parts)
    assert known + unknown.collect().height == everybody.n


def test_every_measure_of_the_pages_has_a_reading_and_no_other(view: View):
    for page, found in (
        ("service_quality", headline.quality(view)),
        ("rectification", headline.mending(view)),
    ):
        assert set(found) == {key for key, kpi in KPIS.items() if kpi.page == page}


@pytest.mark.parametrize("name", ["empty", "minimal", "real"])
def test_what_is_not_recorded_is_said(
    name: str, request: pytest.FixtureRequest, opened: Callable[[Installation], None]
):
    opened(request.getfixturevalue(name))
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    found = headline.quality(view) | headline.mending(view)
    gone = {key for key, reading in found.items() if reading.value is None}
    assert all(found[key].missing for key in gone)
    assert {"hand_over_continuity", "qa_sample", "rectification_on_time"} <= gone
    if name != "real":
        assert {"resolution_30d", "complaint_rate"} <= gone | {"complaint_rate"}


def test_the_attendances_of_courses_are_those_of_the_card(view: View):
    counts = service_team.attendances(view)
    for result, number in counts.items():
        listed = service_team.attended(view, result).collect()
        assert listed.height == number
        assert listed["name"].null_count() == 0
        assert listed["held_on"].is_sorted(descending=True)
    passed = headline.quality(view)["training_passed"]
    assert counts["passed"] + counts["failed"] == passed.n
    assert counts["passed"] / passed.n == passed.value
    assert counts["failed"] > 0
