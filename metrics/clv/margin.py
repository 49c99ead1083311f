"""The share of revenue that is gross profit, as far as orders record it."""

from __future__ import annotations

from datetime import date

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.revenue import earns, last_year, total, with_profit


def margin_sums(orders: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """Profit, and revenue of the orders that record one, of the last 12 months (portable).

    Args:
        orders: Contract table orders with ordered_on; profit may be absent.
        as_of: Last day of the data, inclusive.

    Returns:
        One row: profit, earned; money in 10**-money_scale, null or 0 if none is recorded.
    """
    recorded = earns(nw.col) & ~nw.col("profit").is_null()
    rows = nw.from_native(with_profit(orders))
    year = rows.filter(recorded, last_year(as_of).holds(nw.col("ordered_on")))
    return year.select(profit=total(nw.col("profit")), earned=total(nw.col("amount"))).to_native()


def margin(sums: pl.LazyFrame) -> float | None:
    """Gross profit ÷ revenue, a ratio of `margin_sums`; None without revenue to divide by."""
    profit, earned = sums.select("profit", "earned").collect().row(0)
    return profit / earned if earned is not None and earned > 0 else None
