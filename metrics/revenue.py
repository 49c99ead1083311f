"""Orders by customer and month, and the money measures on them."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.calendar import shift_months
from metrics.dimensions import with_dimensions
from metrics.measure import ratio
from metrics.selection import DIMENSIONS, Period


def is_purchase() -> pl.Expr:
    """Whether an order is a purchase: completed, of positive amount, by a known customer."""
    return (
        (pl.col("status") == "completed")
        & (pl.col("amount") > 0)
        & pl.col("customer_id").is_not_null()
    )


def earns() -> pl.Expr:
    """Whether an order counts in revenue: completed or returned (negative), never cancelled."""
    return pl.col("status").is_in(["completed", "returned"])


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


def with_profit(orders: pl.LazyFrame) -> pl.LazyFrame:
    """Orders with a profit column, all null where the CRM has none."""
    if "profit" in orders.collect_schema():
        return orders
    return orders.with_columns(profit=pl.lit(None, pl.Int64))


def customer_months(orders: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Orders added up by customer and month: what tiers, cohorts and revenue are built from.

    Collect it once (streaming) and pass it to the mart builders: it is the only pass over all
    orders that they need.

    Args:
        orders: Contract table orders with ordered_on; profit may be absent.
        as_of: Last day of the data, inclusive; later orders are not looked at.

    Returns:
        One row per customer and month with at least one completed or returned order, unordered;
        anonymous orders together under customer_id null. customer_id, month (Date, first day),
        purchases (orders), purchased (their amount), returns (orders), revenue (completed and
        returned), profit (recorded gross profit; null if no order has one), profits (orders
        with one). Money in 10**-money_scale.
    """
    rows = with_profit(orders).filter(earns() & (pl.col("ordered_on") <= as_of))
    return (
        rows.group_by("customer_id", month=pl.col("ordered_on").dt.month_start())
        .agg(
            purchases=is_purchase().sum().cast(pl.Int64),
            purchased=pl.col("amount").filter(is_purchase()).sum(),
            returns=(pl.col("status") == "returned").sum().cast(pl.Int64),
            revenue=pl.col("amount").sum(),
            profit=pl.col("profit").sum(),
            profits=pl.col("profit").count().cast(pl.Int64),
        )
        .with_columns(profit=recorded("profit", "profits"))
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
    facts = with_dimensions(months, customers, history, day="month")
    bought = (pl.col("purchases") > 0) & pl.col("customer_id").is_not_null()
    return (
        facts.join(_deleted(customers), on="customer_id", how="left", validate="m:1")
        .group_by("month", *DIMENSIONS)
        .agg(
            pl.col("purchases", "purchased", "revenue", "profit", "profits").sum(),
            buyers=(bought & pl.col("_deleted").is_null()).sum().cast(pl.Int64),
        )
        .with_columns(profit=recorded("profit", "profits"))
        .drop("profits")
        .sort("month", *DIMENSIONS, nulls_last=True)
    )


def _deleted(customers: pl.LazyFrame) -> pl.LazyFrame:
    if "deleted_on" not in customers.collect_schema():
        customers = customers.with_columns(deleted_on=pl.lit(None, pl.Date)).clear()
    gone = customers.filter(pl.col("deleted_on").is_not_null())
    return gone.select("customer_id", _deleted=pl.lit(value=True))


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
