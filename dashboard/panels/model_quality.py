"""Panels of the quality page: the answer, forecasts against what happened, calibration, halves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, i18n, panel, table, theme
from dashboard.answers import churn_risk, list_quality, model_quality
from dashboard.charts import calibration as chart
from dashboard.charts import variance
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels.churn_drivers import effect_name
from dashboard.panels.churn_risk import refusal
from dashboard.panels.periods import bucket_labels
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.origins import BacktestRule
from metrics.churn.score import HORIZONS

_SHOWN_EFFECTS = 8
_REGIME = "halves_of"


def lead(view: View, size: int) -> str:
    """The first sentence: whether the last forecast that can be judged was right."""
    if not model_quality.known(view):
        if not churn_risk.is_scored(view):
            return refusal(view)
        return t("missing.no_backtest")
    last = model_quality.origins(view).row(-1, named=True)
    whole = model_quality.overall(view)
    said = t(
        f"quality.lead.{_judged(last['deviation'])}",
        day=i18n.day(last["origin"]),
        days=i18n.number(model_quality.HORIZON),
        foretold=i18n.number(last["foretold"]),
        churned=i18n.number(last["churned"]),
    )
    said += _of_list(view, size)
    if whole["forecasts"] < 2:
        return said
    return said + t(
        "quality.lead.all",
        forecasts=i18n.number(whole["forecasts"]),
        foretold=i18n.number(whole["foretold"]),
        churned=i18n.number(whole["churned"]),
    )


def _of_list(view: View, size: int) -> str:
    if not size:
        return ""
    last = list_quality.of_list(view, size).row(-1, named=True)
    return t(
        "quality.lead.list", size=i18n.number(size), precision=i18n.share(last["precision"], 0)
    )


def _judged(deviation: float) -> str:
    """Whether as many left as foretold, fewer or more, within the rules' tolerance."""
    near = BacktestRule.standard().near
    if deviation < -near:
        return "too_many"
    return "too_few" if deviation > near else "right"


def meaning(view: View) -> None:
    """How a forecast of the past is made, and of how many customers, in one line."""
    last, whole = model_quality.origins(view).row(-1, named=True), model_quality.overall(view)
    text = t("quality.meaning", customers=i18n.number(last["customers"]))
    if whole["share"] < 1:
        text += t("quality.drawn", share=i18n.share(whole["share"]))
    if model_quality.scatter(view, "revenue")["low"] is None:
        text += t("quality.overlap")
    st.html(f'<div class="sl-sub">{escape(text)}</div>')


def over_time(view: View) -> None:
    """Foretold and observed departures by day of forecast, over 30, 60 or 90 days."""
    codes, usual = tuple(map(str, HORIZONS)), str(model_quality.HORIZON)
    address.seed_one("horizon", codes, usual)
    horizon = int(st.session_state["horizon"])
    title = i18n.part("quality.over_time.title", *model_quality.near(view, horizon))
    near = i18n.share(BacktestRule.standard().near, 0)
    subtitle = t("quality.over_time.subtitle", near=near)
    frame = pl.concat([model_quality.origins(view, days) for days in HORIZONS])
    with panel.panel(
        "over_time", title, subtitle, data=(frame, _columns()), kpis=("forecast_ratio",)
    ) as draw:
        choose(
            "horizon",
            codes,
            default=usual,
            label=t("quality.horizon"),
            name=lambda code: t("unit.days", n=code),
        )
        draw(against(model_quality.origins(view, horizon), "foretold", "churned", i18n.number))


def against(frame: pl.DataFrame, foretold: str, happened: str, write: Any) -> Any:
    """Columns of what was foretold (outlined) and what happened (solid), by day of forecast."""
    days: list[date] = frame["origin"].to_list()
    labels = bucket_labels(days, "month")
    slots = [
        _slot(name, row, foretold, happened, write)
        for name, row in zip(labels, frame.iter_rows(named=True), strict=True)
    ]
    axis = [(amount, write(amount)) for amount in variance.steps(slots)]
    return variance.plan_and_actual(slots, theme.palette(), axis=axis, height=300)


