"""Additive measures and their trends: counts first, then what follows from the counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.calendar import (
    Grain,
    bucket,
    first_day,
    is_complete,
    next_bucket,
    shift_months,
    spine,
)
from metrics.measure import measure
from metrics.selection import Period

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Additive:
    """Counts that may be added up, and figures that are functions of the added counts.

    A figure is never averaged: rolling months and totals add the counts and compute it anew.
    """

    counts: Mapping[str, pl.Expr]
    figures: Callable[[Mapping[str, pl.Expr]], Mapping[str, pl.Expr]]

    def over_rows(self) -> dict[str, pl.Expr]:
        """Measures over fact rows."""
        return {**self.counts, **self.figures(self.counts)}

    def stored(self, prefix: str = "") -> dict[str, pl.Expr]:
        """The counts as columns of a roll-up of fact rows."""
        return {f"{prefix}{name}": count for name, count in self.counts.items()}

    def rolled_up(self, prefix: str = "", where: pl.Expr | None = None) -> Additive:
        """The same measure over the rows of a roll-up that holds its `stored` counts, or some."""
        columns = {name: pl.col(f"{prefix}{name}") for name in self.counts}
        if where is not None:
            columns = {name: column.filter(where) for name, column in columns.items()}
        sums = {name: column.sum() for name, column in columns.items()}
        return Additive(sums, self.figures)

    def from_counts(self) -> dict[str, pl.Expr]:
        """The figures of each row that holds the counts."""
        return dict(self.figures({name: pl.col(name) for name in self.counts}))


@dataclass(frozen=True, slots=True)
class Buckets:
    """How a trend is cut: by which day, into which buckets, each reaching back how far."""

    day: str
    grain: Grain
    period: Period
    rolling: int = 1  # buckets in each sum: 1 itself, 3 itself and the two before

    def days_of(self, first: date) -> Period:
        """The days whose rows the bucket that begins on `first` adds up."""
        window = _window(self)
        start = max(_back(first, self.grain, self.rolling - 1), window.start)
        return Period(start, min(next_bucket(first, self.grain), window.end))


def trend(frame: pl.LazyFrame, what: Additive, cut: Buckets, *by: str, as_of: date) -> pl.LazyFrame:
    """Additive measures per bucket of time, no bucket missing.

    With `rolling` above 1 each bucket adds its own counts and those of the buckets before it,
    also from before the period (ratio of sums, never average of averages). Without, only the
    days of the period count. `complete` is false for a bucket that has not ended at the close
    of `as_of`, is cut by the period, or reaches back before the first row of the frame.

    Returns:
        One row per bucket × `by`: bucket (Date, its first day), `by`, the counts (0 where
        nothing happened), the figures (null where undefined), complete (Boolean); sorted by
        `by` (nulls last), then bucket. No rows where `by` has no value in the window.
    """
    window = _window(cut)
    rows = frame.with_columns(bucket=bucket(pl.col(cut.day), cut.grain))
    inside = rows.filter(window.holds(pl.col(cut.day)))
    grid = spine(window.start, window.end, cut.grain)
    if by:
        grid = grid.join(inside.select(by).unique(), how="cross")
    counted = measure(inside, "bucket", *by, **what.counts)
    names = list(what.counts)
    total = pl.col(names).rolling_sum(cut.rolling, min_samples=1)
    told = (
        grid.join(counted, on=["bucket", *by], how="left", nulls_equal=True, validate="1:1")
        .with_columns(pl.col(names).fill_null(0))
        .sort(*by, "bucket", nulls_last=True)
        # No group reaches into the one before: its first kept bucket has its own before it.
        .with_columns(total)
        .filter(pl.col("bucket") >= first_day(cut.period.start, cut.grain))
        .with_columns(**what.from_counts())
    )
    if cut.rolling > 1:  # else the first row is not asked for, which costs half of a trend
        told = told.join(rows.select(_since=pl.col("bucket").min()), how="cross")
    return (
        told.with_columns(complete=_complete(cut, as_of))
        .select("bucket", *by, *names, *what.from_counts(), "complete")
        .sort(*by, "bucket", nulls_last=True)
    )


def _window(cut: Buckets) -> Period:
    if cut.rolling == 1:
        return cut.period
    first = first_day(cut.period.start, cut.grain)
    return Period(_back(first, cut.grain, cut.rolling - 1), cut.period.end)


def _back(first: date, grain: Grain, buckets: int) -> date:
    """First day of the bucket so many before the one that begins on `first`."""
    if grain is Grain.WEEK:
        return first - timedelta(weeks=buckets)
    return shift_months(first, -buckets * _MONTHS[grain])


def _complete(cut: Buckets, as_of: date) -> pl.Expr:
    start = pl.col("bucket")
    last = min(as_of, cut.period.end - timedelta(days=1))
    ended = is_complete(start, cut.grain, as_of=last)
    if cut.rolling == 1:
        return ended & (start >= pl.lit(cut.period.start))
    back = cut.rolling - 1
    length = f"-{back}w" if cut.grain is Grain.WEEK else f"-{back * _MONTHS[cut.grain]}mo"
    return ended & (start.dt.offset_by(length) >= pl.col("_since")).fill_null(value=False)
