"""How a budget is controlled: what deviates and is looked into, blocks, approvals, checks."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import budget
from dashboard.answers.budget_choice import LINES, REVISIONS, TABLE, Budget, budgets, part
from dashboard.settings import settings
from dashboard.view import View
from metrics import budget_control, budget_split
from metrics.budget_outlook import Outlook, at_this_pace
from metrics.budget_years import by_year
from metrics.calendar import Grain, bucket, is_complete, shift_months
from metrics.measure import count
from metrics.profiles.governance import events
from metrics.rules import load

_RULES: dict[str, Any] = load("budget")
DECISIONS = "budget_decisions"
REPORTS: list[str] = _RULES["checks"]["reports"]
_OFF = ("red", "unplanned")


def of_budget(view: View, name: str, chosen: Budget) -> pl.LazyFrame:
    """The rows of a table that belong to a budget."""
    return data.frame(view, name).filter(pl.col("budget_id") == chosen.budget_id)


@data.answer
def pace(view: View, code: str) -> Outlook | None:
    """Where the days shown end at the pace of the last complete months; None if too few are."""
    what = part(view, code)
    if what.chosen.by_year:
        return None
    over = is_complete(pl.col("month"), Grain.MONTH, as_of=what.as_of)
    rows = budget.months(view, what.chosen).filter(over).group_by("month")
    done = rows.agg(pl.col("planned", "actual").sum()).sort("month")
    last = done.tail(_RULES["pace"]["months"]).select("planned", "actual").collect()
    end = budget.completion(view, code).row(0, named=True)
    ahead = end["planned_total"] - end["planned_to_date"]
    return at_this_pace(last.rows(), end["actual_to_date"], ahead)


@data.answer
def deviations(view: View, code: str) -> pl.DataFrame:
    """The lines beyond 15 % or not planned, with the inquiry into each, the worst first.

    Returns:
        The columns of `budget.lines`, and those of `metrics.budget_control.with_inquiry`.
    """
    what = part(view, code)
    off = budget.lines(view, code).filter(pl.col("status").is_in(_OFF))
    found = of_budget(view, "investigations", what.chosen).filter(pl.col("about") == "spending")
    return budget_control.with_inquiry(
        off, found.collect(), since=what.shown.start, as_of=what.as_of
    )


@data.answer
def causes(view: View, code: str) -> pl.DataFrame:
    """Variance of each subject by price, quantity and mix; see `metrics.budget_split.split`.

    Of lines of one month, in the complete months compared; the largest variance first. No rows for
    a budget in lines of several months: what of a quantity was due in a month nobody said.
    """
    what = part(view, code)
    lines, spent = data.frame(view, LINES), data.frame(view, TABLE)
    month = bucket(pl.col("period_start"), Grain.MONTH)
    inside = (month >= what.compared.start) & (month < what.compared.end)
    plan = lines.filter(
        pl.col("budget_id") == what.chosen.budget_id,
        pl.col("period_months") == 1,
        inside,
        is_complete(month, Grain.MONTH, as_of=what.as_of),
    )
    if what.chosen.version > 1:
        plan = budget_control.revised(plan, data.frame(view, REVISIONS), what.chosen.version)
    booked = spent.filter(pl.col("spent_on") <= what.as_of)
    found = budget_split.split(budget_split.by_line(plan, booked)).collect()
    return found.sort(-pl.col("variance").abs(), "subject", nulls_last=True)


@data.answer
def blocks(view: View, code: str) -> pl.DataFrame:
    """The blocks of the budget year of the data against its lines; see `block_check`.

    Returns:
        subject, approved, planned, over, over_share, state; the furthest over first.
    """
    chosen = budgets(view)[code]
    year = this_year(view, chosen)
    month = pl.col("period_start")
    approved = of_budget(view, "budget_blocks", chosen).filter(
        month >= year, month < shift_months(year, 12)
    )
    lines = _year_plan(view, chosen, year).group_by("subject").agg(pl.col("planned").sum())
    sums = approved.group_by("subject").agg(pl.col("approved").sum())
    both = sums.join(lines, on="subject", how="full", coalesce=True, nulls_equal=True)
    filled = both.with_columns(pl.col("approved", "planned").fill_null(0)).collect()
    if filled["approved"].sum() == 0:
        return budget_control.block_check(filled.clear())
    return budget_control.block_check(filled).sort("over", "subject", descending=[True, False])


def this_year(view: View, chosen: Budget) -> date:
    """First day of the budget year that holds the last day of the data."""
    return chosen.years.year_of(data.as_of(view, TABLE))


def _year_plan(view: View, chosen: Budget, year: date) -> pl.LazyFrame:
    yearly = by_year(budget.months(view, chosen), chosen.years)
    return yearly.filter(pl.col("month") == year)


@data.answer
def year_plan(view: View, code: str, years_back: int = 0, subjects: tuple[str, ...] = ()) -> int:
    """The plan of a whole budget year in minor units: all of it, or some subjects; 0 if none."""
    chosen = budgets(view)[code]
    year = shift_months(this_year(view, chosen), -12 * years_back)
    if year not in chosen.years.starts:
        return 0
    rows = _year_plan(view, chosen, year)
    named = rows.filter(pl.col("subject").is_in(subjects)) if subjects else rows
    return named.select(pl.col("planned").sum()).collect().item()


@data.answer
def approvals(view: View, code: str) -> pl.DataFrame:
    """The expenses of the days compared, judged by the levels; see `metrics.budget_control`."""
    spent = budget.expenses(view, code, None).select(
        "expense_id", "budget_id", "subject", "spent_on", "amount"
    )
    by = data.frame(view, TABLE).select("expense_id", "approved_by")
    joined = spent.join(by, on="expense_id", how="left", validate="1:1")
    scale = settings().money_scale
    return budget_control.approvals(joined, money_scale=scale).collect()


@data.answer
def decisions(view: View, code: str) -> pl.DataFrame:
    """The committee's decisions about the budget up to as of, weighed, the latest first."""
    rows = of_budget(view, DECISIONS, budgets(view)[code])
    known = rows.filter(pl.col("decided_on") <= data.as_of(view, DECISIONS))
    return budget_control.weighed(known).collect()


