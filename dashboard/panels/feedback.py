"""Panels of the voice page: feedback by source, kind and grade, suggestions, needs found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from textwrap import fill
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import address, data, i18n, kpi, panel, theme
from dashboard.answers import feedback
from dashboard.charts import bars, heat
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import voice_aspect_rows
from dashboard.panels.periods import target_lines
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.rules import load
from metrics.voice.feedback import rule

_KEY, _USUAL = "feedback_by", "kind"
_HEAD = 12  # characters of a line above a column: a phone has room for a word


def by(view: View, readings: Mapping[str, Reading]) -> None:
    """What came in by source and kind, or another pair; which planned sources bring nothing."""
    name = t("feedback.name")
    if not data.present(view, feedback.TABLE):
        panel.empty("no_feedback_table", name)
        return
    address.seed_one(_KEY, tuple(feedback.PAIRS), _USUAL)
    down, across = feedback.PAIRS[str(st.session_state[_KEY])]
    frame = feedback.crossed(view, down, across)
    total = int(frame["feedback"].sum())
    if not total:
        panel.empty("no_feedback", name)
        return
    wanted = rule().sources
    live = feedback.live(view, feedback.topic(view).period(view))
    columns = [
        Column("down", t(f"feedback.by.{down}"), "code", f"feedback_{down}"),
        Column("across", t(f"feedback.by.{across}"), "code", f"feedback_{across}"),
        Column("feedback", t("feedback.count"), "count"),
        Column("share", t("feedback.of_row"), "share"),
    ]
    with panel.panel(
        "feedback",
        i18n.part("feedback.title", live, len(wanted)),
        _subtitle(total, readings["feedback_reach"]),
        data=(frame, columns),
        kpis=("feedback_count", "feedback_sources", "feedback_reach"),
        rows=partial(voice_aspect_rows.came, view, down=down, across=across),
    ) as draw:
        choose(
            _KEY,
            tuple(feedback.PAIRS),
            default=_USUAL,
            label=t("feedback.by.name"),
            name=_pair,
        )
        draw(_table(frame, down, across))
        st.caption(i18n.markdown(_suggestions(readings)))


def _pair(code: str) -> str:
    down, across = (t(f"feedback.by.{name}") for name in feedback.PAIRS[code])
    return t("feedback.by.pair", down=down, across=across)


def _subtitle(total: int, reach: Reading) -> str:
    """How much came in, and how many of the customers were asked or heard at all."""
    told = {"n": i18n.number(total), "days": rule().reach_days}
    if reach.value is None:
        return t("feedback.subtitle", **told)
    return t("feedback.covered", share=i18n.share(reach.value), **told)


def _table(frame: pl.DataFrame, down: str, across: str) -> go.Figure:
    """Counts by pair, with what came in of each row and column at its name."""
    rows = frame.select("down", "of_down").unique(maintain_order=True).rows()
    heads = frame.select("across", "of_across").unique(maintain_order=True).rows()
    lines = [f"{i18n.code(f'feedback_{down}', value)}\n{i18n.number(n)}" for value, n in rows]
    over = [
        f"{fill(i18n.code(f'feedback_{across}', value), _HEAD)}\n{i18n.number(n)}"
        for value, n in heads
    ]
    found = {(row["down"], row["across"]): row for row in frame.iter_rows(named=True)}
    cells = [[_cell(found[line, head], down, across) for head, _ in heads] for line, _ in rows]
    return heat.heat(lines, over, cells, theme.palette(), row=44, size=12)


def _cell(row: Mapping[str, Any], down: str, across: str) -> heat.Cell:
    told = t(
        "feedback.cell",
        down=i18n.code(f"feedback_{down}", row["down"]),
        across=i18n.code(f"feedback_{across}", row["across"]),
        n=i18n.number(row["feedback"]),
        share=i18n.share(row["share"]),
    )
    return heat.Cell(row["feedback"], i18n.number(row["feedback"]), told)


def _suggestions(readings: Mapping[str, Reading]) -> str:
    """Suggestions a day and their adoption, beside the levels that the plan tells of."""
    levels = load("surveys")["levels"]
    day, taken = readings["suggestions_per_day"], readings["suggestion_adoption"]
    if day.value is None or taken.value is None:
        return kpi.missing_text(taken if taken.value is None else day)
    return t(
        "feedback.suggestions",
        day=i18n.number(day.value, 1),
        day_level=i18n.number(levels["suggestions_per_day"]),
        taken=i18n.share(taken.value),
        taken_level=i18n.share(levels["suggestion_adoption"], 0),
        days=rule().adoption_days,
    )


def needs(view: View) -> None:
    """How many of the needs found proved right, by where they were found."""
    name, measure = t("feedback.needs.name"), "need_accuracy"
    if not data.present(view, feedback.NEEDS):
        panel.empty("no_needs_table", name)
        return
    frame = feedback.needs_by_source(view)
    target = KPIS[measure].target
    if frame.is_empty() or target is None:
        panel.empty("no_needs", name)
        return
    missed = frame.filter(pl.col("accuracy") < target.value).height
    columns = [
        Column("source", t("feedback.needs.source"), "code", "need_source"),
        Column("accuracy", t("kpi.need_accuracy.label"), "share"),
        Column("accuracy_low", t("column.low"), "share"),
        Column("accuracy_high", t("column.high"), "share"),
        Column("right", t("feedback.needs.right"), "count"),
        Column("confirmed", t("feedback.needs.known"), "count"),
    ]
    drawn = [
        bars.Bar(
            i18n.code("need_source", row["source"]),
            row["accuracy"],
            t("voice.bar", value=i18n.share(row["accuracy"]), n=i18n.compact(row["confirmed"])),
            KPIS[measure].judge(row["accuracy"]),
            low=row["accuracy_low"],
            high=row["accuracy_high"],
        )
        for row in frame.iter_rows(named=True)
    ]
    with panel.panel(
        "needs_found",
        i18n.part("feedback.needs.missed", missed, frame.height),
        t("feedback.needs.subtitle", n=i18n.number(frame["confirmed"].sum())),
        data=(frame, columns),
        kpis=(measure,),
        rows=partial(voice_aspect_rows.needs, view),
    ) as draw:
        reference = next(iter(target_lines(measure)), None)
        draw(bars.horizontal(drawn, theme.palette(), reference=reference, top=1.0, row=44))
