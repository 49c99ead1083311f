"""The days of the backtest: on which the forecast is made again, and from what it is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Self

from metrics.churn.landmarks import LandmarkRule, landmark_days
from metrics.rules import load


@dataclass(frozen=True, slots=True)
class BacktestRule:
    """How often, on how many customers, and how the result is told; from `rules/churn.toml`."""

    count: int
    closer_days: int
    enough: int
    customers: int
    fit_customers: int
    bins: int
    list_size: int
    near: float
    shift: float

    @classmethod
    def standard(cls) -> Self:
        """The backtest in `rules/churn.toml`."""
        return cls(**load("churn")["backtest"])


def origin_days(
    first_on: date | None, *, as_of: date, rule: BacktestRule, landmarks: LandmarkRule
) -> list[date]:
    """The days of forecast, ascending, each with a complete window after it.

    90 days apart, so that no day is foretold twice; where the data are too short for enough of
    them, closer, and then their windows overlap. A day needs at least one landmark before it to
    learn from, whose own window has ended by then.
    """
    apart = _days(first_on, as_of, landmarks.every_days, rule, landmarks)
    if len(apart) >= rule.enough:
        return apart
    return _days(first_on, as_of, rule.closer_days, rule, landmarks)


def overlap(origins: Sequence[date], landmarks: LandmarkRule) -> bool:
    """Whether the windows after the origins share days."""
    apart = ((later - earlier).days for earlier, later in pairwise(origins))
    return any(days < landmarks.every_days for days in apart)


def _days(
    first_on: date | None, as_of: date, step: int, rule: BacktestRule, landmarks: LandmarkRule
) -> list[date]:
    last = as_of - timedelta(days=landmarks.every_days)
    days = [last - timedelta(days=step * each) for each in range(rule.count)]
    return [day for day in reversed(days) if landmark_days(first_on, as_of=day, rule=landmarks)]
