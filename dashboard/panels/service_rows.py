"""Panels of the service page: backlog, agreement with the source, promises in force, breaches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape

import polars as pl
import streamlit as st

from dashboard import drilldown, i18n, panel, table, theme
from dashboard.answers import service, service_promises
from dashboard.answers.service import SOURCE
from dashboard.charts import parts
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import measures, promises, service_source, ticket_rows
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics import sla

SHOWN = ("all", "open")


def beside_channels(view: View, *, judged: bool) -> None:
    """What is open by age; where nothing is known to be open, the promises in force.

    Promises that cannot be judged stand at the end of the page, the source's verdict here.
    """
    if any_open(view):
        backlog(view)
    elif judged:
        in_force()
    else:
        service_source.beside(view, ours=judged)


def source(view: View, *, judged: bool) -> None:
    """The source's verdict beside ours, where it does not stand beside the channels."""
    if judged or any_open(view):
        service_source.beside(view, ours=judged)


def broken(view: View, *, ours: bool) -> None:
    """The promises broken, or the tickets that the source marks as missed."""
    if ours:
        breaches(view)
    else:
        source_breaches(view)


def any_open(view: View) -> bool:
    """Whether any ticket is known to be open."""
    return bool(service.backlog(view)["tickets"].sum())


def backlog(view: View) -> None:
    """Open tickets by age at the moment of the data, the overdue part in its colour."""
    frame = service.backlog(view)
    total, missed = int(frame["tickets"].sum()), int(frame["missed"].sum())
    ours = service.clocks(view) != (SOURCE,)
    title = t("service.backlog.title", n=i18n.number(total))
    if ours:
        title = t("service.backlog.overdue", n=i18n.number(total), missed=i18n.number(missed))
    subtitle = t("service.backlog.subtitle", moment=i18n.day(service.tickets(view).as_of))
    columns = [
        Column("age", t("service.column.age"), "code"),
        Column("tickets", t("service.column.open"), "count"),
        Column("missed", t("service.column.overdue"), "count"),
    ]
    keys = ("backlog", "overdue_tickets") if ours else ("backlog",)
    behind = partial(ticket_rows.backlog, view)
    with panel.panel(
        "backlog", title, subtitle, data=(frame, columns), kpis=keys, rows=behind
    ) as draw:
        rows = [
            parts.Whole(
                name=i18n.code("age", row["age"]),
                total=row["tickets"],
                part=row["missed"],
                text=_open_text(row["tickets"], row["missed"]),
            )
            for row in frame.iter_rows(named=True)
        ]
        figure = parts.parts(rows, theme.palette())
        draw(figure)


def _open_text(tickets: int, missed: int) -> str:
    if not missed:
        return i18n.number(tickets)
    return t("service.backlog.bar", n=i18n.number(tickets), missed=i18n.number(missed))


def in_force(*, judged: bool = True) -> None:
    """The promises in force, in words; where they cannot be judged, only why."""
    policies = sla.policies()
    if not judged:
        title = t("service.in_force.unjudged", n=len(policies.promises))
        panel.empty("unjudged_promises", title)
        return
    frame = pl.DataFrame(
        [
            {
                "whom": promises.whom(promise),
                "clock": promise.clock.value,
                "limit": promises.limit(promise.limit_minutes),
                "calendar": promise.calendar,
                "source": i18n.plan(promise.source),
            }
            for promise in policies.promises
        ]
    )
    columns = [
        Column("whom", t("service.column.whom")),
        Column("clock", t("service.column.clock"), "code"),
        Column("limit", t("service.column.limit")),
        Column("calendar", t("service.column_more.calendar"), "code"),
        Column("source", t("service.column.source")),
    ]
    title = t("service.in_force.title", n=frame.height)
    with panel.panel("promises", title, t(f"service.precedence.{policies.precedence.value}")):
        table.show(frame, columns, alt=title)
        if policies.desks:
            st.html(f'<div class="sl-sub">{escape(_desks(policies.desks))}</div>')


def _desks(desks: Mapping[str, str]) -> str:
    named = (
        t("service.desk_hours", desk=i18n.code("desk", desk), hours=i18n.code("calendar", hours))
        for desk, hours in desks.items()
    )
    return t("service.desks", desks=t("service.desks_apart").join(named))


def breaches(view: View) -> None:
    """Broken promises, the longest overrun first; a row opens its customer."""
    with panel.panel("breaches", t("service.breaches.title"), t("service.breaches.subtitle")):
        shown = choose(
            "service_breaches",
            SHOWN,
            default="all",
            label=t("service.breaches.title"),
            name=lambda code: t(f"service.shown.{code}"),
        )
        columns = [
            Column("overrun_hours", t("service.column.overrun"), "hours"),
            Column("status", t("service.column.status"), "code", "promise_status"),
            Column("customer", t("column.customer"), "customer"),
            Column("kind", t("service.column.kind"), "code"),
            Column("grade", t("service.column.grade"), "code"),
            Column("channel", t("service.column.channel"), "code"),
            Column("clock", t("service.column.clock"), "code"),
            Column("agent", t("service.column.agent")),
            Column("created", t("service.column.created"), "moment"),
            Column("ticket_id", t("service.column.ticket")),
        ]
        drilldown.paged(
            drilldown.Rows(service.breaches(view, only_open=shown == "open"), (view, shown)),
            columns,
            key="breaches",
            alt=t("service.breaches.title"),
            size=15,
        )


def source_breaches(view: View) -> None:
    """Tickets the source marks as missed, the slowest solution first."""
    title = t("service.source_breaches.title")
    nobody = service.anonymous(view)
    words = "subtitle_anonymous" if nobody else "subtitle"
    customer = () if nobody else (Column("customer", t("column.customer"), "customer"),)
    with panel.panel("breaches", title, t(f"service.source_breaches.{words}")):
        columns = [
            Column("resolution_hours", t("service.column.resolution"), "hours"),
            Column("grade", t("service.column.grade"), "code"),
            Column("channel", t("service.column.channel"), "code"),
            Column("category", t("service.column.category"), "code"),
            Column("agent", t("service.column.agent")),
            *customer,
            Column("created", t("service.column.created"), "moment"),
            Column("ticket_id", t("service.column.ticket")),
        ]
        drilldown.paged(
            drilldown.Rows(service.source_breaches(view), view),
            columns,
            key="breaches",
            alt=title,
            size=15,
            identity=None if nobody else "customer_id",
        )


def every(view: View, readings: Mapping[str, Reading]) -> None:
    """Every measure of the page: those of the cards, each promise, and the times."""
    measures.every({**readings, **service_promises.headline(view)})