def _slot(
    name: str, row: Mapping[str, Any], foretold: str, happened: str, write: Any
) -> variance.Slot:
    share = row["deviation"]
    return variance.Slot(
        name=name,
        planned=row[foretold],
        actual=row[happened],
        forecast=0.0,
        phase="complete",
        deviation=share,
        text=i18n.share(share, 0, sign=True) if share is not None else "",
        judgement="neutral",
        told=t(
            "quality.told",
            day=i18n.day(row["origin"]),
            foretold=write(row[foretold]),
            happened=write(row[happened]),
            share=i18n.share(share, 0, sign=True),
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("origin", t("quality.column.origin"), "date"),
        Column("horizon", t("quality.column.horizon"), "days"),
        Column("customers", t("quality.column.customers"), "count"),
        Column("eligible", t("quality.column.eligible"), "count"),
        Column("foretold", t("quality.column.foretold"), "count"),
        Column("churned", t("quality.column.churned"), "count"),
        Column("ratio", t("kpi.forecast_ratio.label"), "score"),
        Column("auc", t("kpi.forecast_order.label"), "score"),
        Column("skill", t("kpi.forecast_skill.label"), "score"),
        Column("skill_clock", t("quality.column.skill_clock"), "score"),
        Column("events", t("quality.column.events"), "count"),
    ]


def calibration(view: View) -> None:
    """Of those given a probability of churn within 90 days, how many it came true for."""
    every = model_quality.bins(view)
    frame = every.filter(pl.col("horizon") == model_quality.HORIZON)
    mean, worst = model_quality.gaps(view)
    title = t("quality.calibration.title", mean=i18n.number(mean, 1), worst=i18n.number(worst, 1))
    columns = [
        Column("horizon", t("quality.column.horizon"), "days"),
        Column("bin", t("quality.column.bin"), "count"),
        Column("customers", t("quality.column.customers"), "count"),
        Column("told", t("quality.column.told"), "share"),
        Column("share", t("quality.column.happened"), "share"),
        Column("share_low", t("column.low"), "share"),
        Column("share_high", t("column.high"), "share"),
    ]
    subtitle = t("quality.calibration.subtitle", n=i18n.number(frame["customers"].sum()))
    with panel.panel("calibration", title, subtitle, data=(every, columns)) as draw:
        figure = chart.calibration(
            [_bin(row) for row in frame.iter_rows(named=True)],
            theme.palette(),
            true=t("quality.calibration.true"),
            axes=(t("quality.column.told"), t("quality.column.happened")),
            height=350,
        )
        draw(figure)


def _bin(row: Mapping[str, Any]) -> chart.Bin:
    text = t(
        "quality.calibration.hover",
        told=i18n.share(row["told"]),
        happened=i18n.share(row["share"]),
        n=i18n.number(row["customers"]),
    )
    return chart.Bin(row["told"], row["share"], row["share_low"], row["share_high"], text)


def halves(view: View) -> None:
    """Effects in the first half of the window beside the second."""
    every = model_quality.halves(view)
    if every.is_empty():
        panel.empty("no_halves", t("quality.halves.name"))
        return
    regimes: list[str] = every["regime"].unique(maintain_order=True).to_list()
    address.seed_one(_REGIME, regimes, regimes[0])
    regime = str(st.session_state[_REGIME])
    frame = every.filter(pl.col("regime") == regime)
    named = frame.with_columns(
        name=pl.Series([effect_name(row) for row in frame.iter_rows(named=True)], dtype=pl.String)
    )
    columns = [
        Column("name", t("risk.column.driver")),
        Column("first", t("quality.column.first"), "score"),
        Column("second", t("quality.column.second"), "score"),
        Column("shift", t("quality.column.shift"), "score"),
        Column("ratio", t("quality.column.whole"), "score"),
        Column("is_large", t("quality.column.is_large"), "flag"),
    ]
    large = int(frame["is_large"].sum())
    factor = i18n.number(BacktestRule.standard().shift, 2)
    title = i18n.part("quality.halves.title", large, frame.height, factor=factor)
    half = i18n.number(model_quality.HORIZON // 2)
    subtitle = t(f"quality.halves.{regime}", half=half)
    if len(regimes) < len(model_quality.regimes(view)):
        subtitle += t("quality.halves.no_contracts")
    with panel.panel("halves", title, subtitle, data=(named, columns)):
        if len(regimes) > 1:
            choose(
                _REGIME,
                regimes,
                default=regimes[0],
                label=t("quality.group.regime"),
                name=lambda code: i18n.code("regime", code),
            )
        table.show(named.head(_SHOWN_EFFECTS), columns, alt=title)
