"""Working days: which days are worked, by a country's public holidays and make-up days."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from metrics.business_time import COUNTRIES

_FIRST, _LAST = date(1970, 1, 1), date(2199, 12, 31)  # days beyond are unknown to the contract
_WEEKEND = 6  # Saturday by its number in the week


def working_days_after(day: pl.Expr, days: int, country: str = "CN") -> pl.Expr:
    """The day so many working days after another.

    The day itself does not count: three working days after a Friday are over on the Wednesday, and
    so are those after the weekend that follows it. Public holidays are not worked, the weekend days
    that make up for them are; those not announced yet are ordinary weeks.

    Args:
        day: Date; null gives null.
        days: How many, at least 1.
        country: One of `business_time.COUNTRIES`; empty for Monday to Friday, no holidays.
    """
    worked = pl.lit(_worked(country))
    return worked.gather(worked.search_sorted(day, side="right").cast(pl.Int64) + days - 1)


@cache
def _worked(country: str) -> pl.Series:
    """Every working day, in order."""
    off, instead = COUNTRIES.get(country, ((), ()))
    every = pl.date_range(_FIRST, _LAST, eager=True)
    usual = (every.dt.weekday() < _WEEKEND) & ~every.is_in(list(off))
    return every.filter(usual | every.is_in(list(instead)))
