"""Revenue and purchases by month and customers' dimensions: a roll-up of customer_months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.calendar import by_month
from metrics.cells import Cells, cells
from metrics.dimensions import TODAY
from metrics.numbering import places
from metrics.revenue import recorded
from metrics.selection import DIMENSIONS
from metrics.tiers.history import codes, known_by_month


def order_months(
    months: pl.LazyFrame, customers: pl.LazyFrame, history: pl.LazyFrame
) -> pl.LazyFrame:
    """Revenue and purchases by month and customer dimensions (mart).

    The tier is the one known at the time: that of the end of the month before, or, in the
    month of the first order, of its end. The other dimensions are today's. Anonymous orders have
    only null dimensions, so they drop out of every selection but "everything".

    Args:
        months: customer_months.
        customers: customer_id (unique), deleted_on (may be absent) and dimensions; those that are
            absent become null.
        history: tier_history.

    Returns:
        One row per month × dimensions that occurs: month, the dimensions, purchases, purchased,
        revenue, profit (null if none is recorded), buyers (customers with a purchase who have not
        been deleted since, distinct within the month only: not additive over months); sorted by
        all dimensions.
    """
    return Ordered.of(months, customers).months(history)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What `order_months` of several tier histories have in common.

    Attributes:
        ids: The customers.
        where: Their cells by today's dimensions.
        parts: Their orders by month.
        there: Who has not been deleted; at the end nobody.
    """

    ids: pl.Series
    where: Cells
    parts: Mapping[date, pl.DataFrame]
    there: NDArray[np.bool_]

    @classmethod
    def of(cls, months: pl.LazyFrame, customers: pl.LazyFrame) -> Self:
        """The months of orders in the order of the customers; arguments as of `order_months`."""
        people = customers.collect()
        ids = people["customer_id"]
        return cls(ids, cells(people, TODAY), by_month(_placed(months, ids)), _there(people))

    def months(self, history: pl.LazyFrame) -> pl.LazyFrame:
        """`order_months` by one tier history."""
        changes = history.collect()
        tiers = codes(changes)
        known = known_by_month(changes, list(self.parts), self.ids, tiers)
        counted = [
            self.where.roll_up(
                part["row"].to_numpy(), tier, tiers, **_sums(part, self.there)
            ).with_columns(month=pl.lit(month))
            for (month, part), tier in zip(self.parts.items(), known, strict=True)
        ]
        if not counted:
            return _NO_MONTHS.lazy()
        profit = recorded("profit", "profits")
        return pl.concat(counted).lazy().with_columns(profit=profit).select(_NO_MONTHS.columns)


def _placed(months: pl.LazyFrame, ids: pl.Series) -> pl.DataFrame:
    rows = months.collect(engine="streaming")
    row = places(rows["customer_id"], ids).fill_null(len(ids)).alias("row")
    return rows.drop("customer_id").with_columns(row)


_NO_MONTHS = pl.DataFrame(
    schema={
        "month": pl.Date(),
        **dict.fromkeys(DIMENSIONS, pl.String()),
        **dict.fromkeys(("purchases", "purchased", "revenue", "profit", "buyers"), pl.Int64()),
    }
)


def _there(people: pl.DataFrame) -> NDArray[np.bool_]:
    """Who has not been deleted; nobody has never been there."""
    gone = people["deleted_on"].is_not_null() if "deleted_on" in people.columns else None
    there = np.ones(people.height, np.bool_) if gone is None else ~gone.to_numpy()
    return np.append(there, values=False)


def _sums(part: pl.DataFrame, there: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
    names = ("purchases", "purchased", "revenue", "profit", "profits")
    buys = (part["purchases"] > 0).to_numpy() & there[part["row"].to_numpy()]
    sums = {name: part[name].fill_null(0).to_numpy() for name in names}
    return {**sums, "buyers": buys.astype(np.int64)}
