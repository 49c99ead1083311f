"""From new to existing, and repurchase: who orders again in time, and who goes on doing so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics import intervals
from metrics.calendar import Grain, first_day, shift_months, spine
from metrics.cells import cells
from metrics.dimensions import TODAY
from metrics.measure import count
from metrics.numbering import places
from metrics.purchase_days import first_purchase, has_bought
from metrics.rules import load
from metrics.selection import DIMENSIONS, Period
from metrics.tiers.history import codes, known_by_month
from metrics.trends import Additive

_DAY = timedelta(days=1)

_NO_MONTHS = pl.DataFrame(
    schema={
        "month": pl.Date(),
        **dict.fromkeys(DIMENSIONS, pl.String()),
        **dict.fromkeys(("existing", "repeated"), pl.Int64()),
    }
)


@dataclass(frozen=True, slots=True)
class Window:
    """The three months of a rate, and the year before them.

    Attributes:
        days: In which an order is a repeat.
        year: In which an existing customer bought.
    """

    days: Period
    year: Period


def window(end: date) -> Window:
    """The window that ends on a day, inclusive: a month end, or as of."""
    rules: dict[str, Any] = load("lifecycle")["repurchase"]
    start = shift_months(end + _DAY, -rules["window_months"])
    return Window(
        Period(start, end + _DAY), Period(shift_months(start, -rules["active_months"]), start)
    )


def turned_on() -> pl.Expr:
    """The day on which the stage new ends (`lifecycle.toml`), over first_order_on."""
    months = load("lifecycle")["stages"]["new_months"]
    return pl.col("first_order_on").dt.offset_by(f"{months}mo")


def existing(start: date) -> pl.Expr:
    """Whether the stage new had ended by a day, over first_order_on."""
    return (turned_on() <= start).fill_null(value=False)


TURNED = Additive(
    {
        "turned": pl.len().cast(pl.Int64),
        "converted": count(pl.col("second_order_on") < turned_on()),
    },
    lambda counts: intervals.share("turned_share", counts["converted"], counts["turned"]),
)
"""From new to existing: customers who ordered again while they were new ÷ customers whose time as
new is over, over first_order_on, second_order_on. By age alone everybody would convert. Cut it by
`turned_on`: who is still new is on neither side. turned, converted (counts); turned_share with
_low and _high (0 to 1, Wilson; null if nobody's time is over)."""

REPURCHASE = Additive(
    {"existing": pl.col("existing").sum(), "repeated": pl.col("repeated").sum()},
    lambda counts: intervals.share("repurchase_rate", counts["repeated"], counts["existing"]),
)
"""Repurchase: repeated ÷ existing, over the rows of a month of repurchase_months, or of months that
lie three apart; repurchase_rate with _low and _high (0 to 1, Wilson; null without existing)."""


def repurchase_months(
    bought: pl.DataFrame, customers: pl.LazyFrame, history: pl.LazyFrame, *, as_of: date
) -> pl.LazyFrame:
    """Existing customers and those who ordered again, by month and dimensions (mart).

    For each month end d (the running month: as_of) existing are the customers who, three months
    before, had been customers for three months or more and had bought in the twelve months
    until then; repeated are those of them with a purchase in the three months up to d. Only
    months whose twelve months lie in the data. Customers deleted by d are in neither. The tier is
    the one at the start of the three months, the other dimensions are today's. At 2 million
    customers as `retention_months`: look-ups in bits, a few seconds for all months.

    Args:
        bought: Of `purchase_bits`.
        customers: customer_id (unique), dimensions, first_order_on, deleted_on.
        history: tier_history.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per month × dimensions that occurs: month, the dimensions, existing, repeated;
        sorted.

    References:
        S0 existing +35 %, S2 +50 %, S3 +15 %; systems.md c08: one definition for all.
    """
    first = first_purchase(bought)
    ends = {} if first is None else _ends(first, as_of)
    people, changes = customers.collect(), history.collect()
    where, tiers = cells(people, TODAY), codes(changes)
    starts = [first_day(window(end).days.start, Grain.MONTH) for end in ends.values()]
    known = known_by_month(changes, starts, people["customer_id"], tiers)
    row = places(bought["customer_id"], people["customer_id"])
    about = bought.with_columns(
        row=row,
        first_order_on=people["first_order_on"].gather(row),
        deleted_on=people["deleted_on"].gather(row),
    ).filter(row.is_not_null())
    counted: list[pl.DataFrame] = []
    for (month, end), tier in zip(ends.items(), known, strict=True):
        judged = about.lazy().select("row", repeated=_repeated(bought.columns, end)).drop_nulls()
        found = judged.collect()
        repeated = found["repeated"].cast(pl.Int64).to_numpy()
        in_cells = where.roll_up(found["row"].to_numpy(), tier, tiers, repeated=repeated)
        counted.append(in_cells.with_columns(month=pl.lit(month)))
    if not counted:
        return _NO_MONTHS.lazy()
    return pl.concat(counted).lazy().rename({"rows": "existing"}).select(_NO_MONTHS.columns)


def _repeated(columns: list[str], end: date) -> pl.Expr:
    """Whether an existing customer ordered again; null for who was none."""
    asked = window(end)
    there = pl.col("deleted_on").is_null() | (pl.col("deleted_on") > end)
    base = existing(asked.days.start) & has_bought(columns, asked.year) & there
    return pl.when(base).then(has_bought(columns, asked.days))


def _ends(first: date, as_of: date) -> dict[date, date]:
    """Each month whose windows lie in the data, with the day it is judged at."""
    months: list[date] = spine(first, as_of + _DAY, Grain.MONTH).collect()["bucket"].to_list()
    ends = {month: min(as_of, shift_months(month, 1) - _DAY) for month in months}
    return {month: end for month, end in ends.items() if first <= window(end).year.start}
