"""Calls that customers made, by hour; and how many we made."""

from __future__ import annotations

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.measure import count
from metrics.service.rule import words


def known_calls(contacts: IntoLazyFrameT) -> IntoLazyFrameT:
    """The calls of customers of which it is known whether they were answered (portable)."""
    rows = nw.from_native(contacts).filter(
        nw.col("direction") == "inbound",
        nw.col("channel") == words("calls")["channel"],
        ~nw.col("answered").is_null(),
    )
    return rows.to_native()


def call_rows(contacts: IntoLazyFrameT) -> IntoLazyFrameT:
    """Of the known calls what is counted by hour (portable).

    Of 41 million contacts a few per cent; nothing is sorted or grouped.

    Returns:
        One row per call, unordered: occurred_at, occurred_on, answered, waited_seconds.
    """
    rows = nw.from_native(known_calls(contacts))
    return rows.select("occurred_at", "occurred_on", "answered", "waited_seconds").to_native()


def in_time() -> pl.Expr:
    """Whether a call was answered within the promised seconds; null if its waiting is unknown."""
    return pl.col("answered") & (pl.col("waited_seconds") <= words("calls")["limit_seconds"])


def too_late() -> pl.Expr:
    """Whether a call was answered after the promised seconds; null if its waiting is unknown."""
    return pl.col("answered") & (pl.col("waited_seconds") > words("calls")["limit_seconds"])


def made_on(contacts: IntoLazyFrameT) -> IntoLazyFrameT:
    """Calls on each day, whoever made them: the recordings there may be (portable).

    Returns:
        One row per day with one, unordered: occurred_on, recordings (Int64).
    """
    rows = nw.from_native(contacts).filter(nw.col("channel") == words("calls")["channel"])
    counted = nw.col("direction").count().cast(nw.Int64)
    return rows.group_by("occurred_on").agg(recordings=counted).to_native()


def call_hours(calls: pl.LazyFrame, *, time_zone: str) -> pl.LazyFrame:
    """Calls by day and hour (mart): the whole company's, because who is not answered is unknown.

    Args:
        calls: Of `call_rows`.
        time_zone: Business time zone, in which the hours are told.

    Returns:
        One row per day and hour with a call, sorted: day, hour (0 to 23), calls, answered,
        in_time and too_late (of these, within the promised seconds or after; those of unknown
        waiting are neither),
        timed (calls whose waiting is known).
    """
    local = pl.col("occurred_at").dt.convert_time_zone(time_zone)
    return (
        calls.group_by(day=pl.col("occurred_on"), hour=local.dt.hour())
        .agg(
            calls=pl.len().cast(pl.Int64),
            answered=count(pl.col("answered")),
            in_time=count(in_time()),
            too_late=count(too_late()),
            timed=count(pl.col("waited_seconds").is_not_null()),
        )
        .sort("day", "hour")
    )


def peak_hours(hours: pl.LazyFrame) -> pl.LazyFrame:
    """The busiest hours of the day, by calls; the earlier one of two that are as busy.

    Returns:
        hour, ascending: as many as the rule says, or all there are.
    """
    busy = hours.group_by("hour").agg(pl.col("calls").sum())
    most = busy.sort("calls", "hour", descending=[True, False])
    return most.head(words("calls")["peak_hours"]).select("hour").sort("hour")
