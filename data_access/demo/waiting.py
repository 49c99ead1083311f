"""What else happened to tickets: waits for the customer, raised grades, the desk's verdict."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import frame

_WAITING = 0.09  # of the tickets with events
_RAISED = 0.12  # of the inquiries that are general or urgent
_WRONG = 0.004  # of the desk's verdicts
_EXTRA = 10  # numbers of these events come after those of every ticket's usual course
_LOWER = {"urgent": "general", "general": "consultation"}
# The desk's rule: its grade alone, around the clock; what is still open has not missed anything.
_GRADE_MINUTES = {"urgent": 10, "general": 30, "consultation": 60}
_FEEDBACK = {"general": ("first_response_at", 60), "complex": ("routed_at", 1440)}
_MAJOR_MINUTES = 2880


def with_waiting(
    rng: np.random.Generator, events: pl.DataFrame, tickets: pl.DataFrame
) -> pl.DataFrame:
    """The `ticket_events` table with waits and changes of grade added after its own rows."""
    ends = ("created_at", "first_response_at", "resolved_at")
    known = tickets.join(events.select("ticket_id").unique(), on="ticket_id", how="semi")
    rows = known.select("ticket_id", "kind", "grade", *ends).with_columns(
        lot=pl.Series(rng.random(known.height)),
        first=pl.Series(rng.random(known.height)),
        then=pl.Series(rng.beta(1.2, 1.6, known.height)),
    )
    extra = pl.concat([_waits(rows), _raises(rows)])
    opened = events.join(
        _raised(rows).select("ticket_id", was="was"),
        on="ticket_id",
        how="left",
        maintain_order="left",
    )
    grade = pl.when(pl.col("event_number") == 1).then("was")
    told = opened.with_columns(grade=grade).drop("was")
    return pl.concat([told, frame("ticket_events", extra.to_dict())])


def _between(begin: pl.Expr, end: pl.Expr, share: pl.Expr) -> pl.Expr:
    return begin + ((end - begin).dt.total_microseconds() * share).cast(pl.Int64).cast(
        pl.Duration("us")
    )


def _waits(rows: pl.DataFrame) -> pl.DataFrame:
    """Between the answer and the solution the customer is asked, and answers in their time."""
    asked = _between(pl.col("first_response_at"), pl.col("resolved_at"), 0.6 * pl.col("first"))
    known = (
        rows.filter(pl.col("lot") < _WAITING)
        .drop_nulls(["first_response_at", "resolved_at"])
        .with_columns(asked=asked)
        .with_columns(back=_between(pl.col("asked"), pl.col("resolved_at"), 0.9 * pl.col("then")))
    )
    parts = (("asked", "awaiting_customer", 0), ("back", "customer_replied", 1))
    return pl.concat(
        known.select(
            "ticket_id",
            event_number=pl.lit(_EXTRA + number),
            occurred_at=pl.col(column),
            status=pl.lit(status),
            grade=pl.lit(None, pl.String),
        )
        for column, status, number in parts
    )


def _raised(rows: pl.DataFrame) -> pl.DataFrame:
    graded = rows.filter(pl.col("kind") == "inquiry", pl.col("lot") > 1 - _RAISED)
    was = pl.col("grade").replace_strict(_LOWER, default=None, return_dtype=pl.String)
    return graded.with_columns(was=was).drop_nulls(["was", "first_response_at"])


def _raises(rows: pl.DataFrame) -> pl.DataFrame:
    when = _between(pl.col("created_at"), pl.col("first_response_at"), 0.7 * pl.col("first"))
    return _raised(rows).select(
        "ticket_id",
        event_number=pl.lit(_EXTRA + 2),
        occurred_at=when,
        status=pl.lit("graded"),
        grade=pl.col("grade"),
    )


def source_verdict(rng: np.random.Generator, tickets: pl.DataFrame) -> pl.DataFrame:
    """The `tickets` table with the desk's own flag: null where its rule has no limit."""
    feedback = pl.col("kind") == "feedback"
    met = pl.lit(None, pl.Boolean)
    for grade, minutes in _GRADE_MINUTES.items():
        here = ~feedback & (pl.col("grade") == grade)
        met = pl.when(here).then(_within("first_response_at", minutes)).otherwise(met)
    for grade, (end, minutes) in _FEEDBACK.items():
        met = (
            pl.when(feedback & (pl.col("grade") == grade))
            .then(_within(end, minutes))
            .otherwise(met)
        )
    major = feedback & (pl.col("grade") == "major")
    met = pl.when(major).then(_within("resolved_at", _MAJOR_MINUTES)).otherwise(met)
    wrong = pl.Series(rng.random(tickets.height) < _WRONG)
    return tickets.with_columns(source_sla_met=met != wrong)


def _within(end: str, minutes: int) -> pl.Expr:
    """Ended in time; what is still open counts as met."""
    late = pl.col(end) > pl.col("created_at") + pl.duration(minutes=minutes)
    return ~late.fill_null(value=False)
