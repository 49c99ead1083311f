"""What the data-health page asks of customer files: known, usable, double, out of date."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard import data
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.intervals import wilson
from metrics.measure import measure, ratio
from metrics.profiles import measures
from metrics.profiles.facts import BLOCKS, entries
from metrics.profiles.measures import Pair
from metrics.rules import load

KEYS = (
    *("complete_core", "one_file", "consent_kept", "fresh_files", "complete_preferences"),
    *("valid_details", "stale_files", "churned_as_potential"),
)
_BLOCKS = {"complete_core": "basic", "complete_preferences": "preference"}
_ORDER_ENTRIES = ("customer_id", "profit", "channel")
_TRANSACTION = "transaction"


def there(view: View, *names: str) -> tuple[str, ...]:
    """Of columns of `customers` those that the CRM has."""
    lacking = data.lacking(view, "customers")
    return tuple(name for name in names if name not in lacking)


@data.answer
def readings(view: View) -> dict[str, Reading]:
    """The measures of the chosen customers' files, as of today; all are read, none sampled."""
    pairs: dict[str, Pair] = {
        key: measures.filled(names) for key, names in _asked(view).items() if names
    }
    pairs |= {
        "one_file": measures.alone(),
        "consent_kept": measures.consent_kept(),
        "fresh_files": measures.fresh(),
        "valid_details": measures.usable_details(("phone", "email")),
        "stale_files": measures.stale(),
        "churned_as_potential": measures.churned_as_potential(),
    }
    found = shares(data.counted(view, "profile_facts"), pairs)
    return {key: found.get(key, unavailable("no_rows")) for key in KEYS}


def _asked(view: View) -> dict[str, tuple[str, ...]]:
    return {key: there(view, *entries(block)) for key, block in _BLOCKS.items()}


def shares(
    facts: pl.LazyFrame, pairs: dict[str, Pair], *, sampled: bool = False
) -> dict[str, Reading]:
    """Readings of measures that are a part of a whole.

    Args:
        facts: What they are counted in.
        pairs: Part and whole by key.
        sampled: Whether the rows are a sample of more: then with Wilson's 95 % interval.
    """
    asked: dict[str, pl.Expr] = {}
    for key, (part, whole) in pairs.items():
        low, high = wilson(part, whole)
        asked |= {key: ratio(part, whole), f"{key}_n": whole}
        asked |= {f"{key}_low": low, f"{key}_high": high}
    row: dict[str, Any] = measure(facts, **asked).collect().row(0, named=True)
    return {key: _reading(row, key, sampled=sampled) for key in pairs}


def _reading(row: dict[str, Any], key: str, *, sampled: bool) -> Reading:
    if row[key] is None:
        return unavailable("no_rows")
    if not sampled:
        return Reading(row[key], n=row[f"{key}_n"])
    return Reading(row[key], n=row[f"{key}_n"], low=row[f"{key}_low"], high=row[f"{key}_high"])


@data.answer
def completeness(view: View) -> pl.DataFrame:
    """Each entry of the file's three blocks: how often it is known.

    Returns:
        block, entry, share (0 to 1; null where there is nothing to fill, or the CRM has no such
        column), missing (entries not known), n (customers; of the block transaction orders),
        core (whether a target of 100 % holds). Orders are those of the company, whatever is chosen.
    """
    names = {name: block for block in BLOCKS for name in entries(block)}
    known = there(view, *names)
    counts = data.counted(view, "profile_facts").select(
        pl.len().cast(pl.Int64).alias("n"), *(pl.col(name).sum().cast(pl.Int64) for name in known)
    )
    row = counts.collect().row(0, named=True)
    rows = [
        _entry(block, name, row.get(name), row["n"], core=block == "basic")
        for name, block in names.items()
    ]
    orders = _orders(view)
    lacking = data.lacking(view, "orders")
    rows += [
        _entry(
            _TRANSACTION,
            name,
            None if name in lacking else orders.get(f"with_{name}"),
            orders.get("orders", 0),
            core=name == "customer_id",
        )
        for name in _ORDER_ENTRIES
    ]
    rank = {"basic": 0, _TRANSACTION: 1, "preference": 2}
    return pl.DataFrame(sorted(rows, key=lambda each: rank[each["block"]]), schema=_ENTRY)


_ENTRY = {
    "block": pl.String,
    "entry": pl.String,
    "share": pl.Float64,
    "missing": pl.Int64,
    "n": pl.Int64,
    "core": pl.Boolean,
}


def _entry(block: str, entry: str, filled: int | None, n: int, *, core: bool) -> dict[str, Any]:
    told = filled if n else None
    return {
        "block": block,
        "entry": entry,
        "share": None if told is None else told / n,
        "missing": None if told is None else n - told,
        "n": n,
        "core": core,
    }


def _orders(view: View) -> dict[str, Any]:
    """Of `order_entries`; empty for a reader with a limited scope."""
    rows = data.frame(view, "order_entries").collect()
    return rows.row(0, named=True) if rows.height else {}


@data.once
def orders_named(view: View) -> Reading:
    """Orders that say whose they are, of all orders of the company."""
    row = _orders(view)
    if not row.get("orders"):
        return unavailable("no_rows")
    return Reading(row["with_customer_id"] / row["orders"], n=row["orders"])


@data.answer
def duplicates(view: View) -> pl.DataFrame:
    """Customers who share something with another: by, groups, customers, n, share.

    `by` is phone, email, name (name and region) or any. Groups are counted where at least one
    chosen customer is in them; of any there are none, because groups overlap. Null where the CRM
    does not have what would be shared.
    """
    single, whole = measures.alone()
    asked: dict[str, pl.Expr] = {"n": whole, "any": whole - single}
    for name in measures.TWINS:
        twin = pl.col(name)
        asked |= {name: twin.count().cast(pl.Int64), f"{name}_groups": twin.drop_nulls().n_unique()}
    row = measure(data.counted(view, "profile_facts"), **asked).collect().row(0, named=True)
    kinds = {name: name.removesuffix("_twin") for name in (*measures.TWINS, "any")}
    told = ("any", *there(view, *kinds.values()))
    rows = [
        {
            "by": by,
            "groups": row.get(f"{name}_groups") if by in told else None,
            "customers": row[name] if by in told else None,
            "n": row["n"],
            "share": row[name] / row["n"] if row["n"] and by in told else None,
        }
        for name, by in kinds.items()
    ]
    schema = {"by": pl.String, "groups": pl.Int64, "customers": pl.Int64, "n": pl.Int64}
    return pl.DataFrame(rows, schema={**schema, "share": pl.Float64})


def months(topic: str, key: str = "months") -> int:
    """A number of months of the rules of data quality."""
    return int(load("data_quality")[topic][key])
