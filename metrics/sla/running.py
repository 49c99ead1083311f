"""Tickets whose clocks did not simply run: when they stood still, and when promises were due.

A ticket's life is cut into segments at every change of state or grade. In each a clock runs or
stands; the open time that has run adds up over all of them, whatever the grade was meanwhile. A
promise is due at the first moment at which it holds and so much time has run. So a pause is never
lost when the grade changes, a promise broken under the grade of its time stays broken, and one of
a grade that is raised too late is due at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.sla.desks import Opening, with_desk
from metrics.sla.policy import Policies, Promise, States

RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"
_NOW = "grade_then"


def turns(events: IntoLazyFrameT, states: States, *, as_of: datetime) -> IntoLazyFrameT:
    """The events of the tickets whose clocks did not simply run (portable).

    That is: which waited, were opened again after a solution, or changed their grade.

    Args:
        events: Contract table ticket_events.
        states: What its states mean.
        as_of: Later events are not known yet.

    Returns:
        Rows of the events, unordered: ticket_id, event_number, occurred_at, status, grade.
    """
    rows = nw.from_native(events)
    names = rows.collect_schema().names()
    grade = nw.col("grade") if "grade" in names else nw.lit(None, nw.String)
    known = rows.filter(nw.col("occurred_at") <= as_of).select(
        "ticket_id", "event_number", "occurred_at", "status", grade=grade
    )
    solved = nw.col("status").is_in(sorted(states.solved))
    waits = nw.col("status").is_in(sorted(states.waiting))
    lives = known.group_by("ticket_id").agg(
        waited=nw.when(waits).then(nw.lit(1)).otherwise(nw.lit(0)).max(),
        lowest=nw.col("grade").min(),
        highest=nw.col("grade").max(),
        solved=nw.when(solved).then(nw.col("occurred_at")).min(),
        active=nw.when(~solved).then(nw.col("occurred_at")).max(),
    )
    again = (nw.col("active") > nw.col("solved")).fill_null(value=False)
    graded = (nw.col("lowest") != nw.col("highest")).fill_null(value=False)
    told = lives.filter((nw.col("waited") == 1) | again | graded).select("ticket_id")
    return known.join(told, on="ticket_id", how="semi").to_native()


def segments(tickets: pl.LazyFrame, turned: pl.LazyFrame, states: States) -> pl.LazyFrame:
    """The lives of tickets in pieces in which nothing changed.

    Args:
        tickets: ticket_id, kind, grade, channel, created_at, desk (may be absent).
        turned: Of `turns`.
        states: What the states mean.

    Returns:
        One row per piece, sorted by ticket_id and time: ticket_id, kind, channel, desk, grade_then
        (told by the events, before the first of them as it says; else the ticket's), at, until
        (null of the last), status (of the source), state (running, paused, stopped).
    """
    names = ("ticket_id", "kind", "grade", "channel", "desk", "created_at")
    own = with_desk(tickets).select(names)
    rows = turned.join(own, on="ticket_id", validate="m:1", suffix="_now")
    told = rows.select(
        "ticket_id",
        "event_number",
        at=pl.max_horizontal("occurred_at", "created_at"),
        status="status",
        grade="grade",
    )
    begun = rows.unique("ticket_id").select(
        "ticket_id",
        event_number=pl.lit(None, turned.collect_schema()["event_number"]),
        at="created_at",
        status=pl.lit(None, pl.String),
        grade=pl.lit(None, pl.String),
    )
    every = pl.concat([begun, told]).sort("ticket_id", "at", "event_number", nulls_last=False)
    grade = pl.col("grade").forward_fill().over("ticket_id")
    state = (
        pl.when(pl.col("status").is_in(sorted(states.waiting)))
        .then(pl.lit(PAUSED))
        .when(pl.col("status").is_in(sorted(states.solved)))
        .then(pl.lit(STOPPED))
        .otherwise(pl.lit(RUNNING))
    )
    return (
        every.with_columns(grade=grade, state=state)
        .with_columns(
            grade=pl.col("grade").backward_fill().over("ticket_id"),
            until=pl.col("at").shift(-1).over("ticket_id"),
        )
        .join(own.rename({"grade": "grade_now"}), on="ticket_id", maintain_order="left")
        .select(
            *("ticket_id", "kind", "channel", "desk", "at", "until", "status", "state"),
            pl.coalesce("grade", "grade_now").alias(_NOW),
        )
    )


def turned_due(
    pieces: pl.LazyFrame, policies: Policies, times: Mapping[str, Opening], *, as_of: datetime
) -> pl.LazyFrame:
    """When every promise to these tickets was due, by what was known at `as_of`.

    Of a ticket that waits still, as if it went on at `as_of`; of one that is solved, as if the
    clock had run on: it is met then.

    Args:
        pieces: Of `segments`.
        policies: The promises.
        times: Their calendars.
        as_of: The moment to judge at, UTC.

    Returns:
        One row per ticket, unordered: ticket_id, turned (true), due_<key> of each promise (null if
        it never held, or not long enough to be broken).
    """
    now = pl.lit(as_of, pl.Datetime("us", "UTC"))
    moments = {"at": pl.col("at"), "until": pl.col("until"), "now": now}
    # row by row first: within groups a look-up would begin anew for each ticket
    open_time = {
        f"{name}_by_{key}": times[key].elapsed(moment)
        for key in {promise.calendar for promise in policies.promises}
        for name, moment in moments.items()
    }
    ran = {f"{promise.key}_ran": _ran(promise, policies) for promise in policies.promises}
    spent = {f"{promise.key}_before": _before(promise) for promise in policies.promises}
    due = {
        f"due_{promise.key}": _due(promise, policies, times[promise.calendar])
        for promise in policies.promises
    }
    told = pieces.with_columns(**open_time).with_columns(**ran).with_columns(**spent)
    judged = told.with_columns(**due)
    return judged.group_by("ticket_id").agg(pl.col(*due).min(), turned=pl.lit(value=True))


def runs(promise: Promise, policies: Policies) -> pl.Expr:
    """Whether the clock of a promise runs in a piece."""
    standing = [STOPPED]
    if promise.clock in policies.states.pausing:
        standing.append(PAUSED)
    return ~pl.col("state").is_in(standing)


def _spent(promise: Promise) -> pl.Expr:
    return pl.col(f"until_by_{promise.calendar}") - pl.col(f"at_by_{promise.calendar}")


def _ran(promise: Promise, policies: Policies) -> pl.Expr:
    return pl.when(runs(promise, policies)).then(_spent(promise)).otherwise(0).fill_null(0)


def _before(promise: Promise) -> pl.Expr:
    ran = pl.col(f"{promise.key}_ran")
    return (ran.cum_sum() - ran).over("ticket_id")


def _due(promise: Promise, policies: Policies, calendar: Opening) -> pl.Expr:
    rest = promise.limit - pl.col(f"{promise.key}_before")
    last = pl.col("until").is_null()
    waits = (pl.col("state") == PAUSED) & ~runs(promise, policies)
    at, now = (pl.col(f"{name}_by_{promise.calendar}") for name in ("at", "now"))
    begin = pl.when(last & waits).then(pl.max_horizontal(at, now)).otherwise(at)
    in_time = runs(promise, policies) & (_spent(promise) >= rest)
    holds: Any = promise.holds(lambda name: pl.col(_NOW if name == "grade" else name))
    return pl.when(holds).then(
        pl.when(rest <= 0)
        .then("at")
        .when(last | in_time.fill_null(value=False))
        .then(calendar.moment(begin + rest))
    )
