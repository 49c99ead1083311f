"""The demo company's year: working days, Chinese holidays, shopping festivals and peaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt

from data_access.demo.arrays import Floats

SHANGHAI = timezone(timedelta(hours=8))  # no daylight saving time since 1991
HISTORY_YEARS = 3
LOOK_AHEAD_DAYS = 200  # churn is drawn beyond as_of, so that decline shows before it

# First day of the Spring Festival.
_SPRING_FESTIVALS = np.array(
    [
        *("2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22"),
        *("2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13"),
        *("2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08"),
    ],
    dtype="datetime64[D]",
)
_ORDERS_BY_MONTH = (0.96, 0.95, 1.04, 1.00, 1.00, 1.03, 0.94, 0.94, 1.04, 1.02, 1.04, 1.10)


@dataclass(frozen=True, slots=True)
class Seasons:
    """Daily weights from the first day of the data to some months after `as_of`.

    Days are counted from `origin`, local midnight of the first day with orders. Cumulative
    weights start at 0 and are linear within a day, so that `interp` maps both ways.
    """

    origin: datetime
    end: float  # as_of in days since origin
    days: Floats  # edges of the days: 0, 1, 2, …
    orders: Floats  # cumulative weight at each edge
    contacts: Floats
    tickets: Floats
    month: npt.NDArray[np.int64]  # 0..11 of each day
    busy: npt.NDArray[np.bool_]  # days on which service is overrun

    def day(self, moment: datetime) -> float:
        """A moment in days since the origin."""
        return (moment - self.origin) / timedelta(days=1)


def seasons(as_of: datetime) -> Seasons:
    """The calendar of the three years up to `as_of` (aware)."""
    local = as_of.astimezone(SHANGHAI)
    first = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    origin = _years_before(first, HISTORY_YEARS)
    end = (as_of - origin) / timedelta(days=1)
    count = int(np.ceil(end)) + LOOK_AHEAD_DAYS
    dates = np.datetime64(origin.date(), "D") + np.arange(count)
    months = dates.astype("datetime64[M]").astype(np.int64) % 12
    return Seasons(
        origin=origin.astimezone(UTC),
        end=end,
        days=np.arange(count + 1, dtype=np.float64),
        orders=_cumulative(_order_weights(dates)),
        contacts=_cumulative(_contact_weights(dates)),
        tickets=_cumulative(_ticket_weights(dates)),
        month=months,
        busy=_busy(dates),
    )


def _years_before(moment: datetime, years: int) -> datetime:
    leap_day = (moment.month, moment.day) == (2, 29)
    return moment.replace(year=moment.year - years, day=28 if leap_day else moment.day)


def _cumulative(weights: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(weights / weights.mean())])


def _calendar(dates: npt.NDArray[np.datetime64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Month 1..12, day of the month, weekday from Monday = 0, days since the Spring Festival."""
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    weekday = (dates.astype(np.int64) + 3) % 7
    distance = (dates[:, None] - _SPRING_FESTIVALS[None, :]).astype(np.int64)
    nearest = np.abs(distance).argmin(axis=1)
    return month, day, weekday, distance[np.arange(len(dates)), nearest]


def _order_weights(dates: npt.NDArray[np.datetime64]) -> Floats:
    month, day, weekday, festival = _calendar(dates)
    weight = np.array([1.12, 1.15, 1.12, 1.10, 1.08, 0.76, 0.62])[weekday]
    weight = weight * np.array(_ORDERS_BY_MONTH)[month - 1]
    weight = np.where((festival >= -21) & (festival <= -6), weight * 1.22, weight)
    weight = np.where((festival >= -2) & (festival <= 7), weight * 0.22, weight)
    weight = np.where((festival >= 8) & (festival <= 13), weight * 0.75, weight)
    weight = np.where((month == 10) & (day <= 7), weight * 0.45, weight)
    weight = np.where((month == 5) & (day <= 5), weight * 0.70, weight)
    weight = np.where((month == 11) & (day <= 10), weight * 1.25, weight)
    weight = np.where((month == 11) & (day == 11), 3.6, weight)
    weight = np.where((month == 6) & (day <= 17), weight * 1.12, weight)
    return np.where((month == 6) & (day == 18), 2.7, weight)


def _contact_weights(dates: npt.NDArray[np.datetime64]) -> Floats:
    month, day, weekday, festival = _calendar(dates)
    weight = np.array([1.2, 1.25, 1.25, 1.2, 1.1, 0.25, 0.12])[weekday]
    off = ((festival >= -1) & (festival <= 6)) | ((month == 10) & (day <= 7))
    greetings = (festival >= -6) & (festival <= -2)
    return np.where(off, weight * 0.12, np.where(greetings, weight * 1.8, weight))


def _ticket_weights(dates: npt.NDArray[np.datetime64]) -> Floats:
    month, day, weekday, festival = _calendar(dates)
    weight = np.array([1.25, 1.15, 1.1, 1.05, 1.05, 0.75, 0.65])[weekday]
    sale = ((month == 11) & (day >= 9) & (day <= 20)) | ((month == 6) & (day >= 16) & (day <= 24))
    return np.where(sale, weight * 1.8, np.where((festival >= -1) & (festival <= 6), 0.45, weight))


def _busy(dates: npt.NDArray[np.datetime64]) -> npt.NDArray[np.bool_]:
    month, day, _, festival = _calendar(dates)
    sale = ((month == 11) & (day >= 9) & (day <= 20)) | ((month == 6) & (day >= 16) & (day <= 24))
    return sale | ((festival >= -1) & (festival <= 10)) | ((month == 10) & (day <= 7))
