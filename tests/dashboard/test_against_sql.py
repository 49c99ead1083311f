"""The figures on the cards, asked again of the CRM itself in plain SQL.

The SQL knows nothing of snapshots, marts or measures: it reads the demo company's SQLite file as it
is, dirt included, and turns the dirt away by rules of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from chinese_calendar import is_workday

from dashboard import data
from dashboard.answers import (
    budget_headline,
    churn_risk,
    lifecycle_headline,
    service_headline,
    tiers_headline,
    voice,
)
from dashboard.reading import Reading
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from tests.conftest import Installation

YEAR, YEAR_AGO = ("2025-11-01", "2026-10-31"), ("2024-11-01", "2025-10-31")
MOMENT = "2026-10-31 10:00:00.000000"  # until when the demo's feeds are complete, UTC

# A desk's clock runs only while it is open; times are seconds, and the days are Shanghai's.
_DAYS = [date(2023, 10, 1) + timedelta(days=number) for number in range(1188)]
_WORKDAYS = ", ".join(f"('{day}')" for day in _DAYS if is_workday(day))
HOURS = f"""
create temp table open_hours as
  with recursive all_days(day) as (
    select '2023-10-01' union all select date(day, '+1 day') from all_days where day < '2027-01-01'
  ), workdays(day) as (values {_WORKDAYS})
  select desk, strftime('%s', day || opens) - 28800 as opens,
    strftime('%s', day || closes) - 28800 as closes
  from (select 'hotline' as desk, day, ' 08:00' as opens, ' 22:00' as closes from all_days
    union all select 'office', day, ' 09:00', ' 12:00' from workdays
    union all select 'office', day, ' 13:00', ' 18:00' from workdays);
create index temp.by_desk on open_hours(desk, opens, closes);
"""


def ran(start: str, end: str) -> str:
    """Minutes that the clock of a ticket ran between two of its times, in SQL."""
    start, end = f"strftime('%s', {start})", f"strftime('%s', {end})"
    return f"""(case when desk in (select desk from open_hours) then (
      select coalesce(sum(max(min(closes, {end} + 0) - max(opens, {start} + 0), 0)), 0) / 60.0
      from open_hours where open_hours.desk = t.desk and closes > {start} + 0
        and opens < {end} + 0)
      else ({end} - {start}) / 60.0 end)"""


_ANSWERED = f"coalesce(first_response_at, resolved_at, closed_at, '{MOMENT}')"
_ROUTED = f"coalesce(routed_at, resolved_at, closed_at, '{MOMENT}')"
_SOLVED = f"coalesce(resolved_at, closed_at, '{MOMENT}')"
_STEP = "coalesce(routed_at, resolved_at)"

# Days are those of Shanghai. Of rows with one key the last changed stays (in SQLite the columns
# beside a max() are those of its row); an unknown customer makes a row anonymous.
CLEAN = f"""{HOURS}
create temp table buys as
  select order_id, ordered_at, date(ordered_at, '+8 hours') as day, status, amount, profit,
    (select c.customer_id from main.customers c where c.customer_id = o.customer_id) as who
  from (select *, max(updated_at) from main.orders group by order_id) o
  where deleted_at is null and ordered_at <= '{MOMENT}'
    and status in ('completed', 'returned', 'cancelled');
create temp table purchases as
  select * from buys where status = 'completed' and amount > 0 and who is not null;
create index temp.by_who on purchases(who, day);
create temp table present as
  select distinct who from purchases
  where who not in (select customer_id from main.customers where deleted_at is not null);
create temp table answers as
  select date(answered_at, '+8 hours') as day, date(invited_at, '+8 hours') as asked,
    case when nps between 0 and 10 then nps end as nps,
    case when csat between 1 and 5 then csat end as csat
  from main.survey_responses;
