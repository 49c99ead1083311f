"""Named periods: how much of the one in progress is still to come."""

from datetime import date

import pytest

from metrics.selection import Period, days_left, months_code, period, previous, year_ago


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


@pytest.mark.parametrize(
    ("months", "as_of", "days", "before"),
    [
        (("2026-02", "2026-04"), (10, 12), ((2, 1), (5, 1)), ((2025, 11, 1), (2026, 2, 1))),
        (("2026-09", "2026-10"), (10, 12), ((9, 1), (10, 13)), ((2026, 7, 1), (2026, 8, 13))),
        (("2026-11", "2026-12"), (10, 12), ((11, 1), (11, 1)), ((2026, 9, 1), (2026, 9, 1))),
    ],
)
def test_months_end_with_the_data_and_are_compared_with_as_many_before(
    months: tuple[str, str],
    as_of: tuple[int, int],
    days: tuple[tuple[int, int], tuple[int, int]],
    before: tuple[tuple[int, int, int], tuple[int, int, int]],
):
    code = months_code(*months)
    found = period(code, as_of=date(2026, *as_of), earliest=date(2020, 1, 1))
    assert found == Period(*(date(2026, *day) for day in days))
    assert previous(code, found) == Period(*(date(*day) for day in before))
    assert days_left(code, found) == 0
    assert year_ago(found).days == found.days
