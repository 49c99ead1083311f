"""Will a target be met when the period ends: from what has come, and what is still to come.

Answers, tickets and customers who may return are counted by kind: promoters, passives and
detractors, or those that keep a promise and those that do not. Each kind adds something to the
score (1, 0 or -1); the final figure is the sum over all of them, divided by their number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from metrics.rules import load

NET = (1, 0, -1)  # promoters, passives, detractors
SHARE = (1, 0)  # those that count, and the others
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a period in progress, by kind of answer.

    Attributes:
        scores: What one of each kind adds, falling: `NET` or `SHARE`.
        so_far: How many of each kind have come.
        learnt: How many of each kind came of late, by which the rest is foreseen.
        expected: How many are still to come.
        target: The figure that the period must end with, on the scale of `scores`.
    """

    scores: tuple[int, ...]
    so_far: tuple[int, ...]
    learnt: tuple[int, ...]
    expected: int
    target: float

    @property
    def size(self) -> int:
        """How many there will be in the end."""
        return sum(self.so_far) + self.expected

    @property
    def now(self) -> float | None:
        """The figure of those that have come; null if none have."""
        came = sum(self.so_far)
        return _sum(self.scores, self.so_far) / came if came else None

    @property
    def pace(self) -> float | None:
        """What one of those still to come adds on average, as of late; null if none came then."""
        came = sum(self.learnt)
        return _sum(self.scores, self.learnt) / came if came else None

    @property
    def end(self) -> float | None:
        """The figure at the end, if the rest is as of late; null if that cannot be told."""
        if not self.size:
            return None
        if not self.expected:
            return self.now
        if self.pace is None:
            return None
        return (_sum(self.scores, self.so_far) + self.pace * self.expected) / self.size

    @property
    def asked(self) -> float | None:
        """What one of the rest must add on average for the target; null if none is to come."""
        if not self.expected:
            return None
        return (self.target * self.size - _sum(self.scores, self.so_far)) / self.expected

    @property
    def reachable(self) -> bool:
        """Whether the target is met if all of the rest are of the best kind."""
        best = _sum(self.scores, self.so_far) + max(self.scores) * self.expected
        return best >= self.target * self.size - _ROUNDING

    @property
    def certain(self) -> bool:
        """Whether the target is met if all of the rest are of the worst kind."""
        worst = _sum(self.scores, self.so_far) + min(self.scores) * self.expected
        return self.size > 0 and worst >= self.target * self.size - _ROUNDING

    @property
    def lacking(self) -> int | None:
        """How much the score lacks at the pace of late, rounded up; negative: it may lose so much.

        One more of the best kind in place of one that adds 0 adds 1, of `NET` in place of the
        worst kind 2. Null if the end cannot be told.
        """
        if self.end is None:
            return None
        return math.ceil((self.target - self.end) * self.size - _ROUNDING)


def chance(outlook: Outlook) -> float | None:
    """Probability that the target is met at the end of the period.

    The kinds of the rest are drawn from a Dirichlet-multinomial, for two kinds a beta-binomial:
    the shares of the kinds are known from `learnt` and Jeffreys' half an answer of each. Of very
    many answers only `evidence` count, because shares drift, and are never known as well as so many
    answers would have it. Simulated with a fixed seed: 20,000 draws, so wrong by 0.7 points at
    most (two standard errors).

    Returns:
        0 to 1; null without anything to learn from while the end is open, or of nothing at all.

    References:
        Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., 2.4 and 3.4.
    """
    if outlook.certain or not outlook.reachable:
        return 1.0 if outlook.certain else 0.0
    if not sum(outlook.learnt) or not outlook.size:
        return None
    rule = load("outlook")["simulation"]
    random = np.random.default_rng(rule["seed"])
    learnt = np.asarray(outlook.learnt, np.float64)
    weight = min(1.0, rule["evidence"] / learnt.sum())
    shares = random.dirichlet(learnt * weight + 0.5, rule["draws"])
    rest = random.multinomial(outlook.expected, shares) @ np.asarray(outlook.scores)
    needed = outlook.target * outlook.size - _sum(outlook.scores, outlook.so_far)
    return float((rest >= needed - _ROUNDING).mean())


def expected(came: int, days: int, days_left: int) -> int:
    """How many are still to come, if as many come in a day as of late."""
    return round(came * days_left / days) if days > 0 else 0


def _sum(scores: Sequence[int], counts: Sequence[int]) -> int:
    return sum(score * count for score, count in zip(scores, counts, strict=True))


@dataclass(frozen=True, slots=True)
class Spending:
    """A budget year in progress: what each complete month planned and spent, and what is planned.

    Attributes:
        planned, spent: Of the complete months, in the same order.
        ahead: Planned for the months that are not complete.
        within: How far the end may lie from the plan, as a share of it.
    """

    planned: tuple[int, ...]
    spent: tuple[int, ...]
    ahead: int
    within: float

    @property
    def plan(self) -> int:
        """The plan of the whole year."""
        return sum(self.planned) + self.ahead

    @property
    def rate(self) -> float | None:
        """Spent ÷ planned of the complete months; null without a plan."""
        planned = sum(self.planned)
        return sum(self.spent) / planned if planned > 0 else None

    @property
    def end(self) -> float | None:
        """Spending at the end of the year, if the rest goes as the complete months went."""
        return None if self.rate is None else sum(self.spent) + self.rate * self.ahead

    @property
    def room(self) -> tuple[float, float]:
        """The least and the most that the rest of the year may spend to end within the target."""
        spent = sum(self.spent)
        return (1 - self.within) * self.plan - spent, (1 + self.within) * self.plan - spent


def spending_spread(year: Spending) -> float | None:
    """Standard error of the spending at the end of the year.

    A month's spending scatters around rate × plan with a variance in proportion to its plan, as
    seen in the complete months; the rate itself is known from these alone: variance × (ahead +
    ahead² ÷ planned so far), the ratio estimator's.

    Returns:
        In minor units, 0 where nothing is ahead; null with fewer than `fewest_months` complete
        months with a plan.

    References:
        Cochran (1977), Sampling Techniques, 3rd ed., chapter 6; Royall (1970), Biometrika 57.
    """
    months = [(plan, spent) for plan, spent in zip(year.planned, year.spent, strict=True) if plan]
    fewest = cast("int", load("outlook")["budget"]["fewest_months"])
    rate, planned = year.rate, sum(year.planned)
    if rate is None or len(months) < fewest:
        return None
    variance = sum((spent - rate * plan) ** 2 / plan for plan, spent in months) / (len(months) - 1)
    return math.sqrt(variance * (year.ahead + year.ahead**2 / planned))


def spending_chance(year: Spending) -> float | None:
    """Probability that the year ends within the target, on either side.

    Student's t around the end at the rate so far, with as many degrees of freedom as complete
    months less one.

    Returns:
        0 to 1; null where `spending_spread` is.
    """
    from scipy.special import stdtr  # with lifelines; no other page needs it

    spread, end = spending_spread(year), year.end
    if spread is None or end is None or year.plan <= 0:
        return None
    low, high = ((1 + side * year.within) * year.plan - end for side in (-1, 1))
    if spread == 0:
        return float(low <= 0 <= high)
    freedom = sum(plan > 0 for plan in year.planned) - 1
    return float(stdtr(freedom, high / spread) - stdtr(freedom, low / spread))
