"""Where a budget ends at the pace so far, with its range; and all measures of its page."""

from __future__ import annotations

from dataclasses import replace

from dashboard.answers import budget_choice, budget_measures
from dashboard.answers.budget_choice import Budget
from dashboard.i18n import t
from dashboard.panels import measures
from dashboard.panels.budget_words import money_text
from dashboard.reading import Reading
from dashboard.view import View


def words(view: View, chosen: Budget) -> str:
    """The forecast at this pace in words; nothing where nobody can say."""
    found = budget_measures.every(view, chosen.code)["budget_pace"]
    return "" if found.low is None else t("budget.pace", **_told(chosen, found))


def every(view: View, budget_id: str | None) -> None:
    """All measures of the area, the forecast at this pace with its range."""
    readings = dict(budget_measures.every(view, budget_id))
    found = readings["budget_pace"]
    if budget_id is not None and found.low is not None:
        told = _told(budget_choice.budgets(view)[budget_id], found)
        readings["budget_pace"] = replace(found, note=t("budget.range", **told))
    measures.every(readings)


def _told(chosen: Budget, found: Reading) -> dict[str, str]:
    amounts = {"forecast": found.value, "low": found.low, "high": found.high}
    return {name: money_text(chosen, amount) for name, amount in amounts.items()}
