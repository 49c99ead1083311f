"""The tiers that a CRM keeps, beside those that the rules give, and the needs it records."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.measure import measure, ratio
from metrics.tiers.scheme import scheme_codes
from metrics.tiers.versions import named

_KEPT = ("recorded", "review_correct")
OF_PAIRS = ("tier", *_KEPT, "stage")


def kept(records: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """What the CRM says on a day of the tier and the need of each customer.

    In force is the record that began last of those valid on the day, one for each customer and
    scheme. The need is the one recorded last under any scheme, valid or not.

    Args:
        records: Contract table tier_records with its day columns.
        as_of: The day.

    Returns:
        One row per customer with a record, unordered: customer_id, recorded (null without a record
        in force) and review_correct (null if nobody looked) of each scheme, core_need (null: none
        recorded).
    """
    begun = records.filter(pl.col("valid_from_on") <= as_of)
    latest = begun.sort("valid_from_at", "record_id", maintain_order=True)
    valid = pl.col("valid_to_on").is_null() | (pl.col("valid_to_on") > as_of)
    told = {
        named(name, code): pl.col(column).filter(valid, pl.col("scheme") == code).last()
        for code in scheme_codes()
        for name, column in zip(_KEPT, ("tier", "review_correct"), strict=True)
    }
    need = pl.col("core_need").drop_nulls().last()
    return latest.group_by("customer_id").agg(**told, core_need=need)


def pairs(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Customers by recorded and computed tier.

    Args:
        customers: How many there are by what `OF_PAIRS` names: tier (computed; null: never bought,
            left out), recorded, review_correct, stage; and rows.

    Returns:
        One row per pair that occurs, also those without a record, sorted: recorded, tier,
        customers, active (of them, not churned), reviewed, correct.
    """
    rows, seen = pl.col("rows"), pl.col("review_correct")
    active = (pl.col("stage") != "churned").fill_null(value=True)
    return measure(
        customers.filter(pl.col("tier").is_not_null()),
        "recorded",
        "tier",
        customers=rows.sum(),
        active=rows.filter(active).sum(),
        reviewed=rows.filter(seen.is_not_null()).sum(),
        correct=rows.filter(seen).sum(),
    )


def coverage() -> pl.Expr:
    """Active customers with a record in force: 0 to 1, null without active ones.

    Returns:
        Measure over rows of `pairs`.
    """
    held = pl.col("active").filter(pl.col("recorded").is_not_null())
    return ratio(held.sum(), pl.col("active").sum())


def agreement() -> pl.Expr:
    """Records whose tier is the one that the rule gives today: 0 to 1, null without records.

    Returns:
        Measure over rows of `pairs`.
    """
    same, kept = pl.col("recorded") == pl.col("tier"), pl.col("recorded").is_not_null()
    customers = pl.col("customers")
    return ratio(customers.filter(same).sum(), customers.filter(kept).sum())


def accuracy() -> pl.Expr:
    """Reviewed records that the reviewer found right: 0 to 1, null if nobody reviewed any.

    Returns:
        Measure over rows of `pairs`.

    References:
        S0 segmentation accuracy ≥ 90 %, S2 ≥ 85 %.
    """
    return ratio(pl.col("correct").sum(), pl.col("reviewed").sum())
