"""Panels of the contact page: the first sentence, what suits the customers, both ways, calls."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl
import streamlit as st

from dashboard import i18n, kpi, panel, theme
from dashboard.answers import contact, contact_frequency, contact_headline, voice
from dashboard.charts import bars, funnel, lines
from dashboard.charts.axes import Reference
from dashboard.i18n import t
from dashboard.panels import contact_people_rows, contact_rows, untold
from dashboard.panels.periods import target_lines, trend_of
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS, Kpi
from metrics.contact.measures import CALL_MINUTES

FITS = ("channel_fit", "content_fit", "positioning_fit", "operation_fit", "personalised_coverage")
_MORE = ("personalised_share", "contact_standard", "unwanted_contacts")


def lead(readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    found, late = readings["cadence_compliance"], readings["overdue_contacts"]
    target = KPIS["cadence_compliance"].target
    if found.value is None or target is None:
        return untold.sentence("cadence_compliance", found)
    fits = [KPIS[key].judge(readings[key].value) for key in FITS]
    return t(
        "contact.lead",
        overdue=i18n.number(late.value),
        bound=i18n.number(late.n),
        share=i18n.share(found.value, 0),
        target=i18n.share(target.value, 0),
        missed=fits.count("bad"),
        fits=len(fits) - fits.count("neutral"),
    )


def cards(readings: Mapping[str, Reading]) -> list[tuple[Kpi, Reading]]:
    """The seven cards."""
    return [(KPIS[key], readings[key]) for key in contact_headline.CARDS]


def widened(view: View) -> None:
    """Say which filter does not narrow contacts, if one is set."""
    if contact.is_widened(view):
        st.html(f'<div class="sl-sub">{t("contact.widened")}</div>')


def fit(view: View, readings: Mapping[str, Reading]) -> None:
    """The measures of fit in one panel, each against its own target."""
    keys = [key for key in FITS if readings[key].value is not None]
    if not keys:
        panel.empty("not_recorded", t("contact.fit.plain"))
        return
    missed = sum(KPIS[key].judge(readings[key].value) == "bad" for key in keys)
    drawn = [
        bars.Bar(
            t(f"kpi.{key}.label"),
            readings[key].value,
            _against(key, readings[key]),
            KPIS[key].judge(readings[key].value),
            readings[key].low,
            readings[key].high,
        )
        for key in keys
    ]
    told = [
        {
            "measure": t(f"kpi.{key}.label"),
            "value": readings[key].value,
            "low": readings[key].low,
            "high": readings[key].high,
            "n": readings[key].n,
        }
        for key in keys
    ]
    frame = pl.DataFrame(told, schema_overrides={"low": pl.Float64, "high": pl.Float64})
    columns = [
        Column("measure", t("measures.label")),
        Column("value", t("column.share"), "share"),
        Column("low", t("column.low"), "share"),
        Column("high", t("column.high"), "share"),
        Column("n", t("measures.n"), "count"),
    ]
    title = i18n.part("contact.fit", missed, len(keys))
    by_fit = contact.by_fit(view)
    answered = {
        name: i18n.share(share, 0)
        for name, share in zip(("fit", "unfit"), by_fit["share"].to_list(), strict=True)
    }
    unwanted = i18n.share(readings["unwanted_contacts"].value)
    subtitle = t("contact.fit.subtitle", **answered, unwanted=unwanted)
    told_of = (*keys, *_MORE)
    behind = [key for key in told_of if readings[key].value is not None]
    rows = partial(contact_people_rows.fit, view, measures=behind)
    with panel.panel(
        "fit", title, subtitle, data=(frame, columns), kpis=told_of, rows=rows
    ) as draw:
        draw(bars.horizontal(drawn, theme.palette(), top=1.0))


def _against(key: str, found: Reading) -> str:
    target, value = KPIS[key].target, i18n.share(found.value)
    if target is None:
        return value
    return t("contact.fit.bar", value=value, target=kpi.target_text(KPIS[key], target))


def funnel_of_messages(view: View) -> None:
    """Messages that arrived, were opened, answered or clicked, and led to an order."""
    frame = contact.funnel(view)
    delivered = int(frame["contacts"][0])
    if not delivered:
        panel.empty("not_recorded", t("contact.funnel.plain"))
        return
    title = t("contact.funnel.title", share=i18n.share(frame["share"][3]))
    subtitle = t("contact.funnel.subtitle", n=i18n.number(delivered))
    columns = [
        Column("step", t("contact.column.step"), "code", "contact_step"),
        Column("contacts", t("contact.column.messages"), "count"),
        Column("share", t("contact.column.of_delivered"), "share"),
        Column("of_before", t("contact.column.of_before"), "share"),
    ]
    steps = [
        funnel.Step(
            i18n.code("contact_step", row["step"]),
            row["contacts"],
            t(
                "contact.funnel.bar",
                n=i18n.compact(row["contacts"]),
                share=i18n.share(row["share"], 0),
            ),
            "" if row["of_before"] is None else i18n.share(row["of_before"], 0),
        )
        for row in frame.iter_rows(named=True)
    ]
    rows = partial(contact_rows.funnel, view)
    with panel.panel("funnel", title, subtitle, data=(frame, columns), rows=rows) as draw:
        room = 0.9 if theme.is_narrow() else 0.45
        draw(funnel.steps(steps, theme.palette(), row=64, room=room))


def conversation(view: View, readings: Mapping[str, Reading]) -> None:
    """How often we speak with each other, and how long a call is."""
    left, right = st.columns(2)
    with left:
        both_ways(view, readings)
    with right:
        calls(view, readings)


def both_ways(view: View, readings: Mapping[str, Reading]) -> None:
    """Two-way contacts for each customer and month, against the baseline's target."""
    found = readings["interaction_frequency"]
    if found.value is None:
        panel.empty("no_rows", t("contact.both_ways.plain"))
        return
    frame = contact_frequency.months(view, contact.contacts(view)).tail(contact_frequency.SHOWN)
    frame = frame.rename({"month": "bucket"})
    title = t("contact.both_ways.title", value=i18n.number(found.value, 2))
    columns = [
        Column("bucket", t("column.period"), "month"),
        Column("two_way", t("contact.column.two_way"), "count"),
        Column("customers", t("contact.column.customers"), "count"),
        Column("value", t("kpi.interaction_frequency.label"), "score"),
    ]
    keys = ("interaction_frequency", "proactive_share")
    subtitle = t(
        "contact.both_ways.subtitle", share=i18n.share(readings["proactive_share"].value, 0)
    )
    rows = partial(contact_rows.both_ways, view, months=frame["bucket"].to_list())
    with panel.panel(
        "both_ways", title, subtitle, data=(frame, columns), kpis=keys, rows=rows
    ) as draw:
        series = trend_of(frame, "value", "month", lambda value: i18n.number(value, 2))
        lines_ = _baseline_lines(found)
        draw(lines.trend(series, theme.palette(), references=lines_, tick_format=".2f", floor=0.0))


