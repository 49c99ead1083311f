"""Tickets with the outcome of each promise: the mart of the service pages."""

from __future__ import annotations

from datetime import datetime

import polars as pl

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


def recorded_times(tickets: pl.LazyFrame) -> frozenset[str]:
    """The time columns that the source records at all: those with at least one value.

    A clock whose end the source never records cannot be judged; without this, every ticket of
    such a source would count as missed.
    """
    seen = tickets.select(pl.col(sorted(TIMES)).is_not_null().any()).collect()
    return frozenset(name for name in TIMES if seen[name].item())


def ticket_facts(
    tickets: pl.LazyFrame,
    customers: pl.LazyFrame,
    *,
    policies: Policies,
    as_of: datetime,
    recorded: frozenset[str] = TIMES,
) -> pl.LazyFrame:
    """Tickets with the outcome of every promise that held for them, judged at `as_of`.

    Met: ended within the limit, or exactly at it. Missed: ended later, or still open past the
    limit. Due: open within the limit. What happened after `as_of` is not known yet: later
    tickets are left out, later answers ignored.

    Args:
        tickets: Contract table tickets.
        customers: customer_id (unique) and the dimensions to add.
        policies: The promises.
        as_of: The moment to judge at, UTC.
        recorded: Time columns that the source records (`recorded_times`).

    Returns:
        One row per ticket created by `as_of`, sorted by ticket_id: the columns of the tickets,
        the dimensions, and
        response_due_at, routing_due_at, resolution_due_at (UTC; null without a promise),
        response_state, routing_state, resolution_state ('met', 'missed', 'due'; null without a
        promise or if the source does not record the end),
        sla_state (missed if any is, else due if any is, else met; null if none is judged),
        response_hours, resolution_hours (elapsed, until answered and solved; null until then),
        waiting_hours (age of a ticket that is still open; null once solved or closed),
        answered (Boolean: any answer yet; null if the source does not record answers).

    Raises:
        polars.exceptions.ComputeError: On collecting, if a customer occurs twice.
    """
    facts = (
        tickets.filter(pl.col("created_at") <= as_of)
        .join(customers, on="customer_id", how="left", validate="m:1")
        .with_columns(
            _due_at(policies, clock, recorded).alias(f"{clock.prefix}_due_at") for clock in Clock
        )
        .with_columns(_state(clock, as_of).alias(f"{clock.prefix}_state") for clock in Clock)
    )
    response, resolution = ended_at(Clock.RESPONSE, as_of), ended_at(Clock.RESOLUTION, as_of)
    answers = is_recorded(Clock.RESPONSE, recorded)
    solutions = is_recorded(Clock.RESOLUTION, recorded)
    created = pl.col("created_at")
    return facts.with_columns(
        sla_state=_overall(),
        response_hours=_hours(response - created, known=answers),
        resolution_hours=_hours(resolution - created, known=solutions),
        waiting_hours=pl.when(resolution.is_null()).then(
            _hours(pl.lit(as_of) - created, known=solutions)
        ),
        answered=response.is_not_null() if answers else pl.lit(None, dtype=pl.Boolean),
    ).sort("ticket_id")


def ended_at(clock: Clock, as_of: datetime) -> pl.Expr:
    """When a clock stopped, as far as `as_of` knows; null while it runs."""
    return pl.coalesce(pl.when(pl.col(end) <= as_of).then(end) for end in _ENDS[clock])


def is_recorded(clock: Clock, recorded: frozenset[str]) -> bool:
    """Whether a source that records these columns records the end of a clock."""
    return not _NEEDS[clock].isdisjoint(recorded)


def _due_at(policies: Policies, clock: Clock, recorded: frozenset[str]) -> pl.Expr:
    if not is_recorded(clock, recorded):
        return pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    return pl.col("created_at") + policies.limit(clock)


def _state(clock: Clock, as_of: datetime) -> pl.Expr:
    due_at, ended = pl.col(f"{clock.prefix}_due_at"), ended_at(clock, as_of)
    late = pl.coalesce(ended, pl.lit(as_of)) > due_at
    return (
        pl.when(due_at.is_null())
        .then(pl.lit(None, dtype=pl.String))
        .when(late)
        .then(pl.lit(MISSED))
        .when(ended.is_not_null())
        .then(pl.lit(MET))
        .otherwise(pl.lit(DUE))
    )


def _overall() -> pl.Expr:
    states = [pl.col(f"{clock.prefix}_state") for clock in Clock]
    worst = pl.when(pl.any_horizontal(state == MISSED for state in states)).then(pl.lit(MISSED))
    worst = worst.when(pl.any_horizontal(state == DUE for state in states)).then(pl.lit(DUE))
    return worst.when(pl.any_horizontal(state == MET for state in states)).then(pl.lit(MET))


def _hours(elapsed: pl.Expr, *, known: bool) -> pl.Expr:
    return elapsed.dt.total_hours(fractional=True) if known else pl.lit(None, dtype=pl.Float64)
