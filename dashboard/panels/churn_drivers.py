"""Panels of the churn risk page: what goes with a slower return, and with the end of contracts."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard import data, i18n, panel, theme
from dashboard.answers import churn_risk
from dashboard.charts import forest
from dashboard.i18n import t
from dashboard.panels.churn_risk import refusal
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.effects import left_out
from metrics.churn.model import ChurnModel
from metrics.churn.regime import CONTRACTS

_SHOWN_EFFECTS = 8


def drivers(view: View) -> None:
    """What goes with a slower return, of the whole company."""
    fitted = churn_risk.model(view)
    if fitted is None:
        with panel.panel("drivers", t("risk.drivers.none"), refusal(view)):
            return
    _effects(view, fitted, "drivers")


def contract_drivers(view: View) -> None:
    """What goes with the end of contracts; nothing where the CRM has none."""
    fitted = churn_risk.model(view, CONTRACTS)
    if fitted is not None:
        _effects(view, fitted, "contract_drivers")
    elif data.present(view, "contracts"):
        with panel.panel(
            "contract_drivers", t("risk.contract_drivers.none"), refusal(view, CONTRACTS)
        ):
            return


def _effects(view: View, fitted: ChurnModel, key: str) -> None:
    """The model's effects as a forest plot; the rest and the controls in the table."""
    frame = churn_risk.drivers(view, fitted.kind.name)
    told = frame.filter(pl.col("is_certain") & ~pl.col("is_control")).head(_SHOWN_EFFECTS)
    up = told.filter(pl.col("change") > 0)
    title = (
        t(f"risk.{key}.title", first=effect_name(up.row(0, named=True)))
        if up.height
        else t(f"risk.{key}.plain")
    )
    subtitle = t(f"risk.{key}.subtitle")
    words = frame.with_columns(
        name=pl.Series([effect_name(row) for row in frame.iter_rows(named=True)], dtype=pl.String)
    )
    with panel.panel(key, title, subtitle, data=(words, _effect_columns())) as draw:
        figure = forest.forest(
            [
                forest.Effect(
                    name=effect_name(row),
                    change=row["change"],
                    low=row["change_low"],
                    high=row["change_high"],
                    text=i18n.share(row["change"], 0, sign=True),
                    judgement="bad" if row["change"] > 0 else "good",
                )
                for row in told.iter_rows(named=True)
            ],
            theme.palette(),
            none=t("risk.drivers.none_line"),
        )
        draw(figure)
        note = t(
            f"risk.{key}.note",
            rows=i18n.number(fitted.rows),
            events=i18n.number(fitted.events),
            day=i18n.day(fitted.as_of),
            c=i18n.number(fitted.concordance, 2),
        )
        st.html(f'<div class="sl-sub">{escape(note + _left_out(fitted))}</div>')


def _left_out(fitted: ChurnModel) -> str:
    """Which drivers the model does not judge, and why; empty if it judges all."""
    return "".join(
        t(
            f"risk.left_out.{why}",
            names=t("list.and").join(i18n.code("driver", driver) for driver in drivers),
        )
        for why, drivers in left_out(fitted).items()
    )


def effect_name(row: dict[str, str | None]) -> str:
    """What an effect of a model is about, in words, from its feature, driver and level."""
    if row["level"] is not None:
        driver = str(row["driver"])
        return t(
            "risk.effect.level",
            dimension=t(f"dimension.{driver}"),
            level=i18n.code(driver, row["level"]),
        )
    return t(f"risk.effect.{row['feature']}")


def _effect_columns() -> list[Column]:
    return [
        Column("name", t("risk.column.driver")),
        Column("change", t("risk.column.change"), "share", sign=True),
        Column("change_low", t("column.low"), "share", sign=True),
        Column("change_high", t("column.high"), "share", sign=True),
        Column("is_control", t("risk.column.is_control"), "flag"),
    ]
