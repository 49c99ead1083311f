"""Tickets with the outcome of each promise: the mart of the service pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrame, IntoLazyFrameT

from metrics.sla.policy import Clock, Policies

MET, MISSED, DUE = "met", "missed", "due"

# A step that was skipped ended at the latest with the next one: a ticket solved without a
# separate answer was answered by its solution. The first column is the one the clock needs.
_ENDS: dict[Clock, tuple[str, ...]] = {
    Clock.RESPONSE: ("first_response_at", "resolved_at", "closed_at"),
    Clock.ROUTING: ("routed_at", "resolved_at", "closed_at"),
    Clock.RESOLUTION: ("resolved_at", "closed_at"),
}
_NEEDS: dict[Clock, frozenset[str]] = {
    Clock.RESPONSE: frozenset({"first_response_at"}),
    Clock.ROUTING: frozenset({"routed_at"}),
    Clock.RESOLUTION: frozenset({"resolved_at", "closed_at"}),  # either will do
}
TIMES = frozenset(column for columns in _ENDS.values() for column in columns)


def recorded_times(tickets: IntoLazyFrame) -> frozenset[str]:
    """The time columns that the source records at all: those with at least one value (portable).

    A clock whose end the source never records cannot be judged; without this, every ticket of
    such a source would count as missed.
    """
    counts = nw.from_native(tickets).select(nw.col(name).count() for name in sorted(TIMES))
    (seen,) = counts.collect().rows(named=True)
    return frozenset(name for name, count in seen.items() if count)


def judged(
    tickets: IntoLazyFrameT,
    *,
    policies: Policies,
    as_of: datetime,
    recorded: frozenset[str] = TIMES,
) -> IntoLazyFrameT:
    """Tickets with the outcome of every promise that held for them, judged at `as_of` (portable).

    Met: ended within the limit, or exactly at it. Missed: ended later, or still open past the
    limit. Due: open within the limit. What happened after `as_of` is not known yet: later
    tickets are left out, later answers ignored.

    Args:
        tickets: Contract table tickets.
        policies: The promises.
        as_of: The moment to judge at, UTC.
        recorded: Time columns that the source records (`recorded_times`).

    Returns:
        One row per ticket created by `as_of`, unordered: the columns of the tickets and
        response_due_at, routing_due_at, resolution_due_at (UTC; null without a promise),
        response_state, routing_state, resolution_state ('met', 'missed', 'due'; null without a
        promise or if the source does not record the end),
        sla_state (missed if any is, else due if any is, else met; null if none is judged),
        answered (Boolean: any answer yet; null if the source does not record answers).
    """
    known = nw.from_native(tickets).filter(nw.col("created_at") <= as_of)
    due = {f"{clock.prefix}_due_at": _due_at(policies, clock, recorded) for clock in Clock}
    states = {f"{clock.prefix}_state": _state(clock, as_of) for clock in Clock}
    answered = ~ended_at(Clock.RESPONSE, as_of, nw).is_null()
    no_answers = nw.lit(None, nw.Boolean)
    return (
        known.with_columns(**due)
        .with_columns(**states)
        .with_columns(
            sla_state=_overall(),
            answered=answered if is_recorded(Clock.RESPONSE, recorded) else no_answers,
        )
        .to_native()
    )


def missed(tickets: IntoLazyFrameT) -> IntoLazyFrameT:
    """The broken promises to known customers (portable).

    Args:
        tickets: Of `judged`, or ticket facts.

    Returns:
        One row per ticket with one, unordered: customer_id, created_on.
    """
    rows = nw.from_native(tickets)
    known = ~nw.col("customer_id").is_null()
    broken = rows.filter(known, nw.col("sla_state") == MISSED)
    return broken.select("customer_id", "created_on").to_native()


def ticket_facts(
    tickets: pl.LazyFrame, *, as_of: datetime, recorded: frozenset[str] = TIMES
) -> pl.LazyFrame:
    """Judged tickets with their times in hours (mart, once it has its dimensions).

    Args:
        tickets: Of `judged`.
        as_of: The moment they were judged at, UTC.
        recorded: Time columns that the source records.

    Returns:
        The rows and columns of the tickets, and
        response_hours, resolution_hours (elapsed, until answered and solved; null until then),
        waiting_hours (age of a ticket that is still open; null once solved or closed).
    """
    ends = {clock: ended_at(clock, as_of) for clock in (Clock.RESPONSE, Clock.RESOLUTION)}
    answers, solutions = (is_recorded(clock, recorded) for clock in ends)
    response, resolution = ends.values()
    created = pl.col("created_at")
    waiting = _hours(pl.lit(as_of) - created, known=solutions)
    return tickets.with_columns(
        response_hours=_hours(response - created, known=answers),
        resolution_hours=_hours(resolution - created, known=solutions),
        waiting_hours=pl.when(resolution.is_null()).then(waiting),
    )


def ended_at(clock: Clock, as_of: datetime, library: Any = pl) -> Any:
    """When a clock stopped, as far as `as_of` knows; null while it runs.

    An expression of that library: Polars, or narwhals in a portable builder.
    """
    ends = [library.col(name) for name in _ENDS[clock]]
    return library.coalesce(*(library.when(end <= as_of).then(end) for end in ends))


def is_recorded(clock: Clock, recorded: frozenset[str]) -> bool:
    """Whether a source that records these columns records the end of a clock."""
    return not _NEEDS[clock].isdisjoint(recorded)


def _due_at(policies: Policies, clock: Clock, recorded: frozenset[str]) -> nw.Expr:
    if not is_recorded(clock, recorded):
        return nw.lit(None, nw.Datetime("us", "UTC"))
    return policies.due_at(clock)


def _state(clock: Clock, as_of: datetime) -> nw.Expr:
    due_at, ended = nw.col(f"{clock.prefix}_due_at"), ended_at(clock, as_of, nw)
    late = ended.fill_null(as_of) > due_at
    return (
        nw.when(due_at.is_null())
        .then(nw.lit(None, nw.String))
        .when(late)
        .then(nw.lit(MISSED))
        .when(~ended.is_null())
        .then(nw.lit(MET))
        .otherwise(nw.lit(DUE))
    )


def _overall() -> nw.Expr:
    worst = nw.lit(None, nw.String)
    for state in (MET, DUE, MISSED):
        found = [nw.col(f"{clock.prefix}_state") == state for clock in Clock]
        holds = nw.any_horizontal(*found, ignore_nulls=True)
        worst = nw.when(holds).then(nw.lit(state)).otherwise(worst)
    return worst


def _hours(elapsed: pl.Expr, *, known: bool) -> pl.Expr:
    return elapsed.dt.total_hours(fractional=True) if known else pl.lit(None, dtype=pl.Float64)
