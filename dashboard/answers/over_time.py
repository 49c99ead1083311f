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
    """A card's reading of one figure of an additive measure, resting on the counts `n` together.

    Its trend leaves out the months that rest on fewer than `fewest`.
    """
    now, before, year_ago = now_and_earlier(topic, what, view)
    if now[figure] is None:
        return Reading(None, missing=reason)
    months = by_grain(topic, what, view, Grain.MONTH).tail(SPARK_MONTHS)
    enough = pl.sum_horizontal(n) >= fewest
    drawn = months.select(pl.when(enough).then(pl.col(figure)))
    return Reading(
        value=now[figure],
        previous=before.get(figure),
        last_year=year_ago.get(figure),
        n=sum(now[count] for count in n),
        low=now.get(f"{figure}_low"),
        high=now.get(f"{figure}_high"),
        trend=tuple(drawn[figure].to_list()),
        running=not months.is_empty() and not months["complete"][-1],
        baseline=_frozen(topic, what, figure),
    )


def _frozen(topic: Topic, what: Additive, figure: str) -> float | None:
    """The figure in the year before the programme."""
    year = baseline.year(topic.earliest)
    if year is None:
        return None
    inside = topic.rows.filter(year.holds(pl.col(topic.day))).select(**what.counts)
    return inside.with_columns(**what.from_counts()).collect()[figure].item()
