"""Where a budget ends if it goes on as it did, with a range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.stats import t as student

from metrics.rules import load

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast at the pace so far, in minor units, with its 95 % prediction interval."""

    forecast: float
    low: float
    high: float


def at_this_pace(done: Sequence[tuple[float, float]], spent: float, ahead: float) -> Outlook | None:
    """Spending so far, and what is planned ahead times the pace of the complete months.

    Actual is taken to be r × planned, with a variance that grows with the plan (a month is a sum
    of many payments): r = Σ actual ÷ Σ planned, s² = Σ (actual - r × planned)² ÷ planned ÷ (n - 1),
    and what is ahead lies within r × ahead ± t(n - 1) × s × √(ahead + ahead² ÷ Σ planned).

    Args:
        done: Planned and actual amount of the last complete months; those without a plan are left
            out.
        spent: What the complete months of the year have cost.
        ahead: Planned for the months that have not ended.

    Returns:
        None where fewer months are complete than `pace.fewest` of `budget.toml`.
    """
    months = [(planned, actual) for planned, actual in done if planned > 0]
    if len(months) < load("budget")["pace"]["fewest"]:
        return None
    whole = sum(planned for planned, _ in months)
    pace = sum(actual for _, actual in months) / whole
    free = len(months) - 1
    scatter = sum((actual - pace * planned) ** 2 / planned for planned, actual in months) / free
    half = float(student.ppf((1 + _LEVEL) / 2, free)) * sqrt(
        scatter * (ahead + ahead * ahead / whole)
    )
    forecast = spent + pace * ahead
    return Outlook(forecast, forecast - half, forecast + half)
