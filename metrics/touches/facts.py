"""One row per touch that was asked for: when its clock started, until when, when it was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, shift_months, spine
from metrics.rules import load
from metrics.touches.rule import Touch

_DAY = timedelta(days=1)
COLUMNS = ("touch", "customer_id", "triggered_at", "due_at", "tried_at", "done_at")


def by_the_hour(starts: pl.LazyFrame, made: pl.LazyFrame, touch: Touch) -> pl.LazyFrame:
    """Touches whose limit is so many hours after a moment.

    Args:
        starts: customer_id, started_at (together unique).
        made: Of `readers.made`.
        touch: Which one.

    Returns:
        One row per start: COLUMNS; tried_at and done_at null if that has not happened.
    """
    keys = ["customer_id", "started_at"]
    limit = timedelta(hours=touch.hours or 0)
    return (
        starts.select(keys)
        .join(made, on=keys, how="left", validate="1:1")
        .with_columns(touch=pl.lit(touch.code), due_at=pl.col("started_at") + limit)
        .rename({"started_at": "triggered_at"})
        .select(COLUMNS)
    )


def by_the_quarter(
    customers: pl.LazyFrame,
    made: Sequence[pl.LazyFrame],
    touch: Touch,
    *,
    since: date,
    as_of: date,
    time_zone: str,
) -> pl.LazyFrame:
    """Touches that every customer in the stage existing is owed once a quarter.

    Existing by age alone: 3 to 12 months after the first purchase on the first day of the quarter
    (S0); the warnings of past days are not known.

    Args:
        customers: customer_id (unique), first_order_on; only those who have not been deleted.
        made: Rows of customer_id, quarter, and tried_at or done_at or both.
        touch: Which one.
        since: The first quarter is the first that begins on this day or later.
        as_of: The last is that of this day.
        time_zone: In which days begin.

    Returns:
        One row per customer and quarter: COLUMNS. Of several frames the earliest times count.
    """
    ages = load("lifecycle")["stages"]
    first, quarter = pl.col("first_order_on"), pl.col("quarter")
    quarters = spine(since, as_of + _DAY, Grain.QUARTER).rename({"bucket": "quarter"})
    owed = (
        customers.filter(first >= shift_months(since, -ages["existing_months"]))
        .select("customer_id", "first_order_on")
        .join(quarters.filter(quarter >= since), how="cross")
        .filter(first.dt.offset_by(f"{ages['new_months']}mo") <= quarter)
        .filter(first.dt.offset_by(f"{ages['existing_months']}mo") >= quarter)
    )
    keys = ["customer_id", "quarter"]
    times = (
        pl.concat(made, how="diagonal")
        .group_by(keys)
        .agg(pl.col("tried_at", "done_at").min())
        .with_columns(tried_at=pl.min_horizontal("tried_at", "done_at"))
    )
    ends = quarter.dt.offset_by("3mo")
    return (
        owed.join(times, on=keys, how="left", validate="1:1")
        .with_columns(
            touch=pl.lit(touch.code),
            triggered_at=midnight(quarter, time_zone),
            due_at=midnight(ends, time_zone),
        )
        .select(COLUMNS)
    )


def by_the_day(
    occasions: pl.LazyFrame, touches: Sequence[Touch], *, time_zone: str
) -> pl.LazyFrame:
    """Touches owed on a day: done by its end, or before it.

    Args:
        occasions: Of `readers.occasions`; other occasions than those of the rules are left out.
        touches: Those of the occasions, by their code.
        time_zone: In which days begin.

    Returns:
        One row per occasion: COLUMNS; tried_at is done_at, attempts are not recorded.
    """
    day, codes = pl.col("due_on"), [touch.code for touch in touches]
    return (
        occasions.filter(pl.col("occasion").is_in(codes))
        .with_columns(
            touch=pl.col("occasion"),
            triggered_at=midnight(day, time_zone),
            due_at=midnight(day.dt.offset_by("1d"), time_zone),
            tried_at=pl.col("delivered_at"),
            done_at=pl.col("delivered_at"),
        )
        .select(COLUMNS)
    )


def with_days(rows: pl.LazyFrame, *, time_zone: str) -> pl.LazyFrame:
    """Touches with the days of their trigger and of their limit: triggered_on, due_on.

    A limit at midnight is of the day that ends then.
    """
    last = pl.col("due_at") - timedelta(microseconds=1)
    return rows.with_columns(
        triggered_on=pl.col("triggered_at").dt.convert_time_zone(time_zone).dt.date(),
        due_on=last.dt.convert_time_zone(time_zone).dt.date(),
    )


def midnight(day: pl.Expr, time_zone: str) -> pl.Expr:
    """The moment at which a day begins, UTC; where clocks are put forward then, an hour later."""
    start = day.cast(pl.Datetime("us"))
    begins, later = (
        (start + timedelta(hours=hours)).dt.replace_time_zone(
            time_zone, ambiguous="earliest", non_existent="null"
        )
        for hours in (0, 1)
    )
    return begins.fill_null(later).dt.convert_time_zone("UTC")
