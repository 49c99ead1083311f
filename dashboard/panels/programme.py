"""Panels of the programme page: the first sentence, what is overdue, milestones, meetings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import data, i18n, panel, table
from dashboard.answers import programme
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.panels.programme_course import JUDGED, part
from dashboard.table import Column
from dashboard.view import View

_SIGNED = ("good", "watch", "bad")
_AT_ONCE = 24  # rows of a table; more scroll in their own panel
_HEIGHT = 440  # pixels of the milestones, beside the tasks
_KEYS = ("milestones_on_time", "rollout_on_time", "programme_team", "programme_months")
_HELD = ("meetings_on_time", "meetings_overdue", "weekly_meetings", "monthly_reports")


def lead(view: View) -> str:
    """The first sentence of the page: the phase of today, milestones, what is overdue."""
    return "".join([_where(view), *_reached(view), _late(view)])


def _where(view: View) -> str:
    stage = programme.stage(view)
    if stage is None:
        return t("programme.lead.no_start")
    told = {"month": i18n.number(stage.month), "months": i18n.number(stage.months)}
    if not stage.phase:
        return t("programme.lead.ended" if stage.month else "programme.lead.not_begun", **told)
    return t(
        "programme.lead.where",
        **told,
        phase=i18n.code("programme_phase", stage.phase),
        place=i18n.number(stage.place),
        phases=i18n.number(stage.phases),
        day=i18n.day(stage.ends_on),
    )


def _reached(view: View) -> list[str]:
    if not data.present(view, programme.TASKS) or programme.work(view).is_empty():
        return []
    rows = programme.milestones(view).filter("judged")
    if rows.is_empty():
        return []
    return [i18n.part("programme.lead.reached", int(rows["met"].sum()), rows.height)]


def _late(view: View) -> str:
    if not programme.recorded(view):
        return ""
    counts = dict(programme.overdue(view).group_by("what").len().iter_rows())
    if not counts:
        return t("programme.lead.nothing_late")
    kinds = ("milestone", "task", "meeting", "drill", "risk", "supplier")
    said = [
        t(f"programme.late.{kind}", n=i18n.number(counts[kind])) for kind in kinds if kind in counts
    ]
    return t("programme.lead.late", what=t("list.and").join(said))


def overdue(view: View) -> None:
    """Everything whose day is over and that is not done."""
    if not programme.recorded(view):
        return
    frame = programme.overdue(view)
    title = t("programme.overdue.title", n=i18n.number(frame.height))
    if frame.is_empty():
        with panel.panel("overdue", t("programme.overdue.none"), t("programme.overdue.subtitle")):
            return
    named = table.told(frame, name=_name)
    columns = [
        Column("what", t("programme.column.what"), "code", "programme_item"),
        Column("name", t("programme.column.name")),
        Column("due_on", t("programme.column.due_on"), "date"),
        Column("days", t("programme.column.days"), "days"),
        Column("owner", t("programme.column.owner")),
    ]
    keys = ("tasks_overdue", "meetings_overdue", "risks_unreviewed")
    subtitle = t("programme.overdue.subtitle")
    with panel.panel("overdue", title, subtitle, data=(named, columns), kpis=keys):
        table.show(named, columns, alt=title, height=_height(named))


def _height(frame: pl.DataFrame) -> int | None:
    return 560 if frame.height > _AT_ONCE else None


def _name(row: Mapping[str, Any]) -> str:
    """What a row of the list is called: a milestone or meeting by its code, else as written."""
    if row["code"] is None:
        return row["name"] or i18n.DASH
    return i18n.code("milestone" if row["what"] == "milestone" else "meeting", row["code"])


def milestones(view: View) -> None:
    """Every milestone of the plans: asked for by which day, reached when."""
    if not data.present(view, programme.TASKS) or programme.work(view).is_empty():
        panel.empty("no_tasks", t("programme.milestones.name"))
        return
    frame = table.told(programme.milestones(view), standing=_standing)
    columns = [
        Column("milestone", t("programme.column.milestone"), "code", "milestone"),
        Column("standing", t("programme.column.state")),
        Column("due_on", t("programme.column.due_on"), "date"),
        Column("ended_on", t("programme.column.ended_on"), "date"),
        Column("late_days", t("programme.column.days"), "days"),
        Column("owner", t("programme.column.owner")),
        Column("by", t("programme.column.month"), "count"),
        Column("source", t("programme.column.source"), write=i18n.plan),
    ]
    judged = frame.filter("judged")
    title = t("programme.milestones.none")
    if judged.height:
        title = i18n.part("programme.milestones.title", int(judged["met"].sum()), judged.height)
    subtitle = t("programme.milestones.subtitle")
    with panel.panel("milestones", title, subtitle, data=(frame, columns), kpis=_KEYS):
        table.show(frame, columns[:4], alt=title, height=_HEIGHT)  # all of them in the twin


def _standing(row: Mapping[str, Any]) -> str:
    judgement = JUDGED.get(row["state"], "neutral")
    said = i18n.code("task_state", row["state"])
    if row["reached"] is not None and row["of"] is not None:
        said = f"{said} ({part(row)})"
    return f"{SIGNS[judgement]} {said}" if judgement in _SIGNED else said


def meetings(view: View) -> None:
    """Meetings, reports and audits: due, held, and as often as the plans ask."""
    if not data.present(view, programme.EVENTS):
        panel.empty("no_governance", t("programme.meetings.name"))
        return
    frame = programme.meetings(view)
    told = frame.filter((pl.col("due") > 0) | pl.col("last_held_on").is_not_null())
    if told.is_empty():
        panel.empty("no_meetings", t("programme.meetings.name"))
        return
    shown = table.told(frame, rhythm=_rhythm, standing=_overdue)
    columns = [
        Column("kind", t("programme.column.meeting"), "code", "meeting"),
        Column("standing", t("programme.column.overdue")),
        Column("rhythm", t("programme.column.rhythm")),
        *(
            Column(name, t(f"programme.column.{name}"), "count")
            for name in ("due", "on_time", "late", "missed")
        ),
        Column("last_held_on", t("programme.column.last_held"), "date"),
        Column("next_due_on", t("programme.column.next_due"), "date"),
    ]
    rhythms = frame.drop_nulls("kept_share")
    kept = rhythms.filter(pl.col("kept") == pl.col("periods")).height
    title = t("programme.meetings.plain")
    if rhythms.height:
        title = i18n.part("programme.meetings.title", kept, rhythms.height)
    subtitle = t("programme.meetings.subtitle", day=i18n.day(programme.judged_from(view)))
    with panel.panel("meetings", title, subtitle, data=(shown, columns), kpis=_HELD):
        table.show(shown, columns, alt=title)


def _rhythm(row: Mapping[str, Any]) -> str:
    """As often as asked: `23 of 25 weeks`; nothing where no rhythm is asked."""
    if row["every"] is None:
        return i18n.DASH
    if not row["periods"]:
        return t(f"programme.every.{row['every']}")
    kept, periods = i18n.number(row["kept"]), i18n.number(row["periods"])
    sign = SIGNS["good" if row["kept"] == row["periods"] else "bad"]
    every = row["every"]
    return f"{sign} {t(f'programme.kept.{every}', kept=kept, periods=periods)}"


def _overdue(row: Mapping[str, Any]) -> str:
    days = row["overdue_days"]
    if days is None:
        return i18n.DASH
    return f"{SIGNS['bad']} {t('programme.course.days', days=i18n.number(days))}"
