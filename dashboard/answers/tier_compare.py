"""Tiers beside another scheme, a reference mix, the time spent in them, and in a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from dashboard import data
from dashboard.answers.tiers import without_tier
from dashboard.settings import settings
from dashboard.view import View
from metrics import lifecycle
from metrics.tiers import compare
from metrics.tiers import grid as grids
from metrics.tiers.scheme import scheme

MART = "customer_mart"
_RFM = ("silent_days", "revenue_12m")


def both(view: View, other: str) -> pl.LazyFrame:
    """The chosen customers, whatever tier is filtered, with `other`: the tier by that scheme."""
    view = without_tier(view)
    theirs = data.selected(replace(view, scheme=other), MART).select(other="tier")
    rows = data.selected(view, MART)  # the same rows in the same order
    return pl.concat([rows, theirs], how="horizontal").filter(pl.col("tier").is_not_null())


@data.answer
def cross(view: View, other: str) -> pl.DataFrame:
    """How the scheme of the view and another classify the same customers, see `compare.cross`."""
    return compare.cross(both(view, other), scheme(view.scheme), scheme(other)).collect()


@data.answer
def by_tier(view: View) -> pl.DataFrame:
    """Today's mix beside the expected one, and the time in tier, see `compare.by_tier`."""
    rows, today = data.selected(without_tier(view), MART), data.as_of(view, "orders")
    return compare.by_tier(rows, scheme(view.scheme), as_of=today).collect()


def axes(view: View) -> Mapping[str, tuple[str, ...]]:
    """What the grid of a scheme goes by: its axes, or recency and money, or the stage."""
    chosen = scheme(view.scheme)
    if chosen.axes:
        return {"tier": chosen.codes, **{axis.code: axis.codes for axis in chosen.axes}}
    if {*_RFM, "purchases_12m"} <= set(chosen.fields):
        return dict.fromkeys(_RFM_AXES, grids.FIFTHS)
    return {"tier": chosen.codes, "stage": lifecycle.STAGES}


_RFM_AXES = ("recency", "money")


@data.once
def _limits(view: View) -> tuple[tuple[float | None, ...], ...]:
    """The fifths of everybody who ever bought, by recency and by money."""
    bought = data.frame(view, MART).filter(pl.col("first_order_on").is_not_null())
    rows = bought.select(_RFM).collect()
    return tuple(grids.fifth_limits(rows, name) for name in _RFM)


def in_cells(view: View) -> pl.LazyFrame:
    """The chosen customers who ever bought, with a column of each of the `axes`."""
    rows = data.selected(without_tier(view), MART).filter(pl.col("tier").is_not_null())
    asked, chosen = axes(view), scheme(view.scheme)
    scale = settings().money_scale
    levels = {axis.code: axis.level(money_scale=scale) for axis in chosen.axes}
    if _RFM_AXES[0] in asked:
        fifths = zip(_RFM_AXES, _RFM, _limits(view), strict=True)
        levels = {axis: grids.fifth(name, limits) for axis, name, limits in fifths}
    return rows.with_columns(**levels)


@data.answer
def grid(view: View) -> pl.DataFrame:
    """Customers and yearly revenue in every cell of the `axes`, see `metrics.tiers.grid.grid`."""
    return grids.grid(in_cells(view), axes(view)).collect()
