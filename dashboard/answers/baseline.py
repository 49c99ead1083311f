"""What targets against a baseline are measured from: the year before the programme."""

from __future__ import annotations

from datetime import date

from dashboard.settings import settings
from metrics.calendar import shift_months
from metrics.selection import Period


def year(earliest: date) -> Period | None:
    """The twelve months before the programme began; None without one, or without data so early.

    The past does not change, so the baseline stays what it was (rows that come late apart).

    Args:
        earliest: The first day that the figure can be computed for.
    """
    start = settings().programme_start
    if start is None or shift_months(start, -12) < earliest:
        return None
    return Period(shift_months(start, -12), start)
