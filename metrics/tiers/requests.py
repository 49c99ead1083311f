"""Inquiries and complaints of customers within twelve months, on any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT
from numpy.typing import NDArray

from metrics.customer_days import day_number, ints
from metrics.numbering import places
from metrics.revenue import last_year

KINDS = {"complaints_12m": "complaint", "inquiries_12m": "inquiry"}


def requests(tickets: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """The inquiries and complaints of known customers (portable).

    Args:
        tickets: Contract table tickets with its day columns.
        as_of: Last day of the data, inclusive; later ones are not looked at.

    Returns:
        One row each, unordered: customer_id, created_on, complaint (else it is an inquiry).
    """
    known = ~nw.col("customer_id").is_null() & (nw.col("created_on") <= as_of)
    return (
        nw.from_native(tickets)
        .filter(known, nw.col("kind").is_in(list(KINDS.values())))
        .select("customer_id", "created_on", complaint=nw.col("kind") == "complaint")
        .to_native()
    )


@dataclass(frozen=True, slots=True)
class Requests:
    """Those of some customers, in the order of the days: 9 bytes each.

    Attributes:
        rows: The place of the customer.
        days: The day, ascending.
        complaint: Whether it is a complaint.
        customers: How many customers there are.
    """

    rows: NDArray[np.uint32]
    days: NDArray[np.int64]
    complaint: NDArray[np.bool_]
    customers: int

    @classmethod
    def of(cls, found: pl.LazyFrame | None, ids: pl.Series) -> Self:
        """Of `requests`, of these customers; None where the CRM has no tickets: there are none."""
        if found is None:
            schema = {"row": pl.UInt32, "created_on": pl.Date, "complaint": pl.Boolean}
            placed = pl.DataFrame(schema=schema)
        else:
            rows = found.collect()
            placed = (
                rows.select("created_on", "complaint", row=places(rows["customer_id"], ids))
                .drop_nulls()
                .sort("created_on")
            )
        return cls(
            placed["row"].to_numpy(),
            ints(placed["created_on"]),
            placed["complaint"].to_numpy(),
            len(ids),
        )

    def within_year(self, day: date) -> dict[str, NDArray[np.int64]]:
        """How many each customer has had in the 12 months up to a day (`last_year`), by kind."""
        year = last_year(day)
        low, high = np.searchsorted(self.days, [day_number(year.start), day_number(year.end)])
        rows, complaint = self.rows[low:high], self.complaint[low:high]
        of_kind = {"complaints_12m": rows[complaint], "inquiries_12m": rows[~complaint]}
        return {name: np.bincount(each, minlength=self.customers) for name, each in of_kind.items()}


def tenure_months(first: pl.Expr, day: date) -> pl.Expr:
    """Months since the first purchase, a begun one counts: exactly 12 months later it is 12.

    Months are calendar months: first bought on 31 January, one month is over on 28 February.
    """
    whole = (day.year - first.dt.year()) * 12 + (day.month - first.dt.month().cast(pl.Int32))
    anniversary = pl.min_horizontal(first.dt.day(), pl.lit(_days_in(day), pl.Int8))
    return (whole + (day.day > anniversary)).cast(pl.Int64)


def _days_in(day: date) -> int:
    return pl.select(pl.lit(day).dt.month_end().dt.day()).item()
