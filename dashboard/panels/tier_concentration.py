"""Panel of the tiers page: how few customers bring how much."""

from __future__ import annotations

from functools import partial

import polars as pl

from dashboard import i18n, panel, theme
from dashboard.answers import tiers
from dashboard.charts import curve
from dashboard.i18n import t
from dashboard.panels import tier_rows
from dashboard.panels.tier_rows import money
from dashboard.table import Column
from dashboard.view import View


def concentration(view: View) -> None:
    """The concentration curve with the cut-offs of the rule."""
    frame, cuts = tiers.concentration(view), tiers.cut_offs(view)
    total = cuts["customers_total"][0]
    best = cuts.row(-1, named=True)
    key = "tiers.concentration.title" if total else "tiers.concentration.nobody"
    title = t(
        key,
        customers=i18n.share(best["customer_share"]),
        above=money(best["cut_off"]),
        revenue=i18n.share(best["revenue_share"]),
    )
    known = best["profit_12m_total"] is not None
    subtitle = t(
        "tiers.concentration.subtitle" if known else "tiers.concentration.subtitle_revenue",
        gini=i18n.number(tiers.gini(view), 2),
        n=i18n.number(total),
    )
    if tiers.without_tier(view) != view:
        subtitle = t("tiers.and").join([subtitle, t("tiers.tier_filter")])
    columns = [
        Column("cut_off", t("tiers.concentration.above"), "count"),
        Column("customers", t("tiers.customers"), "count"),
        Column("customer_share", t("tiers.customers_share"), "share"),
        Column("revenue_12m", t("kpi.revenue_12m.label"), "money"),
        Column("revenue_share", t("tiers.revenue_share"), "share"),
        Column("profit_12m", t("kpi.profit_12m.label"), "money"),
        Column("profit_share", t("tiers.profit_share"), "share"),
    ]
    twin = pl.concat(
        [cuts, frame.filter(pl.col("cut_off").is_null(), pl.col("customers") > 0)], how="diagonal"
    )
    with panel.panel(
        "concentration",
        title,
        subtitle,
        data=(twin, columns),
        kpis=("revenue_12m",),
        rows=partial(tier_rows.concentration, view),
    ) as draw:
        chart = _concentration_chart(frame, cuts, known=known)
        draw(chart)


def _concentration_chart(
    frame: pl.DataFrame, cuts: pl.DataFrame, *, known: bool
) -> curve.go.Figure:
    names = ("revenue", "profit") if known else ("revenue",)
    lines = [
        curve.Curve(
            t(f"tiers.figure.{name}"),
            frame[f"{name}_share"].to_list(),
            [
                t(
                    f"tiers.concentration.point_{name}",
                    customers=i18n.share(x),
                    share=i18n.share(y),
                )
                for x, y in frame.select("customer_share", f"{name}_share").rows()
            ],
        )
        for name in names
    ]
    marks = [
        curve.Mark(
            row["customer_share"],
            row["revenue_share"],
            t(
                "tiers.concentration.mark" if known else "tiers.concentration.mark_revenue",
                above=money(row["cut_off"]),
                customers=i18n.share(row["customer_share"]),
                revenue=i18n.share(row["revenue_share"]),
                profit=i18n.share(row["profit_share"]),
            ),
        )
        for row in cuts.iter_rows(named=True)
        if row["revenue_share"] is not None
    ]
    return curve.concentration(
        [share or 0.0 for share in frame["customer_share"].to_list()],
        lines,
        marks,
        theme.palette(),
        equal=t("tiers.concentration.equal"),
        height=338,
    )
