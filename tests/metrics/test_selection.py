"""Named periods: how much of the one in progress is still to come."""

from datetime import date

import pytest

from metrics.selection import days_left, period


@pytest.mark.parametrize(
    ("code", "as_of", "left"),
    [
        ("month", date(2026, 10, 12), 19),
        ("month", date(2026, 10, 31), 0),
        ("quarter", date(2026, 10, 31), 61),  # November and December
        ("quarter", date(2028, 1, 31), 60),  # February of a leap year, and March
        ("last_quarter", date(2026, 10, 12), 0),
        ("year", date(2026, 10, 12), 0),
        ("all", date(2026, 10, 12), 0),
    ],
)
def test_only_a_calendar_unit_in_progress_has_days_left(code: str, as_of: date, left: int):
    assert days_left(code, period(code, as_of=as_of, earliest=date(2020, 1, 1))) == left
