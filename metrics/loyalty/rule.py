"""The rules of the programme, read from `rules/loyalty.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from metrics.rules import load


@dataclass(frozen=True, slots=True)
class Level:
    """A level, and what must be reached within 12 months for it: revenue in units, purchases."""

    code: str
    revenue: int
    purchases: int


@dataclass(frozen=True, slots=True)
class Rule:
    """The rules.

    Attributes:
        active_days: Within how many days a member must have done something to take part.
        point_value: Cost of a redeemed point, in units of money.
        window_days: How long orders are counted after a coupon.
        recall, mass: Kinds of coupons.
        landmark_months: How many months ago membership is read for the comparison.
        tenure_days, purchase_days: Bounds of the bands of tenure, and of purchases a year.
        levels: Best first.
    """

    active_days: int
    point_value: float
    window_days: int
    recall: tuple[str, ...]
    mass: tuple[str, ...]
    landmark_months: int
    tenure_days: tuple[int, ...]
    purchase_days: tuple[int, ...]
    levels: tuple[Level, ...]

    def liability(self, points: int, *, money_scale: int) -> int:
        """What so many points cost if all are redeemed: money in 10**-money_scale."""
        return round(points * self.point_value * 10**money_scale)

    def level(self, *, money_scale: int) -> pl.Expr:
        """The level that spending and frequency give, whatever the CRM keeps.

        Returns:
            Expression over revenue_12m and purchases_12m: String, null where no level is reached.
        """
        chain = pl.lit(None, pl.String)
        for level in reversed(self.levels):
            spends = pl.col("revenue_12m") >= level.revenue * 10**money_scale
            met = spends & (pl.col("purchases_12m") >= level.purchases)
            chain = pl.when(met).then(pl.lit(level.code)).otherwise(chain)
        return chain


@cache
def rule() -> Rule:
    """The rules in force."""
    read: dict[str, Any] = load("loyalty")
    coupons, comparison = read["coupons"], read["comparison"]
    return Rule(
        active_days=read["members"]["active_days"],
        point_value=read["points"]["value"],
        window_days=coupons["window_days"],
        recall=tuple(coupons["recall"]),
        mass=tuple(coupons["mass"]),
        landmark_months=comparison["landmark_months"],
        tenure_days=tuple(comparison["tenure_days"]),
        purchase_days=tuple(comparison["purchase_days"]),
        levels=tuple(Level(**level) for level in read["levels"]),
    )
