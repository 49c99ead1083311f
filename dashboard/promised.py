"""How tickets are judged in one version: the promises, the moment, and whose clocks stood still."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import narwhals as nw
import polars as pl

from dashboard.inputs import Clock, Tables
from data_access.engine import Engine, Frame
from metrics import sla

_TICKET = ("ticket_id", "kind", "grade", "channel", "desk", "created_at")


@dataclass(frozen=True, slots=True)
class Promised:
    """What judging a ticket takes.

    Attributes:
        as_of: The moment to judge at, UTC.
        time_zone: Of the hours of calendars.
        recorded: The times that the source records.
        flagged: Whether the source has a verdict of its own.
        policies: The promises; without hours of desks where the source tells no desk.
        turned: Due times of the tickets whose clocks did not simply run; None if there are none.
    """

    as_of: datetime
    time_zone: str
    recorded: frozenset[str]
    flagged: bool
    policies: sla.Policies
    turned: pl.LazyFrame | None

    @classmethod
    def read(cls, tables: Tables, clock: Clock) -> Self:
        """From the contract tables.

        The events are read once for the tickets that waited, were opened again or changed their
        grade; only these are cut into pieces. Of 1.6 million events, 64,000 such tickets with
        320,000 of them, 1.7 s of processor time; so 4 s of 4 million.
        """
        tickets, as_of = tables.events("tickets"), clock.moment("tickets")
        recorded, flagged = sla.recorded_times(tickets), sla.is_flagged(tickets)
        events = tables.events("ticket_events")
        policies = sla.policies()
        if not sla.has_desks(tickets):
            policies = replace(policies, desks={})
        turned = _turned(tables.engine, tickets, events, as_of, clock.time_zone)
        return cls(as_of, clock.time_zone, recorded, flagged, policies, turned)

    def judged(self, tickets: pl.LazyFrame) -> pl.LazyFrame:
        """Tickets with the outcome of every promise; see `sla.judged`."""
        return sla.judged(
            tickets,
            policies=self.policies,
            as_of=self.as_of,
            recorded=self.recorded,
            time_zone=self.time_zone,
            turned=self.turned,
        )

    def missed(self, tables: Tables) -> Frame:
        """The broken promises to known customers, for the engine: customer_id, created_on."""
        columns = (*_TICKET, "customer_id", "created_on", *sorted(sla.TIMES))
        rows = nw.from_native(tables.events("tickets")).select(*columns).to_native()
        return tables.engine.lend(sla.missed(self.judged(tables.engine.fetch(rows))))

    def facts(self, tickets: pl.LazyFrame) -> pl.LazyFrame:
        """The mart `ticket_facts` of tickets with their dimensions."""
        facts = sla.ticket_facts(self.judged(tickets), as_of=self.as_of, recorded=self.recorded)
        if not self.flagged:
            return facts.with_columns(difference=pl.lit(None, pl.String))
        return sla.differences(
            facts,
            self.policies,
            as_of=self.as_of,
            recorded=self.recorded,
            time_zone=self.time_zone,
        )


def turned_due(
    tickets: pl.LazyFrame, turns: pl.LazyFrame, *, as_of: datetime, time_zone: str
) -> pl.LazyFrame:
    """The due times of tickets whose clocks did not simply run, from their `sla.turns`."""
    policies = sla.policies()
    pieces = sla.segments(tickets, turns, policies.states)
    times = policies.times(zone=time_zone, as_of=as_of)
    return sla.turned_due(pieces, policies, times, as_of=as_of)


def _turned(
    engine: Engine, tickets: Frame, events: Frame, as_of: datetime, time_zone: str
) -> pl.LazyFrame | None:
    turns = engine.fetch(sla.turns(events, sla.policies().states, as_of=as_of)).collect()
    if turns.is_empty():
        return None
    who = engine.lend(turns.select(pl.col("ticket_id").unique()))
    own = nw.from_native(tickets).select(*_TICKET)
    known = engine.fetch(own.join(nw.from_native(who), on="ticket_id", how="semi").to_native())
    return turned_due(known, turns.lazy(), as_of=as_of, time_zone=time_zone).collect().lazy()