create temp table issues as
  select *, date(created_at, '+8 hours') as day,
    (strftime('%s', {_ANSWERED}) - strftime('%s', created_at)) / 60.0 as answered_after,
    {ran("created_at", _ANSWERED)} as answered_minutes,
    {ran("created_at", _ROUTED)} as routed_minutes,
    {ran("created_at", _SOLVED)} as solved_minutes
  from (select *, max(updated_at) from main.tickets group by ticket_id) t
  where created_at <= '{MOMENT}'
    and coalesce(first_response_at >= created_at, true)
    and coalesce(resolved_at >= created_at, true);
create temp table waits as -- while the customer was asked back, only the answer's clock ran
  select a.ticket_id, a.occurred_at as asked, b.occurred_at as back
  from main.ticket_events a join main.ticket_events b using (ticket_id)
  where a.status = 'awaiting_customer' and b.status = 'customer_replied';
create temp table raises as -- the grade of an inquiry was raised before it was answered
  select a.ticket_id, a.grade as was, b.occurred_at as raised
  from main.ticket_events a join main.ticket_events b using (ticket_id)
  where a.event_number = 1 and b.status = 'graded' and a.grade is not null;
create temp table turned as
  select t.*,
    solved_minutes - coalesce({ran("asked", "back")}, 0) as solving,
    routed_minutes - coalesce({ran(f"min(asked, {_STEP})", f"min(back, {_STEP})")}, 0) as routing,
    was, case was when 'general' then 30 when 'consultation' then 60 end as limit_then,
    iif(raised is null, null, {ran("created_at", "raised")}) as raised_minutes
  from issues t left join waits using (ticket_id) left join raises using (ticket_id);
create temp table issue_limits as
  select *,
    case channel when 'phone' then 3 when 'email' then 1440 when 'social' then 120 else 9e9 end
      as channel_limit,
    iif(kind in ('complaint', 'after_sales'), 1440, 9e9) as kind_limit,
    case when kind = 'feedback' then iif(grade = 'general', 60, 9e9)
        else case grade when 'urgent' then 10 when 'general' then 30
          when 'consultation' then 60 else 9e9 end end as grade_limit
  from turned;
create temp view limits as
  select *, min(channel_limit, kind_limit,
      case when raised_minutes is null then grade_limit
        when limit_then <= raised_minutes then limit_then -- broken before it was raised
        else max(grade_limit, raised_minutes) end) as answer_limit,
    iif(kind = 'feedback' and grade = 'complex', 1440, 9e9) as route_limit,
    iif(kind = 'feedback' and grade = 'major', 2880, 9e9) as solve_limit
  from issue_limits;
create temp view verdicts as
  select *,
    case when answer_limit > 1e9 then null when answered_minutes > answer_limit then 0
      when coalesce(first_response_at, resolved_at, closed_at) is null then 2 else 1 end as answer,
    case when route_limit > 1e9 then null when routing > route_limit then 0
      when coalesce(routed_at, resolved_at, closed_at) is null then 2 else 1 end as route,
    case when solve_limit > 1e9 then null when solving > solve_limit then 0
      when coalesce(resolved_at, closed_at) is null then 2 else 1 end as solve
  from limits;
create temp table values_12m as
  select who, sum(amount) as revenue, sum(profit) as profit from buys
  where status <> 'cancelled' and who in (select who from present)
    and day between '{YEAR[0]}' and '{YEAR[1]}' group by who;
create temp table best as
  select who from (select who, profit, rank() over (order by profit desc) as place,
      (count(*) over () + 9) / 10 as places from values_12m where profit > 0)
  where place <= places
  union select who from values_12m where revenue > 10000000;
create temp view gaps as
  select who, count(distinct day) - 1 as gaps, julianday(max(day)) - julianday(min(day)) as span,
    julianday('{YEAR[1]}') - julianday(max(day)) as silent
  from purchases group by who;
