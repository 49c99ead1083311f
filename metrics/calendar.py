"""Weeks, months, quarters and years: the buckets of every trend, none of them missing."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

import polars as pl


class Grain(StrEnum):
    """Length of one bucket of a trend. Weeks are ISO weeks, from Monday."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def every(self) -> str:
        """The Polars duration string of one bucket."""
        return {"week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}[self.value]


def bucket(day: pl.Expr, grain: Grain) -> pl.Expr:
    """First day of the bucket that holds `day`."""
    return day.dt.truncate(grain.every)


def first_day(day: date, grain: Grain) -> date:
    """First day of the bucket that holds `day`."""
    match grain:
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)


def shift_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month if it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def next_bucket(first: date, grain: Grain) -> date:
    """First day of the bucket after the one that starts on `first`."""
    if grain is Grain.WEEK:
        return first + timedelta(days=7)
    return shift_months(first, {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain])


def month_column(month: date) -> str:
    """Name of a month's column in a mart with one column per month."""
    return f"{month:%Y-%m}"


def by_month(rows: pl.DataFrame) -> dict[date, pl.DataFrame]:
    """The rows of each month that occurs in their column `month`, months ascending.

    A column at a time is put in order: if nobody else holds the rows, no more than one is ever in
    memory twice.
    """
    order = rows["month"].arg_sort()
    runs = rows["month"].gather(order).rle().struct.unnest()
    columns = rows.drop("month").get_columns()
    del rows
    ordered = pl.DataFrame([columns.pop(0).gather(order) for _ in range(len(columns))])
    begins = runs["len"].cum_sum() - runs["len"]
    return {
        month: ordered.slice(begin, size)
        for month, begin, size in zip(runs["value"], begins, runs["len"], strict=True)
    }


def spine(start: date, end: date, grain: Grain) -> pl.LazyFrame:
    """Every bucket that overlaps the days from `start` up to, not including, `end`.

    Returns:
        bucket (Date, its first day), ascending; no rows if `end` is not after `start`.
    """
    first = first_day(start, grain)
    days = pl.date_range(first, end, interval=grain.every, closed="left", eager=True)
    return pl.LazyFrame({"bucket": days if end > start else days.clear()})


def is_complete(start: pl.Expr, grain: Grain, *, as_of: date) -> pl.Expr:
    """Whether the bucket that begins on `start` has ended by the close of `as_of`."""
    return start.dt.offset_by(grain.every) <= pl.lit(as_of + timedelta(days=1))
