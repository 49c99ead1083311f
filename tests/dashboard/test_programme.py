"""The programme asked again of the CRM in plain SQL; what is overdue, and what others wrote."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from dashboard import data, i18n, settings
from dashboard.answers import programme, programme_headline
from dashboard.reading import Reading
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.catalog import KPIS
from metrics.rules import load
from metrics.selection import Selection
from tests.conftest import Installation

FIRST, LAST = "2026-05-01", "2026-10-31"  # of the demo's programme until today
_PLANS = ", ".join(
    f"('{code}', {rule.get('by', 'null')}, {rule.get('of', 0)})"
    for code, rule in load("programme")["milestones"].items()
)
TABLES = f"""
create temp table asked (milestone, month, many);
insert into asked values {_PLANS};
create temp table due_by as
  select a.milestone, a.many, t.reached, t.ended_on,
    coalesce(date('{FIRST}', '+' || month || ' months', '-1 day'), t.planned_end_on) as due_on
  from asked a left join main.programme_tasks t using (milestone);
create temp table meetings as
  select kind, due_on, case when held_on <= '{LAST}' then held_on end as held_on
  from main.governance_events;
create temp table open_risks as
  select *, (probability * loss + 50) / 100 as expected from main.risks
  where coalesce(closed_on, '9999') > '{LAST}';
create temp table totals as
  select supplier, (capability + performance + risk) / 3.0 as total, replaced_on
  from main.supplier_scores
  where scored_on > '2025-10-31' and scored_on <= '{LAST}';
