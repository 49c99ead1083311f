"""Panels of the voice page: feedback by source, kind and grade, suggestions, needs found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl
import streamlit as st

from dashboard import address, data, i18n, kpi, panel, theme
from dashboard.answers import feedback
from dashboard.charts import bars
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

_KEY = "feedback_by"


def by(view: View, readings: Mapping[str, Reading]) -> None:
    """What came in by source, kind or grade, and which of the planned sources bring nothing."""
    name = t("feedback.name")
    if not data.present(view, feedback.TABLE):
        panel.empty("no_feedback_table", name)
        return
    address.seed_one(_KEY, feedback.DIMENSIONS, feedback.DIMENSIONS[0])
    dimension = str(st.session_state[_KEY])
    frame = feedback.by(view, dimension)
    total = int(frame["feedback"].sum())
    if not total:
        panel.empty("no_feedback", name)
        return
    wanted = rule().sources
    live = feedback.live(view, feedback.topic(view).period(view))
    columns = [
        Column(dimension, t(f"feedback.by.{dimension}"), "code", f"feedback_{dimension}"),
        Column("feedback", t("feedback.count"), "count"),
        Column("share", t("column.share"), "share"),
    ]
    with panel.panel(
        "feedback",
        i18n.part("feedback.title", live, len(wanted)),
        t("feedback.subtitle", n=i18n.number(total)),
        data=(frame, columns),
        kpis=("feedback_count", "feedback_sources", "feedback_reach"),
        rows=partial(voice_aspect_rows.came, view, dimension=dimension),
    ) as draw:
        choose(
            _KEY,
            feedback.DIMENSIONS,
            default=feedback.DIMENSIONS[0],
            label=t("feedback.by.name"),
            name=lambda code: t(f"feedback.by.{code}"),
        )
        drawn = [
            bars.Bar(
                i18n.code(f"feedback_{dimension}", row[dimension]),
                row["feedback"],
                t("feedback.bar", n=i18n.compact(row["feedback"]), share=i18n.share(row["share"])),
                "bad" if not row["feedback"] else "accent",
            )
            for row in frame.iter_rows(named=True)
        ]
        draw(bars.horizontal(drawn, theme.palette()))
        st.caption(i18n.markdown(_suggestions(readings)))


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
