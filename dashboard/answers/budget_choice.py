"""Which budget the page looks at, and which part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.settings import settings
from dashboard.view import Earlier, View
from metrics.budget_control import versions
from metrics.budget_years import BudgetYears
from metrics.calendar import Grain, first_day
from metrics.selection import Period

TABLE = "expenses"
MART = "budget_months"
LINES = "budget_lines"
REVISIONS = "budget_revisions"
_WIDE = ("year", "all")


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget that can be chosen.

    Attributes:
        by_year: Whether it is approved in lines of a year or more: its months mean nothing.
        first, last: First days of the first and the last planned month.
        planned: Its whole original plan, in minor units.
        version: Which version its plan is of; 1 is the original.
        approved_on: When a later version was approved.
    """

    budget_id: str
    name: str
    currency: str
    by_year: bool
    first: date
    last: date
    planned: int
    version: int = 1
    approved_on: date | None = None

    @property
    def code(self) -> str:
        """Its name in the address: that of the budget, with the version unless the original."""
        return self.budget_id if self.version == 1 else f"{self.budget_id}.v{self.version}"

    @property
    def years(self) -> BudgetYears:
        """Its budget years."""
        return BudgetYears(self.first, self.last)

    @property
    def grain(self) -> Grain:
        """Length of the rows in which it is compared."""
        return Grain.YEAR if self.by_year else Grain.MONTH


@data.answer
def budgets(view: View) -> Mapping[str, Budget]:
    """The budgets with a plan, by code: by name, each followed by its versions, the last first."""
    lengths = data.frame(view, LINES).group_by("budget_id").agg(pl.col("period_months").max())
    found = (
        data.frame(view, MART)
        .filter(pl.col("planned") != 0)
        .group_by("budget_id")
        .agg(
            pl.col("budget", "currency").first(),
            first=pl.col("month").min(),
            last=pl.col("month").max(),
            planned=pl.col("planned").sum(),
        )
        .join(lengths, on="budget_id", how="left", validate="1:1")
        .sort("budget", "budget_id", nulls_last=True)
        .collect()
    )
    known = [
        Budget(
            budget_id=row["budget_id"],
            name=row["budget"] or row["budget_id"],
            currency=row["currency"] or settings().currency,
            by_year=(row["period_months"] or 1) >= 12,
            first=row["first"],
            last=row["last"],
            planned=row["planned"],
        )
        for row in found.iter_rows(named=True)
    ]
    told = [each for one in known for each in (one, *_versions(view, one))]
    return {each.code: each for each in told}


def _versions(view: View, original: Budget) -> list[Budget]:
    if not data.present(view, REVISIONS):
        return []
    later = versions(
        data.frame(view, LINES), data.frame(view, REVISIONS), as_of=data.as_of(view, TABLE)
    )
    rows = later.filter(pl.col("budget_id") == original.budget_id).collect()
    return [
        replace(original, version=row["version"], approved_on=row["approved_on"])
        for row in reversed(rows.to_dicts())
    ]


@data.answer
def default(view: View) -> str | None:
    """The budget to begin with: of those that plan for the day of the data, the largest.

    Amounts of different currencies do not compare: the company's own comes first, else the
    currency of the first budget by name. Where no budget covers the day, the one that ended last.
    """
    known = [one for one in budgets(view).values() if one.version == 1]
    if not known:
        return None
    month = first_day(data.as_of(view, TABLE), Grain.MONTH)
    last = max(one.last for one in known)
    running = [one for one in known if one.first <= month <= one.last]
    candidates = running or [one for one in known if one.last == last]
    own = settings().currency
    currency = own if any(one.currency == own for one in candidates) else candidates[0].currency
    comparable = [one for one in candidates if one.currency == currency]
    return max(comparable, key=lambda one: one.planned).budget_id


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a budget the page looks at.

    Attributes:
        shown: The days the columns cover: the budget year, or all years.
        compared: The days whose variance is told; within `shown`.
        whole: Whether these are the same: then there is a forecast at completion.
        earlier: The days to compare the variance with, where the budget has them all.
        as_of: The last day of the data.
    """

    chosen: Budget
    shown: Period
    compared: Period
    earlier: Earlier
    as_of: date

    @property
    def whole(self) -> bool:
        """Whether the variance is that of everything shown."""
        return self.compared == self.shown


def part(view: View, budget_id: str) -> Slice:
    """What the period of the header means for a budget.

    The budget year that holds the last day of the data, up to the last complete month; a chosen
    month or quarter narrows the variance to it; "all" is every year of the budget. A budget
    approved by the year is told by its last complete year, since its months mean nothing.
    """
    chosen = budgets(view)[budget_id]
    as_of = data.as_of(view, TABLE)
    years = chosen.years
    everything = Period(chosen.first, years.period(years.starts[-1]).end)
    if view.period_code == "all":
        return Slice(chosen, everything, everything, Earlier(None, None), as_of)
    complete = years.last_complete(as_of) if chosen.by_year else None
    year = years.period(complete or years.year_of(as_of))
    wanted = view.period(as_of, chosen.first)
    narrow = not chosen.by_year and view.period_code not in _WIDE
    compared = _common(year, wanted) if narrow else None
    if compared is None:
        before = _so_far(year, as_of).shifted(-12)
        return Slice(chosen, year, year, Earlier(None, _within(everything, before)), as_of)
    earlier = Earlier(*(_within(everything, days) for days in view.earlier(compared)))
    return Slice(chosen, year, compared, earlier, as_of)


def _so_far(year: Period, as_of: date) -> Period:
    """The complete months of a budget year: of the year before, no more is compared."""
    begun = first_day(as_of + timedelta(days=1), Grain.MONTH)
    return Period(year.start, max(year.start, min(year.end, begun)))


def _common(year: Period, wanted: Period) -> Period | None:
    """The part of the wanted days in the budget year, if there is any."""
    start, end = max(year.start, wanted.start), min(year.end, wanted.end)
    return Period(start, end) if start < end else None


def _within(everything: Period, days: Period | None) -> Period | None:
    inside = days and everything.start <= days.start and days.end <= everything.end
    return days if inside else None
