"""A second opinion on lifetime value: BG/NBD x Gamma-Gamma, which know no threshold of silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.clv.bg_nbd import BgNbd, fit_bg_nbd
from metrics.clv.gamma_gamma import GammaGamma, fit_gamma_gamma
from metrics.clv.rule import MONTH, Terms
from metrics.rules import load

_WEEK = 7
_PLACES = 1 << 20  # days; more than anybody has been a customer


@dataclass(frozen=True, slots=True)
class Second:
    """Both models, fitted on a sample of customers.

    Attributes:
        purchases: Of how often.
        amounts: Of how much, in units of `unit`.
        unit: Mean value of a purchase in the sample, 10**-money_scale: fits want numbers near 1.
        customers: Size of the sample.
    """

    purchases: BgNbd
    amounts: GammaGamma
    unit: float
    customers: int

    @classmethod
    def learnt(cls, people: pl.DataFrame, *, as_of: date) -> Self:
        """The models of a company; see `values` for what people must have.

        Raises:
            NotFittedError: One of them finds no sensible parameters.
        """
        size = load("clv")["second"]["sample_customers"]
        own = _Past.of(people, as_of)
        rng = np.random.default_rng(0)
        chosen = np.flatnonzero(own.age > 0)
        if len(chosen) > size:
            chosen = rng.choice(chosen, size, replace=False)
        x, recency, age = own.x[chosen], own.recency[chosen], own.age[chosen]
        purchases = fit_bg_nbd(x, recency / _WEEK, age / _WEEK)
        mean = own.mean[chosen]
        spent = mean > 0
        unit = float(mean[spent].mean()) if spent.any() else 1.0
        amounts = fit_gamma_gamma(x[spent] + 1, mean[spent] / unit)
        return cls(purchases, amounts, unit, len(chosen))

    def values(self, people: pl.DataFrame, terms: Terms, *, as_of: date) -> pl.Series:
        """Margin x expected value of a purchase x expected purchases, discounted, - CAC.

        Purchases are discounted a year at a time, from the middle of each. Several orders on one
        day are one purchase; the value of a purchase is total revenue, returns deducted, by
        purchase, the first one included.

        Args:
            people: first_on, last_on, purchase_days, revenue_total; customers who have bought.
            terms: Months, discount, margin, acquisition cost.
            as_of: Last day of the data, inclusive.

        Returns:
            In the order of the people, 10**-money_scale, never null.
        """
        own = _Past.of(people, as_of)
        key, place = np.unique(own.x * _PLACES + own.age.astype(np.int64), return_inverse=True)
        x, age = np.divmod(key, _PLACES)
        total, before = np.zeros(len(key)), np.zeros(len(key))
        for month in range(12, terms.months + 1, 12):
            upto = self.purchases.expected_alive(month * MONTH / _WEEK, x, age / _WEEK)
            total += (upto - before) * terms.discount(month - 6)
            before = upto
        alive = self.purchases.alive(own.x, own.recency / _WEEK, own.age / _WEEK)
        bought = total[place] * alive
        mean = np.maximum(own.mean, 0) / self.unit
        worth = self.amounts.expected(np.where(own.mean > 0, own.x + 1, 0), mean) * self.unit
        return pl.Series(terms.margin * worth * bought - terms.cost)


@dataclass(frozen=True, slots=True)
class _Past:
    """Of each customer: repeat purchases, days to the last one and to today, value of one."""

    x: NDArray[np.int64]
    recency: NDArray[np.float64]
    age: NDArray[np.float64]
    mean: NDArray[np.float64]

    @classmethod
    def of(cls, people: pl.DataFrame, as_of: date) -> Self:
        first = pl.col("first_on")
        found = people.select(
            x=pl.col("purchase_days").cast(pl.Int64) - 1,
            recency=(pl.col("last_on") - first).dt.total_days().cast(pl.Float64),
            age=(pl.lit(as_of) - first).dt.total_days().cast(pl.Float64),
            mean=pl.col("revenue_total") / pl.col("purchase_days"),
        )
        return cls(*(found[name].to_numpy() for name in found.columns))
