"""The cards of the tiers page."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard import data
from dashboard.answers import gaps
from dashboard.answers.over_time import SPARK_MONTHS
from dashboard.answers.tiers import (
    DOWN,
    UP,
    mix_months,
    span,
    top,
    topic,
    turns,
    turns_in,
)
from dashboard.reading import Reading, unavailable
from dashboard.view import View


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Trailing-year revenue and profit, the top tier's customers and share, net tier moves."""
    if mix_months(view).is_empty():
        keys = ("revenue_12m", "profit_12m", "top_tier_customers", "top_tier_revenue")
        return dict.fromkeys((*keys, "net_tier_moves"), unavailable("no_customers"))
    figures = {
        "revenue_12m": "revenue_12m_total",
        "profit_12m": "profit_12m_total",
        "top_tier_customers": "customers",
        "top_tier_revenue": "revenue_12m_share",
    }
    readings = {key: _state(view, figure) for key, figure in figures.items()}
    if readings["profit_12m"].value is None:
        readings["profit_12m"] = unavailable("no_profit")
    return {**readings, "net_tier_moves": _net(view)}


def _state(view: View, figure: str) -> Reading:
    """A figure of the top tier's row at the end of the period; months of less than a year out."""
    period = topic(view).period(view)
    end = period.last_month
    rows = mix_months(view).filter(pl.col("tier") == top(view), pl.col("month") <= end)
    now = rows.filter(pl.col("month") == end)
    value = now[figure].item() if now.height else None
    if value is None:
        return unavailable("no_rows")
    trend = rows.filter(pl.col("whole"))
    known = dict(trend.select("month", figure).iter_rows())
    before, year_ago = (
        known.get(days.last_month) if days else None for days in view.earlier(period)
    )
    trend = trend.tail(SPARK_MONTHS)
    return Reading(
        value=value,
        previous=before,
        last_year=year_ago,
        n=now["customers_total"].item(),
        trend=tuple(trend[figure].to_list()),
        running=trend.height > 0 and not trend["complete"][-1],
    )


def _net(view: View) -> Reading:
    if span(view) is None:
        return unavailable("short_year")
    now = turns(view)
    before, year_ago = (
        _net_of(turns_in(view, days)) if days else None
        for days in view.earlier(topic(view).period(view))
    )
    return Reading(_net_of(now), previous=before, last_year=year_ago, n=now["both"])


def _net_of(turned: Mapping[str, int]) -> int | None:
    return turned[UP] - turned[DOWN] if turned else None
