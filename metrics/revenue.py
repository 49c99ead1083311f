"""Orders by customer and month, and the money measures on them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, overload

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT
from numpy.typing import NDArray

from metrics.calendar import by_month, shift_months
from metrics.cells import cells
from metrics.dimensions import TODAY
from metrics.measure import ratio
from metrics.numbering import places
from metrics.selection import DIMENSIONS, Column, Expr, Period
from metrics.tiers.history import codes, known_by_month


@overload
def is_purchase() -> pl.Expr: ...
@overload
def is_purchase(column: Column[Expr]) -> Expr: ...
def is_purchase(column: Column[Any] = pl.col) -> Any:
    """Whether an order is a purchase: completed, of positive amount, by a known customer."""
    return (
        (column("status") == "completed")
        & (column("amount") > 0)
        & ~column("customer_id").is_null()
    )


@overload
def earns() -> pl.Expr: ...
@overload
def earns(column: Column[Expr]) -> Expr: ...
def earns(column: Column[Any] = pl.col) -> Any:
    """Whether an order counts in revenue: completed or returned (negative), never cancelled."""
    return column("status").is_in(["completed", "returned"])


def last_year(as_of: date) -> Period:
    """The trailing 12 months up to and including `as_of`: the year that tiers look at.

    At the end of a month these are 12 whole calendar months; it is the same stretch of days as
    the period `year` of `metrics.selection`.
    """
    end = as_of + timedelta(days=1)
    return Period(shift_months(end, -12), end)


def recorded(profit: str, orders: str) -> pl.Expr:
    """Sum of the recorded profits, or null if the whole frame has none.

    An order without a profit adds nothing. Null is reserved for a company that does not record
    profits, so that a customer without orders has 0 and not a dash.

    Args:
        profit: Column of sums of profit.
        orders: Column that counts the orders with a recorded profit.
    """
    return pl.when(pl.col(orders).sum() > 0).then(pl.col(profit))


def with_profit(orders: IntoLazyFrameT) -> IntoLazyFrameT:
    """Orders with a profit column, all null where the CRM has none (portable)."""
    rows = nw.from_native(orders)
    if "profit" in rows.collect_schema().names():
        return orders
    return rows.with_columns(profit=nw.lit(None, nw.Int64)).to_native()


def total(amount: nw.Expr) -> nw.Expr:
    """Sum of integers as an integer on every engine: some widen it, and give floats back."""
    return amount.sum().cast(nw.Int64)


def number(holds: nw.Expr) -> nw.Expr:
    """How many rows it is true for."""
    return total(nw.when(holds).then(nw.lit(1)).otherwise(nw.lit(0)))


def customer_months(orders: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """Orders by customer and month: what tiers, cohorts and revenue are built from (portable).

    Args:
        orders: Contract table orders with ordered_on; profit may be absent.
        as_of: Last day of the data, inclusive; later orders are not looked at.

    Returns:
        One row per customer and month with at least one completed or returned order, unordered;
        anonymous orders together under customer_id null. customer_id, month (Date, first day),
        purchases (orders), purchased (their amount), revenue (completed and returned), profit
        (recorded gross profit), profits (orders with one), last_on (day of the last purchase, null
        without one). Money in 10**-money_scale.
    """
    bought, amount = is_purchase(nw.col), nw.col("amount")
    return (
        nw.from_native(with_profit(orders))
        .filter(earns(nw.col), nw.col("ordered_on") <= as_of)
        .with_columns(month=nw.col("ordered_on").dt.truncate("1mo").cast(nw.Date))
        .group_by("customer_id", "month")
        .agg(
            purchases=number(bought),
            purchased=total(nw.when(bought).then(amount).otherwise(nw.lit(0))),
            revenue=total(amount),
            profit=total(nw.col("profit")),
            profits=nw.col("profit").count().cast(nw.Int64),
            last_on=nw.when(bought).then(nw.col("ordered_on")).max(),
        )
        .to_native()
    )


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
    people, changes = customers.collect(), history.collect()
    where, tiers = cells(people, TODAY), codes(changes)
    parts = by_month(_placed(months, people["customer_id"]))
    known = known_by_month(changes, list(parts), people["customer_id"], tiers)
    there = _there(people)
    counted = [
        where.roll_up(part["row"].to_numpy(), tier, tiers, **_sums(part, there)).with_columns(
            month=pl.lit(month)
        )
        for (month, part), tier in zip(parts.items(), known, strict=True)
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


def revenue() -> pl.Expr:
    """Revenue: amounts of completed orders plus the (negative) amounts of returns.

    Returns:
        Measure over order_months or customer_months: money in 10**-money_scale.
    """
    return pl.col("revenue").sum()


def profit() -> pl.Expr:
    """Gross profit as far as recorded.

    Returns:
        Measure over order_months: money in 10**-money_scale, null if none is recorded.
    """
    return pl.when(pl.col("profit").count() > 0).then(pl.col("profit").sum())


def purchases() -> pl.Expr:
    """Purchases: completed orders of positive amount by known customers.

    Returns:
        Measure over order_months: a count.
    """
    return pl.col("purchases").sum()


def average_order_value() -> pl.Expr:
    """Average order value: amount of the purchases ÷ purchases, before returns.

    Not revenue ÷ purchases: anonymous orders and returns are in revenue but are no purchases.

    Returns:
        Measure over order_months: money in 10**-money_scale (Float64), null without purchases.
    """
    return ratio(pl.col("purchased").sum(), pl.col("purchases").sum())


def buyers() -> pl.Expr:
    """Customers with a purchase in the month, without those deleted since.

    Only within one month: added up over months it counts purchases-months, not customers.

    Returns:
        Measure over the rows of one month of order_months: a count.
    """
    return pl.col("buyers").sum()
