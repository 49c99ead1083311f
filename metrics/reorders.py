"""Orders after a follow-up: of the customers followed up, those who order within 30 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT
from numpy.typing import NDArray

from metrics import intervals
from metrics.calendar import by_month, month_column, shift_months
from metrics.cells import Cells, cells
from metrics.dimensions import TODAY
from metrics.numbering import places
from metrics.rules import load
from metrics.selection import DIMENSIONS
from metrics.tiers.history import codes, known_by_month
from metrics.touches.readers import arrived
from metrics.trends import Additive

_NO_MONTHS = pl.DataFrame(
    schema={
        "month": pl.Date(),
        **dict.fromkeys(DIMENSIONS, pl.String()),
        **dict.fromkeys(("followed", "reordered"), pl.Int64()),
    }
)


def within_days() -> int:
    """How long after a follow-up an order counts."""
    return load("lifecycle")["reorder"]["within_days"]


def judged_until(as_of: date) -> date:
    """The last day whose follow-ups have had their time to bring an order."""
    return as_of - timedelta(days=within_days())


def followed_up(contacts: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """The first follow-up of each customer and month whose time is over (portable).

    Follow-ups are contacts that the company began for one of the purposes of `lifecycle.toml`,
    answered or not; a message that is known not to have arrived is none.

    Args:
        contacts: Contract table interactions; purpose may be null throughout.
        as_of: Last day of the orders, inclusive.

    Returns:
        One row per customer and month, unordered: customer_id, month, followed_on.
    """
    purposes: list[str] = load("lifecycle")["reorder"]["purposes"]
    last = judged_until(as_of)
    first = shift_months(last.replace(day=1), -load("lifecycle")["reorder"]["months"])
    ours = (nw.col("direction") == "outbound") & nw.col("purpose").is_in(purposes)
    days = (nw.col("occurred_on") >= first) & (nw.col("occurred_on") <= last)
    return (
        nw.from_native(contacts)
        .filter(ours, days, arrived(), ~nw.col("customer_id").is_null())
        .with_columns(month=nw.col("occurred_on").dt.truncate("1mo").cast(nw.Date))
        .group_by("customer_id", "month")
        .agg(followed_on=nw.col("occurred_on").min())
        .to_native()
    )


def reorder_months(
    followed: pl.LazyFrame, bought: pl.DataFrame, customers: pl.LazyFrame, history: pl.LazyFrame
) -> pl.LazyFrame:
    """Customers followed up and those of them who ordered, by month and dimensions (mart).

    An order counts on one of the 30 days after the first follow-up of the month; one on the same
    day may have come before it. A customer followed up in two months counts in both. Follow-ups
    whose 30 days are not over are left out, on both sides. Deleted customers are left out. The
    tier is that known in the month, the other dimensions are today's. At 2 million customers and
    41 million contacts one pass over the contacts of some two years; what is held are 12 bytes for
    each customer and month.

    Args:
        followed: Of `followed_up`.
        bought: Of `purchase_bits`.
        customers: customer_id (unique), dimensions, deleted_on.
        history: tier_history.

    Returns:
        One row per month × dimensions that occurs: month, the dimensions, followed, reordered;
        sorted.

    References:
        S3 1.2.3, target 25 %; the base and the 30 days are ours.
    """
    return FollowedUp.of(followed, bought, customers).months(history)


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """What `reorder_months` of several tier histories have in common.

    Attributes:
        ids: The customers.
        where: Their cells by today's dimensions.
        parts: By month the rows of those followed up, and whether (1 or 0) each ordered.
    """

    ids: pl.Series
    where: Cells
    parts: Mapping[date, tuple[NDArray[np.int64], NDArray[np.int64]]]

    @classmethod
    def of(cls, followed: pl.LazyFrame, bought: pl.DataFrame, customers: pl.LazyFrame) -> Self:
        """Who ordered in time; arguments as of `reorder_months`."""
        rows, people = followed.collect(engine="streaming"), customers.collect()
        ids = people["customer_id"]
        row = places(rows["customer_id"], ids)
        there = people["deleted_on"].is_null().gather(row).fill_null(value=False)
        buyer = places(rows["customer_id"], bought["customer_id"])
        placed = rows.select("month", "followed_on", row=row, buyer=buyer).filter(there)
        parts = {
            month: (
                part["row"].to_numpy(),
                ordered_within(bought, part["buyer"], part["followed_on"], within_days()).astype(
                    np.int64
                ),
            )
            for month, part in by_month(placed).items()
        }
        return cls(ids, cells(people, TODAY), parts)

    def months(self, history: pl.LazyFrame) -> pl.LazyFrame:
        """`reorder_months` by one tier history."""
        changes = history.collect()
        tiers = codes(changes)
        known = known_by_month(changes, list(self.parts), self.ids, tiers)
        counted = [
            self.where.roll_up(rows, tier, tiers, reordered=again).with_columns(month=pl.lit(month))
            for (month, (rows, again)), tier in zip(self.parts.items(), known, strict=True)
        ]
        if not counted:
            return _NO_MONTHS.lazy()
        return pl.concat(counted).lazy().rename({"rows": "followed"}).select(_NO_MONTHS.columns)


def ordered_within(
    bought: pl.DataFrame, rows: pl.Series, days: pl.Series, within: int
) -> NDArray[np.bool_]:
    """Whether each customer bought on one of so many days after a day of one and the same month.

    Args:
        bought: Of `purchase_bits`.
        rows: The row of each customer in it; null for one who never bought.
        days: The day of each, all of one month.
        within: Days, at most 31: then they end in the second month after.
    """
    if days.is_empty():
        return np.zeros(0, np.bool_)
    month: date = days.dt.month_start()[0]
    passed = days.dt.day().cast(pl.UInt64).to_numpy()
    word = _bits(bought, month, rows) >> passed  # the day after is now the first bit
    length = 0
    for later in (1, 2):
        then = shift_months(month, later)
        length += (then - shift_months(month, later - 1)).days
        word |= _bits(bought, then, rows) << (np.uint64(length) - passed)
    return (word & np.uint64((1 << within) - 1)) != 0


def _bits(bought: pl.DataFrame, month: date, rows: pl.Series) -> NDArray[np.uint64]:
    name = month_column(month)
    if name not in bought.columns:
        return np.zeros(len(rows), np.uint64)
    return bought[name].gather(rows).fill_null(0).cast(pl.UInt64).to_numpy()


CONVERSION = Additive(
    {"followed": pl.col("followed").sum(), "reordered": pl.col("reordered").sum()},
    lambda counts: intervals.share("reorder_share", counts["reordered"], counts["followed"]),
)
"""Order after a follow-up: reordered ÷ followed, over reorder_months; reorder_share with _low and
_high (0 to 1, Wilson; null if nobody was followed up)."""
