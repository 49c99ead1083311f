"""What the budget page asks: plan, actual and forecast of one budget, its lines and expenses.

One budget at a time: budgets may overlap, and their currencies differ, so they are never added.
"""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers.budget_choice import LINES, MART, REVISIONS, TABLE, Budget, Slice, part
from dashboard.view import View
from metrics import budget
from metrics.budget_control import revised
from metrics.budget_years import by_year
from metrics.calendar import Grain, first_day
from metrics.selection import Period

_MONTHS_DRAWN = 24


def _rows(view: View, what: Slice) -> pl.LazyFrame:
    """The rows of the budget, each in its budget year; yearly ones added up."""
    rows = months(view, what.chosen)
    return by_year(rows, what.chosen.years) if what.chosen.by_year else rows


def months(view: View, chosen: Budget) -> pl.LazyFrame:
    """The budget months of a budget, as its version plans them."""
    if chosen.version > 1:
        return _revised(view.everything(), chosen.version, chosen.budget_id).lazy()
    return data.frame(view, MART).filter(pl.col("budget_id") == chosen.budget_id)


@data.answer
def _revised(view: View, version: int, budget_id: str) -> pl.DataFrame:
    """The budget months of a later version: budgets are small, so they are made when asked."""
    of = pl.col("budget_id") == budget_id
    lines = data.frame(view, LINES).filter(of)
    plan = revised(lines, data.frame(view, REVISIONS), version)
    spent = data.frame(view, TABLE).join(lines, on="line_id", how="semi")
    budgets = data.frame(view, "budgets")
    as_of = data.as_of(view, TABLE)
    return budget.budget_months(plan, spent, budgets, as_of=as_of).collect()


def _in(rows: pl.LazyFrame, days: Period, chosen: Budget) -> pl.LazyFrame:
    """The rows of these days; what lies outside the plan belongs to its first or last year."""
    month = pl.col("month")
    # A month counts as a whole, also where the days begin in its middle.
    inside = (month >= first_day(days.start, Grain.MONTH)) & (month < days.end)
    early = (month < chosen.first) if days.start <= chosen.first else pl.lit(value=False)
    late = (month > chosen.last) if days.end > chosen.last else pl.lit(value=False)
    return rows.filter(inside | early | late)


@data.answer
def total(view: View, budget_id: str) -> pl.DataFrame:
    """One row: plan and actual to date, variance, status, forecast of the compared days."""
    what = part(view, budget_id)
    return _variance(view, what, what.compared)


@data.answer
def totals_before(view: View, budget_id: str) -> tuple[pl.DataFrame | None, ...]:
    """The same of the days before, and a year earlier; None where the budget has no such days."""
    what = part(view, budget_id)
    return tuple(_variance(view, what, days) if days else None for days in what.earlier)


@data.answer
def completion(view: View, budget_id: str) -> pl.DataFrame:
    """One row: the forecast at completion of the whole budget year (or of all years)."""
    what = part(view, budget_id)
    return _variance(view, what, what.shown)


def _at_stake(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the rows that were neither planned nor spent, as of a year before or after them."""
    amounts = pl.col("planned_total", "actual_to_date", "running_actual")
    return frame.filter(pl.any_horizontal(amounts != 0))


def _variance(view: View, what: Slice, days: Period, *by: str) -> pl.DataFrame:
    rows = _in(_rows(view, what), days, what.chosen)
    return budget.variance(rows, *by, as_of=what.as_of, grain=what.chosen.grain).collect()


@data.answer
def by_subject(view: View, budget_id: str) -> pl.DataFrame:
    """Variance of each subject over the compared days, largest overspend first.

    Returns:
        The columns of `metrics.budget.variance`; the plan and the forecast at completion are
        those of the whole budget year, as on the card, also where a month of it is compared.
    """
    what = part(view, budget_id)
    found = _to_the_end(view, what, "subject")
    return found.sort("variance", "subject", descending=[True, False], nulls_last=True)


_AT_END = ("planned_total", "forecast", "forecast_variance", "forecast_variance_share")


def _to_the_end(view: View, what: Slice, *by: str) -> pl.DataFrame:
    """Variance over the compared days, beside the forecast at completion of all that is shown."""
    found = _at_stake(_variance(view, what, what.compared, *by))
    if what.whole:
        return found
    key = ("currency", *by)
    end = _variance(view, what, what.shown, *by).select(*key, *_AT_END)
    return found.drop(_AT_END).join(end, on=key, how="left", nulls_equal=True, validate="1:1")


_SEVERITY = ("unplanned", "red", "amber", "within")


@data.answer
def lines(view: View, budget_id: str) -> pl.DataFrame:
    """Variance of each line (subject and item), the worst status first, then by money.

    Returns:
        The columns of `by_subject` and line (key of subject and item).
    """
    what = part(view, budget_id)
    severity = pl.col("status").replace_strict(
        dict(zip(_SEVERITY, range(len(_SEVERITY)), strict=True)),
        default=len(_SEVERITY),
        return_dtype=pl.Int64,
    )
    return (
        _to_the_end(view, what, "subject", "item")
        .with_columns(line=_line(), status=pl.col("status").fill_null("none"))
        .sort(severity, -pl.col("variance").abs(), "subject", "item", nulls_last=True)
    )


def _line() -> pl.Expr:
    return pl.concat_str("subject", pl.col("item").fill_null(""), separator="/")


@data.answer
def over_time(view: View, budget_id: str) -> pl.DataFrame:
    """Plan, actual, forecast and variance by month of the budget year, or by year.

    All years of a budget that is approved by the year, for the context; of others the year shown.
    """
    what = part(view, budget_id)
    if what.chosen.by_year:
        return budget.by_month(_rows(view, what), as_of=what.as_of, grain=Grain.YEAR).collect()
    rows = _in(_rows(view, what), what.shown, what.chosen)
    months = budget.by_month(rows, as_of=what.as_of).collect()
    if months.height <= _MONTHS_DRAWN:
        return months
    yearly = by_year(rows, what.chosen.years)
    return budget.by_month(yearly, as_of=what.as_of, grain=Grain.YEAR).collect()


def expenses(view: View, budget_id: str, line: str | None) -> pl.LazyFrame:
    """The expenses of the compared days, the latest first; of one line, or of all.

    Returns:
        The columns of `metrics.budget.spending`, line.
    """
    what = part(view, budget_id)
    spent = budget.spending(data.frame(view, LINES), data.frame(view, TABLE)).filter(
        pl.col("budget_id") == what.chosen.budget_id, pl.col("spent_on") <= what.as_of
    )
    found = _in(spent.with_columns(month="spent_on", line=_line()), what.compared, what.chosen)
    return found if line is None else found.filter(pl.col("line") == line)
