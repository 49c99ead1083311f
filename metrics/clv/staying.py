"""How much longer the customers of a segment stay, from how long customers have stayed so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.clv.rule import MONTH, Terms
from metrics.rules import load
from metrics.survival import counts, kaplan_meier, lifetimes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Share still there after each whole day, and the rate at which they leave afterwards.

    Attributes:
        survival: Of days 0 to the last day that at least 50 customers tell of; > 0.
        hazard: Departures a day beyond, that of the curve's last half year (exponential tail).
    """

    survival: Floats
    hazard: float

    def to(self, days: int) -> Floats:
        """The share still there after days 0 to `days`."""
        known = self.survival[: days + 1]
        beyond = np.arange(1, days + 2 - len(self.survival))
        return np.concatenate([known, self.survival[-1] * np.exp(-self.hazard * beyond)])

    def months_left(self, terms: Terms) -> Floats:
        """Months a customer of each tenure is still there, discounted, of the months looked ahead.

        Sum over m = 1 … months of S(t + m) / S(t) x (1 + rate) ** (-m / 12), for t = 0 up to the
        curve's last known day; beyond it the hazard is constant and so is the sum.
        """
        ahead = np.round(np.arange(1, terms.months + 1) * MONTH).astype(np.int64)
        weight = np.array([terms.discount(month) for month in range(1, terms.months + 1)])
        share = self.to(len(self.survival) + int(ahead[-1]))
        tenure = np.arange(len(self.survival))
        return (share[tenure[:, None] + ahead] / share[tenure, None]) @ weight

    def retention(self) -> Floats:
        """S(t + 365) / S(t) for each tenure t in days."""
        share = self.to(len(self.survival) + 365)
        tenure = np.arange(len(self.survival))
        return share[tenure + 365] / share[tenure]

    def lifetime(self, months: int) -> float:
        """Mean months a new customer stays, of so many at most (restricted mean)."""
        days = round(months * MONTH)
        return float(self.to(days)[:days].sum() / MONTH)


@dataclass(frozen=True, slots=True)
class Staying:
    """The curves of a company.

    Attributes:
        of: By segment, those with enough customers to tell; None is the unknown segment.
        everybody: The curve of all, for the other segments.
    """

    of: Mapping[str | None, Curve]
    everybody: Curve

    @classmethod
    def learnt(cls, people: pl.LazyFrame, *, as_of: date, observed_from: date) -> Self | None:
        """The Kaplan-Meier curves, with late entry, of `survival.lifetimes`.

        Returns:
            None if fewer than 50 customers have been there at one time.
        """
        lives = lifetimes(people, as_of=as_of, observed_from=observed_from)
        by_segment = _curves(counts(lives, "segment").collect())
        everybody = _curves(counts(lives.with_columns(all=pl.lit("all")), "all").collect())
        return cls(by_segment, everybody["all"]) if everybody else None

    def curve(self, segment: str | None) -> Curve:
        """The curve of a segment; that of all where it has too few customers."""
        return self.of.get(segment, self.everybody)


def _curves(lives: pl.DataFrame) -> dict[str | None, Curve]:
    points = kaplan_meier(lives).filter(~pl.col("is_thin") & (pl.col("survival") > 0))
    return {
        group: _curve(part["day"].to_numpy(), part["survival"].to_numpy())
        for (group,), part in points.group_by("group", maintain_order=True)
        if part["day"].max() != part["day"].min()
    }  # pyright: ignore[reportReturnType]


def _curve(day: NDArray[np.int64], share: Floats) -> Curve:
    """Each day the last value known; before the curve begins nobody is known to have left."""
    last = int(day[-1])
    place = np.searchsorted(day, np.arange(last + 1), side="right") - 1
    survival = np.where(place < 0, 1.0, share[np.maximum(place, 0)])
    back = min(load("clv")["shrinkage"]["tail_days"], last)
    hazard = float(np.log(survival[last - back] / survival[last]) / back)
    return Curve(survival, hazard)
