"""Measures: aggregating expressions that card, trend and breakdown share."""

from __future__ import annotations

import polars as pl


def measure(frame: pl.LazyFrame, *by: str, **measures: pl.Expr) -> pl.LazyFrame:
    """Measures over all rows, or once per distinct value of `by`, sorted by `by` (nulls last)."""
    if not by:
        return frame.select(**measures)
    return frame.group_by(by).agg(**measures).sort(by, nulls_last=True)


def count(holds: pl.Expr) -> pl.Expr:
    """How many rows it is true for, signed, so that counts can be subtracted; null is not true."""
    return holds.sum().cast(pl.Int64)


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """`part / whole` as a float, or null where there is nothing to divide by."""
    return pl.when(whole != 0).then(part / whole)
