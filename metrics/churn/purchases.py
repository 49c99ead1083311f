"""The purchase days of all customers, and what was known of them on any of several days."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import polars as pl

from metrics.churn.contracts import IN_FORCE, Contracts
from metrics.churn.rhythm import Definition, with_rhythm
from metrics.churn.tables import CrmTables
from metrics.customer_days import CustomerDays, Ints, as_dates, day_number, ints
from metrics.numbering import places

AT_ONCE = 100_000  # customers in memory at a time
_TOGETHER = 2  # ranges
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Buyers:
    """A range of customers: neighbours by id.

    Attributes:
        within: The condition on customer_id; of customers who never bought, too.
        ids: customer_id of those who bought or ever had a contract, ascending.
        bought: Their purchase days, each once, by the place in `ids`.
        contracts: Their contracts, likewise; None where the CRM has none.
    """

    within: pl.Expr
    ids: pl.Series
    bought: CustomerDays
    contracts: Contracts | None = None

    def moments(self, at: Sequence[date]) -> tuple[Ints, Ints]:
        """The place of each buyer, and each of the days: buyer by buyer, and of one day by day."""
        days = np.array([day_number(day) for day in at], np.int64)
        return np.repeat(np.arange(len(self.ids)), len(at)), np.tile(days, len(self.ids))

    def gaps(self) -> pl.DataFrame:
        """The gaps between two purchase days of one customer that ended on each day.

        Returns:
            One row per day, unordered: day, days (sum of the gaps), gaps (their number); Int64.
        """
        who, day = self.bought.customers(), self.bought.days()
        again = who[1:] == who[:-1]
        rows = pl.DataFrame({"day": as_dates(day[1:][again]), "gap": np.diff(day)[again]})
        return rows.group_by("day").agg(days=pl.col("gap").sum(), gaps=pl.len().cast(pl.Int64))

    def habits(self, at: Sequence[date]) -> pl.DataFrame:
        """What each had bought by the close of each of the days `at`, ascending.

        Returns:
            One row per buyer and day, sorted: customer_id (the place in `ids`), as_of,
            purchase_days, first_on, last_on; the last three null before the first purchase.
        """
        who, as_of = self.moments(at)
        ever = self.bought.until(who, as_of)
        known = pl.when(pl.Series(ever.count() > 0))
        return pl.DataFrame(
            {
                "customer_id": pl.Series(who).cast(pl.UInt32),
                "as_of": as_dates(as_of),
                "purchase_days": ever.count().astype(np.uint32),
                "first_on": as_dates(self.bought.first_day(ever, as_of)),
                "last_on": as_dates(self.bought.last_day(ever, as_of)),
            }
        ).with_columns(known.then(pl.col("purchase_days", "first_on", "last_on")))

    def in_force(self, at: Sequence[date]) -> pl.DataFrame:
        """Under which contract each was at the close of each of the days, in the rows of `habits`.

        Returns:
            customer_id, as_of, and the columns of `contracts.IN_FORCE`; contract_ended_on is null
            once there was a purchase on that day or since.
        """
        who, as_of = self.moments(at)
        moments = {"customer_id": pl.Series(who).cast(pl.UInt32), "as_of": as_dates(as_of)}
        if self.contracts is None:
            told = {name: pl.lit(None, kind) for name, kind in IN_FORCE.items()}
            return pl.DataFrame(moments).with_columns(**told)
        told = self.contracts.at(who, as_of)
        ended = told["contract_ended_on"]
        over = ended.is_not_null().arg_true().to_numpy()  # few: of the others nothing is asked
        since = ints(ended.drop_nulls()) - 1
        bought = self.bought.within(who[over], after=since, until=as_of[over]).count() > 0
        told["contract_ended_on"] = ended.scatter(over[bought], None)
        return pl.DataFrame({**moments, **told})

    def rhythm(
        self, at: Sequence[date], means: Mapping[date, float | None], definition: Definition
    ) -> pl.DataFrame:
        """The rhythm of each at the close of each of the days: rows and order of `habits`.

        With the columns of `contracts.IN_FORCE`; under contract as if there were none.

        Args:
            at: The days, ascending.
            means: `mean_gaps` on these days.
            definition: Of churn.
        """
        known = pl.Series([means[day] for day in at], dtype=pl.Float64)
        habits = self.habits(at).hstack(self.in_force(at).select(*IN_FORCE)).lazy()
        mean = pl.lit(known).gather(pl.int_range(pl.len()) % len(at))
        return with_rhythm(habits, mean, as_of=pl.col("as_of"), definition=definition).collect()


def buyers_of(tables: CrmTables, until: date) -> list[Buyers]:
    """Who bought up to and including a day, in ranges of about `AT_ONCE` customers."""
    known = tables.customers.select("customer_id").collect(engine="streaming").to_series()
    cuts: list[Any] = known.sort().gather_every(AT_ONCE)[1:].to_list()
    edges = [None, *cuts, None]
    purchases = tables.purchases().filter(pl.col("ordered_on") <= until)
    return [
        _buyers(purchases, tables.contracts, _between(low, high)) for low, high in pairwise(edges)
    ]


def _between(low: Any, high: Any) -> pl.Expr:
    """Every customer_id is in one of the ranges, also one that the customers do not have."""
    who = pl.col("customer_id")
    if low is None:
        return who.is_not_null() if high is None else who < high
    return who >= low if high is None else (who >= low) & (who < high)


def _buyers(purchases: pl.LazyFrame, contracts: pl.LazyFrame | None, within: pl.Expr) -> Buyers:
    rows = purchases.filter(within).collect(engine="streaming")
    if contracts is None:
        ids = rows["customer_id"].unique().sort()
        return Buyers(within, ids, _numbered(rows, ids))
    agreed = contracts.filter(within).collect(engine="streaming")
    ids = pl.concat([rows["customer_id"], agreed["customer_id"]]).unique().sort()
    place = places(agreed["customer_id"], ids)
    told = Contracts.of(agreed.with_columns(customer_id=place))
    return Buyers(within, ids, _numbered(rows, ids), told)


def _numbered(purchases: pl.DataFrame, ids: pl.Series) -> CustomerDays:
    place = places(purchases["customer_id"], ids)
    return CustomerDays.of(purchases.with_columns(customer_id=place), "ordered_on").distinct()


def side_by_side(ranges: Iterable[Buyers], does: Callable[[Buyers], Told]) -> Iterator[Told]:
    """What is done for each range, in their order; two at a time: half of it runs on one core."""
    with ThreadPoolExecutor(_TOGETHER) as workers:
        doing: deque[Future[Told]] = deque()
        for buyers in ranges:
            doing.append(workers.submit(does, buyers))
            if len(doing) == _TOGETHER:
                yield doing.popleft().result()
        yield from (each.result() for each in doing)


def mean_gaps(ranges: Sequence[Buyers], days: Sequence[date]) -> dict[date, float | None]:
    """`rhythm.mean_gap` of all customers at the close of each of the days."""
    ended = pl.concat([buyers.gaps() for buyers in ranges])
    until = (ended.filter(pl.col("day") <= day).select(pl.sum("days", "gaps")) for day in days)
    sums = [each.row(0) for each in until]
    return {
        day: span / gaps if gaps else None for day, (span, gaps) in zip(days, sums, strict=True)
    }
