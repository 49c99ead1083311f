"""The customer's dimensions on every fact: the tier of the time, the others of today."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.selection import DIMENSIONS
from metrics.tiers.history import in_spans

TODAY = tuple(dimension for dimension in DIMENSIONS if dimension != "tier")


def today(customers: pl.LazyFrame, names: Sequence[str] = TODAY) -> pl.LazyFrame:
    """The dimensions of today (without the tier, unless asked for); what the CRM lacks is null.

    Returns:
        One row per customer: customer_id and the dimensions (String, or Enum as given).
    """
    present = customers.collect_schema().names()
    return customers.select(
        "customer_id",
        *(name if name in present else pl.lit(None, pl.String).alias(name) for name in names),
    )


def with_dimensions(
    facts: IntoLazyFrameT, customers: IntoLazyFrameT, known: IntoLazyFrameT, *, day: nw.Expr
) -> IntoLazyFrameT:
    """Facts with the tier known on their day and today's other dimensions (portable).

    Anonymous facts, and facts of unknown customers, get null dimensions.

    Args:
        facts: Rows with customer_id (may be null).
        customers: Of `today`.
        known: The `spans` of tier_history.
        day: The day of the fact (Date, may be null).

    Returns:
        The rows of `facts`, as many as before, in no order, with tier, stage, segment, region,
        owner_id, acquisition_channel (String).
    """
    tiered = nw.from_native(in_spans(facts, known, day=day))
    return tiered.join(nw.from_native(customers), on="customer_id", how="left").to_native()
