"""What a customer needs most and how to look after them: the table of needs by tier."""

from __future__ import annotations

import polars as pl

from metrics.rules import load


def needs() -> tuple[str, ...]:
    """The needs that a strategy answers."""
    return tuple(load("tier_care")["strategies"])


def with_care(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Customers with their core need and the strategy that is suggested for it.

    A need that the CRM records goes before the one that the rules assume of the tier; one that no
    strategy answers is shown, and the strategy is that of the assumed need.

    Args:
        customers: tier, complaints_12m, core_need (null: not recorded).

    Returns:
        The rows with need, strategy (codes; null without a tier, the need unless recorded) and
        need_recorded.
    """
    rules = load("tier_care")
    assumed = pl.lit(None, pl.String)
    for rule in reversed(rules["needs"]):
        fits = pl.col("tier").cast(pl.String).is_in(rule["tiers"])
        if "complaints_from" in rule:
            fits &= pl.col("complaints_12m") >= rule["complaints_from"]
        assumed = pl.when(fits).then(pl.lit(rule["need"])).otherwise(assumed)
    recorded = pl.col("core_need")
    answered = pl.when(recorded.is_in(needs())).then(recorded).otherwise(assumed)
    return customers.with_columns(
        need=pl.coalesce(recorded, assumed),
        need_recorded=recorded.is_not_null(),
        strategy=answered.replace_strict(rules["strategies"], default=None, return_dtype=pl.String),
    )
