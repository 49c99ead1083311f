"""Panels of one customer's past: events over time, spending by month, the list of events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from math import ceil
from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, data, i18n, kpi, panel, theme
from dashboard.answers import customer
from dashboard.charts import timeline
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels.periods import bucket_labels
from dashboard.table import Column
from dashboard.view import View
from metrics.calendar import shift_months
from metrics.customer_timeline import KINDS

_SIZE = 15
_SEPARATOR = " · "
Row = Mapping[str, Any]


def strip(view: View, row: Row) -> None:
    """All events over time, one row of marks per kind."""
    events = customer.events(view, row["customer_id"])
    kinds = [kind for kind in KINDS if kind in events["kind"].unique().to_list()]
    end = data.as_of(view, "orders")
    title = t(
        "customer.strip.title",
        orders=i18n.number(row["purchases"]),
        contacts=i18n.number(_count(events, "contact")),
        tickets=i18n.number(_count(events, "ticket")),
    )
    subtitle = t("customer.strip.subtitle")
    with panel.panel("strip", title, subtitle) as draw:
        if not kinds:
            st.html(f'<div class="sl-sub">{escape(t("customer.events.none"))}</div>')
            return
        silence = None
        if row["silent_days"]:
            words = t("customer.strip.silence", days=i18n.number(row["silent_days"]))
            silence = timeline.Span(row["last_order_on"], end, words)
        rows = [_strip(events.filter(pl.col("kind") == kind), kind) for kind in kinds]
        figure = timeline.strips(
            rows, theme.palette(), end=end, months=_months(rows, end), silence=silence
        )
        draw(figure)


def _months(rows: list[timeline.Strip], end: date) -> list[tuple[date, str]]:
    """About six month beginnings from the first event to the end, named."""
    first = min((day for row in rows for day in row.days), default=end)
    length = (end.year - first.year) * 12 + end.month - first.month
    step = max(-(-length // 6), 1)
    days = [shift_months(end.replace(day=1), -back) for back in range(0, length, step)][::-1]
    return list(zip(days, bucket_labels(days, "month"), strict=True))


def _count(events: pl.DataFrame, kind: str) -> int:
    return events.filter(pl.col("kind") == kind).height


def _strip(events: pl.DataFrame, kind: str) -> timeline.Strip:
    dated = events.filter(pl.col("on").is_not_null())
    return timeline.Strip(
        name=t(f"customer.kind.{kind}"),
        days=dated["on"].to_list(),
        texts=[f"{i18n.day(each['on'])} {headline(each)}" for each in dated.iter_rows(named=True)],
        warns=dated["warns"].fill_null(value=False).to_list(),
        faint=dated.select(_came_to_nothing()).to_series().to_list(),
    )


def _came_to_nothing() -> pl.Expr:
    idle = pl.col("state").is_in(["unanswered", "control", "planned"])
    return (idle | (pl.col("what") == "cancelled")).fill_null(value=False)


def spending(view: View, row: Row) -> None:
    """Revenue by month as bars."""
    frame = customer.spending(view, row["customer_id"])
    title = t("customer.spending.title", money=kpi.money(row["revenue_12m"]))
    subtitle = t("customer.spending.subtitle", n=i18n.number(frame.height))
    columns = [
        Column("bucket", t("column.period"), "month"),
        Column("revenue", t("kpi.revenue.label"), "money"),
        Column("orders", t("customer.fact.orders"), "count"),
    ]
    with panel.panel(
        "spending", title, subtitle, data=(frame, columns), kpis=("revenue",), personal=view
    ) as draw:
        if frame.is_empty():
            st.html(f'<div class="sl-sub">{escape(t("reason.no_purchase"))}</div>')
            return
        figure = timeline.spending(
            bucket_labels(frame["bucket"].to_list(), "month"),
            frame["revenue"].to_list(),
            [kpi.money(value) for value in frame["revenue"].to_list()],
            theme.palette(),
            running=not frame["complete"][-1],
        )
        draw(figure)


def events(view: View, row: Row) -> None:
    """The list of events, latest first, one page at a time, of one kind or all."""
    kinds = ("all", *KINDS)
    address.seed_one("customer_kind", kinds, "all")
    kind = str(st.session_state["customer_kind"])
    every = customer.events(view, row["customer_id"])
    shown = every if kind == "all" else every.filter(pl.col("kind") == kind)
    title = t("customer.events.title", n=i18n.number(every.height))
    with panel.panel("events", title, t("customer.events.subtitle")):
        choose(
            "customer_kind",
            kinds,
            default="all",
            label=t("customer.events.kind"),
            name=lambda code: _kind_name(code, every),
            resets="customer",
        )
        if shown.is_empty():
            st.html(f'<div class="sl-sub">{escape(t("customer.events.none"))}</div>')
            return
        pages = ceil(shown.height / _SIZE)
        address.seed_page_number("customer_page", pages)
        number = int(st.session_state["customer_page"])
        page = shown.slice((number - 1) * _SIZE, _SIZE)
        items = "".join(_item(each) for each in page.iter_rows(named=True))
        st.html(f'<ol class="sl-events">{items}</ol>')
        if pages > 1:
            st.pagination(pages, key="customer_page")
        address.write("customer_page", str(number), default="1")


def _kind_name(code: str, events: pl.DataFrame) -> str:
    n = events.height if code == "all" else _count(events, code)
    return t("customer.events.counted", kind=t(f"customer.kind.{code}"), n=i18n.number(n))


def _item(event: Row) -> str:
    tone = ' class="bad"' if event["warns"] else ""
    sign = "▼ " if event["warns"] else ""
    quoted = event["text"] if event["kind"] == "survey" else None
    quote = f'<div class="sl-quote">{escape(quoted)}</div>' if quoted else ""
    return (
        f'<li><span class="sl-when">{escape(i18n.short_day(event["on"]))}</span>'
        f'<span class="sl-kind">{escape(t("customer.kind." + event["kind"]))}</span>'
        f"<div><b{tone}>{sign}{escape(headline(event))}</b>"
        f'<div class="sl-sub">{escape(details(event))}</div>{quote}</div></li>'
    )


def headline(event: Row) -> str:
    """What happened, in a few words."""
    match event["kind"]:
        case "order":
            return t(
                f"customer.order.{event['what']}", money=kpi.money(event["amount"], compact=False)
            )
        case "contact":
            purpose = i18n.code("purpose", event["what"]) if event["what"] else ""
            direction = i18n.code("direction", event["direction"])
            return _SEPARATOR.join(part for part in (direction, purpose) if part)
        case "ticket":
            subject = i18n.code("category", event["text"]) if event["text"] else ""
            kind = t(f"customer.ticket.{event['what']}")
            return _SEPARATOR.join(part for part in (kind, subject) if part)
        case "survey":
            return _survey(event)
        case _:
            return event["text"] or t("customer.kind.campaign")


def _survey(event: Row) -> str:
    if event["state"] == "unanswered":
        return t("customer.survey.unanswered")
    parts: list[str] = []
    if event["nps"] is not None:
        parts.append(t("customer.survey.nps", n=i18n.number(event["nps"])))
    if event["csat"] is not None:
        parts.append(t("customer.survey.csat", n=i18n.number(event["csat"])))
    return _SEPARATOR.join(parts) or t("customer.survey.answered")


def details(event: Row) -> str:
    """Channel, state, person: what else is known of an event."""
    parts: list[str] = []
    kind, what, channel = event["kind"], event["what"], event["channel"]
    if kind == "survey" and what:
        parts.append(i18n.code("survey", what))
    if kind == "campaign" and what:
        parts.append(i18n.code("scenario", what))
    if channel:
        parts.append(i18n.code("sales_channel" if kind == "order" else "channel", channel))
    if event["state"] and kind != "survey":
        parts.append(t(f"customer.state.{kind}.{event['state']}"))
    if event["hours"] is not None:
        parts.append(t("customer.ticket.first_answer", time=i18n.duration(event["hours"])))
    if event["broken"]:
        clocks = t("list.and").join(i18n.code("clock", clock) for clock in event["broken"])
        parts.append(t("customer.ticket.broken", clocks=clocks))
    if event["person"]:
        parts.append(event["person"])
    return _SEPARATOR.join(parts)
