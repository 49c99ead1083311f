"""What is set apart in a budget, and how its risks are insured."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers.budget_choice import budgets
from dashboard.answers.budget_control import of_budget, this_year, year_plan
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import shift_months
from metrics.rules import load
from metrics.what_if import insurance

_RULES: dict[str, Any] = load("budget")


@data.answer
def earmarked(view: View, code: str) -> pl.DataFrame:
    """What is set apart in the budget year, by purpose of the rules.

    Returns:
        One row per purpose, in the order of the rules: purpose, amount, whole (the plan it is a
        share of, minor units), share (null without a plan).
    """
    chosen = budgets(view)[code]
    year = this_year(view, chosen)
    day = pl.col("set_on")
    rows = of_budget(view, "earmarks", chosen).filter(day >= year, day < shift_months(year, 12))
    sums = dict(rows.group_by("purpose").agg(pl.col("amount").sum()).collect().iter_rows())
    told = [
        (purpose, sums.get(purpose, 0), year_plan(view, code, 0, tuple(subjects)))
        for purpose, subjects in _RULES["earmarks"].items()
    ]
    frame = pl.DataFrame(
        told,
        schema={"purpose": pl.String, "amount": pl.Int64, "whole": pl.Int64},
        orient="row",
    )
    share = pl.when(pl.col("whole") > 0).then(pl.col("amount") / pl.col("whole"))
    return frame.with_columns(share=share)


@data.once
def risks(view: View) -> pl.DataFrame:
    """The risks of today with P × L - C; see `metrics.what_if.insurance`."""
    rows = data.frame(view, "insurance_policies")
    return insurance(rows, as_of=data.as_of(view, "insurance_policies")).collect()


@data.once
def cover(view: View) -> tuple[int, int]:
    """Of the risks that must be insured, those insured for what the rules ask."""
    scale = 10 ** settings().money_scale
    held = dict(risks(view).group_by("risk").agg(pl.col("insured").sum()).iter_rows())
    wanted: dict[str, int] = _RULES["cover"]
    met = [risk for risk, amount in wanted.items() if held.get(risk, 0) >= amount * scale]
    return len(met), len(wanted)