create temp view thresholds as
  select who, silent, round(min(max(4 * (span + 2 * m) / (gaps + 2), 45), 365)) as tau
  from gaps, (select sum(span) / sum(gaps) as m from gaps)
  where who in (select who from present);
create temp table agreed as
  select customer_id as who, date(started_at, '+8 hours') as begins,
    coalesce(date(ended_at, '+8 hours'), '9999') as ends
  from main.contracts where deleted_at is null
    and (ended_at is null or date(ended_at, '+8 hours') > date(started_at, '+8 hours'))
    and customer_id in (select customer_id from main.customers);
create temp view departed as
  select who from (select who, max(ends) as ended from agreed where begins <= '{YEAR[1]}'
    group by who) as last
  where ended <= '{YEAR[1]}'
    and not exists (select 1 from purchases p where p.who = last.who and p.day >= last.ended)
    and who not in (select customer_id from main.customers where deleted_at is not null);
create temp view held as
  select distinct who from agreed where begins <= '{YEAR[1]}' and ends > '{YEAR[1]}'
    and who not in (select customer_id from main.customers where deleted_at is not null);
create temp table repeats as
  select who, min(day) as first,
    (select min(q.day) from purchases q where q.who = p.who and q.day > min(p.day)) as second
  from purchases p where who in (select who from present) group by who;
