"""Panel of the tiers page: what the customers of each tier are expected to bring."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import i18n, kpi, panel, table
from dashboard.answers import clv
from dashboard.i18n import t
from dashboard.panels.customer_value import terms
from dashboard.table import Column
from dashboard.view import View


def by_tier(view: View) -> None:
    """Mean and total value by tier, the two other ways to reckon it, and last year's test."""
    frame = clv.by_tier(view)
    if frame.is_empty():
        panel.empty("no_value", t("value.tier.plain"))
        return
    best = frame.row(0, named=True)
    title = t("value.tier.plain")
    if best["share"] is not None:
        title = t(
            "value.tier.title",
            tier=i18n.code("tier", best["tier"]),
            mean=kpi.money(best["clv"]),
            share=i18n.share(best["share"]),
        )
    columns = [
        Column("tier", t("dimension.tier"), "code"),
        Column("customers", t("tiers.customers"), "count"),
        Column("clv", t("value.tier.mean"), "money"),
        Column("total", t("value.tier.total"), "money"),
        Column("share", t("value.tier.share"), "share"),
        Column("clv_formula", t("value.tier.formula"), "money"),
        Column("clv_second", t("value.tier.second"), "money"),
    ]
    with panel.panel("tier_value", title, terms(view), data=(frame, columns), kpis=("clv",)):
        table.show(frame, columns, alt=title)
        st.html(f'<div class="sl-sub">{escape(_tested(view))}</div>')


def _tested(view: View) -> str:
    """Last year's forecasts against what came, of the whole company."""
    found = clv.tested(view)
    if found["clv"] is None:
        return t("value.untested")
    ratios = {name: i18n.number(ratio, 2) for name, ratio in found.items()}
    return t("value.tier.tested", **ratios)
