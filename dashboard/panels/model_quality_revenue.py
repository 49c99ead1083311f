"""Panels of the quality page: revenue at risk against what was lost, and by tier."""

from __future__ import annotations

from functools import partial

import polars as pl

from dashboard import i18n, kpi, panel, table
from dashboard.answers import churn_risk, model_quality
from dashboard.i18n import t
from dashboard.panels.model_quality import against
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.origins import BacktestRule

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


def by_tier(view: View) -> None:
    """Foretold and observed departures and revenue by the tier of the day of forecast."""
    frame = model_quality.tiers(view)
    columns = [
        Column("tier", t("dimension.tier"), "code"),
        Column("customers", t("quality.column.customers"), "count"),
        Column("foretold", t("quality.column.foretold"), "count"),
        Column("churned", t("quality.column.churned"), "count"),
        Column("deviation", t("quality.column.off"), "share", sign=True),
        Column("revenue_foretold", t("quality.column.revenue_foretold"), "money"),
        Column("revenue_lost", t("quality.column.revenue_lost"), "money"),
    ]
    title = _tier_title(frame)
    with panel.panel("by_tier", title, t("quality.tiers.subtitle"), data=(frame, columns)):
        table.show(frame, columns, alt=title)


def _tier_title(frame: pl.DataFrame) -> str:
    """The tier whose forecast was furthest off, if any has enough departures to be told."""
    told = frame.drop_nulls("tier").filter(pl.col("churned") >= _ENOUGH)
    if told.is_empty():
        return t("quality.tiers.plain")
    far = told.sort(pl.col("deviation").abs(), descending=True).row(0, named=True)
    near = BacktestRule.standard().near
    if abs(far["deviation"]) <= near:
        return t("quality.tiers.near", near=i18n.share(near, 0))
    tier = i18n.code("tier", far["tier"])
    return t("quality.tiers.title", tier=tier, share=i18n.share(far["deviation"], 0, sign=True))
