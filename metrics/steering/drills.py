"""Emergency drills and real outages: how long it took, what was found, what was mended."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from metrics.calendar import shift_months
from metrics.measure import count
from metrics.rules import load

RESULTS = ("recovery_minutes", "notice_hours", "satisfaction")


def drills(rows: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The drills of the last twelve months, latest first.

    Returns:
        One row per drill: scenario, held_on, recovery_minutes, notice_hours, satisfaction (0 to 1),
        finding (null: nothing went wrong), solved_on (null: not mended by as_of).
    """
    solved = pl.when(pl.col("solved_on") <= as_of).then("solved_on")
    finding = pl.col("finding").str.strip_chars()
    return (
        rows.filter(pl.col("held_on") > shift_months(as_of, -12), pl.col("held_on") <= as_of)
        .sort("held_on", "drill_id", descending=[True, False])
        .select(
            *("scenario", "held_on", "recovery_minutes", "notice_hours"),
            satisfaction=pl.col("satisfaction") / 100,
            finding=pl.when(finding != "").then(finding),
            solved_on=solved,
        )
    )


def results(drills: pl.LazyFrame) -> pl.LazyFrame:
    """The last two results of each kind and the findings, one row.

    The latest drill tells what the company can do today; the one before, whether it has learned.

    Args:
        drills: What `drills` gives, latest first.

    Returns:
        Of each of `RESULTS` its latest value, `<name>_before` and `<name>_n` (drills with one);
        findings, solved.
    """
    told: dict[str, pl.Expr] = {}
    for name in RESULTS:
        known = pl.col(name).drop_nulls()
        told[name] = known.first()
        told[f"{name}_before"] = known.slice(1, 1).first()
        told[f"{name}_n"] = known.len().cast(pl.Int64)
    found = pl.col("finding").is_not_null()
    return drills.select(
        **told,
        findings=count(found),
        solved=count(found & pl.col("solved_on").is_not_null()),
    )


def longest_outage(incidents: pl.LazyFrame, *, now: datetime, first: date) -> pl.LazyFrame:
    """The longest real outage since a day, in hours: hours (null without one), n.

    One that goes on lasts until now, so that it grows instead of vanishing.
    """
    kind = load("programme")["drills"]["outage"]
    until = pl.coalesce("ended_at", pl.lit(now, dtype=pl.Datetime("us", "UTC")))
    lasted = (until - pl.col("started_at")).dt.total_seconds() / 3600
    begun = (pl.col("kind") == kind) & (pl.col("started_on") >= first)
    return incidents.filter(begun).select(hours=lasted.max(), n=pl.len().cast(pl.Int64))