"""


@pytest.fixture
def view(opened: Callable[[Installation], None], demo: Installation) -> View:
    opened(demo)
    return View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())


@pytest.fixture(scope="module")
def crm(demo_crm: sqlite3.Connection) -> sqlite3.Connection:
    demo_crm.executescript(TABLES)
    return demo_crm


def _weeks(kind: str) -> str:
    """Weeks from Monday, the first whole one begins on 4 May; 25 of them until 25 October."""
    week = "cast((julianday(held_on) - julianday('2026-05-04')) / 7 as integer)"
    inside = "held_on between '2026-05-04' and '2026-10-25'"
    return (
        f"select count(distinct {week}) / 25.0, 25 from meetings where kind = '{kind}' and {inside}"
    )


def _months(kind: str, length: int) -> str:
    month = f"(cast(strftime('%m', held_on) as integer) - 5) / {length}"
    inside = f"held_on between '{FIRST}' and '{LAST}'"
    return (
        f"select count(distinct {month}) * 1.0 / {6 // length}, {6 // length} from meetings "
        f"where kind = '{kind}' and {inside}"
    )


def _days(kind: str) -> str:
    return (
        "select avg(coalesce(held_on <= due_on, 0)), count(*) from meetings "
        f"where kind = '{kind}' and due_on >= '{FIRST}' and due_on < '{LAST}'"
    )


def _drill(column: str, share: int = 1) -> str:
    year = "held_on > '2025-10-31'"
    return (
        f"select {column} * 1.0 / {share}, (select count({column}) from main.drills where {year}) "
        f"from main.drills where {column} is not null order by held_on desc limit 1"
    )


QUESTIONS = {
    "milestones_on_time": f"""
        select avg(coalesce(ended_on <= due_on and coalesce(reached, many) >= many, 0)), count(*)
        from due_by where due_on < '{LAST}'""",
    "tasks_overdue": f"""
        select sum(coalesce(d.due_on, t.planned_end_on) < '{LAST}'), count(*)
        from main.programme_tasks t left join due_by d using (milestone)
        where t.ended_on is null""",
    "tasks_unowned": """
        select sum(owner is null), count(*) from main.programme_tasks where ended_on is null""",
    "programme_team": """
        select reached, null from main.programme_tasks where milestone = 'team'""",
    "programme_months": """
        select (strftime('%Y', max(planned_end_on)) - strftime('%Y', min(planned_start_on))) * 12
          + strftime('%m', max(planned_end_on)) - strftime('%m', min(planned_start_on)) + 1,
          count(*) from main.programme_tasks""",
    "meetings_on_time": f"""
        select avg(coalesce(held_on <= due_on, 0)), count(*) from meetings
        where due_on between '{FIRST}' and '{LAST}'""",
    "meetings_overdue": f"""
        select count(distinct m.kind), (select count(distinct kind) from meetings
          where due_on between '{FIRST}' and '{LAST}')
        from meetings m where held_on is null and due_on < '{LAST}' and not exists
          (select 1 from meetings l where l.kind = m.kind and l.held_on >= m.due_on)""",
    "weekly_meetings": _weeks("coordination_meeting"),
    "quality_weeks": _weeks("quality_meeting"),
    "monthly_reports": _months("management_report", 1),
    "training_months": _months("theme_training", 1),
    "strategy_meetings": _months("strategy_meeting", 3),
    "drill_quarters": _months("emergency_drill", 3),
    "stand_ups": _days("stand_up"),
    "dashboard_checks": _days("dashboard_check"),
    "star_awards": f"""
        select count(held_on), null from meetings
        where kind = 'star_award' and due_on between '{FIRST}' and '{LAST}'""",
    "risk_reviews": """
        select count(*) > 0, null from meetings
        where kind = 'risk_review' and held_on > '2025-10-31'""",
    "outside_assessments": """
        select count(*) > 0, null from meetings
        where kind = 'third_party_assessment' and held_on > '2025-10-31'""",
    "drill_recovery": _drill("recovery_minutes"),
    "drill_notice": _drill("notice_hours"),
    "drill_satisfaction": _drill("satisfaction", 100),
    "findings_solved": """
        select avg(solved_on is not null), count(*) from main.drills
        where finding is not null and held_on > '2025-10-31'""",
    "longest_outage": """
        select max(julianday(ended_at) - julianday(started_at)) * 24, count(*)
        from main.incidents
        where kind = 'outage' and date(started_at, '+8 hours') > '2025-10-31'""",
    "risks_expected": "select sum(expected), count(expected) from open_risks",
    "risks_to_protect": """
        select sum(expected - measure_cost > 0), count(expected - measure_cost) from open_risks""",
    "risk_classes": "select count(distinct risk_class), count(*) from open_risks",
    "risks_planned": "select avg(measure is not null), count(*) from open_risks",
    "risks_transferred": """
        select avg(coalesce(response = 'transfer', 0)), count(*) from open_risks""",
    "risks_unreviewed": f"""
        select sum(coalesce(date(reviewed_on, '+3 months') < '{LAST}', 1)), count(*)
        from open_risks""",
    "suppliers_to_go": """
        select count(*), (select count(*) from totals) from totals t where replaced_on is null
          and (select count(*) from totals l where l.total <= t.total)
            <= (select count(*) from totals) / 5""",
    "suppliers_scored": """
        select avg(supplier in (select supplier from totals)), count(distinct supplier)
        from (select supplier from main.supplier_scores group by supplier
          having count(replaced_on) = 0)""",
    "innovation_fund_used": """
        select sum(cost) / (0.05 * (select sum(planned) from main.budget_lines
          where period_start between '2025-11-01' and '2026-10-31')), count(*)
        from main.experiments
        where date(started_at, '+8 hours') between '2025-11-01' and '2026-10-31'""",
}


@pytest.mark.parametrize("key", QUESTIONS)
def test_a_measure_is_what_plain_sql_says(key: str, view: View, crm: sqlite3.Connection):
    value, n = crm.execute(QUESTIONS[key]).fetchone()
    reading = programme_headline.headline(view)[key]
    assert (reading.value, reading.n) == (pytest.approx(value, rel=1e-6), n)


def test_every_measure_is_asked_of_sql_or_told_to_be_missing(view: View):
    readings = programme_headline.headline(view)
    assert set(readings) == {key for key, entry in KPIS.items() if entry.page == "programme"}
    missing = {key for key, reading in readings.items() if reading.value is None}
    assert set(readings) - set(QUESTIONS) == missing == {"rollout_on_time"}
    assert readings["rollout_on_time"].missing == "not_due_yet"


def test_what_is_overdue_adds_up_to_the_cards(view: View):
    counts = dict(programme.overdue(view).group_by("what").len().iter_rows())
    readings = programme_headline.headline(view)
    assert counts["task"] == readings["tasks_overdue"].value
    assert counts["meeting"] == readings["meetings_overdue"].value
    assert counts["risk"] == readings["risks_unreviewed"].value
    known = programme.overdue(view)["days"].drop_nulls()
    assert known.is_sorted(descending=True)
    assert (known > 0).all()


def test_every_code_of_the_rules_has_words():
    rule = load("programme")
    asked = {
        "milestone": rule["milestones"],
        "meeting": rule["meetings"],
        "programme_phase": rule["phases"],
        "risk_class": rule["risks"]["classes"],
    }
    for language in i18n.LANGUAGES:
        words = i18n.words(language)
        for dimension, codes in asked.items():
            assert {f"code.{dimension}.{code}" for code in codes} <= words.keys()
        assert {
            f"programme.impact.{each['unit']}" for each in rule["impacts"].values()
        } <= words.keys()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2026, 5, 1), (6, "build", date(2026, 10, 31))),
        (date(2026, 4, 30), (7, "roll_out", date(2027, 1, 29))),  # begins on the 30th of a month
        (date(2026, 10, 31), (1, "preparation", date(2026, 12, 30))),
        (date(2026, 11, 1), (0, "", date(2027, 10, 31))),  # not begun
        (date(2025, 5, 1), (18, "", date(2026, 4, 30))),  # over
    ],
)
def test_the_phase_of_today_follows_from_the_first_day(
    start: date, expected: tuple[int, str, date], view: View, monkeypatch: pytest.MonkeyPatch
):
    own = replace(settings.settings(), programme_start=start)
    monkeypatch.setattr(programme, "settings", lambda: own)
    stage = programme.stage(replace(view, principal=Principal(f"{start}", "administrator")))
    assert stage is not None
    assert (stage.month, stage.phase, stage.ends_on) == expected
    assert (stage.months, stage.phases) == (12, 4)


def test_without_a_programme_milestones_go_by_the_companys_own_plan(
    view: View, monkeypatch: pytest.MonkeyPatch
):
    by_plans = programme_headline.headline(view)["milestones_on_time"]
    own = replace(settings.settings(), programme_start=None)
    monkeypatch.setattr(programme, "settings", lambda: own)
    elsewhere = replace(view, principal=Principal("other", "administrator"))  # not what is kept
    assert programme.stage(elsewhere) is None
    rows = programme.milestones(elsewhere)
    assert rows.filter(pl.col("milestone") == "team")["due_on"].item().isoformat() == "2026-05-22"
    # the team of 14 came four days after its own plan, not after that of the programme
    told = rows.filter("judged")
    assert (told["met"].sum(), told.height) != (by_plans.value, by_plans.n)


def test_the_register_is_the_companys_and_no_region_reads_it(view: View):
    limited = replace(view, principal=Principal("x", "manager", regions=("east_china",)))
    assert programme.overdue(limited).is_empty()
    readings: dict[str, Reading] = programme_headline.headline(limited)
    assert {reading.value for reading in readings.values()} == {None}


def test_without_the_tables_every_measure_says_which_is_missing(
    opened: Callable[[Installation], None], minimal: Installation
):
    opened(minimal)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    readings = programme_headline.headline(view)
    assert {reading.missing for reading in readings.values()} == {"no_table"}
    assert readings["risks_expected"].missing_what == "risks"
    assert programme.overdue(view).is_empty()
