"""The customer's dimensions on every fact: the tier of the time, the others of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from metrics.calendar import Grain, shift_months, spine
from metrics.numbering import NUMBER
from metrics.selection import DIMENSIONS
from metrics.tiers.history import codes, known_by_month
from metrics.tiers.versions import Histories, named

TODAY = tuple(dimension for dimension in DIMENSIONS if dimension != "tier")


def today(customers: pl.LazyFrame, names: Sequence[str] = TODAY) -> pl.LazyFrame:
    """The dimensions of today (without the tier, unless asked for); what the CRM lacks is null.

    Returns:
        One row per customer: customer_id and the dimensions (String, or Enum as given).
    """
    present = customers.collect_schema().names()
    return customers.select(
        "customer_id",
        *(name if name in present else pl.lit(None, pl.String).alias(name) for name in names),
    )


@dataclass(frozen=True, slots=True)
class KnownTiers:
    """The tiers of everybody by one scheme, to be looked up by number.

    A byte per customer and month: 120 MB for two million customers and five years.

    Attributes:
        tiers: The tiers that occur, and null for none.
        known: Month after month the place among `tiers` of what is known of each customer on any
            day of it, and of nobody.
        first: The first of these months; before it nobody had a tier, after the last nothing
            changes.
        width: Customers, and nobody.
    """

    tiers: pl.Series
    known: pl.Series
    first: date
    width: int

    @classmethod
    def of(cls, ids: pl.Series, history: pl.LazyFrame) -> KnownTiers:
        """Of customers in the order of their numbers, from their tier_history by number."""
        changes = history.collect()
        tiers = codes(changes)
        months = _months(changes)
        known = np.empty((len(months), len(ids) + 1), np.uint8)
        for row, states in enumerate(known_by_month(changes, months, ids, tiers)):
            known[row] = states
        told = tiers.extend_constant(None, 1)
        return cls(told, pl.Series(known.reshape(-1)), months[0], len(ids) + 1)

    def on(self, month: date) -> pl.Series:
        """The places among `tiers` of what is known on any day of a month: by number, and nobody's.

        Returns:
            As many as `width` (UInt8).
        """
        row = (month.year - self.first.year) * 12 + month.month - self.first.month
        if row < 0:
            return pl.Series([len(self.tiers) - 1], dtype=pl.UInt8).new_from_index(0, self.width)
        last = len(self.known) // self.width - 1
        return self.known.slice(min(row, last) * self.width, self.width)

    def at(self, number: pl.Expr, day: pl.Expr) -> pl.Expr:
        """The tier known on a day of the customer with a number."""
        month = _number(day) - _number(pl.lit(self.first))
        row = month.clip(upper_bound=len(self.known) // self.width - 1).cast(pl.Int64)
        place = pl.when(month >= 0).then(row * self.width + number)
        return pl.lit(self.tiers).gather(pl.lit(self.known).gather(place))


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The dimensions of everybody, to be looked up by number: no join, and no text until the end.

    Attributes:
        today: Of `today`, in the order of the numbers.
        tiers: The tiers of each scheme, by its code.
    """

    today: pl.DataFrame
    tiers: Mapping[str, KnownTiers]

    @classmethod
    def of(cls, customers: pl.LazyFrame, histories: Histories) -> Dimensions:
        """The dimensions of numbered customers, from their tier_history.

        Args:
            customers: One row per customer in the order of the numbers, none left out:
                customer_id, and today's dimensions; those that are absent become null.
            histories: tier_history of each scheme, by number.

        Raises:
            ValueError: The customers are in another order; facts would get others' dimensions.
        """
        people = today(customers).collect()
        ids = people["customer_id"]
        if not ids.is_sorted():
            raise ValueError("the customers are not in the order of their numbers")
        tiers = {code: KnownTiers.of(ids, history) for code, history in histories.items()}
        return cls(people.drop("customer_id"), tiers)

    def beside(self, facts: pl.LazyFrame, *, day: pl.Expr) -> pl.LazyFrame:
        """Facts with the tier known on their day and today's other dimensions.

        Known is what `metrics.tiers.history.with_tier` says. Anonymous facts, and facts of unknown
        customers, get null dimensions.

        Args:
            facts: Rows with the `NUMBER` of their customer (null: nobody's).
            day: The day of the fact (Date, may be null).

        Returns:
            The rows of `facts` in their order, with the dimensions (String) for the number; the
            tier once for each scheme.
        """
        number = pl.col(NUMBER)
        tiers = (
            known.at(number, day).alias(named("tier", code)) for code, known in self.tiers.items()
        )
        others = (pl.lit(column).gather(number).cast(pl.String) for column in self.today)
        return facts.with_columns(*tiers, *others).drop(NUMBER)


def _months(history: pl.DataFrame) -> list[date]:
    """From the first change to the month after the last, when that one is known."""
    if history.is_empty():
        return [date(1970, 1, 1)]
    first, last = history.select(first=pl.col("month").min(), last=pl.col("month").max()).row(0)
    return spine(first, shift_months(last, 2), Grain.MONTH).collect()["bucket"].to_list()


def _number(day: pl.Expr) -> pl.Expr:
    return day.dt.year().cast(pl.Int32) * 12 + day.dt.month()
