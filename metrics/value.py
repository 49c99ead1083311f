"""What a customer is worth in a year and in a lifetime, at month ends, by the plans' formulas."""

from __future__ import annotations

import polars as pl

from metrics.calendar import shift_months
from metrics.measure import measure, ratio


def yearly_value() -> pl.Expr:
    """Revenue of the trailing year of each customer who bought in it.

    Returns:
        Measure over the rows of one month of tier_months: 10**-money_scale; null without buyers.
    """
    return ratio(pl.col("revenue_12m").sum(), pl.col("buyers").sum())


def formula_value(yearly: pl.Expr, retention: pl.Expr, *, years: int, cost: int) -> pl.Expr:
    """CLV as the plans write it: ARPU × retention × lifetime - acquisition cost.

    ARPU is the year's revenue of a buyer, lifetime 1 + r + r² + … over so many years at a retention
    of r. It counts churn twice (a lifetime contains the retention already) and takes revenue for
    profit; it is here because the plans set their targets on it. The `clv` of a customer is another
    figure (`metrics/clv`).

    Returns:
        10**-money_scale; null where either is unknown.

    References:
        S3 1.3.2; over five years, S3 5.3.
    """
    lifetime = pl.sum_horizontal(retention**age for age in range(years))
    return yearly * retention * pl.when(retention.is_not_null()).then(lifetime) - cost


def value_months(
    tiers: pl.LazyFrame, retention: pl.LazyFrame, *, years: int, cost: int
) -> pl.DataFrame:
    """Value of a customer at each month end, in a year and in a lifetime.

    Args:
        tiers: tier_months, filtered as wanted; only months whose trailing year is in the data.
        retention: retention_months, of the same customers.
        years: Over which a lifetime is reckoned.
        cost: Of winning a customer, 10**-money_scale.

    Returns:
        One row per month: month, buyers, yearly, growth (on the same month a year before, as a
        share; null where that is not known or 0), retention, base (customers that the retention is
        of), clv (null where the retention is); ascending.
    """
    worth = measure(tiers, "month", buyers=pl.col("buyers").sum(), yearly=yearly_value())
    kept = measure(
        retention,
        "month",
        base=pl.col("base").sum(),
        retention=ratio(pl.col("retained").sum(), pl.col("base").sum()),
    )
    rows = worth.join(kept, on="month", how="left", validate="1:1").collect()
    known = dict(rows.select("month", "yearly").iter_rows())
    before = [known.get(shift_months(month, -12)) for month in rows["month"]]
    clv = formula_value(pl.col("yearly"), pl.col("retention"), years=years, cost=cost)
    return (
        rows.with_columns(_before=pl.Series(before, dtype=pl.Float64))
        .select(
            "month",
            "buyers",
            "yearly",
            growth=ratio(pl.col("yearly"), pl.col("_before")) - 1,
            retention="retention",
            base="base",
            clv=clv,
        )
        .sort("month")
    )
