"""Tickets with the outcome of each promise: the mart of the service pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrame

from metrics.sla.desks import DESK, Opening, with_desk
from metrics.sla.policy import Clock, Policies, Promise

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


def is_flagged(tickets: IntoLazyFrame) -> bool:
    """Whether the source has a verdict of its own on any ticket (portable)."""
    flags = nw.from_native(tickets).select(nw.col("source_sla_met").count())
    return bool(flags.collect().item())


def judged(
    tickets: pl.LazyFrame,
    *,
    policies: Policies,
    as_of: datetime,
    recorded: frozenset[str] = TIMES,
    time_zone: str = "UTC",
    turned: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """Tickets with the outcome of every promise that held for them, judged at `as_of`.

    Met: ended within the limit, or exactly at it. Missed: ended later, or still open past the
    limit. Due: open within the limit. What happened after `as_of` is not known yet: later
    tickets are left out, later answers ignored. The limit counts the time in which the promise's
    calendar is open and nothing stopped its clock.

    Polars only: of a ticket it looks up its due times, and joins only the few whose clocks did not
    simply run. Of 2 million tickets, 64,000 of these, 2.4 s of processor time around the clock; so
    6 s of 5 million.

    Args:
        tickets: Contract table tickets (desk may be absent).
        policies: The promises.
        as_of: The moment to judge at, UTC.
        recorded: Time columns that the source records (`recorded_times`).
        time_zone: Of the hours of calendars.
        turned: Of `running.turned_due`, where the source records how tickets went.

    Returns:
        The rows created by `as_of`, in their order: the columns of the tickets and
        response_due_at, routing_due_at, resolution_due_at (UTC; null without a promise),
        response_state, routing_state, resolution_state ('met', 'missed', 'due'; null without a
        promise or if the source does not record the end),
        sla_state (missed if any is, else due if any is, else met; null if none is judged),
        promises_met, promises_missed (UInt32: bit n is the n-th promise of the rules, each by its
        own limit, also where a stricter one holds),
        answered (Boolean: any answer yet; null if the source does not record answers).
    """
    known = tickets.filter(pl.col("created_at") <= as_of)
    due = due_times(policies, policies.times(zone=time_zone, as_of=as_of), recorded)
    temporary = [f"due_{promise.key}" for promise in policies.promises]
    if DESK not in known.collect_schema().names():
        known, temporary = with_desk(known), [*temporary, DESK]
    if turned is not None:
        known = known.join(turned, on="ticket_id", how="left", maintain_order="left")
        simply = pl.col("turned").is_null()
        ends = {each.key: is_recorded(each.clock, recorded) for each in policies.promises}
        due = {
            key: pl.when(simply).then(each).otherwise(f"due_{key}") if ends[key] else each
            for key, each in due.items()
        }
        temporary.append("turned")
    told = {f"due_{key}": each for key, each in due.items()}
    columns = {key: pl.col(f"due_{key}") for key in due}
    clocks = {f"{c.prefix}_due_at": policies.earliest(c, columns) for c in Clock}
    states = {f"{clock.prefix}_state": state_of(clock, as_of) for clock in Clock}
    answered = ended_at(Clock.RESPONSE, as_of).is_not_null()
    return (
        known.with_columns(**told)
        .with_columns(**clocks, **_masks(policies.promises, as_of))
        .with_columns(**states)
        .with_columns(
            sla_state=_overall(),
            answered=answered
            if is_recorded(Clock.RESPONSE, recorded)
            else pl.lit(None, pl.Boolean),
        )
        .drop(temporary, strict=False)
    )


def due_times(
    policies: Policies, times: Mapping[str, Opening], recorded: frozenset[str] = TIMES
) -> dict[str, pl.Expr]:
    """When each promise is due if nothing stops its clock; null if its end is not recorded."""
    return {
        promise.key: promise.due_at(times[promise.calendar])
        if is_recorded(promise.clock, recorded)
        else pl.lit(None, pl.Datetime("us", "UTC"))
        for promise in policies.promises
    }


def missed(tickets: pl.LazyFrame) -> pl.LazyFrame:
    """The broken promises to known customers.

    Args:
        tickets: Of `judged`, or ticket facts.

    Returns:
        One row per ticket with one, unordered: customer_id, created_on.
    """
    known = pl.col("customer_id").is_not_null()
    broken = tickets.filter(known, pl.col("sla_state") == MISSED)
    return broken.select("customer_id", "created_on")


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


def ended_at(clock: Clock, as_of: datetime) -> pl.Expr:
    """When a clock stopped, as far as `as_of` knows; null while it runs."""
    ends = [pl.col(name) for name in _ENDS[clock]]
    return pl.coalesce(*(pl.when(end <= as_of).then(end) for end in ends))


def is_recorded(clock: Clock, recorded: frozenset[str]) -> bool:
    """Whether a source that records these columns records the end of a clock."""
    return not _NEEDS[clock].isdisjoint(recorded)


def is_late(clock: Clock, due_at: pl.Expr, as_of: datetime) -> pl.Expr:
    """Whether a clock had not stopped by a moment; null where there is none."""
    return ended_at(clock, as_of).fill_null(as_of) > due_at


def state_of(clock: Clock, as_of: datetime) -> pl.Expr:
    """'met', 'missed' or 'due' by `<prefix>_due_at`; null without one."""
    due_at = pl.col(f"{clock.prefix}_due_at")
    return (
        pl.when(due_at.is_null())
        .then(pl.lit(None, pl.String))
        .when(is_late(clock, due_at, as_of))
        .then(pl.lit(MISSED))
        .when(ended_at(clock, as_of).is_not_null())
        .then(pl.lit(MET))
        .otherwise(pl.lit(DUE))
    )


def _masks(promises: tuple[Promise, ...], as_of: datetime) -> dict[str, pl.Expr]:
    met, missed = pl.lit(0, pl.UInt32), pl.lit(0, pl.UInt32)
    for number, promise in enumerate(promises):
        late = is_late(promise.clock, pl.col(f"due_{promise.key}"), as_of)
        done = ended_at(promise.clock, as_of).is_not_null()
        bit = pl.lit(1 << number, pl.UInt32)
        met |= pl.when(~late & done).then(bit).otherwise(pl.lit(0, pl.UInt32))
        missed |= pl.when(late).then(bit).otherwise(pl.lit(0, pl.UInt32))
    return {"promises_met": met, "promises_missed": missed}


def _overall() -> pl.Expr:
    worst = pl.lit(None, pl.String)
    for state in (MET, DUE, MISSED):
        found = pl.any_horizontal(pl.col(f"{clock.prefix}_state") == state for clock in Clock)
        worst = pl.when(found).then(pl.lit(state)).otherwise(worst)
    return worst


def _hours(elapsed: pl.Expr, *, known: bool) -> pl.Expr:
    return elapsed.dt.total_hours(fractional=True) if known else pl.lit(None, dtype=pl.Float64)
