"""Panel of the voice page: NPS or satisfaction by tier, segment, channel or region."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel, theme
from dashboard.answers import voice
from dashboard.charts import bars
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import voice_rows, voice_words
from dashboard.panels.periods import target_lines
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS

MEASURES = ("nps", "csat")
GROUPS = ("tier", "segment", "channel", "region")


def by_group(view: View) -> None:
    """One measure by one dimension, worst first, with intervals, against the target."""
    address.seed_one("voice_measure", MEASURES, MEASURES[0])
    address.seed_one("voice_by", GROUPS, GROUPS[0])
    measure = str(st.session_state["voice_measure"])
    dimension = str(st.session_state["voice_by"])
    figure = voice.MEASURES[measure][1]
    frame = voice.by_group(view, dimension).filter(pl.col(figure).is_not_null())
    frame = frame.sort(pl.col(dimension).is_null(), figure)
    target = KPIS[measure].target
    title = voice_words.groups(
        frame.drop_nulls(dimension), figure, dimension, target.value if target else 0.0
    )
    subtitle = t(f"voice.by_group.subtitle_{measure}")
    with panel.panel(
        "nps_by",
        title,
        subtitle,
        data=(frame, _columns(dimension)),
        kpis=(measure,),
        rows=partial(voice_rows.by_group, view, measure=measure, dimension=dimension),
    ) as draw:
        with st.container(horizontal=True, gap="small"):
            _choose("voice_measure", MEASURES, "kpi.{}.label", t("voice.measure"))
            _choose("voice_by", GROUPS, "dimension.{}", t("voice.by"))
        figure = _bars(frame, measure, dimension)
        draw(figure)


def _choose(key: str, options: tuple[str, ...], words: str, label: str) -> None:
    choose(
        key,
        options,
        default=options[0],
        label=label,
        name=lambda code: t(words.format(code)),
    )


def _columns(dimension: str) -> list[Column]:
    return [
        Column(dimension, t(f"dimension.{dimension}"), "code"),
        Column("nps", t("kpi.nps.label"), "points"),
        Column("nps_low", t("column.low"), "points"),
        Column("nps_high", t("column.high"), "points"),
        Column("responses", t("column.answers"), "count"),
        Column("csat_share", t("kpi.csat.label"), "share"),
        Column("csat_share_low", t("column.low"), "share"),
        Column("csat_share_high", t("column.high"), "share"),
        Column("rated", t("voice.rated"), "count"),
    ]


def _bars(frame: pl.DataFrame, measure: str, dimension: str) -> bars.go.Figure:
    _, figure, n = voice.MEASURES[measure]
    entry = KPIS[measure]
    rows = [
        bars.Bar(
            name=i18n.code(dimension, row[dimension]),
            value=row[figure],
            text=t("voice.bar", value=kpi.value_text(entry, row[figure]), n=i18n.compact(row[n])),
            judgement=entry.judge(row[figure]) if row[dimension] else "neutral",
            low=row[f"{figure}_low"],
            high=row[f"{figure}_high"],
        )
        for row in frame.iter_rows(named=True)
    ]
    return bars.horizontal(rows, theme.palette(), reference=next(iter(target_lines(measure)), None))
