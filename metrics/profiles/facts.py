"""The mart of customer files: flags, counts and group numbers, never an entry itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.calendar import shift_months
from metrics.profiles.details import (
    email_valid,
    known,
    phone_valid,
    same_name,
    twins,
    usable,
)
from metrics.rules import load
from metrics.selection import DIMENSIONS
from metrics.tiers import versions

BLOCKS = ("basic", "preference")


def entries(block: str) -> tuple[str, ...]:
    """The entries of a block of the file, as columns of `customers`."""
    return tuple(load("data_quality")["entries"][block])


@dataclass(frozen=True, slots=True)
class Files:
    """What a customer's file is judged by.

    Attributes:
        customers: Contract table customers.
        mart: customer_mart: who is not deleted, with dimensions, last order and last contact.
        records: Contract table tier_records.
        contacted: Of `contacted`, by customer_id.
    """

    customers: pl.LazyFrame
    mart: pl.LazyFrame
    records: pl.LazyFrame
    contacted: pl.LazyFrame


def contacted(interactions: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """Contacts that we began in the last months of the rule of consent, per customer (portable).

    Returns:
        One row per customer with one, unordered: customer_id, contacts (Int64).
    """
    since = shift_months(as_of, -load("data_quality")["consent"]["months"])
    ours = nw.col("direction") == "outbound"
    told = ~nw.col("customer_id").is_null() & (nw.col("occurred_on") > since)
    return (
        nw.from_native(interactions)
        .filter(ours, told, nw.col("occurred_on") <= as_of)
        .group_by("customer_id")
        .agg(contacts=nw.len().cast(nw.Int64))
        .to_native()
    )


def profile_facts(files: Files, *, as_of: date) -> pl.LazyFrame:
    """One row per customer who is not deleted: what of the file is known, usable, double, stale.

    No phone number, address or name is in it: flags, counts and numbers of groups. At 2 million
    customers it is made in about 6 s of processor time and 52 MB are held in memory (without the
    ids); the contacts are counted in one pass.

    Args:
        files: What it is made of.
        as_of: Last day of the data.

    Returns:
        Sorted by customer_id: customer_id; the dimensions; a Boolean per entry (`entries`), whether
        it is known; phone_valid, email_valid (null if not known); phone_twin, email_twin, name_twin
        (number of the group with the same, Int32; null if alone); confirmed_on; stale (Boolean);
        fresh (Boolean; null without a tier); potential (Boolean: recorded as potential; null
        without a record in such a scheme); consent (Boolean; null if never asked); contacts
        (Int32, 0 if none).
    """
    people = files.customers.select("customer_id", "region", *_entries(), *_OTHERS)
    facts = people.select(
        "customer_id",
        *(known(pl.col(name)).alias(name) for name in _entries()),
        phone_valid=phone_valid(pl.col("phone")),
        email_valid=email_valid(pl.col("email")),
        confirmed_on=pl.col("profile_updated_on"),
        consent=pl.col("marketing_consent"),
    )
    known_of = files.mart.collect_schema().names()
    dimensions = (*DIMENSIONS, *(name for name in versions.columns()[1:] if name in known_of))
    kept = files.mart.select("customer_id", *dimensions, "last_order_on", "last_contact_on")
    same = people.join(files.mart.select("customer_id"), on="customer_id", how="semi").select(
        "customer_id",
        **{name: twins(key) for name, key in usable(pl.col("phone"), pl.col("email")).items()},
        name_twin=twins(same_name(pl.col("name"), pl.col("region"))),
    )
    joined = kept
    for part in (facts, same, files.contacted, _recorded(files.records, as_of)):
        joined = joined.join(part, on="customer_id", how="left", validate="1:1")
    return (
        joined.with_columns(
            _stale(as_of).alias("stale"),
            _fresh(as_of).alias("fresh"),
            pl.col("contacts").fill_null(0).cast(pl.Int32),
        )
        .drop("last_order_on", "last_contact_on")
        .sort("customer_id")
    )


_OTHERS = ("profile_updated_on", "marketing_consent")


def _entries() -> tuple[str, ...]:
    return tuple(name for block in BLOCKS for name in entries(block))


def _since(as_of: date, months: int, *days: str) -> pl.Expr:
    """Whether any of the days is in the last so many months; unknown days are in none."""
    start = shift_months(as_of, -months)
    return pl.any_horizontal((pl.col(day) > start).fill_null(value=False) for day in days)


def _stale(as_of: date) -> pl.Expr:
    rule: dict[str, Any] = load("data_quality")["stale"]
    confirmed = _since(as_of, rule["unconfirmed_months"], "confirmed_on")
    alive = _since(as_of, rule["silent_months"], "last_order_on", "last_contact_on")
    return ~confirmed & ~alive


def _fresh(as_of: date) -> pl.Expr:
    months = load("data_quality")["fresh"]["months"]
    lately = _since(as_of, months, "last_order_on", "last_contact_on", "confirmed_on")
    return pl.when(pl.col("tier").is_not_null()).then(lately)


def _recorded(records: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Per customer with a record, valid today, in a scheme that knows potential: potential."""
    tiers: list[str] = load("data_quality")["potential"]["tiers"]
    schemes = [tier.partition(".")[0] for tier in tiers]
    valid = (pl.col("valid_from_on") <= as_of) & (
        pl.col("valid_to_on").is_null() | (pl.col("valid_to_on") > as_of)
    )
    code = pl.col("scheme") + "." + pl.col("tier")
    return (
        records.filter(valid, pl.col("scheme").is_in(schemes))
        .group_by("customer_id")
        .agg(potential=code.is_in(tiers).any())
    )