"""

IN_YEAR = f"day between '{YEAR[0]}' and '{YEAR[1]}'"

BUDGET_LINES = (
    "select count(distinct subject || '/' || coalesce(item, '')) from main.budget_lines "
    "where period_start >= '2026-01-01'"
)

# KPI: the card's page, and its value and n in SQL.
QUESTIONS: dict[str, tuple[Callable[[View], dict[str, Reading]], str]] = {
    "nps": (
        voice.headline,
        "select 100.0 * (sum(nps >= 9) - sum(nps <= 6)) / count(nps), count(nps) "
        f"from answers where {IN_YEAR}",
    ),
    "csat": (
        voice.headline,
        f"select 1.0 * sum(csat >= 4) / count(csat), count(csat) from answers where {IN_YEAR}",
    ),
    "csat_mean": (
        voice.headline,
        f"select avg(csat), count(csat) from answers where {IN_YEAR}",
    ),
    "response_rate": (  # of invitations that have had 14 days to be answered
        voice.headline,
        "select 1.0 * count(day) / count(*), count(*) from answers "
        "where asked between '2025-10-18' and '2026-10-17'",
    ),
    "sla_attainment": (
        service_headline.headline,
        "select avg(worst), count(*) from (select case when 0 in (answer, route, solve) then 0 "
        "when 2 in (answer, route, solve) then null else coalesce(answer, route, solve) end "
        f"as worst from verdicts where {IN_YEAR}) where worst is not null",
    ),
    "first_response_attainment": (
        service_headline.headline,
        f"select avg(answer), count(*) from verdicts where answer in (0, 1) and {IN_YEAR}",
    ),
    "resolution_attainment": (
        service_headline.headline,
        f"select avg(solve), count(*) from verdicts where solve in (0, 1) and {IN_YEAR}",
    ),
    "feedback_response": (
        service_headline.headline,
        "select avg(coalesce(first_response_at, resolved_at, closed_at) is not null), count(*) "
        f"from verdicts where kind = 'feedback' and {IN_YEAR} and (strftime('%s', '{MOMENT}') "
        "- strftime('%s', created_at)) / 60.0 > min(answer_limit, route_limit, solve_limit)",
    ),
    "backlog": (
        service_headline.headline,
        "select sum(coalesce(resolved_at, closed_at) is null), count(*) from issues",
    ),
    "overdue_tickets": (
        service_headline.headline,
        "select sum(0 in (answer, route, solve)), count(*) from verdicts "
        "where coalesce(resolved_at, closed_at) is null",
    ),
    "first_response_hours": (
        service_headline.headline,
        "select avg(answered_after) / 60, max(n) from (select answered_after, "
        "row_number() over (order by answered_after) as place, count(*) over () as n "
        f"from issues where {IN_YEAR} and coalesce(first_response_at, resolved_at, closed_at) "
        "is not null) where place in ((n + 1) / 2, (n + 2) / 2)",
    ),
    "active_customers": (
        lifecycle_headline.headline,
        f"select count(distinct who), "
        "(select count(*) from (select who from present union select who from departed)) "
        f"from purchases where {IN_YEAR} and who in (select who from present)",
    ),
    "new_customers": (
        lifecycle_headline.headline,
        f"select sum(first between '{YEAR[0]}' and '{YEAR[1]}'), count(*) from repeats",
    ),
    "annual_retention": (
        lifecycle_headline.headline,
        f"select avg(who in (select who from purchases where {IN_YEAR})), count(*) from "
        f"(select distinct who from purchases where day between '{YEAR_AGO[0]}' "
        f"and '{YEAR_AGO[1]}' and who in (select who from present))",
    ),
    "second_order_conversion": (
        lifecycle_headline.headline,
        "select avg(coalesce(julianday(second) - julianday(first) <= 90, 0)), count(*) from "
        f"repeats where first between '{YEAR[0]}' and date('{YEAR[1]}', '-90 days')",
    ),
    "revenue_12m": (
        tiers_headline.headline,
        "select sum(revenue), (select count(*) from present) from values_12m",
    ),
    "profit_12m": (
        tiers_headline.headline,
        "select sum(profit), (select count(*) from present) from values_12m",
    ),
    "top_tier_customers": (
        tiers_headline.headline,
        "select count(*), (select count(*) from present) from best",
    ),
    "top_tier_revenue": (
        tiers_headline.headline,
        "select 1.0 * sum(iif(who in (select who from best), revenue, 0)) / sum(revenue), "
        "(select count(*) from present) from values_12m",
    ),
    "churned_customers": (
        churn_risk.headline,
        "select count(*), (select count(*) from (select who from thresholds union "
        "select who from held union select who from departed)) "
        "from (select who from thresholds where silent >= tau "
        "and who not in (select who from held) union select who from departed)",
    ),
    "budget_actual": (
        lambda view: budget_headline.headline(view, "B1"),
        f"select sum(amount), ({BUDGET_LINES}) from main.expenses "
        "join main.budget_lines using (line_id) "
        "where period_start >= '2026-01-01' and spent_on <= '2026-10-31'",
    ),
    "budget_planned": (
        lambda view: budget_headline.headline(view, "B1"),
        f"select sum(planned), ({BUDGET_LINES}) from main.budget_lines "
        "where period_start >= '2026-01-01' "
        "and period_start < '2026-11-01'",  # each line is of one month
    ),
}


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Cursor:
    return demo_crm.executescript(CLEAN)


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_the_card_says_what_the_crm_says(key: str, view: View, crm: sqlite3.Cursor):
    headline, sql = QUESTIONS[key]
    value, n = crm.execute(sql).fetchone()
    card = headline(view)[key]
    assert card.value == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert card.n == n
    assert value, "the question is not a trivial one"


# KPIs of events, whose question a year earlier is the same with other days; and overdue tickets.
EVENTS = ("nps", "csat", "csat_mean", "sla_attainment", "resolution_attainment", "new_customers")


@pytest.mark.parametrize("key", EVENTS)
def test_the_card_is_compared_with_what_the_crm_says_of_the_year_before(
    key: str, view: View, crm: sqlite3.Cursor
):
    headline, sql = QUESTIONS[key]
    for day, before in zip(YEAR, YEAR_AGO, strict=True):
        sql = sql.replace(day, before)
    card = headline(view)[key]
    assert card.last_year == pytest.approx(crm.execute(sql).fetchone()[0], rel=1e-9)
    assert card.previous is None  # twelve months before are the year before: told once


@pytest.mark.parametrize(("compared", "day"), [("previous", "07-31"), ("last_year", "10-31")])
def test_tickets_once_open_and_overdue(compared: str, day: str, view: View, crm: sqlite3.Cursor):
    year = 2026 if compared == "previous" else 2025
    then = f"{year}-{day} 16:00:00.000000"  # midnight in Shanghai, in UTC
    opened = f"created_at < '{then}' and coalesce(resolved_at, closed_at, '9') >= '{then}'"
    past = ran("created_at", f"'{then}'")
    clocks = ("answer_limit", "answered"), ("route_limit", "routed"), ("solve_limit", "solved")
    broken = " or ".join(
        f"({past} > {limit} and {name}_minutes > {limit})" for limit, name in clocks
    )
    asked = f"select count(*), sum({broken}) from limits t where {opened}"
    cards = service_headline.headline(replace(view, period_code="last_quarter"))
    told = [getattr(cards[key], compared) for key in ("backlog", "overdue_tickets")]
    assert told == list(crm.execute(asked).fetchone())
    assert all(told)


# Who had churned at the end of a day, by what could be known then: silent and under no contract,
# or the last contract has ended and nothing was bought on that day or since.
CHURNED_BY = """
with known as (select who, day from purchases where day <= :day),
  there as (select who, count(distinct day) - 1 as gaps,
      julianday(max(day)) - julianday(min(day)) as span,
      julianday(:day) - julianday(max(day)) as silent from known group by who),
  usual as (select sum(span) / sum(gaps) as m from there),
  last as (select who, max(ends) as ended from agreed where begins <= :day group by who),
  gone as (
    select who from there, usual
      where silent >= round(min(max(4 * (span + 2 * m) / (gaps + 2), 45), 365))
      and who not in (select who from last where ended > :day)
    union select who from last where ended <= :day
      and not exists (select 1 from known where known.who = last.who and known.day >= ended))
