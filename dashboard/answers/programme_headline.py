"""The measures of the programme page: seven on cards, all in the table at its end."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import gaps
from dashboard.answers import programme as asked
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.rules import load
from metrics.steering import drills, innovation, risks, suppliers, tasks
from metrics.steering.meetings import held_on_time, since

CARDS = (
    *("milestones_on_time", "tasks_overdue", "meetings_on_time", "meetings_overdue"),
    *("drill_recovery", "risks_unreviewed", "suppliers_to_go"),
)
# By measure, the meeting whose rhythm it tells: the share of the weeks, months … with one; of a
# year whether there was one.
_RHYTHMS = {
    "weekly_meetings": "coordination_meeting",
    "monthly_reports": "management_report",
    "strategy_meetings": "strategy_meeting",
    "drill_quarters": "emergency_drill",
    "training_months": "theme_training",
    "stand_ups": "stand_up",
    "dashboard_checks": "dashboard_check",
    "quality_weeks": "quality_meeting",
}
_YEARLY = {"risk_reviews": "risk_review", "outside_assessments": "third_party_assessment"}


@data.once
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Every measure of the area; of the whole company, whatever customers are chosen."""
    found: dict[str, Reading] = {}
    for table, ask in (
        (asked.TASKS, _tasks),
        (asked.EVENTS, _meetings),
        (asked.DRILLS, _drills),
        ("incidents", _outages),
        (asked.RISKS, _risks),
        (asked.SCORES, _suppliers),
        ("experiments", _fund),
    ):
        if data.present(view, table):
            found |= ask(view)
    order = [*CARDS, *(key for key, entry in KPIS.items() if entry.page == "programme")]
    return {key: found.get(key, unavailable("no_rows")) for key in dict.fromkeys(order)}


def _share(part: int, whole: int, reason: str) -> Reading:
    return Reading(part / whole, n=whole) if whole else unavailable(reason)


def _known(value: float | None, n: int | None, reason: str) -> Reading:
    return unavailable(reason) if value is None else Reading(value, n=n)


def _of(value: int, n: int, reason: str) -> Reading:
    """A count of so many; nothing to count among nobody."""
    return Reading(value, n=n) if n else unavailable(reason)


def _tasks(view: View) -> dict[str, Reading]:
    rows, known = asked.work(view), asked.milestones(view)
    if rows.is_empty():
        keys = ("milestones_on_time", "rollout_on_time", "tasks_overdue", "tasks_unowned")
        return dict.fromkeys((*keys, "programme_team", "programme_months"), unavailable("no_tasks"))
    waves = load("programme")["waves"]["milestones"]
    reached = tasks.milestones_on_time(known.lazy()).collect().row(0, named=True)
    rolled = tasks.milestones_on_time(known.lazy().filter(pl.col("milestone").is_in(waves)))
    rolled_out = rolled.collect().row(0, named=True)
    left = tasks.open_tasks(rows.lazy()).collect().row(0, named=True)
    team = known.filter(pl.col("milestone") == "team")["reached"].item()
    months = tasks.planned_months(rows.lazy()).collect().item()
    return {
        "milestones_on_time": _share(reached["met"], reached["judged"], "not_due_yet"),
        "rollout_on_time": _share(rolled_out["met"], rolled_out["judged"], "not_due_yet"),
        "tasks_overdue": Reading(left["overdue"], n=left["open"]),
        "tasks_unowned": Reading(left["unowned"], n=left["open"]),
        "programme_team": _known(team, None, "no_team"),
        "programme_months": _known(months, rows.height, "no_tasks"),
    }


def _meetings(view: View) -> dict[str, Reading]:
    rows = asked.meetings(view)
    kinds = {row["kind"]: row for row in rows.iter_rows(named=True)}
    on_time, due = held_on_time(rows)
    overdue, told = rows["overdue_since"].count(), rows.filter(pl.col("due") > 0).height
    found = {
        "meetings_on_time": _share(on_time, due, "no_meetings"),
        "meetings_overdue": _of(overdue, told, "no_meetings"),
    }
    for key, kind in (_RHYTHMS | _YEARLY).items():
        row = kinds[kind]
        if not (_recorded(row) and row["periods"]):
            found[key] = unavailable("not_held_yet")
        elif key in _YEARLY:
            found[key] = Reading(row["kept"])
        else:
            found[key] = Reading(row["kept_share"], n=row["periods"])
    award = kinds["star_award"]
    awards = award["on_time"] + award["late"]
    found["star_awards"] = Reading(awards) if _recorded(award) else unavailable("not_held_yet")
    return found


def _recorded(row: dict[str, Any]) -> bool:
    """Whether the calendar knows this kind of meeting at all."""
    return any(row[name] is not None for name in ("last_held_on", "next_due_on", "overdue_since"))


def _drills(view: View) -> dict[str, Reading]:
    told = drills.results(asked.drills(view).lazy()).collect().row(0, named=True)

    def latest(name: str) -> Reading:
        value, before = told[name], told[f"{name}_before"]
        if value is None:
            return unavailable("no_drill")
        return Reading(value, previous=before, n=told[f"{name}_n"])

    return {
        "drill_recovery": latest("recovery_minutes"),
        "drill_notice": latest("notice_hours"),
        "drill_satisfaction": latest("satisfaction"),
        "findings_solved": _share(told["solved"], told["findings"], "no_finding"),
    }


def _outages(view: View) -> dict[str, Reading]:
    rows, now = data.frame(view, "incidents"), data.snapshot(view).as_of("incidents")
    first = since(None, data.as_of(view, "incidents"))
    hours, n = drills.longest_outage(rows, now=now, first=first).collect().row(0)
    return {"longest_outage": _known(hours, n, "no_outage")}


def _risks(view: View) -> dict[str, Reading]:
    told = risks.totals(asked.register(view).lazy()).collect().row(0, named=True)
    number = told["risks"]
    return {
        "risks_expected": _known(told["expected"], told["appraised"], "no_risk_appraised"),
        "risks_to_protect": _of(told["pays"], told["judged"], "no_risk_appraised"),
        "risk_classes": _of(told["classes"], number, "no_risks"),
        "risks_planned": _share(told["planned"], number, "no_risks"),
        "risks_transferred": _share(told["transferred"], number, "no_risks"),
        "risks_unreviewed": _of(told["overdue"], number, "no_risks"),
    }


def _suppliers(view: View) -> dict[str, Reading]:
    told = suppliers.totals(asked.scores(view).lazy()).collect().row(0, named=True)
    return {
        "suppliers_to_go": _of(told["to_go"], told["judged"], "no_scores"),
        "suppliers_scored": _share(told["scored"], told["working"], "no_scores"),
    }


@data.once
def fund(view: View) -> dict[str, Any]:
    """What experiments have used of the innovation fund; see `metrics.steering.innovation`."""
    rows = innovation.fund(
        data.frame(view, "experiments"),
        data.frame(view, "budget_months"),
        settings().currency,
        as_of=data.as_of(view, "experiments"),
    )
    return rows.collect().row(0, named=True)


def _fund(view: View) -> dict[str, Reading]:
    told = fund(view)
    return {"innovation_fund_used": _known(told["used"], told["experiments"], "no_plan_of_year")}
