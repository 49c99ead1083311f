"""Questions every page asks of a measure: now against before, and by month for the sparkline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard.reading import Reading
from dashboard.view import View
from metrics.calendar import Grain, shift_months
from metrics.selection import Period
from metrics.trends import Additive, Buckets, trend

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

    def window(self, view: View) -> Period:
        """The days a trend shows: the period, with at least a year up to its end."""
        period = self.period(view)
        start = min(period.start, shift_months(period.end, -CONTEXT_MONTHS))
        return Period(max(start, self.earliest), period.end)


def month_is_running(as_of: date) -> bool:
    """Whether the month of the last day of the data is incomplete."""
    return (as_of + timedelta(days=1)).day != 1


def now_and_before(
    topic: Topic, what: Additive, view: View
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The counts and figures of the chosen period and of the one it is compared with."""
    period = topic.period(view)
    plans = [
        topic.rows.filter(days.holds(pl.col(topic.day))).select(**what.over_rows())
        for days in (period, view.compared(period))
    ]
    now, before = pl.collect_all(plans)
    return now.row(0, named=True), before.row(0, named=True)


def by_grain(
    topic: Topic, what: Additive, view: View, grain: Grain, *, rolling: int = 1
) -> pl.DataFrame:
    """The measure per bucket over the window of a trend: bucket, counts, figures, complete."""
    cut = Buckets(topic.day, grain, topic.window(view), rolling)
    return trend(topic.rows, what, cut, as_of=topic.as_of).collect()


def reading(
    topic: Topic, what: Additive, view: View, *, figure: str, n: str, reason: str = "no_rows"
) -> Reading:
    """A card's reading of one figure of an additive measure."""
    now, before = now_and_before(topic, what, view)
    if now[figure] is None:
        return Reading(None, missing=reason)
    months = by_grain(topic, what, view, Grain.MONTH).tail(SPARK_MONTHS)
    return Reading(
        value=now[figure],
        previous=before[figure],
        n=now[n],
        low=now.get(f"{figure}_low"),
        high=now.get(f"{figure}_high"),
        trend=tuple(months[figure].to_list()),
        running=not months.is_empty() and not months["complete"][-1],
    )