select who from gone where who not in (select customer_id from main.customers
  where date(deleted_at, '+8 hours') <= :day)
"""


def churned_by(crm: sqlite3.Cursor, day: str) -> set[str]:
    return {who for (who,) in crm.execute(CHURNED_BY, {"day": day})}


@pytest.mark.parametrize(
    ("period", "field", "day"),
    [
        ("month", "previous", "2026-09-30"),
        ("quarter", "previous", "2026-07-31"),
        ("last_quarter", "previous", "2026-07-31"),
        ("year", "last_year", YEAR_AGO[1]),
        ("month", "last_year", YEAR_AGO[1]),
        ("last_quarter", "last_year", YEAR_AGO[1]),
    ],
)
def test_the_churned_of_an_earlier_day_are_those_the_crm_had_then(
    period: str, field: str, day: str, view: View, crm: sqlite3.Cursor
):
    card = churn_risk.headline(replace(view, period_code=period))["churned_customers"]
    assert getattr(card, field) == len(churned_by(crm, day)) > 0


def test_the_churned_are_the_customers_whom_the_crm_says_to_have_gone(
    view: View, crm: sqlite3.Cursor
):
    mart = data.frame(view, "customer_mart").filter("churned").collect()
    assert set(mart["customer_id"]) == churned_by(crm, YEAR[1])
    departed = {who for (who,) in crm.execute("select who from departed")}
    ended = mart.filter(mart["contract_ended_on"].is_not_null())
    assert set(ended["customer_id"]) == departed
    assert ended["silent_days"].null_count() > 0, "one of them has never bought"
    assert set(mart["stage"]) == {"churned"}


def test_the_trend_of_the_churned_ends_with_today(view: View, crm: sqlite3.Cursor):
    card = churn_risk.headline(view)["churned_customers"]
    assert len(card.trend) == 13
    ends = (YEAR_AGO[1], YEAR[1])
    found = [len(churned_by(crm, day)) for day in ends]
    assert [card.trend[0], card.trend[-1]] == found == [card.last_year, card.value]
