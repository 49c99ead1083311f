"""The tier of every customer at every month end, and what hangs on it.

A tier looks at the trailing 12 months: revenue of completed and returned orders, and recorded
gross profit. Month ends take 12 whole calendar months; the running month ends at `as_of` and takes
the 12 months up to that day, the very columns that the customer mart shows (revenue_12m,
profit_12m). The population of a day are the customers whose first purchase is not later and who
are not deleted by then.

Cost: one pass over the months walks all customers together, because "top 10 %" ranks them against
each other; memory is some vectors as long as the customers plus the months frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, first_day, month_column, shift_months, spine
from metrics.selection import DIMENSIONS
from metrics.tiers.scheme import Scheme

_HISTORY = {"customer_id": pl.String(), "month": pl.Date(), "tier": pl.String()}
_AMOUNTS = ("revenue_12m", "profit_12m")


@dataclass(frozen=True, slots=True)
class TierMarts:
    """Both marts of one walk over the months.

    Attributes:
        history: Tiers at the end of each month, only where they change. One row per customer and
            change: customer_id, month (Date, first day; the state is that at its end, in the
            running month at as_of), tier (String; null from the month of a deletion). The first
            row of a customer is the month of the first purchase. Sorted by customer_id, month.
        states: The same as a table, to compare any two month ends in one look: one row per
            customer who ever bought, deleted ones included: customer_id, stage (null if deleted),
            segment, region, owner_id, acquisition_channel of today, and one column per month
            (`2026-10`) with the tier at its end (String; null: no customer then). Sorted by
            customer_id.
        months: Customers and their trailing year by month end and dimensions, the tier of that
            month end and the other dimensions of today. One row per month × dimensions that
            occurs: month, tier, stage, segment, region, owner_id, acquisition_channel (String),
            customers, revenue_12m, profit_12m (money; profit null if the company records none:
            then the profit rule of the scheme has not been applied). Sorted.
    """

    history: pl.LazyFrame
    states: pl.LazyFrame
    months: pl.LazyFrame


def tier_marts(
    months: pl.LazyFrame,
    customers: pl.LazyFrame,
    *,
    scheme: Scheme,
    as_of: date,
    money_scale: int,
) -> TierMarts:
    """Tier history and tier roll-up, computed together in one walk over the months (marts).

    Args:
        months: customer_months of the orders up to `as_of`.
        customers: One row per customer, deleted ones included: customer_id, first_order_on,
            revenue_12m, profit_12m (of `purchase_dates` at the same `as_of`), deleted_on (may be
            absent), and today's dimensions (those absent become null; `tier` is not read).
        scheme: The tiers.
        as_of: Last day of the data, inclusive.
        money_scale: Digits of the money columns after the unit.
    """
    people = _people(customers, as_of)
    changes: list[pl.DataFrame] = []
    cells: list[pl.DataFrame] = []
    states: list[pl.Series] = []
    before = pl.Series("tier", [None], pl.Enum(scheme.codes)).new_from_index(0, people.height)
    for month, state in _month_ends(months, people, scheme, as_of, money_scale):
        changes.append(_changes(month, state, before))
        cells.append(_roll_up(month, state))
        before = state["tier"]
        states.append(before.alias(month_column(month)))
    return TierMarts(
        _history(changes, people), _states(states, people), _tier_months(cells, people)
    )


def _people(customers: pl.LazyFrame, as_of: date) -> pl.DataFrame:
    """One row per customer with a purchase: row number, entry, exit, today's values and cell."""
    present = customers.collect_schema().names()
    dims = [name for name in DIMENSIONS if name != "tier"]
    missing = {name: pl.lit(None, pl.String) for name in dims if name not in present}
    gone = "deleted_on" in present
    frame = (
        customers.filter(pl.col("first_order_on") <= as_of)
        .with_columns(**missing)
        .select(
            "customer_id",
            *dims,
            *_AMOUNTS,
            joined=pl.col("first_order_on").dt.month_start(),
            left=pl.col("deleted_on") if gone else pl.lit(None, pl.Date),
        )
        .sort("customer_id")
        .with_row_index("row")
        .collect()
    )
    return frame.with_columns(cell=pl.struct(dims).rank("dense").cast(pl.UInt32))


def _amounts(months: pl.LazyFrame, people: pl.DataFrame) -> pl.DataFrame:
    keys = people.lazy().select("customer_id", "row")
    return (
        months.select("customer_id", "month", "revenue", "profit")
        .join(keys, on="customer_id", how="inner", validate="m:1")
        .select("row", "month", "revenue", "profit")
        .collect()
    )


