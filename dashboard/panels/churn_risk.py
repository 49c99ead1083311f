"""Panels of the churn risk page: the sentence, what churned means, the drivers."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard import i18n, kpi, panel, theme
from dashboard.answers import churn_risk
from dashboard.charts import forest
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.effects import left_out
from metrics.churn.model import ChurnModel
from metrics.churn.rhythm import Definition
from metrics.churn.summary import at_risk_probability

_SHOWN_EFFECTS = 8


def lead(view: View) -> str:
    """The first sentence: how many may leave, and what would go with them."""
    readings = churn_risk.headline(view)
    if readings["churned_customers"].value is None:
        return kpi.missing_text(readings["churned_customers"])
    found = churn_risk.summary(view)
    if not found["scored"]:
        return t(
            "risk.lead.no_model",
            churned=i18n.number(found["churned"]),
            buyers=i18n.number(found["buyers"]),
        )
    return t(
        "risk.lead.model",
        at_risk=i18n.number(found["at_risk"]),
        scored=i18n.number(found["scored"]),
        may_churn=i18n.number(found["may_churn"]),
        share=_share(found["revenue_at_risk"], found["revenue_scored"]),
        money=kpi.money(found["revenue_at_risk"]),
        p=i18n.share(at_risk_probability(), 0),
    )


def _share(part: float, whole: float) -> str:
    return i18n.share(part / whole) if whole > 0 else i18n.DASH


def refusal(view: View) -> str:
    """Why there is no model, in one sentence."""
    code, details = churn_risk.refusal(view)
    key = f"risk.refusal.{code or 'unknown'}"
    known = i18n.words(i18n.language())
    return t(key if key in known else "risk.refusal.unknown", **details)


def meaning(view: View) -> None:
    """What churned means, how often that was wrong, and what earlier values are, in one line."""
    back, rule = churn_risk.headline(view)["win_back_rate"], Definition.standard()
    text = t(
        "risk.meaning",
        times=i18n.number(rule.times),
        floor=i18n.number(rule.floor_days),
        cap=i18n.number(rule.cap_days),
    )
    if back.value is not None:
        text += t(
            "risk.how_sure",
            lapsed=i18n.number(back.n),
            share=i18n.share(back.value),
            low=i18n.share(back.low),
            high=i18n.share(back.high),
        )
    if churn_risk.by_stage(view):
        text += t("risk.no_past")
    elif churn_risk.model(view) is not None:
        text += t("risk.looking_back")
    st.html(f'<div class="sl-sub">{escape(text)}</div>')
    if churn_risk.model(view) is None:
        st.info(i18n.markdown(f"{refusal(view)} {t('risk.silence_instead')}"))


def drivers(view: View) -> None:
    """The model's effects as a forest plot; the rest and the controls in the table."""
    fitted = churn_risk.model(view)
    frame = churn_risk.drivers(view)
    if fitted is None or frame.is_empty():
        with panel.panel("drivers", t("risk.drivers.none"), refusal(view)):
            return
    told = frame.filter(pl.col("is_certain") & ~pl.col("is_control")).head(_SHOWN_EFFECTS)
    up = told.filter(pl.col("change") > 0)
    title = (
        t("risk.drivers.title", first=effect_name(up.row(0, named=True)))
        if up.height
        else t("risk.drivers.plain")
    )
    subtitle = t("risk.drivers.subtitle")
    words = frame.with_columns(
        name=pl.Series([effect_name(row) for row in frame.iter_rows(named=True)], dtype=pl.String)
    )
    with panel.panel("drivers", title, subtitle, data=(words, _effect_columns())) as draw:
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
            "risk.drivers.note",
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
    """What an effect of the model is about, in words, from its feature, driver and level."""
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
