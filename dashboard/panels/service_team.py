"""Panels of those who serve: agents side by side, own and outside, trained, the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import data, i18n, panel, table
from dashboard.answers import service_cases, service_team
from dashboard.i18n import t
from dashboard.palette import SIGNS
from dashboard.panels import service_quality_rows, service_team_rows
from dashboard.panels.data_trust import reviews
from dashboard.table import Column
from dashboard.view import View
from metrics import intervals
from metrics.measure import ratio
from metrics.service.rule import words

_SIGN = {"above": SIGNS["good"], "below": SIGNS["bad"]}
_SHOWN = 420  # pixels of a table of agents


def agents(view: View) -> None:
    """Agents side by side; who differs by more than chance, first."""
    frame = _with_checks(view)
    if not any(frame[name].count() for name in ("share", "attainment", "compliance")):
        reason = "no_agents" if frame.is_empty() else "unknown_agents"
        panel.empty(reason, t("service_team.agents.name"))
        return
    below, above, few = (
        frame.filter(pl.col("verdict") == verdict).height for verdict in ("below", "above", "few")
    )
    title = t("service_team.agents.few")
    if frame.height > few:
        title = t("service_team.agents.noise", n=i18n.number(frame.height - few))
    if below or above:
        title = t(
            "service_team.agents.title",
            below=i18n.number(below),
            above=i18n.number(above),
            n=i18n.number(frame.height - few),
        )
    columns = _columns()
    fewest = i18n.number(words("agents")["fewest"])
    subtitle = t("service_team.agents.subtitle", few=fewest)
    keys = ("first_contact_resolution", "sla_attainment", "qa_compliance", "agent_competency")
    names = {
        row["agent_id"]: row["agent"] or row["agent_id"] for row in frame.iter_rows(named=True)
    }
    rows = partial(service_quality_rows.of_agent, view, agents=names)
    with panel.panel("agents", title, subtitle, data=(frame, columns), kpis=keys, rows=rows):
        table.show(frame, columns, alt=title, height=_SHOWN if frame.height > 10 else None)


def _columns() -> list[Column]:
    return [
        Column("agent", t("service.column.agent")),
        Column("verdict", t("service_team.agents.verdict"), write=_verdict),
        Column("share", t("service_quality.short.first_contact_resolution"), "share"),
        Column("interval", t("service_team.agents.interval"), "figure"),
        Column("expected", t("service_team.agents.expected"), "share"),
        Column("tickets", t("service.column.tickets"), "count"),
        Column("attainment", t("kpi.sla_attainment.label"), "share"),
        Column("compliance", t("kpi.qa_compliance.label"), "share"),
        Column("checks", t("service_team.agents.checks"), "count"),
        Column("trained", t("service_team.agents.trained"), "flag"),
    ]


def _verdict(verdict: str) -> str:
    word = t(f"service_team.verdict.{verdict}")
    return f"{_SIGN[verdict]} {word}" if verdict in _SIGN else word


def _with_checks(view: View) -> pl.DataFrame:
    """The agents with what their checks found and whether they have passed their courses."""
    found = service_cases.by_agent(view)
    checks = service_team.of_employees(view).rename({"employee_id": "agent_id"})
    trained = service_team.competency(view).select(agent_id="employee_id", trained="competent")
    joined = found.join(checks, on="agent_id", how="left", maintain_order="left")
    whole = joined.join(trained, on="agent_id", how="left", maintain_order="left").with_columns(
        compliance=ratio(pl.col("compliant"), pl.col("judged_right"))
    )
    return table.told(whole, interval=_interval)


def _interval(row: Mapping[str, Any]) -> str:
    return i18n.shares(row["share_low"], row["share_high"])


def employers(view: View) -> None:
    """Own agents and those of suppliers: how much they do, and how well."""
    frame = _with_checks(view)
    by = pl.col("vendor")
    if frame.is_empty() or not frame["vendor"].count():
        panel.empty("no_vendors", t("service_team.employers.name"))
        return
    sums = frame.group_by(by).agg(
        agents=pl.len().cast(pl.Int64),
        tickets=pl.col("tickets").sum(),
        first=pl.col("first_time").sum(),
        judged=pl.col("judged").sum(),
        kept=pl.col("kept").sum(),
        decided=pl.col("decided").sum(),
        compliant=pl.col("compliant").sum(),
        checked=pl.col("judged_right").sum(),
    )
    column = pl.col
    rows = sums.with_columns(
        each=ratio(column("tickets"), column("agents")),
        **intervals.share("share", column("first"), column("judged")),
        attainment=ratio(column("kept"), column("decided")),
        compliance=ratio(column("compliant"), column("checked")),
        employer=by.fill_null(t("service_team.employers.own")),
    )
    rows = table.told(rows, interval=_interval).sort(
        "tickets", "employer", descending=[True, False]
    )
    columns = [
        Column("employer", t("service_team.employers.employer")),
        Column("agents", t("service_team.employers.agents"), "count"),
        Column("each", t("service_team.employers.each"), "points"),
        Column("share", t("service_quality.short.first_contact_resolution"), "share"),
        Column("interval", t("service_team.agents.interval"), "figure"),
        Column("attainment", t("kpi.sla_attainment.label"), "share"),
        Column("compliance", t("kpi.qa_compliance.label"), "share"),
    ]
    outside = int(rows.filter(by.is_not_null())["tickets"].sum())
    share = i18n.share(outside / max(int(rows["tickets"].sum()), 1))
    title = t("service_team.employers.title", share=share)
    subtitle = t("service_team.employers.subtitle")
    keys = ("first_contact_resolution", "qa_compliance")
    behind = partial(service_team_rows.of_employer, view, agents=frame, columns=_columns())
    with panel.panel("employers", title, subtitle, data=(rows, columns), kpis=keys, rows=behind):
        table.show(rows, [each for each in columns if each.name != "interval"], alt=title)


def training(view: View) -> None:
    """Courses of the last year, and which agents lack a required one."""
    frame = service_team.courses(view)
    if frame.is_empty() or not data.present(view, "trainings"):
        panel.empty("no_trainings", t("kpi.agent_competency.label"))
        return
    people = service_team.competency(view)
    lacking = people.filter(~pl.col("competent"))
    title = t(
        "service_team.training.title" if lacking.height else "service_team.training.all",
        n=i18n.number(lacking.height),
        of=i18n.number(people.height),
    )
    columns = [
        Column("level", t("service_team.training.level"), "code", "training_level"),
        Column("course", t("service_team.training.course"), "code", "course"),
        Column("attended", t("service_team.training.attended"), "count"),
        Column("share", t("service_team.training.passed"), "share"),
    ]
    months = i18n.number(words("team")["valid_months"])
    subtitle = t("service_team.training.subtitle", months=months)
    keys = ("agent_competency", "training_passed", "success_manager_share")
    behind = partial(service_team_rows.attendances, view)
    with panel.panel("trainings", title, subtitle, data=(frame, columns), kpis=keys, rows=behind):
        table.show(frame, columns, alt=title)
        if lacking.height:
            told = table.told(lacking, lacking=_courses)
            named = [
                Column("name", t("service.column.agent")),
                Column("lacking", t("service_team.training.lacking")),
            ]
            table.show(told, named, alt=t("service_team.training.lacking"))


def _courses(row: Mapping[str, Any]) -> str:
    return " · ".join(i18n.code("course", each) for each in row["lacking"])


def calendar(view: View) -> None:
    """What the team owes by the calendar: assessments, analyses, meetings, awards."""
    frame = service_team.calendar(view)
    if frame.is_empty():
        panel.empty("no_governance", t("service_team.calendar.name"))
        return
    columns, told = reviews(frame, "meeting")
    title = t("service_team.calendar.title", **told)
    subtitle = t(
        "service_team.calendar.subtitle", months=i18n.number(words("governance")["months"])
    )
    keys = (
        *("service_analyses", "sop_assessments", "service_awards"),
        *("vendor_meetings", "service_reviews"),
    )
    with panel.panel("team_calendar", title, subtitle, data=(frame, columns), kpis=keys):
        table.show(frame, columns, alt=title)
        st.html(f'<div class="sl-sub">{t("service_team.calendar.company")}</div>')
