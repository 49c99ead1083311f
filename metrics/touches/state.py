"""Where a touch stands, and how many were made in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from metrics import intervals
from metrics.measure import count
from metrics.touches.rule import touches
from metrics.trends import Additive

MET, LATE, OVERDUE, MISSED, DUE, RUNNING = "met", "late", "overdue", "missed", "due", "running"
STATES = (OVERDUE, DUE, RUNNING, MISSED, LATE, MET)
"""In the order in which they ask for something to be done."""
JUDGED = (MET, LATE, OVERDUE, MISSED)


def state(*, now: pl.Expr) -> pl.Expr:
    """Where a touch stands at a moment.

    Before its limit: due (open, and the limit is near) or running (also what is done already: it
    is judged with those of the same day). From the limit on: met (done by then), late (done
    afterwards), overdue (open, and may still be made up for) or missed (open, and too late).

    Args:
        now: The moment, UTC; what happened later is not known yet.

    Returns:
        String, one of STATES, over touch, due_at, done_at.
    """
    rules = touches()
    soon = _of_touch({rule.code: timedelta(hours=rule.soon_hours) for rule in rules})
    open_for = _of_touch({rule.code: timedelta(days=rule.open_days) for rule in rules})
    due, done = pl.col("due_at"), pl.when(pl.col("done_at") <= now).then(pl.col("done_at"))
    return (
        pl.when(due > now)
        .then(
            pl.when(done.is_null() & (due - soon <= now))
            .then(pl.lit(DUE))
            .otherwise(pl.lit(RUNNING))
        )
        .when(done <= due)
        .then(pl.lit(MET))
        .when(done.is_not_null())
        .then(pl.lit(LATE))
        .when(now < due + open_for)
        .then(pl.lit(OVERDUE))
        .otherwise(pl.lit(MISSED))
    )


def _of_touch(times: Mapping[str, timedelta]) -> pl.Expr:
    return pl.col("touch").replace_strict(
        times, default=timedelta(), return_dtype=pl.Duration("us")
    )


def with_states(rows: pl.LazyFrame, *, now: datetime) -> pl.LazyFrame:
    """Touches with their state, see `state`, and tried: whether one was attempted in time."""
    tried = (pl.col("tried_at") <= pl.col("due_at")).fill_null(value=False)
    return rows.with_columns(state=state(now=pl.lit(now, pl.Datetime("us", "UTC"))), tried=tried)


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    judged = counts["judged"]
    return {
        **intervals.share("on_time", counts["met"], judged),
        **intervals.share("tried_share", counts["tried"], judged),
    }


_state = pl.col("state")

KEPT = Additive(
    {
        "judged": count(_state.is_in(JUDGED)),
        "tried": count(_state.is_in(JUDGED) & pl.col("tried")),
        **{name: count(_state == name) for name in STATES},
    },
    _figures,
)
"""Touches made in time, over touch_facts.

on_time = met ÷ all whose limit has passed (met, late, overdue, missed): what is open past its limit
counts as missed, what still has time on neither side. tried_share = those attempted within the
limit, answered or not, ÷ the same. judged, tried and one count for each state; on_time and
tried_share with _low and _high (0 to 1, Wilson; null if nothing is judged)."""
