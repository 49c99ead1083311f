"""The marts of service quality: what came of tickets, hand-overs, the ledger, calls by hour."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dashboard.facts import Customers
from dashboard.inputs import Clock, Tables
from metrics.numbering import with_numbers
from metrics.service.calls import call_hours, call_rows, made_on
from metrics.service.cases import case_facts


def service_marts(
    tables: Tables, tickets: pl.LazyFrame, who: Customers, clock: Clock
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Marts by name: case_facts, hand_over_facts, rectification_facts, call_hours, recording_days.

    At 2 million customers: two passes over the contacts on one channel of some, kept as a row per
    hour and one per day; `case_facts` as long as the tickets (5 million rows, of which 35 bytes are
    held in memory); hand-overs and ledger are a tenth of them.

    Args:
        tables: The contract tables.
        tickets: ticket_facts, as written.
        who: By number the dimensions of facts.
        clock: When figures are judged.
    """
    queries = tables.read("knowledge_queries").filter(pl.col("pushed"))
    pushed = queries.select(pl.col("ticket_id").drop_nulls().unique())
    ledger = tables.read("rectifications")
    yield "case_facts", case_facts(tickets, ledger, pushed, as_of=clock.moment("tickets"))
    yield "hand_over_facts", _facts(tables, who, "hand_overs", "handed_on", "hand_over_id")
    yield (
        "rectification_facts",
        _facts(tables, who, "rectifications", "raised_on", "rectification_id"),
    )
    contacts = tables.events("interactions")
    calls = tables.engine.fetch(call_rows(contacts))
    yield "call_hours", call_hours(calls, time_zone=clock.time_zone)
    yield "recording_days", tables.engine.fetch(made_on(contacts)).sort("occurred_on")


def _facts(tables: Tables, who: Customers, table: str, day: str, key: str) -> pl.LazyFrame:
    """A table of events with the dimensions of its customers, in the order of its days."""
    numbers = tables.engine.lend(who.numbers)
    rows = with_numbers(tables.events(table), numbers)
    ordered = tables.engine.in_order(rows, (day, key))
    return who.dimensions.beside(ordered, day=pl.col(day))
