"""Each promise by its own limit, times, and differences from the source, asked of the CRM in SQL.

The SQL knows waits and raised grades only as minutes deducted or added; see `CLEAN`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from dashboard import data
from dashboard.answers import service, service_promises, service_staying, ticket_clock
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics import sla
from metrics.selection import Selection
from tests.dashboard.test_against_sql import CLEAN, YEAR

IN_YEAR = f"day between '{YEAR[0]}' and '{YEAR[1]}'"
DONE = "coalesce(first_response_at, resolved_at, closed_at) is not null"
_OTHERS = "kind <> 'feedback'"


def _graded(grade: str, minutes: int) -> str:
    """The limit of a grade: in force from the raise on, or until it if broken before."""
    return (
        f"case when {_OTHERS} and grade = '{grade}' "
        f"then max({minutes}, coalesce(raised_minutes, 0)) "
        f"when was = '{grade}' and raised_minutes >= {minutes} then {minutes} end"
    )


def _answered(limit: str) -> str:
    return (
        "select avg(answered_minutes <= lim), count(*) from "
        f"(select *, {limit} as lim from turned) "
        f"where lim is not null and {IN_YEAR} and ({DONE} or answered_minutes > lim)"
    )


def _ended(ran: str, minutes: int, grade: str, done: str) -> str:
    return (
        f"select avg({ran} <= {minutes}), count(*) from turned where kind = 'feedback' "
        f"and grade = '{grade}' and {IN_YEAR} and ({done} or {ran} > {minutes})"
    )


QUESTIONS = {
    "sla_phone": _answered("iif(channel = 'phone', 3, null)"),
    "sla_email": _answered("iif(channel = 'email', 1440, null)"),
    "sla_social": _answered("iif(channel = 'social', 120, null)"),
    "sla_complaint": _answered("iif(kind in ('complaint', 'after_sales'), 1440, null)"),
    "sla_feedback_general": _answered("iif(kind = 'feedback' and grade = 'general', 60, null)"),
    "sla_ticket_urgent": _answered(_graded("urgent", 10)),
    "sla_ticket_general": _answered(_graded("general", 30)),
    "sla_ticket_consultation": _answered(_graded("consultation", 60)),
    "sla_feedback_complex": _ended(
        "routing", 1440, "complex", "coalesce(routed_at, resolved_at, closed_at) is not null"
    ),
    "sla_feedback_major": _ended(
        "solving", 2880, "major", "coalesce(resolved_at, closed_at) is not null"
    ),
}
WORST = (
    "select *, case when 0 in (answer, route, solve) then 0 when 2 in (answer, route, solve) "
    f"then null else coalesce(answer, route, solve) end as worst from verdicts where {IN_YEAR}"
)
LATE_AND_ENDED = (
    f"(answer = 0 and {DONE}) or (route = 0 and coalesce(routed_at, resolved_at, closed_at) "
    "is not null) or (solve = 0 and coalesce(resolved_at, closed_at) is not null)"
)


@pytest.fixture
def view(opened, demo) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection(()))


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Cursor:
    return demo_crm.executescript(CLEAN)


def test_every_promise_of_the_rules_has_its_measure():
    assert {promise.key for promise in sla.policies().promises} == set(service_promises.KPI_OF)
    assert set(QUESTIONS) == set(service_promises.KPI_OF.values())


@pytest.mark.parametrize("key", list(QUESTIONS))
def test_a_promise_is_kept_as_often_as_the_crm_says(key: str, view: View, crm: sqlite3.Cursor):
    value, n = crm.execute(QUESTIONS[key]).fetchone()
    found = service_promises.headline(view)[key]
    assert found.n == n > 20
    assert found.value == pytest.approx(value, abs=1e-9)


def _quantile(values: list[float], share: float) -> float:
    place = share * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


@pytest.mark.parametrize(
    ("key", "end", "share"),
    [
        ("first_response_hours", "first_response_at, resolved_at, closed_at", 0.5),
        ("first_response_p90", "first_response_at, resolved_at, closed_at", 0.9),
    ],
)
def test_times_are_quantiles_of_what_has_ended(key, end, share, view: View, crm: sqlite3.Cursor):
    rows = crm.execute(
        f"select (julianday(coalesce({end})) - julianday(created_at)) * 24 as h from issues "
        f"where {IN_YEAR} and coalesce({end}) is not null order by h"
    ).fetchall()
    found = service_promises.headline(view)[key]
    assert found.n == len(rows)
    assert found.value == pytest.approx(_quantile([hours for (hours,) in rows], share), abs=1e-4)


def test_the_differences_are_all_and_those_still_open_are_told_first(view, crm):
    found = service_promises.differences(view)
    differ, still_open = crm.execute(
        f"select count(*), sum(source_sla_met and not ({LATE_AND_ENDED})) from ({WORST}) "
        "where source_sla_met <> worst"
    ).fetchone()
    row = service.agreement(view).row(0, named=True)
    assert sum(found.values()) == differ == row["only_source_met"] + row["only_ours_met"] > 30
    assert found["open"] == still_open > 0
    assert found["channel"] > found["unknown"]  # the desk knows no limits of channels


def test_the_clocks_of_a_ticket_say_what_the_mart_says(view: View):
    facts = data.frame(view, service.MART).filter(sla_state="missed").collect()
    some = facts.sort("ticket_id").gather_every(max(facts.height // 25, 1))
    for row in some.iter_rows(named=True):
        told = {each.clock: each for each in ticket_clock.clocks(view, row["ticket_id"])}
        for clock in sla.Clock:
            state = row[f"{clock.prefix}_state"]
            if state is None:
                assert clock.value not in told
                continue
            each = told[clock.value]
            assert (each.state, each.due_at) == (state, row[f"{clock.prefix}_due_at"])
            limit = each.promise.limit_minutes
            assert (each.pieces["minutes"].sum() > limit) == (state == "missed")


def test_nobody_sees_the_clock_of_a_ticket_that_is_not_theirs(view: View):
    known = data.frame(view, service.MART).drop_nulls("owner_id").head(1).collect()
    owner, ticket = known["owner_id"].item(), known["ticket_id"].item()
    others = Principal("x", "success_lead", owner_id="nobody")
    assert owner != "nobody"
    assert ticket_clock.clocks(replace(view, principal=others), ticket) == ()


def test_service_and_leaving_are_compared(view: View):
    found = service_staying.staying(view)
    assert found["exposure"].to_list() == ["missed", "complaint"]
    assert found["refused"].null_count() == 2
    assert (found["low"] < found["ratio"]).all()
    assert (found["ratio"] < found["high"]).all()
