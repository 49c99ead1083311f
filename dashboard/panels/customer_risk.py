"""Panels of one customer: how likely it is to stay, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Any

import streamlit as st

from dashboard import data, i18n, kpi, panel, theme
from dashboard.answers import customer
from dashboard.charts import outlook as outlook_chart
from dashboard.i18n import t
from dashboard.panels.churn_risk import refusal
from dashboard.panels.reasons import sentence
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.score import HORIZONS

Row = Mapping[str, Any]


def outlook(view: View, row: Row) -> None:
    """The next 90 days: chance of still being a customer, and of silence."""
    frame = customer.outlook(view, row["customer_id"])
    title, subtitle = _outlook_title(row), t("customer.outlook.subtitle")
    if frame.is_empty():
        reason = "not_bought" if row["tau_days"] is None else "long_silent"
        why = refusal(view) if _is_unscored(view) else t(f"customer.outlook.{reason}")
        with panel.panel("outlook", title, why):
            return
    columns = [
        Column("day", t("risk.column.day"), "days"),
        Column("survival", t("customer.outlook.still"), "share"),
        Column("silent", t("customer.outlook.silent"), "share"),
    ]
    with panel.panel("outlook", title, subtitle, data=(frame, columns)) as draw:
        remaining = int(row["remaining_days"] or 0)
        reached = data.as_of(view, "orders") + timedelta(days=remaining)
        figure = outlook_chart.draw(
            outlook_chart.Outlook(
                days=frame["day"].to_list(),
                survival=frame["survival"].to_list(),
                silent=frame["silent"].to_list(),
                marks=[
                    (days, i18n.share(1 - row[f"p{days}"], 0))
                    for days in HORIZONS
                    if row[f"p{days}"] is not None
                ],
                names=(t("customer.outlook.still"), t("customer.outlook.silent")),
                threshold=(remaining, t("customer.outlook.threshold", day=i18n.day(reached)))
                if 0 < remaining <= HORIZONS[-1]
                else None,
            ),
            theme.palette(),
        )
        draw(figure)


def _is_unscored(view: View) -> bool:
    return data.snapshot(view).manifest.facts.get("churn_model") is None


def _outlook_title(row: Row) -> str:
    if row["churned"]:
        if row["silent_90"] is None:
            return t("customer.outlook.title.gone")
        return t("customer.outlook.title.churned", share=i18n.share(1 - row["silent_90"], 0))
    if row["p90"] is None:
        return t("customer.outlook.title.unknown")
    if row["p90"] == 0:
        return t("customer.outlook.title.safe", days=i18n.number(row["remaining_days"]))
    return t(
        "customer.outlook.title.risk",
        p90=i18n.share(row["p90"], 0),
        p30=i18n.share(row["p30"], 0),
        p60=i18n.share(row["p60"], 0),
    )


def reasons(row: Row) -> None:
    """The three strongest drivers as sentences with the size of their effect."""
    found: list[dict[str, Any]] = row["drivers"] or []
    raising = sum(each["effect"] > 0 for each in found)
    key = "none" if not found else "title" if raising else "staying"
    title = t(f"customer.reasons.{key}", n=raising)
    with panel.panel("reasons", title, t("customer.reasons.subtitle")):
        if not found:
            st.html(f'<div class="sl-sub">{escape(t("customer.reasons.empty"))}</div>')
        items = "".join(_reason_item(each, row) for each in found)
        money = t(
            "customer.reasons.money",
            money=kpi.money(row["revenue_at_risk"], compact=False),
            revenue=kpi.money(row["revenue_12m"], compact=False),
        )
        st.html(f'<ul class="sl-reasons">{items}</ul>')
        if row["revenue_at_risk"]:
            st.html(f'<div class="sl-sub">{escape(money)}</div>')


def _reason_item(each: Mapping[str, Any], row: Row) -> str:
    up = each["effect"] > 0
    words = sentence(each["driver"], row, raises=up)
    effect = t(
        f"customer.reasons.{'slower' if up else 'faster'}",
        share=i18n.share(abs(each["effect"]), 0),
    )
    sign, tone = ("▼", "bad") if up else ("▲", "good")
    return (
        f'<li><span class="{tone}">{sign}</span> <b>{escape(words)}</b>'
        f'<div class="sl-sub">{escape(effect)}</div></li>'
    )
