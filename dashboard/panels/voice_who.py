"""Panels of the voice page: whose score it is, what truly changed, and who does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, i18n, panel, theme
from dashboard.answers import voice_changes, voice_drivers, voice_ratings
from dashboard.charts import bars
from dashboard.charts.axes import Reference
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import voice_rows
from dashboard.panels.periods import target_lines
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.selection import Period
from metrics.voice.change import FEW, NETS, REAL

_GROUPS = ("tier", "segment", "channel", "region")
_WEIGHTED = {"responses": "nps", "customers": "nps_customers", "revenue": "nps_revenue"}


def weightings(view: View) -> None:
    """The score by answers, by customers and by revenue, side by side."""
    frame = voice_drivers.weighted_nps(view, voice_ratings.answers(view).period(view))
    known = frame.drop_nulls("nps")
    if known.is_empty():
        panel.empty("no_answers", t("voice.weighted.name"))
        return
    values = dict(known.select("weighting", "nps").iter_rows())
    told = {name: i18n.number(value, 1) for name, value in values.items()}
    lowest = min(values, key=values.__getitem__)
    title = t(f"voice.weighted.title_{lowest}", value=told[lowest], plain=told["responses"])
    columns = [
        Column("weighting", t("voice.weighted.by"), "code"),
        Column("nps", t("kpi.nps.label"), "points"),
        Column("nps_low", t("column.low"), "points"),
        Column("nps_high", t("column.high"), "points"),
        Column("answers", t("column.answers"), "count"),
        Column("size", t("voice.weighted.size"), "count"),
    ]
    drawn = [
        bars.Bar(
            i18n.code("weighting", row["weighting"]),
            row["nps"],
            t("voice.bar", value=i18n.number(row["nps"], 1), n=i18n.compact(row["answers"])),
            KPIS["nps"].judge(row["nps"]),
            low=row["nps_low"],
            high=row["nps_high"],
        )
        for row in known.iter_rows(named=True)
    ]
    with panel.panel(
        "nps_weighted",
        title,
        t("voice.weighted.subtitle"),
        data=(frame, columns),
        kpis=tuple(_WEIGHTED.values()),
        rows=partial(voice_rows.scores, view),
    ) as draw:
        reference = next(iter(target_lines("nps")), None)
        draw(bars.horizontal(drawn, theme.palette(), reference=reference, row=44))


def changes(view: View) -> None:
    """Each group against the period before: by how much, and whether by more than chance."""
    measure, by = _chosen("voice_change", tuple(NETS))
    period, earlier = voice_changes.compared(view, measure)
    if earlier is None:
        panel.empty("no_earlier", t("voice.change.name"))
        return
    frame = voice_changes.against_earlier(view, measure, by)
    tested = frame.filter(pl.col("verdict") != FEW)
    title = i18n.part("voice.change.title", tested.filter(verdict=REAL).height, tested.height)
    if tested.is_empty():
        title = t("voice.change.nothing")
    days = {"now": _span(period), "then": _span(earlier)}
    subtitle = t("voice.change.subtitle", **days) + _overall(view, measure)
    with panel.panel(
        "voice_change",
        title,
        subtitle,
        data=(frame, _columns(measure, by)),
        kpis=(measure,),
        rows=partial(voice_rows.by_group, view, measure=measure, dimension=by),
    ) as draw:
        _controls("voice_change", tuple(NETS))
        rows = frame.iter_rows(named=True)
        drawn = [
            bars.Bar(
                i18n.code(by, row[by]),
                _size(row["change"]),
                t("voice.change.bar", change=_said(measure, row["change"]), verdict=_verdict(row)),
                _judgement(row),
                low=_size(row["change_low"]),
                high=_size(row["change_high"]),
            )
            for row in rows
        ]
        draw(bars.horizontal(drawn, theme.palette()))
        st.caption(t("voice.change.why"))


def silent(view: View) -> None:
    """Who answers least: the response rate of each group against all the others."""
    measure = "response_rate"
    _, by = _chosen("voice_silent", (measure,))
    frame = voice_changes.against_the_rest(view, measure, by)
    if frame.is_empty():
        panel.empty("no_invitations", t("voice.silent.name"))
        return
    less = frame.filter(pl.col("verdict") == REAL, pl.col("change") < 0)
    title = t("voice.silent.nobody")
    if less.height:
        first = less.row(0, named=True)
        said = {"group": i18n.code(by, first[by]), "share": i18n.share(first["value"])}
        title = t("voice.silent.title", **said)
    invited = int(frame["invited"].sum())
    whole = int(frame["answered"].sum()) / invited
    told = {"share": i18n.share(whole), "n": i18n.number(invited)}
    with panel.panel(
        "voice_silent",
        title,
        t("voice.silent.subtitle", **told),
        data=(frame, _columns(measure, by)),
        kpis=(measure,),
        rows=partial(voice_rows.silent, view, dimension=by),
    ) as draw:
        _controls("voice_silent", (measure,))
        drawn = [
            bars.Bar(
                i18n.code(by, row[by]),
                row["value"],
                t("voice.bar", value=i18n.share(row["value"]), n=i18n.compact(row["invited"])),
                "watch" if row["verdict"] == REAL and row["change"] < 0 else "neutral",
            )
            for row in frame.iter_rows(named=True)
        ]
        reference = Reference(whole, t("voice.silent.all", share=i18n.share(whole)))
        draw(bars.horizontal(drawn, theme.palette(), reference=reference))


def _chosen(key: str, measures: tuple[str, ...]) -> tuple[str, str]:
    address.seed_one(key, measures, measures[0])
    address.seed_one(f"{key}_by", _GROUPS, _GROUPS[0])
    return str(st.session_state[key]), str(st.session_state[f"{key}_by"])


def _controls(key: str, measures: tuple[str, ...]) -> None:
    with st.container(horizontal=True, gap="small"):
        if len(measures) > 1:
            _choose(key, measures, "kpi.{}.label", t("voice.measure"))
        _choose(f"{key}_by", _GROUPS, "dimension.{}", t("voice.by"))


def _choose(key: str, options: tuple[str, ...], words: str, label: str) -> None:
    choose(key, options, default=options[0], label=label, name=lambda code: t(words.format(code)))


def _span(period: Period) -> str:
    last = period.end - timedelta(days=1)
    return t("voice.change.span", first=i18n.day(period.start), last=i18n.day(last))


def _overall(view: View, measure: str) -> str:
    """The change of all answers together, in words."""
    rows = voice_changes.overall(view, measure).drop_nulls("change")
    if rows.is_empty():
        return ""
    row = rows.row(0, named=True)
    return t("voice.change.overall", change=_said(measure, row["change"]), verdict=_verdict(row))


def _verdict(row: Mapping[str, Any]) -> str:
    return i18n.code("verdict", row["verdict"])


def _judgement(row: Mapping[str, Any]) -> str:
    if row["verdict"] != REAL:
        return "neutral"
    return "good" if row["change"] > 0 else "bad"


def _size(change: float | None) -> float | None:
    return None if change is None else 100 * change


def _said(measure: str, change: float) -> str:
    """A change of the score in points, of a share in percentage points."""
    if measure == "nps":
        return i18n.number(100 * change, 1, sign=True)
    return i18n.percentage_points(change)


def _columns(measure: str, by: str) -> list[Column]:
    net = NETS[measure]
    return [
        Column(by, t(f"dimension.{by}"), "code"),
        Column("value", t("voice.change.value"), "share"),
        Column("other", t("voice.change.other"), "share"),
        Column("change", t("voice.change.change"), "share", sign=True),
        Column("change_low", t("column.low"), "share", sign=True),
        Column("change_high", t("column.high"), "share", sign=True),
        Column("p_adjusted", t("voice.change.p"), "score"),
        Column("verdict", t("voice.change.verdict"), "code"),
        Column(net.whole, t("column.answers"), "count"),
        Column(f"other_{net.whole}", t("voice.change.n_other"), "count"),
    ]
