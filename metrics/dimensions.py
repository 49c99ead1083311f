"""The customer's dimensions on every fact: the tier of the time, the others of today."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from metrics.selection import DIMENSIONS
from metrics.tiers.history import with_tier

TODAY = tuple(dimension for dimension in DIMENSIONS if dimension != "tier")


def today(customers: pl.LazyFrame, names: Sequence[str] = TODAY) -> pl.LazyFrame:
    """The dimensions of today (without the tier, unless asked for); what the CRM lacks is null.

    Returns:
        One row per customer: customer_id and the dimensions (String).
    """
    present = customers.collect_schema().names()
    return customers.select(
        "customer_id",
        *(
            pl.col(name).cast(pl.String) if name in present else pl.lit(None, pl.String).alias(name)
            for name in names
        ),
    )


def with_dimensions(
    facts: pl.LazyFrame, customers: pl.LazyFrame, history: pl.LazyFrame, *, day: str
) -> pl.LazyFrame:
    """Facts with the tier known on their day and today's other dimensions.

    Anonymous facts, and facts of unknown customers, get null dimensions.

    Args:
        facts: Rows with customer_id (may be null) and the Date column `day`.
        customers: customer_id (unique) and dimensions.
        history: tier_history.
        day: Name of the column with the day of the fact.

    Returns:
        The rows of `facts`, as many as before, in no order, with tier, stage, segment, region,
        owner_id, acquisition_channel (String).

    Raises:
        polars.exceptions.ComputeError: On collecting, if a customer occurs twice.
    """
    return with_tier(facts, history, day=day).join(
        today(customers), on="customer_id", how="left", validate="m:1"
    )
