"""Budget years: the twelve-month stretches of a budget, counted from its first planned month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.calendar import shift_months
from metrics.selection import Period

_YEAR = 12


@dataclass(frozen=True, slots=True)
class BudgetYears:
    """The budget years from the first to the last planned month.

    A fiscal year need not begin in January. What is booked before the first planned month belongs
    to the first budget year, what is booked after the last one to the last: a late invoice does
    not open a year without a plan.

    Attributes:
        first: First day of the first planned month.
        last: First day of the last planned month.
    """

    first: date
    last: date

    @property
    def starts(self) -> tuple[date, ...]:
        """First day of every budget year, ascending."""
        months = _index(self.last) - _index(self.first)
        return tuple(shift_months(self.first, _YEAR * n) for n in range(months // _YEAR + 1))

    def year_of(self, day: date) -> date:
        """First day of the budget year that holds `day`; the nearest one for a day outside."""
        begun = [start for start in self.starts if start <= day]
        return begun[-1] if begun else self.first

    def period(self, start: date) -> Period:
        """The days of the budget year that begins on `start`."""
        return Period(start, shift_months(start, _YEAR))

    def last_complete(self, as_of: date) -> date | None:
        """First day of the last budget year that has ended by the close of `as_of`, if any."""
        tomorrow = as_of + timedelta(days=1)
        done = [start for start in self.starts if shift_months(start, _YEAR) <= tomorrow]
        return done[-1] if done else None

    def start(self, month: pl.Expr) -> pl.Expr:
        """First day of the budget year of each month; outside the plan the nearest one."""
        begun = pl.lit(self.first)
        for year in self.starts[1:]:
            begun = pl.when(month >= year).then(pl.lit(year)).otherwise(begun)
        return begun


def _index(day: date) -> int:
    return day.year * _YEAR + day.month - 1


def by_year(months: pl.LazyFrame, years: BudgetYears) -> pl.LazyFrame:
    """Budget months added up to budget years, item by item.

    For budgets that are approved and booked by the year, whose months mean nothing.

    Args:
        months: Budget months of one budget.
        years: Its budget years.

    Returns:
        One row per budget_id × subject × item × month, where month is the first day of the
        budget year: budget, currency, planned, actual; sorted as budget months are.
    """
    key = ("budget_id", "subject", "item", "month")
    return (
        months.with_columns(month=years.start(pl.col("month")))
        .group_by(*key, "budget", "currency")
        .agg(pl.col("planned", "actual").sum())
        .sort(*key, nulls_last=True)
    )
