"""The clock of one ticket: what was promised, when it was due, and how the time until then ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import address, drilldown, i18n, panel, theme
from dashboard.answers import ticket_clock
from dashboard.answers.ticket_clock import Clocked
from dashboard.charts import clock as chart
from dashboard.i18n import t
from dashboard.panels import promises
from dashboard.table import Column
from dashboard.view import View
from metrics.sla import AROUND_THE_CLOCK
from metrics.sla.running import PAUSED, RUNNING

_JUDGED = {"missed": "bad", "met": "good", "due": "neutral", None: "neutral"}


def search(view: View) -> None:
    """The clocks of the ticket whose number is typed; at first of the one broken for longest."""
    usual = ticket_clock.longest_broken(view)
    if usual is None:
        return
    with panel.panel("ticket_clock", t("ticket_clock.title"), t("ticket_clock.subtitle")) as draw:
        address.seed_text("ticket")
        typed = st.text_input(
            t("ticket_clock.number"),
            key="ticket",
            placeholder=usual,
            max_chars=60,
            width=320,
            on_change=address.first_page,
            args=("ticket_clock",),
        )
        address.write("ticket", typed.strip())
        _draw(view, typed.strip() or usual, draw)


def of_customer(view: View, row: Mapping[str, Any]) -> None:
    """The clocks of one of a customer's tickets; nothing if there are none."""
    known = ticket_clock.tickets_of(view, row["customer_id"])
    if known.is_empty():
        return
    missed = known.filter(pl.col("sla_state") == "missed").height
    title = t("ticket_clock.of_customer", n=i18n.number(known.height), missed=i18n.number(missed))
    with panel.panel("ticket_clock", title, t("ticket_clock.subtitle")) as draw:
        names = {each["ticket_id"]: _name(each) for each in known.iter_rows(named=True)}
        _draw(view, drilldown.pick("ticket_clock", names), draw)


def _name(row: Mapping[str, Any]) -> str:
    state = t(f"service.state.{row['sla_state']}") if row["sla_state"] else i18n.DASH
    kind = i18n.code("kind", row["kind"])
    return f"{i18n.moment(row['created'])} · {kind} · {state} · {row['ticket_id']}"


def _draw(view: View, ticket_id: str, draw: Callable[[go.Figure], None]) -> None:
    found = ticket_clock.clocks(view, ticket_id)
    if not found:
        st.html(f'<div class="sl-sub">{escape(t("ticket_clock.unknown"))}</div>')
        return
    for each in found:
        st.html(f"<div>{escape(headline(each))}</div>")
    told = [each for each in found if not each.pieces.is_empty()]
    if told:
        lines = [_row(each) for each in told]
        draw(chart.clocks(lines, theme.palette(), ticks=_ticks(*chart.span(lines))))
        # a desk that closes every night cuts a clock of months into hundreds of pieces
        pieces = pl.concat(_rows(each) for each in told).lazy()
        rows = drilldown.Rows(pieces, (view, ticket_id))
        drilldown.paged(
            rows,
            _columns(),
            key="ticket_clock",
            alt=t("ticket_clock.subtitle"),
            size=drilldown.IN_DIALOG,
            identity=None,
        )


def headline(each: Clocked) -> str:
    """What was promised and how it went: `First response: missed; 45 min of the clock, limit …`."""
    ran = float(each.pieces["minutes"].sum()) / 60
    words = {"clock": i18n.code("clock", each.clock), "ran": i18n.duration(ran)}
    hours = ""
    if each.calendar != AROUND_THE_CLOCK:
        hours = t("ticket_clock.hours", calendar=i18n.code("calendar", each.calendar))
    if each.promise is None:
        return t("ticket_clock.no_promise", **words) + hours
    words["limit"] = promises.limit(each.promise.limit_minutes)
    words["whom"] = promises.whom(each.promise)
    return t(f"ticket_clock.{each.state}", **words) + hours


def _ticks(begin: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """Two moments in words, or days if they are far apart."""
    far = end - begin > timedelta(days=3)
    moments = [begin + (end - begin) * share for share in (0.12, 0.85)]
    return [(each, i18n.day(each.date()) if far else i18n.moment(each)) for each in moments]


def _row(each: Clocked) -> chart.Row:
    pieces = [
        chart.Piece(
            row["at"],
            row["until"],
            row["state"] == RUNNING,
            row["state"] == PAUSED,
            f"{i18n.code('clock_state', row['state'])} · {i18n.moment(row['at'])} – "
            f"{i18n.moment(row['until'])}",
        )
        for row in each.pieces.iter_rows(named=True)
    ]
    due_at = each.due_at and each.due_at.astimezone(pieces[0].at.tzinfo)
    due = t("ticket_clock.limit_at", moment=i18n.moment(due_at)) if due_at else ""
    name = i18n.code("clock", each.clock)
    return chart.Row(name, pieces, due_at, due, _JUDGED[each.state])


def _rows(each: Clocked) -> pl.DataFrame:
    return each.pieces.with_columns(
        pl.col("status").fill_null("opened"),
        ran=pl.col("ran_minutes") / 60,
        clock=pl.lit(each.clock),
    )


def _columns() -> list[Column]:
    return [
        Column("clock", t("service.column.clock"), "code"),
        Column("at", t("ticket_clock.column.at"), "moment"),
        Column("until", t("ticket_clock.column.until"), "moment"),
        Column("state", t("ticket_clock.column.state"), "code", "clock_state"),
        Column("status", t("ticket_clock.column.status"), "code", "ticket_status"),
        Column("grade", t("service.column.grade"), "code"),
        Column("ran", t("ticket_clock.column.ran"), "hours"),
    ]
