"""The cards of the budget page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import budget, gaps
from dashboard.answers.budget_choice import LINES, TABLE, budgets
from dashboard.reading import Reading, unavailable
from dashboard.view import View

KEYS = (
    "budget_variance",
    "budget_actual",
    "budget_planned",
    "budget_forecast",
    "budget_forecast_variance",
    "budget_lines_red",
)


@data.answer
@gaps.named
def headline(view: View, budget_id: str | None) -> dict[str, Reading]:
    """Readings of variance, actual, plan, forecast and lines beyond the thresholds."""
    if not data.present(view, LINES, "budgets"):
        return dict.fromkeys(KEYS, unavailable("no_table", LINES))
    if not data.present(view, TABLE):
        return dict.fromkeys(KEYS, unavailable("no_table", TABLE))
    if budget_id is None:
        return dict.fromkeys(KEYS, unavailable("no_budget"))
    now = _row(budget.total(view, budget_id))
    if not now:
        return dict.fromkeys(KEYS, unavailable("no_budget"))
    cards = _cards(view, budget_id, now)
    if not compared(view, budget_id):
        for key in ("budget_variance", "budget_actual", "budget_planned", "budget_lines_red"):
            cards[key] = unavailable("no_complete_month")
    return cards


@data.answer
def compared(view: View, budget_id: str) -> bool:
    """Whether any complete month of the chosen days has a plan or spending to compare."""
    row = _row(budget.total(view, budget_id))
    return bool(row and (row["planned_to_date"] or row["actual_to_date"]))


def _row(frame: pl.DataFrame | None) -> dict[str, Any]:
    return {} if frame is None or frame.is_empty() else frame.row(0, named=True)


def _cards(view: View, budget_id: str, now: dict[str, Any]) -> dict[str, Reading]:
    before, year_ago = (_row(frame) for frame in budget.totals_before(view, budget_id))
    end = _row(budget.completion(view, budget_id))
    lines = budget.lines(view, budget_id)
    off = lines.filter(pl.col("status").is_in(["red", "unplanned"])).height
    done = budget.over_time(view, budget_id).filter(pl.col("phase") == "complete").tail(12)
    told = Reading(None, n=lines.height, currency=budgets(view)[budget_id].currency)

    def of_the_days(figure: str, by_month: str) -> Reading:
        return replace(
            told,
            value=now[figure],
            previous=before.get(figure),
            last_year=year_ago.get(figure),
            trend=tuple(done[by_month].to_list()),
            missing="no_plan",
        )

    return {
        "budget_variance": of_the_days("variance_share", "variance_share"),
        "budget_actual": of_the_days("actual_to_date", "actual"),
        "budget_planned": of_the_days("planned_to_date", "planned"),
        "budget_forecast": replace(told, value=end["forecast"]),
        "budget_forecast_variance": replace(
            told, value=end["forecast_variance_share"], missing="no_plan"
        ),
        "budget_lines_red": Reading(off, n=lines.height),
    }
