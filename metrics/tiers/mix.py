"""Tier mix by month, and movement between tiers from one date to another."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, is_complete, spine
from metrics.measure import measure, ratio
from metrics.tiers.scheme import Scheme

NEW = "new"
GONE = "gone"
_FIGURES = ("customers", "revenue_12m", "profit_12m")


def mix_measures() -> dict[str, pl.Expr]:
    """Customers, trailing-year revenue and profit: the additive parts of every mix.

    Returns:
        Measures over tier_months of ONE month (states of different months do not add up):
        customers, revenue_12m, profit_12m (null if no profit is recorded).
    """
    profit = pl.col("profit_12m")
    return {
        "customers": pl.col("customers").sum(),
        "revenue_12m": pl.col("revenue_12m").sum(),
        "profit_12m": pl.when(profit.count() > 0).then(profit.sum()),
    }


def tier_mix(months: pl.LazyFrame, *, scheme: Scheme, as_of: date) -> pl.LazyFrame:
    """Customers, revenue and profit by tier at each month end, with their shares.

    Revenue and profit are those of the trailing 12 months, the money that decides the tier. A
    share is null where the total is not positive: parts of a loss are no shares. Select
    customers by other dimensions before; a filter on tier would make every share 1.

    Args:
        months: tier_months, filtered as wanted.
        scheme: The tiers of the rows.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per month × tier, also where a tier is empty: month, tier, rank (1 is best),
        customers, customers_total, customers_share, revenue_12m, revenue_12m_total,
        revenue_12m_share, profit_12m, profit_12m_total, profit_12m_share (shares 0 to 1, a loss
        makes them leave that range), complete (false in the running month). Sorted by month,
        rank. No rows if `months` has none.
    """
    counted = measure(months, "month", "tier", **mix_measures())
    return (
        _grid(months, scheme, as_of)
        .join(counted, on=["month", "tier"], how="left", validate="1:1")
        .with_columns(pl.col("customers", "revenue_12m").fill_null(0))
        .with_columns(profit_12m=_zero_if_known(pl.col("profit_12m")))
        .with_columns(pl.col(_FIGURES).sum().over("month").name.suffix("_total"))
        .with_columns(_share(name) for name in _FIGURES)
        .with_columns(
            profit_12m_total=pl.when(pl.col("profit_12m").is_not_null()).then("profit_12m_total"),
            complete=is_complete(pl.col("month"), Grain.MONTH, as_of=as_of),
        )
        .select(
            "month",
            "tier",
            "rank",
            *(f"{name}{suffix}" for name in _FIGURES for suffix in ("", "_total", "_share")),
            "complete",
        )
        .sort("month", "rank")
    )


def with_new_and_gone(ends: pl.LazyFrame) -> pl.LazyFrame:
    """Tiers at two dates with "new" and "gone" in place of the nulls: those were no customers."""
    return ends.with_columns(pl.col("from_tier").fill_null(NEW), pl.col("to_tier").fill_null(GONE))


def movement(ends: pl.LazyFrame, *, scheme: Scheme) -> pl.LazyFrame:
    """Customers by their tier at two dates: who stayed, rose, fell, came and left.

    Each date stands for the end of its month (the running month: as_of). "new" were no customers
    yet at the start, "gone" were deleted in between; who came and left in between is in neither.
    Silent customers do not leave, they are in the lowest tier. So the rows add up to the mix at
    the start, the columns to the mix at the end.

    Args:
        ends: The tiers at both dates, of `tiers_between` or `ends`.
        scheme: The tiers.

    Returns:
        One row per pair, also where nobody moved: from_tier (a tier or "new"), to_tier (a tier or
        "gone"), customers, from_customers (all of that from_tier), share (of them, 0 to 1, null
        if there are none); sorted by rank, "new" and "gone" last.
    """
    counted = measure(
        with_new_and_gone(ends),
        "from_tier",
        "to_tier",
        customers=pl.len().cast(pl.Int64),
    )
    origins = pl.LazyFrame({"from_tier": [*scheme.codes, NEW]}).with_row_index("_from")
    targets = pl.LazyFrame({"to_tier": [*scheme.codes, GONE]}).with_row_index("_to")
    return (
        origins.join(targets, how="cross")
        .filter(~((pl.col("from_tier") == NEW) & (pl.col("to_tier") == GONE)))
        .join(counted, on=["from_tier", "to_tier"], how="left", validate="1:1")
        .with_columns(customers=pl.col("customers").fill_null(0))
        .with_columns(from_customers=pl.col("customers").sum().over("from_tier"))
        .with_columns(share=ratio(pl.col("customers"), pl.col("from_customers")))
        .sort("_from", "_to")
        .drop("_from", "_to")
    )


def _grid(months: pl.LazyFrame, scheme: Scheme, as_of: date) -> pl.LazyFrame:
    first: date | None = months.select(pl.col("month").min()).collect().item()
    after = as_of + timedelta(days=1)
    spined = spine(first or after, after, Grain.MONTH).rename({"bucket": "month"})
    tiers = {"tier": scheme.codes, "rank": [tier.rank for tier in scheme.tiers]}
    return spined.join(pl.LazyFrame(tiers), how="cross")


def _zero_if_known(profit: pl.Expr) -> pl.Expr:
    known = profit.is_not_null().any().over("month")
    return pl.when(known).then(profit.fill_null(0))


def _share(name: str) -> pl.Expr:
    total = pl.col(f"{name}_total")
    return pl.when(total > 0).then(ratio(pl.col(name), total)).alias(f"{name}_share")
