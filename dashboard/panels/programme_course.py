"""The tasks of the programme over time: the plan beside what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dashboard import data, i18n, panel, theme
from dashboard.answers import programme
from dashboard.charts import roadmap
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.panels.periods import bucket_labels
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.calendar import shift_months
from metrics.rules import load
from metrics.steering.tasks import month_end

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
        rows = [_row(row, today) for row in frame.iter_rows(named=True)]
        figure = roadmap.roadmap(
            rows,
            theme.palette(),
            today=today,
            today_text=t("programme.course.today"),
            months=_months(rows, today),
            phases=_phases(),
        )
        draw(figure)


def _row(row: Mapping[str, Any], today: date) -> roadmap.Row:
    asked = row["milestone"] in load("programme")["milestones"]
    name = i18n.code("milestone", row["milestone"]) if asked else row["name"] or i18n.DASH
    judgement = JUDGED.get(row["state"], "neutral")
    state = i18n.code("task_state", row["state"])
    text = ""
    if row["late_days"]:
        text = (
            f"{SIGNS[judgement]} {t('programme.course.days', days=i18n.number(row['late_days']))}"
        )
    elif row["state"] == "short":
        text = f"{SIGNS['bad']} {part(row)}"
    elif row["owner"] is None and row["ended_on"] is None:
        text = f"{SIGNS['watch']} {t('programme.course.nobody')}"
    begun = row["started_on"] or row["ended_on"]
    until = row["ended_on"] or (today if begun else None)
    told = [name, row["name"] or "", state, row["owner"] or t("programme.course.nobody")]
    told.append(t("programme.course.planned", first=i18n.day(row["planned_start_on"]),
                  last=i18n.day(row["planned_end_on"])))  # fmt: skip
    return roadmap.Row(
        name,
        row["planned_start_on"],
        row["planned_end_on"],
        begun,
        until,
        judgement,
        text,
        "\n".join(dict.fromkeys(line for line in told if line)),
        row["due_on"] if asked else None,
    )


def _phases() -> list[roadmap.Phase]:
    start = settings().programme_start
    if start is None:
        return []
    rules: dict[str, list[int]] = load("programme")["phases"]
    return [
        roadmap.Phase(
            shift_months(start, first - 1),
            month_end(start, last),
            "" if theme.is_narrow() else i18n.code("programme_phase", code),
        )
        for code, (first, last) in rules.items()
    ]


def _months(rows: list[roadmap.Row], today: date) -> list[tuple[date, str]]:
    """A few month beginnings, named."""
    days = [day for row in rows for day in (row.start, row.end) if day is not None] or [today]
    first, last = min(days).replace(day=1), max(days)
    length = (last.year - first.year) * 12 + last.month - first.month + 1
    step = max(-(-length // (_FEW if theme.is_narrow() else _LABELS)), 1)
    named = [shift_months(first, months) for months in range(0, length, step)]
    return list(zip(named, bucket_labels(named, "month"), strict=True))


def part(row: Mapping[str, Any]) -> str:
    """What a milestone has reached of what the plan asks: `14 of 15`."""
    told = {"reached": i18n.number(row["reached"]), "of": i18n.number(row["of"])}
    return t("programme.milestones.part", **told)
