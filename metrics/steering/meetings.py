"""Meetings, reports and audits: due, held, overdue; and as often as the plans ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics.calendar import Grain, next_bucket, shift_months
from metrics.measure import count, ratio
from metrics.rules import load

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_RHYTHM = {"kind": pl.String, "periods": pl.Int64, "kept": pl.Int64}


def since(start: date | None, as_of: date) -> date:
    """From when meetings are judged: the programme's first day, within the last twelve months."""
    year = shift_months(as_of, -12) + timedelta(days=1)
    return max(start, year) if start is not None and start <= as_of else year


def meetings(events: pl.LazyFrame, *, first: date, as_of: date) -> pl.DataFrame:
    """Every kind of meeting: what was due, what was held, what is overdue, how often it came.

    Overdue is a kind with an event whose day is over, that was not held, and since whose day none
    of the kind was held either: a weekly meeting left out in spring is missed, not overdue.
    The rhythm is asked of whole periods from `first` on, weeks from Monday, months and quarters
    from the day of the month of `first`; of a year, of the twelve months up to as_of, and only if
    one was held or due in them. Daily ones go by the company's own calendar of due days, because
    weekends and holidays are not the same everywhere.

    Args:
        events: kind, due_on (null: it was held without being due), held_on.
        first: First day judged (`since`).
        as_of: Last day of the data.

    Returns:
        One row per kind of the rules, in their order, then the others by name: kind, every (null:
        no rhythm asked), source, due (from first to as_of), on_time, late, missed (day over, not
        held), overdue_since (null if not overdue), overdue_days, last_held_on, next_due_on,
        periods, kept (those with at least one held), kept_share (null without a period).
    """
    rules: dict[str, Any] = load("programme")["meetings"]
    day = pl.col("due_on")
    held = pl.when(pl.col("held_on") <= as_of).then("held_on")
    rows = events.select("kind", "due_on", held_on=held).drop_nulls("kind").collect()
    due, done = day.is_between(first, as_of), pl.col("held_on").is_not_null()
    last = pl.col("held_on").max()
    stale = (day < as_of) & ~done & (last.is_null() | (day > last))
    told = rows.group_by("kind").agg(
        due=count(due),
        on_time=count(due & (pl.col("held_on") <= day)),
        late=count(due & (pl.col("held_on") > day)),
        missed=count(due & ~done & (day < as_of)),
        overdue_since=day.filter(stale).min(),
        last_held_on=last,
        next_due_on=day.filter((day >= as_of) & ~done).min(),
    )
    order = {kind: place for place, kind in enumerate(rules)}
    asked = pl.DataFrame(
        [(kind, rule.get("every"), rule["source"]) for kind, rule in rules.items()],
        schema={"kind": pl.String, "every": pl.String, "source": pl.String},
        orient="row",
    )
    place = pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    return (
        asked.join(told, on="kind", how="full", coalesce=True, validate="1:1")
        .join(_rhythms(rows, rules, first, as_of), on="kind", how="left", validate="1:1")
        .with_columns(
            pl.col("due", "on_time", "late", "missed").fill_null(0),
            overdue_days=(pl.lit(as_of) - pl.col("overdue_since")).dt.total_days(),
            kept_share=ratio(pl.col("kept"), pl.col("periods")),
        )
        .sort(place, "kind")
        .select(
            *("kind", "every", "source", "due", "on_time", "late", "missed", "overdue_since"),
            *("overdue_days", "last_held_on", "next_due_on", "periods", "kept", "kept_share"),
        )
    )


def _rhythms(rows: pl.DataFrame, rules: dict[str, Any], first: date, as_of: date) -> pl.DataFrame:
    """Per kind with a rhythm: kind, periods, kept."""
    told: list[tuple[str, int, int]] = []
    for kind, rule in rules.items():
        own = rows.filter(pl.col("kind") == kind)
        if every := rule.get("every"):
            told.append((kind, *_rhythm(own, every, first, as_of)))
    return pl.DataFrame(told, schema=_RHYTHM, orient="row")


def _rhythm(own: pl.DataFrame, every: str, first: date, as_of: date) -> tuple[int, int]:
    if every == "day":
        past = own.filter(pl.col("due_on") >= first, pl.col("due_on") < as_of)
        kept = past.filter(pl.col("held_on") <= pl.col("due_on"))
        return past["due_on"].n_unique(), kept["due_on"].n_unique()
    held: Sequence[date] = own["held_on"].drop_nulls().to_list()
    if every == "year":
        year = shift_months(as_of, -12)
        came = any(day > year for day in held)
        due = own["due_on"].is_between(year + timedelta(days=1), as_of - timedelta(days=1)).any()
        return int(came or due), int(came)
    spans = [(start, end) for start, end in _periods(every, first) if end <= as_of + _ONE]
    return len(spans), sum(any(start <= day < end for day in held) for start, end in spans)


_ONE = timedelta(days=1)
_MOST = 60  # periods of a year and more: weeks


def _periods(every: str, first: date) -> Iterator[tuple[date, date]]:
    """The first periods that lie whole after a day: start and the day after the end."""
    if every == "week":
        start = first + timedelta(days=-first.weekday() % 7)
        for _ in range(_MOST):
            yield start, (start := next_bucket(start, Grain.WEEK))
        return
    months = _MONTHS[every]
    for turn in range(_MOST // months):
        yield shift_months(first, turn * months), shift_months(first, (turn + 1) * months)


def held_on_time(meetings: pl.DataFrame) -> tuple[int, int]:
    """Meetings held by their day, and those due, of all kinds."""
    return int(meetings["on_time"].sum()), int(meetings["due"].sum())
