"""Orders by customer and month, and the money measures on them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, overload

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.calendar import shift_months
from metrics.measure import ratio
from metrics.selection import Column, Expr, Period


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
