"""Will a target be met when the period ends: from what has come, and what is still to come.

Answers, tickets and customers who may return are counted by kind: promoters, passives and
detractors, or those that keep a promise and those that do not. Each kind adds something to the
score (1, 0 or -1); the final figure is the sum over all of them, divided by their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from metrics.rules import load

NET = (1, 0, -1)  # promoters, passives, detractors
SHARE = (1, 0)  # those that count, and the others
_ROUNDING = 1e-9
_LEAST = 1e-6  # of a share's weight: a draw needs some
_FEWEST_STRETCHES = 3


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a period in progress, by kind of answer.

    Attributes:
        scores: What one of each kind adds, falling: `NET` or `SHARE`.
        so_far: How many of each kind have come.
        learnt: How many of each kind came of late, by which the rest is foreseen.
        expected: How many are still to come.
        target: The figure that the period must end with, on the scale of `scores`.
        dispersion: How many times as much the figure varies from stretch to stretch as chance alone
            would have it, see `dispersion`.
    """

    scores: tuple[int, ...]
    so_far: tuple[int, ...]
    learnt: tuple[int, ...]
    expected: int
    target: float
    dispersion: float = 1.0

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
    the shares of the kinds are known from `learnt` and Jeffreys' half an answer of each. Where
    stretches differ by more than chance (a bad week hits many tickets at once), both what was
    learnt and what is to come count as that many times fewer: the shares of the rest are drawn once
    more around those learnt, so that its variance grows by the `dispersion`. Of very many only
    `evidence` count: nothing that drifts is ever known as well as so many would have it. 20,000
    draws of a fixed seed, so wrong by 0.7 points at most (two standard errors).

    Returns:
        0 to 1; null without anything to learn from while the end is open, or of nothing at all.

    References:
        Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., 2.4 and 3.4; McCullagh and Nelder
        (1989), Generalized Linear Models, 2nd ed., 4.5 (dispersion).
    """
    if outlook.certain or not outlook.reachable:
        return 1.0 if outlook.certain else 0.0
    if not sum(outlook.learnt) or not outlook.size:
        return None
    rule = load("outlook")["simulation"]
    random = np.random.default_rng(rule["seed"])
    learnt = np.asarray(outlook.learnt, np.float64)
    weight = min(1 / outlook.dispersion, rule["evidence"] / learnt.sum())
    shares = random.dirichlet(learnt * weight + 0.5, rule["draws"])
    if 1 < outlook.dispersion < outlook.expected:
        drawn = (outlook.expected - outlook.dispersion) / (outlook.dispersion - 1)
        gammas = random.standard_gamma(np.maximum(shares * drawn, _LEAST))
        shares = gammas / gammas.sum(axis=1, keepdims=True)
    rest = random.multinomial(outlook.expected, shares) @ np.asarray(outlook.scores)
    needed = outlook.target * outlook.size - _sum(outlook.scores, outlook.so_far)
    return float((rest >= needed - _ROUNDING).mean())


def dispersion(scores: Sequence[int], stretches: Iterable[Sequence[int]]) -> float:
    """How much more the figure varies from stretch to stretch than by chance: Pearson's φ.

    Sum over stretches of n × (figure - overall figure)² ÷ variance of one answer ÷ (stretches - 1).

    Args:
        scores: What one of each kind adds.
        stretches: Counts by kind of stretches of one length; those of fewer than `fewest` answers
            are left out.

    Returns:
        At least 1; 1 with fewer than three stretches, or where all answers are alike.
    """
    fewest = load("outlook")["said"]["fewest"]
    rows = [counts for counts in stretches if sum(counts) >= fewest]
    if len(rows) < _FEWEST_STRETCHES:
        return 1.0
    counts, kinds = np.asarray(rows, np.float64), np.asarray(scores, np.float64)
    sizes, shares = counts.sum(axis=1), counts.sum(axis=0) / counts.sum()
    mean = shares @ kinds
    variance = shares @ (kinds - mean) ** 2
    if variance == 0:
        return 1.0
    away = sizes @ (counts @ kinds / sizes - mean) ** 2
    return max(1.0, float(away / variance / (len(rows) - 1)))


def expected(came: int, days: int, days_left: int) -> int:
    """How many are still to come, if as many come in a day as of late."""
    return round(came * days_left / days) if days > 0 else 0


def _sum(scores: Sequence[int], counts: Sequence[int]) -> int:
    return sum(score * count for score, count in zip(scores, counts, strict=True))
