"""Open time: how much of it lies before a moment, and when an amount of it is over.

A calendar has several intervals a day, by weekday, and may close on a country's public holidays;
where these are made up for at a weekend (China), the make-up day is open. Its hours may change
from a day on: what was promised before is judged by the hours of then. Times of day are local, so
a day on which the clocks change is an hour shorter or longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any, Self

import polars as pl
from chinese_calendar import constants as china

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAKE_UP = "make_up"
# Days off and weekend days worked instead, by country. What is not announced yet is an ordinary
# week: the State Council tells the days of a year in November of the year before.
COUNTRIES: Mapping[str, tuple[tuple[date, ...], tuple[date, ...]]] = {
    "CN": (tuple(sorted(china.holidays)), tuple(sorted(china.workdays)))
}
Interval = tuple[int, int]  # minutes after midnight
_FIRST = date(1990, 1, 1)
_TIME = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a calendar from a day on.

    Attributes:
        since: The first day.
        open: The intervals of each of `WEEKDAYS` and of a make-up workday, none where closed.
        holidays: Country whose public holidays are closed, one of `COUNTRIES`; empty for none.
    """

    since: date
    open: Mapping[str, tuple[Interval, ...]]
    holidays: str = ""

    @classmethod
    def read(cls, rule: Mapping[str, Any]) -> Self:
        """From a rule: since, holidays, and by weekday `["09:00-12:00", "13:00-18:00"]`.

        Raises:
            ValueError: An interval ends before it begins or overlaps the one before, or nothing is
                known of the country.
        """
        country = rule.get("holidays", "")
        if country and country not in COUNTRIES:
            raise ValueError(f"no public holidays are known of {country!r}")
        names = (*WEEKDAYS, MAKE_UP)
        told = {name: _intervals(rule["open"].get(name, ())) for name in names}
        return cls(rule.get("since", _FIRST), told, country)


def _intervals(texts: Iterable[str]) -> tuple[Interval, ...]:
    found = tuple((_minutes(begin), _minutes(end)) for begin, end in (t.split("-") for t in texts))
    edges = [edge for interval in found for edge in interval]
    if any(end <= begin for begin, end in found) or edges != sorted(edges):
        raise ValueError(f"hours must be in order and must not overlap: {', '.join(texts)}")
    return found


def _minutes(text: str) -> int:
    hour, minute = text.strip().split(":")
    return int(hour) * 60 + int(minute)


@dataclass(frozen=True, slots=True)
class Times:
    """The open intervals of a calendar up to a day, to be looked up; None: it never closes.

    Attributes:
        spans: opens, closes (Int64, microseconds since 1970 UTC), before (open time before it),
            ascending.
    """

    spans: pl.DataFrame | None

    def elapsed(self, at: pl.Expr) -> pl.Expr:
        """Open microseconds before a moment, from an arbitrary origin; null where it is null."""
        return self.elapsed_by(microseconds(at))

    def elapsed_by(self, moment: pl.Expr) -> pl.Expr:
        """The same of a moment in microseconds."""
        return moment if self.spans is None else _looked_up(moment, partial(_elapsed, self.spans))

    def moment(self, elapsed: pl.Expr) -> pl.Expr:
        """The first moment with so much open time before it: 17:00, not the next morning."""
        return as_moment(self.reached_by(elapsed))

    def reached_by(self, elapsed: pl.Expr) -> pl.Expr:
        """The same in microseconds."""
        return elapsed if self.spans is None else _looked_up(elapsed, partial(_reached, self.spans))

    def spans_from(self, reach: int) -> pl.DataFrame:
        """The spans from `reach` microseconds before 1970 on: of a calendar that never closes one.

        An empty one stands first, so that a moment before the first opening finds this calendar,
        also where others lie before it; one without an end last, for what falls due beyond the days
        that are known, or after a desk was closed down.
        """
        if self.spans is None:
            return pl.DataFrame({"opens": [-reach], "closes": [reach], "before": [-reach]})
        first = pl.DataFrame({"opens": [-reach], "closes": [-reach], "before": [0]})
        opens, closes, before = self.spans.select(_SPAN).row(-1)
        end = {"opens": [closes], "closes": [reach], "before": [before + closes - opens]}
        return pl.concat([first, self.spans.select(_SPAN), pl.DataFrame(end)])


