"""The clocks of single tickets: when each promise was due, and how the time until then ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dashboard import data
from dashboard.answers import service
from dashboard.promised import turned_due
from dashboard.view import View
from metrics import sla

_EVENTS = "ticket_events"


def judged(view: View, tickets: pl.LazyFrame, events: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """A few tickets with the outcome of every promise, as the marts judge them.

    Args:
        view: The view.
        tickets: Of the contract table.
        events: Theirs, if they are known already: of `events_of`.
    """
    moment, policies = _moment(view), sla.policies()
    zone = data.time_zone().key
    told = events_of(view, tickets) if events is None else events
    turned = None
    if not (turns := sla.turns(told, policies.states, as_of=moment).collect()).is_empty():
        turned = turned_due(tickets, turns.lazy(), as_of=moment, time_zone=zone)
    return sla.judged(
        tickets,
        policies=policies,
        as_of=moment,
        recorded=recorded_times(view),
        time_zone=zone,
        turned=turned,
    )


def events_of(view: View, tickets: pl.LazyFrame) -> pl.LazyFrame:
    """What happened to a few tickets; nothing where the source does not record it."""
    # named, not joined: the reader of files then skips the parts that hold none of them
    own = tickets.select("ticket_id").unique().collect().to_series().to_list()
    return data.frame(view, _EVENTS).filter(pl.col("ticket_id").is_in(own)).collect().lazy()


@data.once
def recorded_times(view: View) -> frozenset[str]:
    """The times that the source records of tickets."""
    return sla.recorded_times(data.frame(view, "tickets"))


def _moment(view: View) -> datetime:
    return data.snapshot(view).as_of("tickets")


@dataclass(frozen=True, slots=True)
class Clocked:
    """One clock of a ticket.

    Attributes:
        clock: Which.
        promise: What was promised on it, the strictest; None if nothing is.
        state: met, missed or due; None without a promise.
        due_at: Until when; None without a promise.
        ended_at: When it stopped; None while it runs.
        calendar: By whose hours it ran, a code of `rules/sla.toml`.
        pieces: See `sla.trace`, in business time.
    """

    clock: str
    promise: sla.Promise | None
    state: str | None
    due_at: datetime | None
    ended_at: datetime | None
    calendar: str
    pieces: pl.DataFrame


@data.once
def clocks(view: View, ticket_id: str) -> tuple[Clocked, ...]:
    """The clocks of a ticket in the reader's scope; none if there is no such ticket.

    Of a ticket without a promise the one until the solution.
    """
    tickets = data.frame(view, "tickets").filter(pl.col("ticket_id") == ticket_id).collect()
    events = events_of(view, tickets.lazy())
    row = judged(view, tickets.lazy(), events).collect()
    if row.is_empty():
        return ()
    one, policies, moment = row.lazy(), sla.policies(), _moment(view)
    zone = data.time_zone().key
    times = policies.times(zone=zone, as_of=moment)
    pieces = sla.pieces_of(one, events, policies, as_of=moment)
    due = sla.turned_due(pieces.lazy(), policies, times, as_of=moment).collect()
    binding = sla.binding(due.row(0, named=True), policies)
    told = row.row(0, named=True)
    held = [c for c in sla.Clock if told[f"{c.prefix}_state"] is not None]
    found: list[Clocked] = []
    for clock in held or [sla.Clock.RESOLUTION]:
        promise = binding.get(clock.value) if held else None
        ended = one.select(sla.ended_at(clock, moment)).collect().item()
        hours = times[promise.calendar if promise else sla.AROUND_THE_CLOCK]
        parts = sla.trace(pieces, promise, policies, hours, ended or moment)
        local = pl.col("at", "until").dt.convert_time_zone(zone)
        state, due_at = told[f"{clock.prefix}_state"], told[f"{clock.prefix}_due_at"]
        calendar = policies.calendar(promise, told["desk"])
        pieces_told = parts.with_columns(local)
        found.append(Clocked(clock.value, promise, state, due_at, ended, calendar, pieces_told))
    return tuple(found)


@data.answer
def tickets_of(view: View, customer_id: str) -> pl.DataFrame:
    """A customer's tickets, those with a broken promise first, then the latest.

    Returns:
        ticket_id, kind, created (business time), sla_state.
    """
    own = data.frame(view, "tickets").filter(pl.col("customer_id") == customer_id)
    created = pl.col("created_at").dt.convert_time_zone(data.time_zone().key)
    order = [pl.col("sla_state") == "missed", pl.col("created_at"), pl.col("ticket_id")]
    rows = judged(view, own).sort(order, descending=[True, True, False], nulls_last=True)
    return rows.select("ticket_id", "kind", "sla_state", created=created).collect()


@data.answer
def longest_broken(view: View) -> str | None:
    """The ticket of the period whose promise has been broken for longest; else the latest."""
    worst = service.breaches(view, only_open=False).select("ticket_id").head(1).collect()
    if worst.is_empty():
        latest = service.inside(view).select("ticket_id", "created_at")
        worst = latest.sort("created_at", "ticket_id", descending=True).head(1).collect()
    return worst["ticket_id"].item() if worst.height else None
