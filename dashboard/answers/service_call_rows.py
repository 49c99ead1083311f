"""The calls behind the calls by hour: of the period, of an hour of the day or the busiest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers import contact, service_calls
from dashboard.answers.contact_named import local_time
from dashboard.answers.contact_rows import latest
from dashboard.answers.service_cases import inside
from dashboard.stretches import Stretches
from dashboard.view import View
from metrics.calendar import Grain, bucket, next_bucket
from metrics.selection import Period
from metrics.service.calls import in_time, known_calls, too_late

EVERY, PEAK = "every", "peak"
_answered, _late, _in_time = (pl.col(n).sum() for n in ("answered", "too_late", "in_time"))
_NUMBERS: Mapping[str, pl.Expr] = {
    "lost": pl.col("calls").sum() - _answered,
    "slow": _late,
    "in_time": _in_time,
    "unknown": _answered - _late - _in_time,
}
GROUPS = tuple(_NUMBERS)
"""Calls not answered; answered after the promised seconds; in time; answered, who knows when."""


def _hours(view: View, hours: str) -> list[int]:
    """The hours of the day that a code means: every, peak, or one by its number."""
    found = service_calls.by_hour(view)
    if hours == PEAK:
        found = found.filter("peak")
    return found["hour"].to_list() if hours in (EVERY, PEAK) else [int(hours)]


def _rolled(view: View, hours: str) -> pl.LazyFrame:
    rows = inside(service_calls.calls(view), view)
    return rows.filter(pl.col("hour").is_in(_hours(view, hours)))


@data.answer
def counted(view: View, hours: str) -> Mapping[str, int]:
    """How many calls of some hours of the day are in each of `GROUPS`."""
    return _rolled(view, hours).select(**_NUMBERS).collect().row(0, named=True)


@data.answer
def _months(view: View, hours: str, group: str) -> list[tuple[date, int]]:
    by_month = _rolled(view, hours).group_by(month=bucket(pl.col("day"), Grain.MONTH))
    told = by_month.agg(n=_NUMBERS[group].cast(pl.Int64)).filter(pl.col("n") > 0)
    return told.sort("month", descending=True).collect().rows()


def listed(view: View, hours: str, group: str) -> Stretches:
    """The company's calls of a group, the latest first; `contact_named.told` names the callers.

    At 2 million customers a page reads one month of contacts, 0.7 of 41 million.

    Args:
        view: The view; its filters do not narrow calls.
        hours: every, peak, or an hour of the day (0 to 23, business time).
        group: One of `GROUPS`.
    """
    months, which = _months(view, hours, group), _hours(view, hours)
    period = service_calls.calls(view).period(view)
    answered = pl.col("answered")
    holds = {
        "lost": ~answered,
        "slow": too_late(),
        "in_time": in_time(),
        "unknown": answered & in_time().is_null(),
    }

    def of_month(place: int) -> pl.LazyFrame:
        first = months[place][0]
        end = min(next_bucket(first, Grain.MONTH), period.end)
        days = Period(max(first, period.start), end)
        calls = known_calls(data.frame(view, contact.TABLE))
        rows = calls.filter(days.holds(pl.col("occurred_on")), local_time().dt.hour().is_in(which))
        return latest(rows.filter(holds[group]))

    return Stretches([rows for _, rows in months], of_month)
