"""The cards of the budget page."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import budget
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
    before = _row(budget.total_before(view, budget_id))
    cards = _cards(view, budget_id, now, before)
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


def _cards(
    view: View,
    budget_id: str,
    now: dict[str, Any],
    before: dict[str, Any],
) -> dict[str, Reading]:
    end = _row(budget.completion(view, budget_id))
    currency = budgets(view)[budget_id].currency

    lines = budget.lines(view, budget_id)
    off = lines.filter(pl.col("status").is_in(["red", "unplanned"])).height
    done = budget.over_time(view, budget_id).filter(pl.col("phase") == "complete")
    return {
        "budget_variance": Reading(
            now["variance_share"],
            previous=before.get("variance_share"),
            trend=tuple(done["variance_share"].tail(12).to_list()),
            missing="no_plan",
        ),
        "budget_actual": Reading(
            now["actual_to_date"],
            previous=before.get("actual_to_date"),
            trend=tuple(done["actual"].tail(12).to_list()),
            currency=currency,
        ),
        "budget_planned": Reading(
            now["planned_to_date"],
            previous=before.get("planned_to_date"),
            trend=tuple(done["planned"].tail(12).to_list()),
            currency=currency,
        ),
        "budget_forecast": Reading(end["forecast"], currency=currency),
        "budget_forecast_variance": Reading(end["forecast_variance_share"], missing="no_plan"),
        "budget_lines_red": Reading(off, n=lines.height),
    }