def _baseline_lines(found: Reading) -> list[Reference]:
    target = KPIS["interaction_frequency"].target
    level = None if target is None else target.level(found.baseline)
    if target is None or level is None:
        return []
    told = t("target_line.base", value=kpi.target_text(KPIS["interaction_frequency"], target))
    return [Reference(level, told)]


def calls(view: View, readings: Mapping[str, Reading]) -> None:
    """The average length of a call by month, beside satisfaction."""
    found = readings["call_minutes"]
    entry = KPIS["call_minutes"]
    if found.value is None:
        panel.empty("not_recorded", t("contact.calls.plain"))
        return
    frame = contact.over_time(view, CALL_MINUTES, "month")
    content = voice.headline(view)["csat"]
    title = t("contact.calls.title", value=kpi.value_text(entry, found.value))
    subtitle = t("contact.calls.subtitle", n=i18n.number(found.n), csat=i18n.share(content.value))
    columns = [
        Column("bucket", t("column.period"), "month"),
        Column("call_minutes", t("contact.column.minutes"), "score"),
        Column("calls", t("contact.column.calls"), "count"),
    ]
    with panel.panel(
        "calls",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("call_minutes", "csat"),
        rows=partial(contact_rows.calls, view, months=frame["bucket"].to_list()),
    ) as draw:
        series = trend_of(frame, "call_minutes", "month", lambda value: i18n.number(value, 2))
        draw(
            lines.trend(
                series,
                theme.palette(),
                references=target_lines("call_minutes"),
                tick_format=".2f",
                floor=0.0,
            )
        )
