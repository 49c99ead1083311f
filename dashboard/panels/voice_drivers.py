"""Panel of the voice page: what goes with promoting and with detracting."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, i18n, panel, theme
from dashboard.answers import voice_drivers
from dashboard.charts.forest import Effect, forest
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import voice_rows
from dashboard.table import Column
from dashboard.view import View
from metrics.nps import DETRACTOR
from metrics.rules import load
from metrics.voice.drivers import OUTCOMES

_KEY = "voice_outcome"


def odds(view: View) -> None:
    """Odds ratios of one outcome with their intervals, each adjusted for the others."""
    options = OUTCOMES[::-1]
    address.seed_one(_KEY, options, options[0])
    outcome = str(st.session_state[_KEY])
    frame = voice_drivers.odds(view, outcome)
    told = {"outcome": t(f"voice.drivers.who.{outcome}")}
    sure = frame.filter((pl.col("low") > 1) | (pl.col("high") < 1))
    strongest = sure.sort(pl.col("odds").log().abs(), descending=True).head(1)
    title = t("voice.drivers.nothing", **told)
    if frame.is_empty():
        title = t("voice.drivers.few", **told)
    if strongest.height:
        row = strongest.row(0, named=True)
        title = t("voice.drivers.title", driver=_name(row), odds=_times(row["odds"]), **told)
    rule = load("surveys")["drivers"]
    days = {"days": rule["days"], "new": rule["new_days"]}
    with panel.panel(
        "voice_drivers",
        title,
        t("voice.drivers.subtitle", n=i18n.number(voice_drivers.asked(view)), **days, **told),
        data=(frame, _columns()),
        kpis=("nps",),
        rows=partial(voice_rows.scores, view),
    ) as draw:
        choose(
            _KEY,
            options,
            default=options[0],
            label=t("voice.drivers.outcome"),
            name=lambda code: t(f"voice.kind.{code}"),
        )
        if not frame.is_empty():
            rows = frame.filter(pl.col("driver") != "channel").iter_rows(named=True)
            effects = [_effect(row, outcome) for row in rows]
            draw(forest(effects, theme.palette(), none=t("voice.drivers.none")))
        st.caption(t("voice.drivers.why"))


def _name(row: Mapping[str, Any]) -> str:
    if row["against"] is None:
        return i18n.code("driver_event", row["driver"])
    return t(
        "voice.drivers.group",
        value=i18n.code(row["driver"], row["value"] or None),
        against=i18n.code(row["driver"], row["against"]),
    )


def _times(odds: float) -> str:
    return t("voice.drivers.times", n=i18n.number(odds, 2))


def _effect(row: Mapping[str, Any], outcome: str) -> Effect:
    return Effect(
        _name(row),
        row["odds"] - 1,
        row["low"] - 1,
        row["high"] - 1,
        _times(row["odds"]),
        _judged(row, outcome),
    )


def _judged(row: Mapping[str, Any], outcome: str) -> str:
    if row["low"] <= 1 <= row["high"]:
        return "neutral"
    return "bad" if (row["low"] > 1) == (outcome == DETRACTOR) else "good"


def _columns() -> list[Column]:
    return [
        Column("driver", t("voice.drivers.driver"), "code", "driver_event"),
        Column("value", t("voice.drivers.value"), write=_written),
        Column("against", t("voice.drivers.against"), write=_written),
        Column("n", t("column.answers"), "count"),
        Column("odds", t("voice.drivers.odds"), "score"),
        Column("low", t("column.low"), "score"),
        Column("high", t("column.high"), "score"),
    ]


def _written(value: str | None) -> str:
    """A tier or a channel in words; a dash for what is no group."""
    if value is None:
        return i18n.DASH
    tier = i18n.code("tier", value or None)
    return tier if tier != value else i18n.code("channel", value)
