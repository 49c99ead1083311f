"""The terms of a lifetime value: how far ahead, at what discount, margin and acquisition cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from metrics.rules import load

MONTH = 365 / 12  # days


@dataclass(frozen=True, slots=True)
class Terms:
    """By what revenue to come is turned into value.

    Attributes:
        months: How far ahead is looked.
        discount_rate: A year; 0.12: what comes in a year is worth 1 / 1.12 of it today.
        margin: Share of revenue that is gross profit.
        acquisition_cost: Deducted once per customer, in 10**-money_scale; None if not recorded.
        margin_recorded: Whether the margin is that of the company's own orders.
    """

    months: int
    discount_rate: float
    margin: float
    acquisition_cost: int | None = None
    margin_recorded: bool = False

    @classmethod
    def standard(cls, margin: float | None, *, money_scale: int) -> Self:
        """The terms in `rules/clv.toml`, with the margin of the orders where it is known."""
        rule = load("clv")["terms"]
        cost = rule.get("acquisition_cost")
        return cls(
            months=rule["months"],
            discount_rate=rule["discount_rate"],
            margin=rule["margin"] if margin is None else margin,
            acquisition_cost=None if cost is None else round(cost * 10**money_scale),
            margin_recorded=margin is not None,
        )

    @classmethod
    def revenue(cls, months: int) -> Self:
        """What a forecast of bare revenue is made by, to be held against what came."""
        return cls(months=months, discount_rate=0.0, margin=1.0)

    @property
    def cost(self) -> int:
        """The acquisition cost to deduct; 0 where none is recorded."""
        return self.acquisition_cost or 0

    def discount(self, months: float) -> float:
        """What one unit of money is worth today that comes in so many months."""
        return (1 + self.discount_rate) ** (-months / 12)
