"""What was known of every customer at the end of each month: the facts that tiers go by.

The trailing year rolls: each month adds its own amounts and takes away those of a year ago. The
running month ends at `as_of`, its amounts are those of the customer mart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.calendar import Grain, by_month, first_day, shift_months, spine
from metrics.customer_days import day_number
from metrics.numbering import places
from metrics.tiers.requests import KINDS, Requests, tenure_months

_MOVED = {"revenue_12m": "revenue", "profit_12m": "profit", "purchases_12m": "purchases"}
_READ = (*_MOVED.values(), "profits", "last_on")


def month_ends(
    months: pl.LazyFrame,
    people: pl.DataFrame,
    *,
    fields: Collection[str],
    as_of: date,
    requests: pl.LazyFrame | None = None,
) -> Iterator[tuple[date, pl.DataFrame]]:
    """Month by month what is known of all people, null of who was no customer then.

    Args:
        months: customer_months of the orders up to `as_of`.
        people: One row per customer who bought: customer_id, first_order_on, left (day of the
            deletion, or null), and of today those of `fields` that sum up a year of orders.
        fields: Of those in `tiers.toml`, those wanted.
        as_of: Last day of the data, inclusive.
        requests: Of `requests.requests`; None where the CRM has no tickets.

    Yields:
        The first day of the month, and a frame of the fields with one row for each of the people;
        profit_12m is null throughout if the company records none.
    """
    moved = _moved(months, people)
    if not moved:
        return
    rolled = [name for name in _MOVED if name in fields]
    year = {name: np.zeros(people.height, np.int64) for name in rolled}
    bought = np.zeros(people.height, np.int64)
    asked = Requests.of(requests if any(kind in fields for kind in KINDS) else None, _ids(people))
    has_profit = any(part["profits"].sum() > 0 for part in moved.values())
    running = first_day(as_of, Grain.MONTH)
    for month in _months(min(moved), as_of):
        _roll(year, moved.get(month), np.add)
        _roll(year, moved.get(shift_months(month, -12)), np.subtract)
        _buy(bought, moved.get(month))
        last = min(as_of, shift_months(month, 1) - timedelta(days=1))
        sums = people.select(rolled) if month == running else pl.DataFrame(year)
        known = people.select("first_order_on", "left").with_columns(
            sums.get_columns(), **_others(fields, people, bought, asked, last)
        )
        if "profit_12m" in fields and not has_profit:
            known = known.with_columns(profit_12m=pl.lit(None, pl.Int64))
        there = _was_there(month, last)
        yield month, known.select(pl.when(there).then(name).alias(name) for name in fields)


def _months(first: date, as_of: date) -> list[date]:
    spanned = spine(first, as_of + timedelta(days=1), Grain.MONTH)
    return spanned.collect()["bucket"].to_list()


def _ids(people: pl.DataFrame) -> pl.Series:
    return people["customer_id"]


def _was_there(month: date, last: date) -> pl.Expr:
    joined = pl.col("first_order_on").dt.month_start() <= month
    return joined & ~(pl.col("left") <= last).fill_null(value=False)


def _others(
    fields: Collection[str],
    people: pl.DataFrame,
    bought: NDArray[np.int64],
    asked: Requests,
    last: date,
) -> dict[str, pl.Series]:
    """What is told by days, of the fields that are wanted."""
    found: dict[str, pl.Series] = {}
    if "silent_days" in fields:
        found["silent_days"] = pl.Series(day_number(last) - bought)
    if "tenure_months" in fields:
        months = people.select(tenure_months(pl.col("first_order_on"), last))
        found["tenure_months"] = months.to_series()
    if any(kind in fields for kind in KINDS):
        counts = asked.within_year(last)
        found |= {name: pl.Series(count) for name, count in counts.items() if name in fields}
    return found


def _moved(months: pl.LazyFrame, people: pl.DataFrame) -> dict[date, pl.DataFrame]:
    """By month the amounts of those who have any, with their row among the people."""
    rows = months.select("customer_id", "month", *_READ).collect(engine="streaming")
    placed = rows.select("month", *_READ, row=places(rows["customer_id"], _ids(people)))
    return by_month(placed.drop_nulls("row"))


def _roll(year: dict[str, NDArray[np.int64]], moved: pl.DataFrame | None, change: np.ufunc) -> None:
    if moved is None:
        return
    rows = moved["row"].to_numpy()  # each once
    for name, amounts in year.items():
        amount = moved[_MOVED[name]].fill_null(0).to_numpy()
        amounts[rows] = change(amounts[rows], amount)


def _buy(bought: NDArray[np.int64], moved: pl.DataFrame | None) -> None:
    if moved is None:
        return
    latest = moved.drop_nulls("last_on")
    days = latest["last_on"].to_physical().cast(pl.Int64).to_numpy()
    bought[latest["row"].to_numpy()] = days
