"""How the clock of one ticket went: piece by piece running, paused, out of hours or solved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from metrics.business_time import Times
from metrics.sla.desks import Opening
from metrics.sla.policy import Policies, Promise
from metrics.sla.running import PAUSED, RUNNING, STOPPED, segments

OFF_HOURS = "off_hours"
STATES = (RUNNING, PAUSED, OFF_HOURS, STOPPED)
_MINUTE = 60_000_000
_SCHEMA = {
    "at": pl.Datetime("us", "UTC"),
    "until": pl.Datetime("us", "UTC"),
    "state": pl.String,
    "status": pl.String,
    "grade": pl.String,
    "minutes": pl.Float64,
    "ran_minutes": pl.Float64,
}


def pieces_of(
    ticket: pl.LazyFrame, events: pl.LazyFrame, policies: Policies, *, as_of: datetime
) -> pl.DataFrame:
    """The `segments` of one ticket by all its events; one piece if none are recorded.

    Args:
        ticket: Its row.
        events: Of it, from ticket_events.
        policies: What the states mean.
        as_of: Later events are not known yet.
    """
    known = events.filter(pl.col("occurred_at") <= as_of).select(
        "ticket_id",
        pl.col("event_number").cast(pl.Int64),
        "occurred_at",
        "status",
        grade="grade" if "grade" in events.collect_schema().names() else pl.lit(None, pl.String),
    )
    begun = ticket.select(
        "ticket_id",
        event_number=pl.lit(0, pl.Int64),
        occurred_at="created_at",
        status=pl.lit(None, pl.String),
        grade=pl.lit(None, pl.String),
    )
    return segments(ticket, pl.concat([begun, known]), policies.states).collect()


def trace(
    pieces: pl.DataFrame,
    promise: Promise | None,
    policies: Policies,
    calendar: Opening,
    end: datetime,
) -> pl.DataFrame:
    """What became of the time until a clock stopped.

    Args:
        pieces: Of `pieces_of`.
        promise: Which clock; None for one that nothing is promised on, and every wait stops.
        policies: What stops it.
        calendar: Of the promise, or of the desk of the ticket.
        end: When it stopped, or the moment of the data.

    Returns:
        One row per piece, in order: at, until, state (running, paused, off_hours, stopped), status
        (of the source, null at first), grade (then), minutes (of the clock: 0 unless running),
        ran_minutes (until its end).
    """
    pausing = promise is None or promise.clock in policies.states.pausing
    rows: list[dict[str, Any]] = []
    for piece in pieces.iter_rows(named=True):
        until = min(piece["until"] or end, end)
        if piece["at"] >= until:
            continue
        stands = piece["state"] == STOPPED or (piece["state"] == PAUSED and pausing)
        told = {"status": piece["status"], "grade": piece["grade_then"]}
        parts = (
            [(piece["at"], until, piece["state"])]
            if stands
            else _by_calendar(piece["at"], until, calendar.of(piece["desk"]))
        )
        rows += [{**told, "at": a, "until": b, "state": state} for a, b, state in parts]
    ran = 0.0
    for row in rows:
        running = row["state"] == RUNNING
        row["minutes"] = (row["until"] - row["at"]).total_seconds() / 60 if running else 0.0
        ran += row["minutes"]
        row["ran_minutes"] = ran
    return pl.DataFrame(rows, schema=_SCHEMA)


def _by_calendar(
    at: datetime, until: datetime, calendar: Times
) -> Iterator[tuple[datetime, datetime, str]]:
    """The open and the closed parts of a stretch of time."""
    if calendar.spans is None:
        yield at, until, RUNNING
        return
    inside = calendar.spans.filter(pl.col("closes") > _micros(at), pl.col("opens") < _micros(until))
    for opens, closes in inside.select("opens", "closes").iter_rows():
        begin, end = max(_moment(opens), at), min(_moment(closes), until)
        if begin > at:
            yield at, begin, OFF_HOURS
        yield begin, end, RUNNING
        at = end
    if at < until:
        yield at, until, OFF_HOURS


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def binding(due: Mapping[str, datetime | None], policies: Policies) -> dict[str, Promise]:
    """Of each clock the promise that is due first, by the due times of one ticket (`due_<key>`)."""
    found: dict[str, Promise] = {}
    for promise in policies.promises:
        mine = due[f"due_{promise.key}"]
        best = found.get(promise.clock)
        other = due[f"due_{best.key}"] if best else None
        if mine is not None and (other is None or mine < other):
            found[promise.clock.value] = promise
    return found
