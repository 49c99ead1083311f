"""How long customers stay after a landmark, by the channels on which they were heard before it."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.contact.rule import window
from metrics.survival import lifetimes


def landmark(as_of: date) -> date:
    """The day from which survival by channels is told: `landmark_days` before the last contact."""
    return as_of - timedelta(days=window("landmark_days"))


def stayed(customers: pl.LazyFrame, *, day: date, as_of: date, observed_from: date) -> pl.LazyFrame:
    """What became of customers after a landmark.

    Whoever had been a customer for the whole year before it and was one still (`metrics.survival`,
    which knows of late entry) is followed from the landmark on: so nobody has to survive in order
    to be met on many channels, and everybody had the same time for them.

    Args:
        customers: Columns of customer_mart that `lifetimes` asks for, with first_order_on and
            last_order_on.
        day: The landmark.
        as_of: Last day of the orders, inclusive.
        observed_from: First day of the orders.

    Returns:
        One row per customer who is followed, unordered: customer_id, stay_days (since the
        landmark, Int32), left (whether they had left by then).
    """
    rows = customers.with_columns(first_on="first_order_on", last_on="last_order_on")
    whole = lifetimes(rows, as_of=as_of, observed_from=observed_from)
    # the day of the first purchase lies `entry` days after the birth of the lifetime
    then = pl.col("entry") + (pl.lit(day) - pl.col("first_on")).dt.total_days()
    old = then >= window("reached_days")
    there = whole.filter(old, pl.col("first_on") <= day, pl.col("duration") > then)
    stay = (pl.col("duration") - then).cast(pl.Int32)
    return there.select("customer_id", stay_days=stay, left="event")