@data.once
def checks(view: View) -> pl.DataFrame:
    """Each check of the budget and the report on the fund: due, held, late, missed, next."""
    rows = data.frame(view, "governance_events")
    as_of = data.as_of(view, "governance_events")
    kinds = [*_RULES["checks"]["kinds"], *REPORTS]
    rule = {**load("data_quality")["governance"], "kinds": kinds}
    return events(rows, as_of=as_of, rule=rule).collect()


@data.answer
def fixed(view: View, code: str) -> pl.DataFrame:
    """Spending on fixed lines by month: month, amount, complete; empty where none is known."""
    chosen = budgets(view)[code]
    lines = data.frame(view, LINES).filter(pl.col("budget_id") == chosen.budget_id, pl.col("fixed"))
    as_of = data.as_of(view, TABLE)
    spent = data.frame(view, TABLE).filter(pl.col("spent_on") <= as_of)
    month = bucket(pl.col("spent_on"), Grain.MONTH)
    return (
        spent.join(lines.select("line_id"), on="line_id", how="semi")
        .group_by(month=month)
        .agg(pl.col("amount").sum())
        .with_columns(complete=is_complete(pl.col("month"), Grain.MONTH, as_of=as_of))
        .sort("month")
        .collect()
    )


@data.answer
def quarters(view: View, code: str) -> tuple[int, int]:
    """Of the stretches of the budget year that are over, those in which a version was approved."""
    chosen = budgets(view)[code]
    year, as_of = this_year(view, chosen), data.as_of(view, TABLE)
    length = _RULES["rolling"]["months"]
    starts = [shift_months(year, n) for n in range(0, 12, length)]
    over = [day for day in starts if shift_months(day, length) <= as_of]
    days = [
        one.approved_on
        for one in budgets(view).values()
        if one.budget_id == chosen.budget_id and one.approved_on
    ]
    held = [
        start for start in over if any(start <= day < shift_months(start, length) for day in days)
    ]
    return len(held), len(over)


@data.answer
def notes(view: View, code: str) -> dict[str, str]:
    """What people wrote about why a line deviates, the latest, by line (untrusted text)."""
    what = part(view, code)
    month = pl.col("period_start")
    rows = of_budget(view, LINES, what.chosen).filter(
        pl.col("note").is_not_null(), month >= what.shown.start, month < what.shown.end
    )
    line = pl.concat_str("subject", pl.col("item").fill_null(""), separator="/")
    last = rows.sort("period_start", "line_id").group_by(line=line).agg(pl.col("note").last())
    return dict(last.collect().iter_rows())


def judged(frame: pl.DataFrame) -> tuple[int, int]:
    """How many rows are right, of those that could be judged."""
    known = count(pl.col("right").is_not_null())
    return frame.select(right=count(pl.col("right")), known=known).row(0)
