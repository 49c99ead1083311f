"""Come-backs: the day on which a churned customer bought again."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.rules import load


def won_back_on(
    days: pl.DataFrame,
    rhythm: pl.LazyFrame,
    *,
    as_of: date,
    contracts: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """The day a churned customer bought again, if that was within the last 90 days.

    A come-back is a purchase after a silence of at least tau days. Pass the tau that was known
    before those 90 days: the broken silence itself has raised today's, by which hardly anybody
    would ever come back. So is the first purchase later than the day on which the last contract
    ended, if none was open: on the day before it the customer counted as churned.

    Args:
        days: Of `purchase_days.bought_on`, `in_order`.
        rhythm: customer_id (unique), tau_days.
        as_of: Last day of the data, inclusive.
        contracts: Of `churn.readers.contracts`, or None.

    Returns:
        One row per customer who came back: customer_id, won_back_on (the latest come-back),
        broken_silence_days (the silence it ended; null if it was the end of a contract that had
        made the customer churned); sorted by customer_id.
    """
    since = as_of - timedelta(days=load("lifecycle")["won_back"]["within_days"])
    customer, day = pl.col("customer_id"), pl.col("ordered_on")
    before = pl.when(customer == customer.shift(1)).then(day.shift(1))
    recent = days.lazy().with_columns(_before=before).filter(day > since)
    silence = (day - pl.col("_before")).dt.total_days()
    returned = (
        recent.join(rhythm.select("customer_id", "tau_days"), on="customer_id", validate="m:1")
        .with_columns(broken_silence_days=silence)
        .filter(silence >= pl.col("tau_days"))
        .select("customer_id", "ordered_on", "broken_silence_days")
    )
    if contracts is not None:
        returned = pl.concat([returned, _after_contract(recent, contracts)], how="diagonal")
    latest = day == day.max()
    return (
        returned.group_by("customer_id")
        .agg(
            won_back_on=day.max(),
            broken_silence_days=pl.col("broken_silence_days").filter(latest).max(),
        )
        .sort("customer_id")
    )


def _after_contract(purchases: pl.LazyFrame, contracts: pl.LazyFrame) -> pl.LazyFrame:
    """The purchases before which the end of a contract had made the customer churned.

    Args:
        purchases: customer_id, ordered_on, _before (the purchase day before; null if none).
        contracts: Of `churn.readers.contracts`.
    """
    day, ended = pl.col("ordered_on"), pl.col("ended_on")
    begun = contracts.select("customer_id", "started_on", "ended_on")
    nothing_since = (pl.col("_before") < ended).fill_null(value=True)
    return (
        purchases.join(begun, on="customer_id")
        .filter(pl.col("started_on") < day)
        .group_by("customer_id", "ordered_on", "_before")
        .agg(pl.when(ended.is_not_null().all()).then(ended.max()))
        .filter(ended < day, nothing_since)
        .select("customer_id", "ordered_on")
    )
