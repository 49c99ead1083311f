"""Reviews, audits and drills that are due; and how soon those concerned by a breach are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from metrics.calendar import shift_months
from metrics.measure import count
from metrics.rules import load


def _rule() -> Mapping[str, Any]:
    return load("data_quality")["governance"]


def events(
    rows: pl.LazyFrame, *, as_of: date, rule: Mapping[str, Any] | None = None
) -> pl.LazyFrame:
    """What was due in the last months of the rule, and whether it was held in time.

    Args:
        rows: Contract table governance_events.
        as_of: Last day of the data; what is due later is only told of (next_due_on).
        rule: months and kinds; those of data quality if not given.

    Returns:
        One row per kind of the rule that occurs, in its order: kind, due, held, on_time, late (held
        after its day), missed (due before today, not held), last_held_on, next_due_on (null if
        none is planned). due is on_time + late + missed, and those due today and not held yet.
    """
    rule = rule if rule is not None else _rule()
    start = shift_months(as_of, -rule["months"])
    day, held = pl.col("due_on"), pl.col("held_on") <= as_of
    due = (day > start) & (day <= as_of)
    done = due & held.fill_null(value=False)
    wanted = list(rule["kinds"])
    order = {kind: place for place, kind in enumerate(wanted)}
    return (
        rows.filter(pl.col("kind").is_in(wanted))
        .group_by("kind")
        .agg(
            due=count(due),
            held=count(done),
            on_time=count(done & (pl.col("held_on") <= day)),
            late=count(done & (pl.col("held_on") > day)),
            missed=count(due & ~done & (day < as_of)),
            last_held_on=pl.col("held_on").filter(held).max(),
            next_due_on=day.filter((day > as_of) & pl.col("held_on").is_null()).min(),
        )
        .sort(pl.col("kind").replace_strict(order, return_dtype=pl.Int64))
    )


def held_quarter(rows: pl.LazyFrame, *, start: date, end: date, kind: str = "") -> pl.LazyFrame:
    """How many of a kind (else quarterly audits) were held from start to before end."""
    kind = kind or _rule()["quarterly"]
    held = (pl.col("held_on") >= start) & (pl.col("held_on") < end)
    return rows.select(held=count((pl.col("kind") == kind) & held))


def hours_to_tell(incidents: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    """Per breach: incident_id, hours from its beginning until those concerned were told.

    Who has not been told yet waits until `now`, so that a breach kept quiet grows instead of
    vanishing. When it was discovered no table says; the plan's 72 hours are held against the
    beginning, which is stricter.
    """
    until = pl.coalesce("notified_at", pl.lit(now, dtype=pl.Datetime("us", "UTC")))
    waited = (until - pl.col("started_at")).dt.total_seconds() / 3600
    breach = load("data_quality")["incidents"]["breach"]
    return incidents.filter(pl.col("kind") == breach).select("incident_id", hours=waited)
