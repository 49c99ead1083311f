"""Why a budget is off: dearer, more, or of another kind."""

from __future__ import annotations

import polars as pl

_LINE = ("subject", "item")


def by_line(lines: pl.LazyFrame, expenses: pl.LazyFrame) -> pl.LazyFrame:
    """Plan and actual of each line with its quantities; lines of one month, whose months are over.

    Args:
        lines: Rows of budget_lines of one budget and of the compared days.
        expenses: Their expenses: line_id, amount, quantity.

    Returns:
        One row per subject × item: planned, actual (minor units), planned_units, units (null where
        a line or an expense tells none).
    """
    bought = expenses.group_by("line_id").agg(
        actual=pl.col("amount").sum(),
        units=pl.col("quantity").sum().cast(pl.Int64),
        _told=pl.col("quantity").is_not_null().all(),
    )
    joined = lines.join(bought, on="line_id", how="left", validate="1:1").with_columns(
        pl.col("actual", "units").fill_null(0), pl.col("_told").fill_null(value=True)
    )
    told = pl.col("_told").all() & pl.col("quantity").is_not_null().all()
    return joined.group_by(_LINE).agg(
        planned=pl.col("planned").sum(),
        actual=pl.col("actual").sum(),
        planned_units=pl.when(told).then(pl.col("quantity").sum().cast(pl.Int64)),
        units=pl.when(told).then(pl.col("units").sum()),
    )


def split(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The variance of each subject by cause: price, quantity, mix, and what cannot be told apart.

    With planned price p = planned ÷ planned units of a line, and P the same of the whole subject:
    price = Σ (actual - units × p); quantity = (Σ units - Σ planned units) × P; mix = Σ units × p -
    Σ units × P: dearer lines took a larger part. Together they are the variance of the lines that
    tell quantities; that of the others is `rest`. The units of a subject are of one kind, so mix
    is told only where at least two of its lines have them.

    Args:
        rows: Of `by_line`.

    Returns:
        One row per subject, sorted: planned, actual, variance, price, quantity, mix, rest (Int64,
        minor units, price + quantity + mix + rest = variance), lines (how many tell quantities).
    """
    told = (pl.col("planned_units") > 0) & pl.col("units").is_not_null()
    told = told.fill_null(value=False)
    plan, units, before = (
        pl.when(told).then(pl.col(name)).otherwise(0)
        for name in ("planned", "units", "planned_units")
    )
    at_plan = pl.when(told).then(pl.col("units") * pl.col("planned") / pl.col("planned_units"))
    spent = pl.when(told).then(pl.col("actual")).otherwise(0)
    price = (spent.sum() - at_plan.fill_null(0.0).sum()).round().cast(pl.Int64)
    usual = pl.when(before.sum() > 0).then(plan.sum() / before.sum()).otherwise(0.0)
    quantity = ((units.sum() - before.sum()) * usual).round().cast(pl.Int64)
    of_told = spent.sum() - plan.sum()
    variance = pl.col("actual").sum() - pl.col("planned").sum()
    return (
        rows.group_by("subject")
        .agg(
            planned=pl.col("planned").sum(),
            actual=pl.col("actual").sum(),
            variance=variance,
            price=price,
            quantity=quantity,
            mix=of_told - price - quantity,
            rest=variance - of_told,
            lines=told.sum().cast(pl.Int64),
        )
        .sort("subject", nulls_last=True)
    )
