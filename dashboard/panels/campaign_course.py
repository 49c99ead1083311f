"""Panels of one campaign's course: its tasks against the plan, and its days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, data, i18n, panel, theme
from dashboard.answers import campaigns
from dashboard.charts import gantt, lines
from dashboard.charts.axes import Reference
from dashboard.charts.lines import Trend
from dashboard.choice import choose as choose_one
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View
from metrics.campaigns.plan import LATE, OVERDUE
from metrics.campaigns.rule import rule
from metrics.catalog import KPIS

_SHARES = {
    "participation": ("campaign_participation", "joined", "invited"),
    "community": ("community_activity", "community_active", "community_members"),
    "calls": ("call_connect", "calls_connected", "calls"),
}
_STANDING = {"done": "good", "late": "bad", "overdue": "bad", "running": "accent"}


def tasks(view: View, campaign_id: str) -> None:
    """The Gantt: the plan as outlines, what was done within them, by phase."""
    frame = campaigns.tasks(view).filter(campaign_id=campaign_id)
    if frame.is_empty():
        panel.empty("no_campaign_tasks", t("campaigns.tasks.name"))
        return
    late = frame.filter(pl.col("state").is_in((LATE, OVERDUE))).height
    nobody = frame["owner"].null_count()
    title = t("campaigns.tasks.title", late=i18n.number(late), n=i18n.number(frame.height))
    if nobody:
        title += t("campaigns.tasks.nobody", n=i18n.number(nobody))
    columns = [
        Column("phase", t("campaigns.phase"), "code", "campaign_phase"),
        Column("name", t("campaigns.task")),
        Column("owner", t("campaigns.owner")),
        Column("planned_start_on", t("campaigns.planned_start"), "date"),
        Column("planned_end_on", t("campaigns.planned_end"), "date"),
        Column("started_on", t("campaigns.started"), "date"),
        Column("ended_on", t("campaigns.ended"), "date"),
        Column("state", t("campaigns.state"), "code", "campaign_task"),
        Column("late_days", t("campaigns.late_days"), "days"),
        Column("criteria", t("campaigns.criteria")),
    ]
    keys = ("campaign_tasks_on_time", "campaign_tasks_complete")
    subtitle = t("campaigns.tasks.subtitle")
    with panel.panel("campaign_tasks", title, subtitle, data=(frame, columns), kpis=keys) as draw:
        today = data.as_of(view, "campaign_tasks")
        draw(
            gantt.gantt(
                _rows(frame),
                theme.palette(),
                today=today,
                today_text=t("campaigns.today"),
                ticks=_ticks(frame),
            )
        )


def _rows(frame: pl.DataFrame) -> list[gantt.Task]:
    """The tasks under the names of their phases."""
    drawn: list[gantt.Task] = []
    phase = ""
    for row in frame.iter_rows(named=True):
        if row["phase"] != phase or not drawn:
            phase = row["phase"]
            drawn.append(gantt.Task(i18n.code("campaign_phase", phase)))
        begin, end = row["planned_start_on"], row["planned_end_on"]
        owner = row["owner"] or t("campaigns.no_owner")
        drawn.append(
            gantt.Task(
                f"{row['name'] or row['task_id']}\n{owner}",
                (begin, end) if begin and end and begin <= end else None,
                row["started_on"] or row["ended_on"],
                row["ended_on"],
                _standing(row),
                _STANDING.get(row["state"] or "", "neutral"),
            )
        )
    return drawn


def _standing(row: Mapping[str, Any]) -> str:
    if row["state"] in (LATE, OVERDUE):
        return t(f"campaigns.state_{row['state']}", days=row["late_days"])
    return i18n.code("campaign_task", row["state"])


def _ticks(frame: pl.DataFrame) -> list[tuple[date, str]]:
    """The first and the last day of the plan: more would not fit on a phone."""
    columns = ("planned_start_on", "planned_end_on", "started_on", "ended_on")
    known = [day for name in columns for day in frame[name].drop_nulls().to_list()]
    if not known:
        return []
    return [(day, i18n.short_day(day)) for day in sorted({min(known), max(known)})]


def course(view: View, campaign_id: str) -> None:
    """The campaign day by day, with the line below which it must be adjusted."""
    frame = campaigns.days(view).filter(campaign_id=campaign_id)
    if not any(
        frame.filter(pl.col(whole) > 0)[part].count() for _, part, whole in _SHARES.values()
    ):
        panel.empty("no_campaign_log", t("campaigns.course.name"))
        return
    address.seed_one("campaign_line", tuple(_SHARES), "participation")
    line = str(st.session_state["campaign_line"])
    key, part, whole = _SHARES[line]
    told = frame.with_columns(share=pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole)))
    columns = [
        Column("day", t("campaigns.day"), "date"),
        Column("share", t(f"campaigns.line.{line}"), "share"),
        *(Column(name, t(f"campaigns.{name}"), "count") for name in (part, whole)),
        Column("tracked", t("campaigns.tracked"), "flag"),
        Column("adjustment", t("campaigns.adjustment")),
    ]
    keys = (key, "campaign_adjusted", "campaign_days_tracked")
    title, subtitle = _told(view, campaign_id), t(f"campaigns.course.{line}")
    with panel.panel("campaign_course", title, subtitle, data=(told, columns), kpis=keys) as draw:
        choose_one(
            "campaign_line",
            tuple(_SHARES),
            default="participation",
            label=t("campaigns.course.name"),
            name=lambda code: t(f"campaigns.line.{code}"),
        )
        if not told["share"].count():  # another line is known
            st.html(f'<div class="sl-sub">{t("missing.no_campaign_log")}</div>')
            return
        days = told["day"].to_list()
        series = Trend(
            _day_labels(days),
            told["share"].to_list(),
            [i18n.share(value) for value in told["share"].to_list()],
        )
        references = _references(view, campaign_id, line)
        draw(
            lines.trend(
                series,
                theme.palette(),
                references=references,
                tick_format=".0%",
                floor=0.0,
                ceiling=1.0,
            )
        )


def _day_labels(days: list[date]) -> list[str]:
    """The days of the month; the month is told where it changes."""
    labels: list[str] = []
    for place, day in enumerate(days):
        new = place == 0 or days[place - 1].month != day.month
        labels.append(f"{day.day}\n{i18n.month(day, year=False)}" if new else str(day.day))
    return labels


def _references(view: View, campaign_id: str, line: str) -> list[Reference]:
    key = _SHARES[line][0]
    target = KPIS[key].target
    if line != "participation":
        level = None if target is None else target.value
        return [] if level is None else [_reference("target", level)]
    own = campaigns.evaluations(view).filter(campaign_id=campaign_id, measure="participation")
    goal = own["goal"].item() if own.height else None
    trigger = _reference("trigger", min(rule().trigger, goal or 1.0), dashed=True)
    found = [trigger] if view.principal.sees_everything else []  # it is pulled by all together
    return [*found, _reference("target", goal)] if goal is not None else found


def _reference(code: str, value: float, *, dashed: bool = False) -> Reference:
    text = t(f"campaigns.course.{code}", value=i18n.share(value, 0))
    return Reference(value, text, dashed)


def _told(view: View, campaign_id: str) -> str:
    """What happened with the trigger."""
    found = campaigns.triggers(view).filter(campaign_id=campaign_id)
    if found.is_empty():
        known = campaigns.days(view).filter(campaign_id=campaign_id)["participation"].count()
        above = known and view.principal.sees_everything
        return t("campaigns.course.above" if above else "campaigns.course.name")
    last = found.row(-1, named=True)
    told = {"day": i18n.short_day(last["raised_on"]), "share": i18n.share(last["participation"])}
    told["threshold"] = i18n.share(last["threshold"], 0)
    told["adjusted"] = i18n.short_day(last["adjusted_on"])
    return t(f"campaigns.course.trigger_{last['state']}", **told)
