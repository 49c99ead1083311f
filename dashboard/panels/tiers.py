"""Panels of the tiers page: the scheme in words and the mix by month."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel, theme
from dashboard.answers import tiers
from dashboard.charts import bars
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import tier_rows, untold
from dashboard.panels.periods import bucket_labels
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.tiers.scheme import scheme

FIGURES = {"customers": "customers", "revenue": "revenue_12m", "profit": "profit_12m"}


def any_customer(readings: Mapping[str, Reading]) -> bool:
    """Whether there is anything to draw below the cards."""
    return readings["top_tier_customers"].value is not None


def lead(view: View, readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    best = tiers.mix_at_end(view).get(tiers.top(view))
    if best is None:
        return untold.sentence("top_tier_customers", readings["top_tier_customers"])
    moves = ""
    if tiers.span(view) is not None:
        turned = tiers.turns(view)
        moves = t(
            "tiers.lead.moves", up=i18n.number(turned["up"]), down=i18n.number(turned["down"])
        )
    return t("tiers.lead.mix", moves=moves, **_best_words(view, best))


def _best_words(view: View, best: Mapping[str, float | None]) -> dict[str, str]:
    return {
        "tier": i18n.code("tier", tiers.top(view)),
        "n": i18n.number(best["customers"]),
        "customers": i18n.share(best["customers_share"]),
        "revenue": i18n.share(best["revenue_12m_share"]),
        "profit": i18n.share(best["profit_12m_share"]),
    }


def mix(view: View) -> None:
    """The mix by month: customers, revenue or profit, as shares."""
    frame = tiers.mix(view)
    best = tiers.mix_at_end(view)[tiers.top(view)]
    offered = tuple(FIGURES) if best["profit_12m"] is not None else ("customers", "revenue")
    address.seed_one("tiers_mix", offered, "customers")
    figure = str(st.session_state["tiers_mix"])
    title = t(f"tiers.mix.title_{figure}", **_best_words(view, best))
    subtitle = _mix_subtitle(view, frame, figure, offered)
    columns = [
        Column("month", t("tiers.month"), "month"),
        Column("tier", t("dimension.tier"), "code"),
        Column("customers", t("tiers.customers"), "count"),
        Column("customers_share", t("tiers.customers_share"), "share"),
        Column("revenue_12m", t("kpi.revenue_12m.label"), "money"),
        Column("revenue_12m_share", t("tiers.revenue_share"), "share"),
        Column("profit_12m", t("kpi.profit_12m.label"), "money"),
        Column("profit_12m_share", t("tiers.profit_share"), "share"),
    ]
    kpis = ("top_tier_customers", "top_tier_revenue", "revenue_12m", "profit_12m")
    table = (frame.sort("month", "rank", descending=[True, False]), columns)
    with panel.panel(
        "mix", title, subtitle, data=table, kpis=kpis, rows=partial(tier_rows.mix, view)
    ) as draw:
        choose(
            "tiers_mix",
            offered,
            default="customers",
            label=t("tiers.mix.of"),
            name=lambda code: t(f"tiers.figure.{code}"),
        )
        draw(_mix_chart(view, frame, FIGURES[figure]))


def _mix_subtitle(view: View, frame: pl.DataFrame, figure: str, offered: tuple[str, ...]) -> str:
    parts = [t(f"tiers.mix.subtitle_{figure}")]
    if not frame["whole"].all():
        parts.append(t("tiers.mix.short", month=i18n.month(tiers.first_whole(view))))
    if "profit" not in offered:
        parts.append(t("tiers.no_profit"))
    if tiers.without_tier(view) != view:
        parts.append(t("tiers.tier_filter"))
    return t("tiers.and").join(parts)


def _mix_chart(view: View, frame: pl.DataFrame, name: str) -> bars.go.Figure:
    months = frame["month"].unique(maintain_order=True).to_list()
    parts: dict[str, list[float | None]] = {}
    texts: dict[str, list[str]] = {}
    ends: dict[str, str] = {}
    for code in scheme(view.scheme).codes:
        rows = frame.filter(pl.col("tier") == code)
        word = i18n.code("tier", code)
        parts[word] = rows[f"{name}_share"].to_list()
        amounts = rows[name].to_list()
        texts[word] = [
            t("tiers.mix.point", share=i18n.share(share), amount=_amount(name, amount))
            for share, amount in zip(parts[word], amounts, strict=True)
        ]
        ends[word] = t("tiers.mix.end", tier=word, share=i18n.share(parts[word][-1]))
    return bars.stacked(
        bucket_labels(months, "month"),
        parts,
        theme.palette(),
        texts=texts,
        end_labels=ends,
        running=not frame["complete"][-1],
        faint=frame.filter(~pl.col("whole"))["month"].n_unique(),
        height=340,
    )


def _amount(name: str, value: float | None) -> str:
    return i18n.number(value) if name == "customers" else kpi.money(value)
