"""The marts of the page Data health: customer files, audits, accounts, and where tables end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import polars as pl

from dashboard.facts import Customers
from dashboard.inputs import Clock, Events, Tables
from data_access.contract import TABLES
from metrics.numbering import named, numbered, with_numbers
from metrics.profiles.facts import Files, contacted, profile_facts
from metrics.profiles.measures import accounts, order_entries

_CONTACTS = ("customer_id", "occurred_on", "direction")
_AUDITS = ("audit_id", "customer_id", "audited_on", "block", "entry", "accurate", "consistent")


def profile_marts(
    tables: Tables, events: Events, mart: pl.LazyFrame, who: Customers, clock: Clock
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Marts by name: profile_facts, audit_facts, account_counts, order_entries, table_ends.

    Read once: the contacts (three columns), the orders (which entries are null), the accounts, and
    of every other table the time of its events. Kept: a row per customer and per audited entry,
    else a few rows.

    Args:
        tables: The contract tables.
        events: The customers' numbers.
        mart: customer_mart, as written.
        who: By number the dimensions of facts.
        clock: When figures are judged.
    """
    yield "profile_facts", _files(tables, events, mart, clock.day("orders"))
    yield "audit_facts", _audits(tables, who)
    by_channel = tables.engine.fetch(accounts(tables.events("identities")))
    yield "account_counts", by_channel.sort("channel", nulls_last=True)
    yield "order_entries", tables.engine.fetch(order_entries(tables.events("orders")))
    yield "table_ends", _ends(tables.read)


def _files(tables: Tables, events: Events, mart: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    contacts = numbered(tables.events("interactions"), events.lent, *_CONTACTS)
    counts = tables.engine.fetch(contacted(contacts, as_of=as_of))
    files = Files(
        customers=tables.read("customers"),
        mart=mart,
        records=tables.read("tier_records"),
        contacted=named(counts, events.numbers),
    )
    return profile_facts(files, as_of=as_of)


def _audits(tables: Tables, who: Customers) -> pl.LazyFrame:
    numbers = tables.engine.lend(who.numbers)
    rows = with_numbers(tables.events("profile_audits"), numbers)
    ordered = tables.engine.in_order(rows, ("audited_on", "audit_id"))
    beside = who.dimensions.beside(ordered, day=pl.col("audited_on"))
    return beside.select(*_AUDITS, *(name for name in _dimensions(beside) if name not in _AUDITS))


def _dimensions(frame: pl.LazyFrame) -> list[str]:
    names = frame.collect_schema().names()
    return names[names.index("tier") :]


def _ends(read: Callable[[str], pl.LazyFrame]) -> pl.LazyFrame:
    """table, latest_at: when the last event of every table happened; null where it has none."""
    latest = {
        name: read(name).select(pl.col(table.event_time).max()).collect().item()
        for name, table in TABLES.items()
        if table.event_time
    }
    schema = {"table": pl.String, "latest_at": pl.Datetime("us", "UTC")}
    return pl.LazyFrame({"table": list(latest), "latest_at": list(latest.values())}, schema=schema)
