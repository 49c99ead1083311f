"""Customers in a grid: by quintile of recency and money, or by the axes of a scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import polars as pl

from metrics.measure import measure
from metrics.tiers.condition import known_fields

FIFTHS = ("1", "2", "3", "4", "5")
"""The best fifth first."""


def fifth_limits(customers: pl.DataFrame, field: str) -> tuple[float | None, ...]:
    """The value of the last customer of the best 20, 40, 60 and 80 %, rounded up as tiers are.

    Args:
        customers: Everybody who is ranked.
        field: One of those in `tiers.toml`; null is not ranked.

    Returns:
        Four values; null without customers.
    """
    ranked = customers[field].drop_nulls().sort(descending=not known_fields()[field].low_first)
    places = [-(-len(ranked) * part // 5) - 1 for part in range(1, 5)]
    return tuple(ranked[place] if place >= 0 else None for place in places)


def fifth(field: str, limits: Sequence[float | None]) -> pl.Expr:
    """In which fifth of everybody a customer is, 1 is best; who ties is in the better one.

    Returns:
        Expression (Enum of `FIFTHS`): null where the field is null or nobody was ranked.
    """
    codes, value = pl.Enum(FIFTHS), pl.col(field)
    if None in limits:
        return pl.lit(None, codes)
    chain = pl.when(value.is_not_null()).then(pl.lit(FIFTHS[-1], codes))
    for code, limit in reversed(list(zip(FIFTHS[:-1], limits, strict=True))):
        within = value <= limit if known_fields()[field].low_first else value >= limit
        chain = pl.when(within).then(pl.lit(code, codes)).otherwise(chain)
    return chain


def grid(customers: pl.LazyFrame, axes: Mapping[str, Sequence[str]]) -> pl.LazyFrame:
    """Customers and their yearly revenue in every cell, also the empty ones.

    Args:
        customers: One row per customer: a column of each axis, revenue_12m; rows with a null in
            an axis are in no cell.
        axes: The codes of each axis, in their order.

    Returns:
        One row per cell in the order of the axes: the axes, customers, revenue_12m.
    """
    found = customers.with_columns(pl.col(list(axes)).cast(pl.String))
    told = measure(
        found, *axes, customers=pl.len().cast(pl.Int64), revenue_12m=pl.col("revenue_12m").sum()
    )
    cells = pl.LazyFrame(
        list(product(*axes.values())), schema=dict.fromkeys(axes, pl.String()), orient="row"
    )
    return cells.join(
        told, on=list(axes), how="left", maintain_order="left", validate="1:1"
    ).with_columns(pl.col("customers", "revenue_12m").fill_null(0))
