"""Where the spending of a budget year ends, and whether that is within its target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

from metrics.rules import load


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
