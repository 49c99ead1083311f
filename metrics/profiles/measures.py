"""Measures over the marts of customer files, audits and accounts: ratios of sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.calendar import shift_months
from metrics.measure import count
from metrics.rules import load

TWINS = ("phone_twin", "email_twin", "name_twin")

# Measure: what is counted, of what. Each a pair of expressions that can be added up.
Pair = tuple[pl.Expr, pl.Expr]


def filled(names: Sequence[str]) -> Pair:
    """Entries known, of entries there should be: one of each name for every customer."""
    return (
        pl.sum_horizontal(pl.col(name).sum() for name in names).cast(pl.Int64),
        pl.len().cast(pl.Int64) * len(names),
    )


def alone() -> Pair:
    """Customers who share neither phone, e-mail nor name and region with another, of all."""
    single = pl.all_horizontal(pl.col(name).is_null() for name in TWINS)
    return count(single), pl.len().cast(pl.Int64)


def usable_details(names: Sequence[str]) -> Pair:
    """Phone numbers and e-mail addresses that can be used, of those that are known.

    Args:
        names: phone, email or both.
    """
    valid = [pl.col(f"{name}_valid") for name in names]
    good = pl.sum_horizontal(each.sum() for each in valid).cast(pl.Int64)
    return good, pl.sum_horizontal(each.count() for each in valid).cast(pl.Int64)


def stale() -> Pair:
    """Files out of date, of all."""
    return count(pl.col("stale")), pl.len().cast(pl.Int64)


def fresh() -> Pair:
    """Customers with a tier of whom something was heard lately, of those with a tier."""
    return count(pl.col("fresh")), pl.col("fresh").count().cast(pl.Int64)


def churned_as_potential() -> Pair:
    """Churned customers recorded as potential, of the churned with a record."""
    gone = (pl.col("stage") == "churned").fill_null(value=False)
    recorded = gone & pl.col("potential").is_not_null()
    return count(gone & pl.col("potential")), count(recorded)


def consent_kept() -> Pair:
    """Contacts with customers who agreed, of contacts with customers who were asked."""
    contacts = pl.col("contacts").cast(pl.Int64)
    agreed = pl.when(pl.col("consent")).then(contacts).sum()
    return agreed, pl.when(pl.col("consent").is_not_null()).then(contacts).sum()


def right(column: str, blocks: Sequence[str]) -> Pair:
    """Audited entries of some blocks that were right (accurate, or consistent), of those judged."""
    of = pl.col("block").is_in(list(blocks))
    return count(of & pl.col(column)), count(of & pl.col(column).is_not_null())


def audited(facts: pl.LazyFrame, *, as_of: date, years_back: int = 0) -> pl.LazyFrame:
    """Audits of the months of the rule up to as_of, or of as many months some years earlier."""
    end = shift_months(as_of, -12 * years_back)
    start = shift_months(end, -load("data_quality")["audits"]["months"])
    return facts.filter(pl.col("audited_on") > start, pl.col("audited_on") <= end)


def accounts(identities: IntoLazyFrameT) -> IntoLazyFrameT:
    """Accounts on every channel, and of these those known to be a customer's (portable).

    Returns:
        One row per channel (null if unknown), unordered: channel, accounts, matched (Int64).
    """
    return (
        nw.from_native(identities)
        .group_by("channel")
        .agg(
            accounts=nw.len().cast(nw.Int64),
            matched=nw.col("customer_id").count().cast(nw.Int64),
        )
        .to_native()
    )


def order_entries(orders: IntoLazyFrameT) -> IntoLazyFrameT:
    """Orders, and those that say whose they are, their profit and their channel (portable).

    Returns:
        One row: orders, with_customer_id, with_profit, with_channel (Int64).
    """
    rows = nw.from_native(orders)
    present = rows.collect_schema().names()
    names = [name for name in ("customer_id", "profit", "channel") if name in present]
    counted = {f"with_{name}": nw.col(name).count().cast(nw.Int64) for name in names}
    return rows.select(orders=nw.col("order_id").count().cast(nw.Int64), **counted).to_native()