def microseconds(at: pl.Expr) -> pl.Expr:
    """A moment in microseconds since 1970 UTC."""
    return at.cast(_TIME).dt.epoch("us")


def as_moment(microseconds: pl.Expr) -> pl.Expr:
    """Microseconds since 1970 UTC as a moment."""
    return microseconds.cast(_TIME)


ALWAYS = Times(None)
_SPAN = ("opens", "closes", "before")


def _looked_up(value: pl.Expr, find: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """A look-up of whole columns: as an expression it would stand in every place that needs it."""
    return value.map_batches(find, return_dtype=pl.Int64, is_elementwise=True)


def _elapsed(spans: pl.DataFrame, moment: pl.Series) -> pl.Series:
    place = _place(spans["opens"], moment, -1)
    opens, closes, before = (spans[name].gather(place) for name in _SPAN)
    inside = (moment.clip(upper_bound=closes) - opens).clip(lower_bound=0)
    return before + inside


def _reached(spans: pl.DataFrame, elapsed: pl.Series) -> pl.Series:
    place = _place(spans["before"] + spans["closes"] - spans["opens"], elapsed - 1, 0)
    return spans["opens"].gather(place) + elapsed - spans["before"].gather(place)


def _place(edges: pl.Series, value: pl.Series, shift: int) -> pl.Series:
    found = edges.search_sorted(value.fill_null(0), side="right")
    return (pl.Series(found).cast(pl.Int64) + shift).clip(0, len(edges) - 1)


@cache
def _days(versions: tuple[tuple[date, str], ...], until: date) -> pl.DataFrame:
    """Each day with the version of the hours that holds on it and what kind of day it is."""
    days = pl.select(day=pl.date_range(versions[0][0], until)).with_columns(
        kind=pl.lit(list(WEEKDAYS)).list.get(pl.col("day").dt.weekday().cast(pl.Int64) - 1),
        version=pl.sum_horizontal(pl.col("day") >= since for since, _ in versions[1:])
        if versions[1:]
        else pl.lit(0),
    )
    for number, (_, country) in enumerate(versions):
        if country:
            here = pl.col("version") == number
            closed, made_up = (here & pl.col("day").is_in(some) for some in COUNTRIES[country])
            kind = pl.when(closed).then(pl.lit("closed")).otherwise("kind")
            days = days.with_columns(kind=pl.when(made_up).then(pl.lit(MAKE_UP)).otherwise(kind))
    return days


def times(versions: Iterable[Hours], *, zone: str, until: datetime) -> Times:
    """The open intervals of a calendar.

    Args:
        versions: Its hours, one for each change.
        zone: Whose times of day they are.
        until: How far it must reach.

    Raises:
        ValueError: It is never open.
    """
    ordered = sorted(versions, key=lambda each: each.since)
    days = _days(tuple((each.since, each.holidays) for each in ordered), until.date())
    rows = [
        {"version": number, "kind": kind, "begin": begin, "end": end}
        for number, each in enumerate(ordered)
        for kind, intervals in each.open.items()
        for begin, end in intervals
    ]
    if not rows:
        raise ValueError("a calendar must be open at some time")
    hours = pl.DataFrame(rows).with_columns(pl.col("version").cast(days.schema["version"]))
    spans = (
        days.join(hours, on=["version", "kind"])
        .select(opens=_local("begin", zone), closes=_local("end", zone))
        .filter(pl.col("closes") > pl.col("opens"))
        .sort("opens")
    )
    length = pl.col("closes") - pl.col("opens")
    return Times(spans.with_columns(before=length.cum_sum() - length).rechunk())


def _local(minutes: str, zone: str) -> pl.Expr:
    """A time of day as microseconds UTC; one that the clocks skip is that much later."""
    naive = pl.col("day").cast(pl.Datetime("us")) + pl.duration(minutes=minutes)
    later = naive + timedelta(hours=1)
    at = (
        each.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        for each in (naive, later)
    )
    return pl.coalesce(*at).dt.epoch("us")
