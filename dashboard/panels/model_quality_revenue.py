"""Panels of the quality page: revenue at risk against what was lost, and by group."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel, table
from dashboard.answers import churn_risk, model_quality
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels.model_quality import against
from dashboard.settings import settings
from dashboard.strays import set_aside
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.origins import BacktestRule

_GROUP = "quality_group"
_ENOUGH = 30  # departures; of fewer a ratio says little


def over_time(view: View) -> None:
    """Revenue at risk by day of forecast, and the revenue of those who then left."""
    frame, whole = model_quality.revenue(view), model_quality.scatter(view, "revenue")
    title = t(
        "quality.revenue.title",
        foretold=kpi.money(whole["foretold"]),
        lost=kpi.money(whole["happened"]),
    )
    columns = [
        Column("origin", t("quality.column.origin"), "date"),
        Column("foretold", t("quality.column.revenue_foretold"), "money"),
        Column("lost", t("quality.column.revenue_lost"), "money"),
        Column("deviation", t("quality.column.deviation"), "share", sign=True),
    ]
    with panel.panel(
        "revenue", title, _interval(view), data=(frame, columns), kpis=("revenue_at_risk",)
    ) as draw:
        draw(against(frame, "foretold", "lost", partial(kpi.money, code=False)))


def _interval(view: View) -> str:
    """What the revenue at risk of today means, given how far it was off before."""
    said = t("quality.revenue.subtitle", currency=settings().currency)
    today = churn_risk.summary(view)["revenue_at_risk"]
    found = model_quality.expected(view, today) if today else None
    if found is None:
        return said
    low, high = found
    return said + t(
        "quality.revenue.today",
        today=kpi.money(today),
        low=kpi.money(low),
        high=kpi.money(high),
    )


def by_group(view: View) -> None:
    """Foretold and observed departures and revenue, by the tier of the day or by contract."""
    groups = model_quality.groups(view)
    address.seed_one(_GROUP, groups, groups[0])
    group = str(st.session_state[_GROUP])
    frame = model_quality.by_group(view, group)
    columns = [
        Column(group, t(f"quality.group.{group}"), "code"),
        Column("customers", t("quality.column.customers"), "count"),
        Column("foretold", t("quality.column.foretold"), "count"),
        Column("churned", t("quality.column.churned"), "count"),
        Column("deviation", t("quality.column.off"), "share", sign=True),
        Column("revenue_foretold", t("quality.column.revenue_foretold"), "money"),
        Column("revenue_lost", t("quality.column.revenue_lost"), "money"),
    ]
    if group == "regime":
        columns += [
            Column("auc", t("kpi.forecast_order.label"), "score"),
            Column("skill", t("kpi.forecast_skill.label"), "score"),
        ]
    title = _title(frame, group)
    with panel.panel("by_group", title, t("quality.groups.subtitle"), data=(frame, columns)):
        if len(groups) > 1:
            choose(
                _GROUP,
                groups,
                default=groups[0],
                label=t("quality.groups.by"),
                name=lambda code: t(f"quality.group.{code}"),
            )
        known, left_out = set_aside(frame, [group], "customers")
        table.show(known, columns, alt=title)
        if left_out:
            st.html(f'<div class="sl-sub">{left_out}</div>')


def _title(frame: pl.DataFrame, group: str) -> str:
    """The group whose forecast was furthest off, if any has enough departures to be told."""
    told = frame.drop_nulls(group).filter(pl.col("churned") >= _ENOUGH)
    if told.is_empty():
        return t("quality.groups.plain")
    far = told.sort(pl.col("deviation").abs(), descending=True).row(0, named=True)
    near = BacktestRule.standard().near
    if abs(far["deviation"]) <= near:
        return t("quality.groups.near", near=i18n.share(near, 0))
    name = i18n.code(group, far[group])
    share = i18n.share(far["deviation"], 0, sign=True)
    return t("quality.groups.title", name=name, share=share)
