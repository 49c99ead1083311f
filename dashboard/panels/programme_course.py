"""The tasks of the programme over time: the plan beside what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dashboard import data, i18n, panel, theme
from dashboard.answers import programme
from dashboard.charts import gantt
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.panels.periods import bucket_labels
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.calendar import shift_months
from metrics.rules import load
from metrics.steering.tasks import month_end

_ROW = 28  # pixels
_LABELS, _FEW = 6, 3  # months named on the axis, and on a phone
JUDGED = {
    "done": "good",
    "late": "watch",
    "short": "bad",
    "overdue": "bad",
    "waiting": "watch",
    "running": "accent",
    "unplanned": "bad",
}


def course(view: View) -> None:
    """Tasks over time: the plan beside what was done."""
    if not data.present(view, programme.TASKS):
        panel.empty("no_tasks", t("programme.course.name"))
        return
    frame = programme.work(view)
    if frame.is_empty():
        panel.empty("no_tasks", t("programme.course.name"))
        return
    columns = [
        Column("phase", t("programme.column.phase"), "code", "programme_phase"),
        Column("name", t("programme.column.name")),
        Column("owner", t("programme.column.owner")),
        Column("planned_start_on", t("programme.column.planned_start"), "date"),
        Column("planned_end_on", t("programme.column.planned_end"), "date"),
        Column("due_on", t("programme.column.due_on"), "date"),
        Column("started_on", t("programme.column.started_on"), "date"),
        Column("ended_on", t("programme.column.ended_on"), "date"),
        Column("state", t("programme.column.state"), "code", "task_state"),
        Column("late_days", t("programme.column.days"), "days"),
    ]
    counts = dict(frame.group_by("state").len().iter_rows())
    late, behind = counts.get("overdue", 0), counts.get("late", 0)
    key = "programme.course.title" if late or behind else "programme.course.well"
    done = frame["ended_on"].count()
    told = {"late": late, "behind": behind, "done": done, "of": frame.height}
    title = t(key, **{name: i18n.number(value) for name, value in told.items()})
    keys = ("tasks_overdue", "tasks_unowned", "programme_months")
    today = data.as_of(view, programme.TASKS)
    subtitle = t("programme.course.subtitle", day=i18n.day(today))
    with panel.panel("course", title, subtitle, data=(frame, columns), kpis=keys) as draw:
        rows = [_row(row) for row in frame.iter_rows(named=True)]
        figure = gantt.gantt(
            rows,
            theme.palette(),
            today=today,
            today_text=t("programme.course.today"),
            ticks=_months(rows, today),
            phases=_phases(),
            row=_ROW,
        )
        draw(figure)


def _row(row: Mapping[str, Any]) -> gantt.Task:
    asked = row["milestone"] in load("programme")["milestones"]
    name = i18n.code("milestone", row["milestone"]) if asked else row["name"] or i18n.DASH
    first, last = row["planned_start_on"], row["planned_end_on"]
    days = t("programme.course.planned", first=i18n.day(first), last=i18n.day(last))
    who = row["owner"] or t("programme.course.nobody")
    told = (name, row["name"], i18n.code("task_state", row["state"]), who, days)
    return gantt.Task(
        name,
        planned=(first, last),
        begun=row["started_on"] or row["ended_on"],
        ended=row["ended_on"],
        text=_text(row),
        judgement=JUDGED.get(row["state"], "neutral"),
        due=row["due_on"] if asked else None,
        told="\n".join(dict.fromkeys(line for line in told if line)),
    )


def _text(row: Mapping[str, Any]) -> str:
    """What stands beside a task: how late it is, how many are lacking, that nobody does it."""
    if row["late_days"]:
        return t("programme.course.days", days=i18n.number(row["late_days"]))
    if row["state"] == "short":
        return part(row)
    nobody = row["owner"] is None and row["ended_on"] is None
    return f"{SIGNS['watch']} {t('programme.course.nobody')}" if nobody else ""


def _phases() -> list[gantt.Phase]:
    start = settings().programme_start
    if start is None:
        return []
    rules: dict[str, list[int]] = load("programme")["phases"]
    return [
        gantt.Phase(
            shift_months(start, first - 1),
            month_end(start, last),
            "" if theme.is_narrow() else i18n.code("programme_phase", code),
        )
        for code, (first, last) in rules.items()
    ]


def _months(rows: list[gantt.Task], today: date) -> list[tuple[date, str]]:
    """A few month beginnings, named."""
    days = [day for row in rows for day in row.planned or ()] or [today]
    first, last = min(days).replace(day=1), max(days)
    length = (last.year - first.year) * 12 + last.month - first.month + 1
    step = max(-(-length // (_FEW if theme.is_narrow() else _LABELS)), 1)
    named = [shift_months(first, months) for months in range(0, length, step)]
    return list(zip(named, bucket_labels(named, "month"), strict=True))


def part(row: Mapping[str, Any]) -> str:
    """What a milestone has reached of what the plan asks: `14 of 15`."""
    told = {"reached": i18n.number(row["reached"]), "of": i18n.number(row["of"])}
    return t("programme.milestones.part", **told)
