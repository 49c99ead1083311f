"""The purchase days of all customers, and what was known of them on any of several days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.churn.latest import latest
from metrics.churn.rhythm import Definition, with_rhythm
from metrics.churn.tables import CrmTables

AT_ONCE = 100_000  # customers in memory at a time


@dataclass(frozen=True, slots=True)
class Buyers:
    """A range of customers: neighbours by id, because a snapshot is sorted by it.

    Attributes:
        within: The condition on customer_id; of customers who never bought, too.
        ids: customer_id of those who bought, ascending.
        days: Their purchase days (Date), those of one customer together, ascending.
        counts: Purchase days of each.
    """

    within: pl.Expr
    ids: pl.Series
    days: pl.Series
    counts: NDArray[np.int64]

    def gaps(self) -> pl.DataFrame:
        """The gaps between two purchase days of one customer that ended on each day.

        Returns:
            One row per day, unordered: day, days (sum of the gaps), gaps (their number); Int64.
        """
        starts = np.cumsum(self.counts) - self.counts
        gap = self.days.diff().dt.total_days()
        gap = gap.scatter(starts, None) if len(gap) else gap
        rows = pl.DataFrame({"day": self.days, "gap": gap}).drop_nulls()
        return rows.group_by("day").agg(days=pl.col("gap").sum(), gaps=pl.len().cast(pl.Int64))

    def habits(self, at: Sequence[date]) -> pl.DataFrame:
        """What each had bought by the close of each of the days `at`, ascending.

        Returns:
            One row per buyer and day, sorted: customer_id (the place in `ids`), as_of,
            purchase_days, first_on, last_on; the last three null before the first purchase.
        """
        last = latest(self.counts, self.days, at).ravel()
        first = np.repeat(np.cumsum(self.counts) - self.counts, len(at))
        buyer, day = np.divmod(np.arange(len(last)), len(at))
        known = pl.when(pl.Series(last) >= 0)
        return pl.DataFrame(
            {
                "customer_id": pl.Series(buyer).cast(pl.UInt32),
                "as_of": pl.Series(at, dtype=pl.Date).gather(day),
                "purchase_days": pl.Series(last - first + 1),
                "first_on": self.days.gather(first),
                "last_on": self.days.gather(np.maximum(last, 0)),
            }
        ).with_columns(
            known.then(pl.col("purchase_days").cast(pl.UInt32, strict=False)),
            known.then(pl.col("first_on", "last_on")),
        )

    def rhythm(
        self, at: Sequence[date], means: Mapping[date, float | None], definition: Definition
    ) -> pl.DataFrame:
        """The rhythm of each at the close of each of the days: rows and order of `habits`.

        Args:
            at: The days, ascending.
            means: `mean_gaps` on these days.
            definition: Of churn.
        """
        known = pl.Series([means[day] for day in at], dtype=pl.Float64)
        habits = self.habits(at).lazy()
        mean = pl.lit(known).gather(pl.int_range(pl.len()) % len(at))
        return with_rhythm(habits, mean, as_of=pl.col("as_of"), definition=definition).collect()


def buyers_of(tables: CrmTables, until: date) -> list[Buyers]:
    """Who bought up to and including a day, in ranges of about `AT_ONCE` customers.

    One pass over the orders. Where they come sorted by customer, as a snapshot is, nothing needs
    sorting, and a range is a few row groups read.
    """
    known = tables.customers.select("customer_id").collect(engine="streaming").to_series()
    cuts: list[Any] = known.sort().gather_every(AT_ONCE)[1:].to_list()
    edges = [None, *cuts, None]
    purchases = tables.purchases()
    return [_buyers(purchases, _between(low, high), until) for low, high in pairwise(edges)]


def _between(low: Any, high: Any) -> pl.Expr:
    """Every customer_id is in one of the ranges, also one that the customers do not have."""
    who = pl.col("customer_id")
    if low is None:
        return who.is_not_null() if high is None else who < high
    return who >= low if high is None else (who >= low) & (who < high)


def _buyers(purchases: pl.LazyFrame, within: pl.Expr, until: date) -> Buyers:
    bought = purchases.filter(within & (pl.col("ordered_on") <= until))
    rows = bought.select("customer_id", day="ordered_on").collect(engine="streaming")
    if not rows["customer_id"].is_sorted():
        rows = rows.sort("customer_id")
    runs = rows["customer_id"].rle().struct.field("value")
    days = rows.select("day", buyer=pl.col("customer_id").rle_id()).sort("buyer", "day")
    again = (pl.col("buyer") == pl.col("buyer").shift()) & (pl.col("day") == pl.col("day").shift())
    days = days.filter(~again.fill_null(value=False))
    counts = np.bincount(days["buyer"].to_numpy(), minlength=len(runs))
    return Buyers(within, runs.alias("customer_id"), days["day"], counts)


def mean_gaps(ranges: Sequence[Buyers], days: Sequence[date]) -> dict[date, float | None]:
    """`rhythm.mean_gap` of all customers at the close of each of the days."""
    ended = pl.concat([buyers.gaps() for buyers in ranges])
    until = (ended.filter(pl.col("day") <= day).select(pl.sum("days", "gaps")) for day in days)
    sums = [each.row(0) for each in until]
    return {
        day: span / gaps if gaps else None for day, (span, gaps) in zip(days, sums, strict=True)
    }
