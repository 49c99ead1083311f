"""The five measures that the follow-up plan watches by week, month and quarter, side by side."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import kpi, panel, theme
from dashboard.answers import scorecard
from dashboard.answers.scorecard import Line
from dashboard.charts import lines
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import untold
from dashboard.panels.periods import target_lines, trend_of
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS, Unit
from metrics.rules import load

_KINDS = {Unit.POINTS: "points", Unit.SHARE: "share"}
_HEIGHT = 210


def choose_grain() -> str:
    """Week, month or quarter; kept in the address."""
    return choose(
        "five_grain",
        scorecard.GRAINS,
        default="month",
        label=t("five.grain"),
        name=lambda code: t(f"grain.{code}"),
    )


def measures(view: View) -> None:
    """The five, each with its target, as small charts of one size."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        grain = choose_grain()
    unit = t(f"five.unit.{grain}")
    with left:
        panel.lead(t("five.title", grain=unit))
    with st.grid(columns=3, min_column_width=280, gap="small"):
        told = [
            (line, *_rows(view, line, grain))
            for line in scorecard.lines(view, load("scorecard")["five"])
        ]
        for line, rows, shown in told:
            if rows is not None:
                _chart(line, rows, grain, shown)
        for line, rows, _ in told:
            if rows is None and line.reading.value is not None:  # a state of today
                kpi.card(KPIS[line.key], line.reading, look="flat")
    untold.listed((line.key, line.reading) for line, _, _ in told)


def _rows(view: View, line: Line, grain: str) -> tuple[pl.DataFrame | None, str]:
    """The measure over time, by month where it is not told by week; and the grain."""
    if line.reading.value is None:
        return None, grain
    rows = scorecard.over_time(view, line.key, grain)
    if rows is None and grain == "week":
        rows, grain = scorecard.over_time(view, line.key, "month"), "month"
    return (None if rows is None or rows.is_empty() else rows), grain


def _chart(line: Line, rows: pl.DataFrame, grain: str, shown: str) -> None:
    entry, reading = KPIS[line.key], line.reading
    label = t(f"kpi.{line.key}.label")
    value = kpi.value_text(entry, reading.value)
    title = t("five.now", name=label, value=value)
    columns = [Column("bucket", t("column.period"), "date")]
    names = [(line.key, label), (f"{line.key}_low", t("column.low"))]
    for name, heading in (*names, (f"{line.key}_high", t("column.high"))):
        if name in rows.columns:
            columns.append(Column(name, heading, _KINDS[entry.unit]))
    with panel.panel(
        f"five_{line.key}", title, _told(line, grain, shown), data=(rows, columns), kpis=(line.key,)
    ) as draw:
        series = trend_of(rows, line.key, shown, lambda each: kpi.value_text(entry, each))
        percent = entry.unit is Unit.SHARE
        draw(
            lines.trend(
                series,
                theme.palette(),
                references=target_lines(line.key)[:1],
                tick_format=",.0%" if percent else ",.0f",
                ceiling=1.0 if percent else None,
                height=_HEIGHT,
            )
        )


def _told(line: Line, grain: str, shown: str) -> str:
    if shown != grain:
        return t("five.no_finer")
    if grain == "week" and KPIS[line.key].page == "voice":
        return t("five.few")
    return t("five.subtitle", grain=t(f"five.unit.{grain}"))
