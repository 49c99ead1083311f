"""On which days every customer bought: who was active between any two days, without the orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, month_column, shift_months, spine
from metrics.revenue import is_purchase
from metrics.selection import DIMENSIONS, Period

_DAY = timedelta(days=1)


def purchase_days(orders: pl.LazyFrame, customers: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The days of all purchases, 31 to a number (mart).

    Args:
        orders: Contract table orders.
        customers: One row per customer: customer_id, and today's dimensions.
        as_of: Last day of the data, inclusive; later orders are not looked at.

    Returns:
        One row per customer, in the order of `customers`: customer_id, the dimensions, and one
        column per month (`2026-10`): UInt32, bit 0 is set if there was a purchase on the 1st, bit
        30 if on the 31st; null without any in that month.
    """
    day = pl.col("ordered_on")
    bought = (
        orders.filter(is_purchase() & (day <= as_of))
        .group_by("customer_id", month=day.dt.month_start())
        .agg(days=_bit(day.dt.day()).bitwise_or())
        .collect(engine="streaming")
    )
    first = bought["month"].min()
    rows = customers.select("customer_id", *DIMENSIONS)
    if not isinstance(first, date):
        return rows
    months: list[date] = spine(first, as_of + _DAY, Grain.MONTH).collect()["bucket"].to_list()
    wide = (
        bought.with_columns(month=pl.col("month").dt.strftime("%Y-%m"))
        .pivot("month", on_columns=[month_column(month) for month in months], index="customer_id")
        .lazy()
    )
    return rows.join(wide, on="customer_id", how="left", maintain_order="left", validate="1:1")


def has_bought(columns: Sequence[str], period: Period) -> pl.Expr:
    """Whether a customer of the mart `purchase_days` bought in a period.

    Args:
        columns: Those of the mart; months that it does not have were without purchases.
        period: The days.
    """
    months: list[date] = spine(period.start, period.end, Grain.MONTH).collect()["bucket"].to_list()
    known = [month for month in months if month_column(month) in columns]
    bits = pl.lit(0, pl.UInt32)
    for month in known:
        bits = bits | (pl.col(month_column(month)).fill_null(0) & _within(month, period))
    return bits != 0


def _within(month: date, period: Period) -> pl.Expr:
    """The bits of the days of a month that lie in the period."""
    first = max(month, period.start)
    last = min(shift_months(month, 1), period.end) - _DAY
    return pl.lit((1 << last.day) - (1 << (first.day - 1)), pl.UInt32)


def _bit(day: pl.Expr) -> pl.Expr:
    bits = {number: 1 << (number - 1) for number in range(1, 32)}
    return day.replace_strict(bits, return_dtype=pl.UInt32)
