"""Panels of the page Service quality: solved at once and for good, calls, hand-overs, scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import i18n, kpi, panel, table, theme
from dashboard.answers import service_calls, service_cases, service_quality_headline
from dashboard.answers.service_cases import GRAINS, SOLVED
from dashboard.charts import heat, lines, parts
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import service_call_rows
from dashboard.panels import service_quality_rows as behind
from dashboard.panels.periods import target_lines, trend_of
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS, Kpi
from metrics.service.rule import words

_FEW = 30  # hand-overs, below which a cell of the matrix takes no colour


def lead(readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    first, again = readings["first_contact_resolution"], readings["recurrence"]
    cards = [readings[key] for key in service_quality_headline.QUALITY]
    judged = [
        KPIS[key].judge(found.value, found.baseline)
        for key, found in zip(service_quality_headline.QUALITY, cards, strict=True)
    ]
    missed, told = judged.count("bad"), sum(each != "neutral" for each in judged)
    if first.value is None or again.value is None or not told:
        return kpi.missing_text(first) if first.value is None else t("service_quality.lead.plain")
    return i18n.part(
        "service_quality.lead",
        missed,
        told,
        first=i18n.share(first.value),
        again=i18n.share(again.value),
    )


def cards(readings: Mapping[str, Reading], keys: tuple[str, ...]) -> list[tuple[Kpi, Reading]]:
    """The cards; shares with their interval."""
    return [(KPIS[key], replace(readings[key], note=_interval(readings[key]))) for key in keys]


def _interval(found: Reading) -> str:
    if found.value is None or found.low is None or found.high is None:
        return found.note
    low, high = i18n.share(found.low), i18n.share(found.high)
    return t("service_quality.interval", low=low, high=high)


def solved(view: View) -> None:
    """One measure of solutions over time, against its target."""
    with st.container(horizontal=True, gap="medium"):
        key = choose(
            "solved_by",
            SOLVED,
            default=SOLVED[0],
            label=t("service_quality.solved.choose"),
            name=lambda code: t(f"service_quality.short.{code}"),
        )
        grain = choose(
            "solved_grain",
            tuple(GRAINS),
            default="month",
            label=t("service.choose.service_grain"),
            name=lambda code: t(f"grain.{code}"),
        )
    frame = service_cases.over_time(view, key, grain)
    known = frame.drop_nulls(key)
    label = t(f"kpi.{key}.label")
    if known.is_empty():
        panel.empty("too_early", label)
        return
    last, n = known.row(-1, named=True), int(known[f"{key}_of"].sum())
    title = t("service_quality.solved.title", what=label, share=i18n.share(last[key]))
    subtitle = t("service_quality.solved.subtitle", n=i18n.number(n))
    columns = [
        Column("bucket", t("column.period"), "date"),
        Column(key, label, "share"),
        Column(f"{key}_low", t("column.low"), "share"),
        Column(f"{key}_high", t("column.high"), "share"),
        Column(f"{key}_yes", t("service_quality.yes"), "count"),
        Column(f"{key}_of", t("service_quality.of"), "count"),
    ]
    rows = partial(behind.tickets, view, measured=key)
    with panel.panel(
        "solved", title, subtitle, data=(frame, columns), kpis=(key,), rows=rows
    ) as draw:
        draw(
            lines.trend(
                trend_of(frame, key, grain, i18n.share),
                theme.palette(),
                references=target_lines(key),
                tick_format=".1%" if (known[key].max() or 0) < 0.1 else ".0%",  # pyright: ignore[reportOperatorIssue]
                floor=0.0,
                ceiling=1.0,
            )
        )


def calls(view: View) -> None:
    """Calls by hour of day, the part in red that nobody answered."""
    frame = service_calls.by_hour(view)
    label = t("kpi.peak_answer_rate.label")
    if frame.is_empty():
        panel.empty("no_calls", label)
        return
    peak = frame.filter("peak").select(pl.col("calls", "answered").sum()).row(0)
    lost = peak[0] - peak[1]
    title = t(
        "service_quality.calls.title" if lost else "service_quality.calls.all",
        n=i18n.number(lost),
        of=i18n.number(peak[0]),
    )
    subtitle = t("service_quality.calls.subtitle", hours=i18n.number(words("calls")["peak_hours"]))
    columns = [
        Column("hour", t("service_quality.calls.hour"), write=_hour),
        Column("peak", t("service_quality.calls.peak"), "flag"),
        Column("calls", t("service_quality.calls.made"), "count"),
        Column("answered", t("service_quality.calls.answered"), "count"),
        Column("answer_rate", t("kpi.calls_answered.label"), "share"),
        Column("in_time_rate", t("kpi.calls_in_time.label"), "share"),
    ]
    keys = ("peak_answer_rate", "calls_answered", "calls_in_time", "voice_hours")
    drawn = [
        parts.Whole(
            name=t("service_quality.calls.busy", hour=_hour(row["hour"]))
            if row["peak"]
            else _hour(row["hour"]),
            total=row["calls"],
            part=row["calls"] - row["answered"],
            text=t(
                "service_quality.calls.bar",
                share=i18n.share(row["answer_rate"]),
                n=i18n.number(row["calls"]),
            ),
        )
        for row in frame.iter_rows(named=True)
    ]
    rows = partial(service_call_rows.calls, view)
    with panel.panel("calls", title, subtitle, data=(frame, columns), kpis=keys, rows=rows) as draw:
        draw(parts.parts(drawn, theme.palette(), row=27))


def _hour(hour: int) -> str:
    return f"{hour:02d}:00"


def hand_overs(view: View) -> None:
    """From which channel to which, and how often the history came along."""
    frame = service_calls.transfers(view)
    if frame.is_empty():
        panel.empty("no_hand_overs", t("kpi.hand_over_continuity.label"))
        return
    pairs = {(row["from_channel"], row["to_channel"]): row for row in frame.iter_rows(named=True)}
    channels = sorted({name for pair in pairs for name in pair if name is not None})
    kept, judged = frame.select(pl.col("continuity_yes", "continuity_of").sum()).row(0)
    title = t(
        "service_quality.hand_overs.title",
        n=i18n.number(int(frame["handed"].sum())),
        share=i18n.share(kept / judged if judged else None),
    )
    columns = [
        Column("from_channel", t("service_quality.hand_overs.from"), "code", "channel"),
        Column("to_channel", t("service_quality.hand_overs.to"), "code", "channel"),
        Column("handed", t("service_quality.hand_overs.n"), "count"),
        Column("continuity", t("kpi.hand_over_continuity.label"), "share"),
        Column("continuity_low", t("column.low"), "share"),
        Column("continuity_high", t("column.high"), "share"),
        Column("minutes", t("kpi.hand_over_minutes.label"), "points"),
    ]
    names = [i18n.code("channel", name) for name in channels]
    heads = [name.replace(" ", "\n") for name in names]  # a phone has room for a word
    cells = [[_cell(pairs.get((start, end))) for end in channels] for start in channels]
    subtitle = t("service_quality.hand_overs.subtitle", few=i18n.number(_FEW))
    keys = ("hand_over_continuity", "hand_over_minutes")
    with panel.panel(
        "hand_overs",
        title,
        subtitle,
        data=(frame, columns),
        kpis=keys,
        rows=partial(behind.hand_overs, view),
    ) as draw:
        draw(heat.heat(names, heads, cells, theme.palette(), bottom=0.8, top=1.0, row=44))


def _cell(row: Mapping[str, Any] | None) -> heat.Cell | None:
    if row is None or row["continuity"] is None:
        return None
    share, n = i18n.share(row["continuity"], 0), i18n.number(row["continuity_of"])
    said = t("service_quality.hand_overs.cell", share=i18n.share(row["continuity"]), n=n)
    return heat.Cell(row["continuity"], share, said, unfinished=row["continuity_of"] < _FEW)


def scenarios(view: View) -> None:
    """Each kind of ticket: what is offered there, and how well it is solved."""
    frame = table.told(service_cases.by_scenario(view), offer=_offer)
    if frame.is_empty():
        panel.empty("no_rows", t("service_quality.scenarios.plain"))
        return
    told = frame.drop_nulls("first_contact_resolution").sort("first_contact_resolution")
    title = t("service_quality.scenarios.plain")
    if told.height:
        worst = told.row(0, named=True)
        title = t(
            "service_quality.scenarios.title",
            kind=i18n.code("kind", worst["kind"]),
            share=i18n.share(worst["first_contact_resolution"]),
        )
    measured = ("first_contact_resolution", "resolution_30d", "recurrence", "bot_containment")
    columns = [
        Column("kind", t("service.column.kind"), "code"),
        Column("tickets", t("service.column.tickets"), "count"),
        *(Column(key, t(f"service_quality.short.{key}"), "share") for key in measured),
        Column("ticket_owned", t("service_quality.short.ticket_owned"), "share"),
        Column("offer", t("service_quality.scenarios.offer")),
    ]
    subtitle = t("service_quality.scenarios.subtitle")
    keys = (*measured, "consult_bot_first", "ticket_owned")
    rows = partial(behind.scenarios, view, kinds=frame["kind"].to_list())
    with panel.panel("scenarios", title, subtitle, data=(frame, columns), kpis=keys, rows=rows):
        table.show(frame, columns, alt=title)


def _offer(row: Mapping[str, Any]) -> str:
    offers = words("scenarios").get(row["kind"], ())
    return " · ".join(i18n.code("service_offer", each) for each in offers) or i18n.DASH
