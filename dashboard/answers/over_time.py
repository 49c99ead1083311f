"""Questions every page asks of a measure: now against before, and by month for the sparkline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard.answers import baseline
from dashboard.reading import Reading
from dashboard.view import View
from metrics.calendar import Grain, shift_months
from metrics.selection import Period
from metrics.trends import Additive, Buckets, trend

WHOLE = "period"  # the whole period, in place of one point of a trend
SPARK_MONTHS = 13
CONTEXT_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Topic:
    """Fact rows of one topic: the frame, the day it is cut by, and its own time limits."""

    rows: pl.LazyFrame
    day: str
    as_of: date
    earliest: date

    def period(self, view: View) -> Period:
        """The chosen days at the end of this topic's data."""
        return view.period(self.as_of, self.earliest)

    def known(self, period: Period | None) -> Period | None:
        """An earlier period, if the data reach back to its beginning."""
        reached = period and period.days > 0 and period.start >= self.earliest
        return period if reached else None

    def window(self, view: View) -> Period:
        """The days a trend shows: the period, with at least a year up to its end."""
        period = self.period(view)
        start = min(period.start, shift_months(period.end, -CONTEXT_MONTHS))
        return Period(max(start, self.earliest), period.end)


def days_of(topic: Topic, view: View, grain: Grain, point: str, *, rolling: int = 1) -> Period:
    """The days of a point of a trend, by its first day in ISO format, or of the `WHOLE` period."""
    if point == WHOLE:
        return topic.period(view)
    return Buckets(topic.day, grain, topic.window(view), rolling).days_of(date.fromisoformat(point))


def month_is_running(as_of: date) -> bool:
    """Whether the month of the last day of the data is incomplete."""
    return (as_of + timedelta(days=1)).day != 1


def now_and_earlier(topic: Topic, what: Additive, view: View) -> list[Mapping[str, Any]]:
    """The counts and figures of the chosen period, the one before, and the same a year earlier.

    Empty where there is no such period (see `View.earlier`). Figures are computed once over the
    counts of all periods: an interval is a long expression, which costs more than the counting.
    """
    period = topic.period(view)
    wanted = (period, *view.earlier(period))
    counts = [
        topic.rows.filter(days.holds(pl.col(topic.day))).select(**what.counts)
        for days in wanted
        if days is not None
    ]
    found = pl.concat(counts).with_columns(**what.from_counts()).collect()
    rows = found.iter_rows(named=True)
    return [next(rows) if days is not None else {} for days in wanted]


def by_grain(
    topic: Topic, what: Additive, view: View, grain: Grain, *, rolling: int = 1
) -> pl.DataFrame:
    """The measure per bucket over the window of a trend: bucket, counts, figures, complete."""
    cut = Buckets(topic.day, grain, topic.window(view), rolling)
    return trend(topic.rows, what, cut, as_of=topic.as_of).collect()


@dataclass(frozen=True, slots=True)
class Asked:
    """One figure of an additive measure.

    Attributes:
        what: The measure.
        figure: Its name there.
        n: The counts that it rests on together.
        reason: Why there is none, if it is null.
        fewest: Months that rest on fewer are left out of the trend.
    """

    what: Additive
    figure: str
    n: Sequence[str]
    reason: str = "no_rows"
    fewest: int = 0


def reading(
    topic: Topic,
    what: Additive,
    view: View,
    *,
    figure: str,
    n: Sequence[str],
    reason: str = "no_rows",
    fewest: int = 0,
) -> Reading:
    """A card's reading of one figure of an additive measure, see `readings`."""
    asked = Asked(what, figure, n, reason, fewest)
    return readings(topic, view, {figure: asked})[figure]


def readings(topic: Topic, view: View, asked: Mapping[str, Asked]) -> dict[str, Reading]:
    """Cards' readings of several figures of the same rows.

    The period, those before it, the months and the year of the baseline are counted in one query,
    for all figures together: a query costs more than what it counts, so thirty cards are asked for
    in the time of two.
    """
    measures = list({id(each.what): each.what for each in asked.values()}.values())
    marks = {id(what): f"{place}." for place, what in enumerate(measures)}
    told = _counted(
        topic, view, {mark: what for what, mark in zip(measures, marks.values(), strict=True)}
    )
    return {key: _of(told, each, marks[id(each.what)]) for key, each in asked.items()}


def _of(told: _Counts, asked: Asked, mark: str) -> Reading:
    now, before, year_ago, frozen = told.periods
    name = f"{mark}{asked.figure}"
    if now[name] is None:
        return Reading(None, missing=asked.reason)
    months = told.months[-SPARK_MONTHS:]
    rests_on = [f"{mark}{count}" for count in asked.n]
    enough = [sum(month[count] for count in rests_on) >= asked.fewest for month in months]
    return Reading(
        value=now[name],
        previous=before.get(name),
        last_year=year_ago.get(name),
        n=sum(now[count] for count in rests_on),
        low=now.get(f"{name}_low"),
        high=now.get(f"{name}_high"),
        trend=tuple(m[name] if drawn else None for m, drawn in zip(months, enough, strict=True)),
        running=bool(months) and not months[-1]["complete"],
        baseline=frozen.get(name),
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    """Counts and figures: of the period, the earlier ones and the baseline's, and by month.

    A period that there is not has none.
    """

    periods: Sequence[Mapping[str, Any]]
    months: Sequence[Mapping[str, Any]]


def _counted(topic: Topic, view: View, measures: Mapping[str, Additive]) -> _Counts:
    """All counts of some measures, each under its mark."""
    counts: dict[str, pl.Expr] = {}
    figures: dict[str, pl.Expr] = {}
    for mark, what in measures.items():
        counts |= what.stored(mark)
        found = what.figures({name: pl.col(f"{mark}{name}") for name in what.counts})
        figures |= {f"{mark}{name}": figure for name, figure in found.items()}
    period = topic.period(view)
    wanted = (period, *view.earlier(period), baseline.year(topic.earliest))
    cut = Buckets(topic.day, Grain.MONTH, topic.window(view))
    days = _daily(topic, counts, [*(each for each in wanted if each is not None), cut.period])
    sums = {name: pl.col(name).sum() for name in counts}
    parts = [
        days.filter(each.holds(pl.col(topic.day))).select(**sums)
        for each in wanted
        if each is not None
    ]
    months = trend(days, Additive(sums, lambda _: {}), cut, as_of=topic.as_of)
    both = pl.concat([*parts, months], how="diagonal_relaxed").with_columns(**figures)
    rows = both.collect().to_dicts()
    first = iter(rows)
    periods = [next(first) if each is not None else {} for each in wanted]
    return _Counts(periods, list(first))


def _daily(topic: Topic, counts: Mapping[str, pl.Expr], asked: Sequence[Period]) -> pl.LazyFrame:
    """The counts by day: the facts are passed over once, whatever the number of periods."""
    reach = Period(min(each.start for each in asked), max(each.end for each in asked))
    rows = topic.rows.filter(reach.holds(pl.col(topic.day)))
    return rows.group_by(topic.day).agg(**counts).collect().lazy()


def frozen(topic: Topic, what: Additive, figure: str) -> float | None:
    """The figure in the year before the programme; null without one, or if undefined then."""
    year = baseline.year(topic.earliest)
    if year is None:
        return None
    inside = topic.rows.filter(year.holds(pl.col(topic.day))).select(**what.counts)
    return inside.with_columns(**what.from_counts()).collect()[figure].item()
