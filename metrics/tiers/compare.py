"""Tiers beside something else: another scheme, the time spent in them, a reference mix."""

from __future__ import annotations

from datetime import date
from itertools import product

import polars as pl

from metrics.measure import measure, ratio
from metrics.tiers.scheme import Scheme

_LONG = 12  # months in a tier


def cross(customers: pl.LazyFrame, one: Scheme, other: Scheme) -> pl.LazyFrame:
    """How two schemes classify the same customers.

    Args:
        customers: One row per customer: tier (by `one`), other (by `other`); null in both for who
            never bought.
        one: The scheme of the rows.
        other: That of the columns.

    Returns:
        One row per pair, also the empty ones, best first: tier, other, customers, tier_customers
        (all of that tier), share (of these, 0 to 1, null if there are none).
    """
    counted = measure(customers, "tier", "other", customers=pl.len().cast(pl.Int64))
    pairs = pl.LazyFrame(
        list(product(one.codes, other.codes)), schema=["tier", "other"], orient="row"
    )
    return (
        pairs.join(counted, on=["tier", "other"], how="left", maintain_order="left", validate="1:1")
        .with_columns(customers=pl.col("customers").fill_null(0))
        .with_columns(tier_customers=pl.col("customers").sum().over("tier"))
        .with_columns(share=ratio(pl.col("customers"), pl.col("tier_customers")))
    )


def by_tier(customers: pl.LazyFrame, scheme: Scheme, *, as_of: date) -> pl.LazyFrame:
    """The mix beside the one that the plan's example expects, and how long tiers are kept.

    The months in a tier are those since the month end at which a customer was first in it again,
    the present one not counted: 0 for who changed in the running month.

    Args:
        customers: One row per customer: tier (null: never bought, left out), tier_since (Date,
            the month).
        scheme: The tiers.
        as_of: Last day of the data.

    Returns:
        One row per tier, best first: tier, customers, share (0 to 1, null without customers),
        expected (null where the plan gives no mix), difference (share less expected),
        median_months, long_share (12 months or more; both null without customers).
    """
    since = pl.col("tier_since")
    months = (as_of.year - since.dt.year()) * 12 + (as_of.month - since.dt.month().cast(pl.Int32))
    rows = customers.filter(pl.col("tier").is_not_null()).with_columns(_months=months)
    told = measure(
        rows,
        "tier",
        customers=pl.len().cast(pl.Int64),
        median_months=pl.col("_months").median(),
        long_share=(pl.col("_months") >= _LONG).mean(),
    )
    mix = [tier.mix for tier in scheme.tiers]
    tiers = pl.LazyFrame({"tier": scheme.codes, "expected": pl.Series(mix, dtype=pl.Float64)})
    return (
        tiers.join(told, on="tier", how="left", maintain_order="left", validate="1:1")
        .with_columns(customers=pl.col("customers").fill_null(0))
        .with_columns(share=ratio(pl.col("customers"), pl.col("customers").sum()))
        .with_columns(difference=pl.col("share") - pl.col("expected"))
        .select(
            "tier", "customers", "share", "expected", "difference", "median_months", "long_share"
        )
    )
