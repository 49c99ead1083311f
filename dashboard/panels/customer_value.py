"""Panel of one customer: what it is expected to bring, by three ways to reckon it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from dashboard import i18n, kpi, panel
from dashboard.answers import clv
from dashboard.i18n import t
from dashboard.view import View
from metrics.clv.forecast import FIGURES

Row = Mapping[str, Any]


def value(view: View, row: Row) -> None:
    """The headline, the plans' formula and the second opinion, each with last year's test."""
    if all(row[name] is None for name in FIGURES):
        with panel.panel("value", t("value.title.none"), t("value.unknown.clv"), kpis=("clv",)):
            return
    title = t("value.title.plain")
    if row["clv"] is not None:
        title = t("value.title.some", money=kpi.money(row["clv"], compact=False))
    with panel.panel("value", title, terms(view), kpis=("clv",)):
        tested = clv.tested(view)
        for name, place in zip(FIGURES, st.columns(len(FIGURES)), strict=True):
            place.html(_figure(name, row[name], tested[name]))
        if row["monthly_amount"] is not None:
            amount = kpi.money(row["monthly_amount"], compact=False)
            st.html(f'<div class="sl-sub">{escape(t("value.contract", amount=amount))}</div>')


def terms(view: View) -> str:
    """Months, discount, margin and acquisition cost in one line."""
    found = clv.facts(view)["terms"]
    cost = found["acquisition_cost"]
    return t(
        "value.terms",
        rate=i18n.share(found["discount_rate"], 0),
        margin=i18n.share(found["margin"], 0),
        source=t(f"value.margin.{'recorded' if found['margin_recorded'] else 'rule'}"),
        cost=t("value.no_cost") if cost is None else kpi.money(cost, compact=False),
    )


def _figure(name: str, amount: float | None, ratio: float | None) -> str:
    known = amount is not None
    tested = t("value.tested", ratio=i18n.number(ratio, 2)) if ratio else t("value.untested")
    lines = [t(f"value.note.{name}"), tested] if known else [t(f"value.unknown.{name}")]
    below = "".join(f'<div class="sl-sub">{escape(line)}</div>' for line in lines)
    return f"<b>{escape(kpi.money(amount, compact=False))}</b> {escape(t(f'value.{name}'))}{below}"
