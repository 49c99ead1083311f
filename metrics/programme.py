"""The months of a programme, and the pace at which a target is neared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from metrics.calendar import shift_months
from metrics.catalog.kpi import Target
from metrics.rules import load

_MONTH = 365.25 / 12  # days


def programme_month(start: date, day: date) -> int:
    """The month of the programme that a day is in: 1 is the first; 0 or less: not begun."""
    months = (day.year - start.year) * 12 + day.month - start.month
    return months + (1 if day >= shift_months(start, months) else 0)


def horizon(target: Target) -> str:
    """Whether a target is set for the short, mid or long term: by the last of its months.

    The plans' horizons share their edges (1-3, 3-6, 6-12): month 3 is short, month 6 mid term.

    Returns:
        A code of `scorecard.toml`; empty for a target without months.
    """
    if target.months_to is None:
        return ""
    terms: dict[str, int] = load("scorecard")["horizons"]
    return next((code for code, last in terms.items() if target.months_to <= last), "")


def due(start: date | None, target: Target) -> date | None:
    """The last day of the last month that a target is set for; None if it names none."""
    if start is None or target.months_to is None:
        return None
    return shift_months(start, target.months_to) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a figure should be on its way, and what it still takes.

    Attributes:
        by_now: What a straight line from the baseline at the start to the level at the end gives
            for today; None without a baseline, or once the end has come.
        per_month: The change a month still needed; None if the level is met or the end has come.
        kept: Whether it is as far as that; None where `by_now` is, or the level is met.
        over: Whether the end has come.
    """

    by_now: float | None = None
    per_month: float | None = None
    kept: bool | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The days of a target: the programme's first, today (the last of the data), its last."""

    start: date
    today: date
    end: date


def pace(way: Way | None, *, value: float, baseline: float | None, level: float, met: bool) -> Pace:
    """How fast a figure must still move to be at its level at the end.

    Args:
        way: The days of the target; None if it has no end.
        value: Today's.
        baseline: Of the year before the programme; None if there is none.
        level: What must be reached.
        met: Whether it is.
    """
    if way is None or way.today >= way.end:
        return Pace(over=way is not None)
    gone, whole = ((day - way.start).days + 1 for day in (way.today, way.end))
    by_now = None
    if baseline is not None and gone > 0:
        by_now = baseline + (level - baseline) * gone / whole
    if met:
        return Pace(by_now)
    missing = level - value
    kept = None if by_now is None else abs(missing) <= abs(level - by_now)
    return Pace(by_now, missing / ((way.end - way.today).days / _MONTH), kept)