def _month_ends(
    months: pl.LazyFrame, people: pl.DataFrame, scheme: Scheme, as_of: date, money_scale: int
) -> Iterator[tuple[date, pl.DataFrame]]:
    """Month by month the state of all people: row, cell, amounts and tier (null: not a customer).

    The trailing year rolls: each month adds its own amounts and takes away those of a year ago.
    """
    if people.is_empty():
        return
    amounts = _amounts(months, people)
    zeros = pl.Series([0], dtype=pl.Int64).new_from_index(0, people.height)
    revenue, profit = zeros, zeros.clone()
    has_profit = amounts["profit"].count() > 0
    running = first_day(as_of, Grain.MONTH)
    for month in _months(amounts, as_of):
        moved = _moved(amounts, month)
        revenue = _added(revenue, moved["row"], moved["revenue"])
        profit = _added(profit, moved["row"], moved["profit"])
        year = [revenue.alias(_AMOUNTS[0]), profit.alias(_AMOUNTS[1])]
        state = people.select("row", "cell", "joined", "left").with_columns(year)
        if month == running:
            state = people
        last = min(as_of, shift_months(month, 1) - timedelta(days=1))
        yield month, _judged(state, month, last, scheme, money_scale, has_profit=has_profit)


def _months(amounts: pl.DataFrame, as_of: date) -> list[date]:
    first = amounts["month"].min()
    if not isinstance(first, date):
        return []
    return spine(first, as_of + timedelta(days=1), Grain.MONTH).collect()["bucket"].to_list()


def _moved(amounts: pl.DataFrame, month: date) -> pl.DataFrame:
    """What enters the trailing year with this month, less what leaves it; one row per customer."""
    enters = amounts.filter(pl.col("month") == month)
    leaves = amounts.filter(pl.col("month") == shift_months(month, -12))
    negative = leaves.with_columns(-pl.col("revenue", "profit"))
    return pl.concat([enters, negative]).group_by("row").agg(pl.col("revenue", "profit").sum())


def _added(total: pl.Series, rows: pl.Series, values: pl.Series) -> pl.Series:
    return total.clone().scatter(rows, total.gather(rows) + values)


def _judged(
    state: pl.DataFrame,
    month: date,
    last: date,
    scheme: Scheme,
    money_scale: int,
    *,
    has_profit: bool,
) -> pl.DataFrame:
    member = (pl.col("joined") <= month) & ~(pl.col("left") <= last).fill_null(value=False)
    amounts = [pl.when(member).then(pl.col(name)).alias(name) for name in _AMOUNTS]
    if not has_profit:
        amounts[1] = pl.lit(None, pl.Int64).alias(_AMOUNTS[1])
    return state.select("row", "cell", *amounts).with_columns(
        tier=scheme.tier(money_scale=money_scale)
    )


def _changes(month: date, state: pl.DataFrame, before: pl.Series) -> pl.DataFrame:
    changed = state["tier"].ne_missing(before)
    return state.lazy().select("row", "tier", month=month).filter(changed).collect()


def _roll_up(month: date, state: pl.DataFrame) -> pl.DataFrame:
    members = state.lazy().filter(pl.col("tier").is_not_null())
    return (
        members.group_by("cell", "tier")
        .agg(
            customers=pl.len().cast(pl.Int64),
            revenue_12m=pl.col("revenue_12m").sum(),
            profit_12m=pl.when(pl.col("profit_12m").count() > 0).then(pl.col("profit_12m").sum()),
        )
        .with_columns(month=month)
        .collect()
    )


def _history(changes: list[pl.DataFrame], people: pl.DataFrame) -> pl.LazyFrame:
    if not changes:
        return pl.LazyFrame(schema=_HISTORY)
    rows = pl.concat(changes).sort("row", "month")
    names = people["customer_id"].gather(rows["row"])
    return rows.lazy().select(names, "month", pl.col("tier").cast(pl.String))


def _states(states: list[pl.Series], people: pl.DataFrame) -> pl.LazyFrame:
    dims = [name for name in DIMENSIONS if name != "tier"]
    there = pl.when(pl.col("left").is_null())
    return (
        people.lazy()
        .with_columns(there.then("stage").alias("stage"))
        .select("customer_id", *dims)
        .with_columns(states)
        .with_columns(pl.col(pl.Enum).cast(pl.String))
    )


def _tier_months(cells: list[pl.DataFrame], people: pl.DataFrame) -> pl.LazyFrame:
    dims = [name for name in DIMENSIONS if name != "tier"]
    names = people.lazy().select("cell", *dims).unique()
    empty = {name: pl.Int64() for name in ("customers", *_AMOUNTS)}
    schema = {"cell": pl.UInt32(), "tier": pl.String(), "month": pl.Date(), **empty}
    rows = pl.concat(cells).lazy() if cells else pl.LazyFrame(schema=schema)
    return (
        rows.with_columns(pl.col("tier").cast(pl.String))
        .join(names, on="cell", how="left", validate="m:1")
        .select("month", *DIMENSIONS, *empty)
        .sort("month", *DIMENSIONS, nulls_last=True)
    )
