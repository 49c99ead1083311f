"""On which days every customer bought: who was active between any two days, without the orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.calendar import Grain, by_month, month_column, shift_months, spine
from metrics.revenue import is_purchase
from metrics.selection import DIMENSIONS, Period
from metrics.tiers.versions import columns

_DAY = timedelta(days=1)
_DAYS = 1 << 24  # more than any two dates are apart
_BITS = pl.Series([0, *(1 << day for day in range(31))], dtype=pl.UInt32)  # by day of the month


def bought_on(orders: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """The customer and the day of every purchase (portable).

    Args:
        orders: Contract table orders with ordered_on.
        as_of: Last day of the data, inclusive; later orders are not looked at.

    Returns:
        One row per purchase, unordered: customer_id, ordered_on.
    """
    rows = nw.from_native(orders).filter(is_purchase(nw.col), nw.col("ordered_on") <= as_of)
    return rows.select("customer_id", "ordered_on").to_native()


def in_order(days: pl.LazyFrame) -> pl.DataFrame:
    """The days of each customer, ascending, each once: what every figure of them needs.

    Several orders on one day are one day: an order that was split is no repeat purchase.

    Args:
        days: Of `bought_on`.

    Returns:
        One row per customer and day: customer_id, ordered_on; sorted by both.
    """
    rows = days.collect(engine="streaming")
    types = rows.schema
    if not types["customer_id"].is_integer():
        return rows.unique().sort("customer_id", "ordered_on")
    # a number and a day fit one word, and words are sorted twenty times as fast as rows
    day = pl.col("ordered_on").to_physical().cast(pl.Int64) + _DAYS // 2
    words = rows.select(pl.col("customer_id").cast(pl.Int64) * _DAYS + day).to_series().to_numpy()
    del rows
    words = np.sort(words)
    word = pl.col("word")
    kept = pl.DataFrame({"word": words}).filter(word.ne_missing(word.shift(1)))
    return kept.select(
        customer_id=(word // _DAYS).cast(types["customer_id"]),
        ordered_on=(word % _DAYS - _DAYS // 2).cast(pl.Int32).cast(pl.Date),
    )


def purchase_bits(days: pl.DataFrame) -> pl.DataFrame:
    """The days of all purchases, 31 to a number.

    Args:
        days: Of `in_order`.

    Returns:
        One row per customer who ever bought, in the order of the days: customer_id, and one column
        per month from the first to the last with a purchase (`2026-10`): UInt32, bit 0 is set if
        there was a purchase on the 1st, bit 30 if on the 31st; null without any in that month.
    """
    customers = days["customer_id"].rle().struct.field("value").alias("customer_id")
    row, month = pl.col("customer_id").rle_id(), pl.col("ordered_on").dt.month_start()
    by_day = days.select(row=row, month=month)
    begins = (pl.col("row") != pl.col("row").shift(1)) | (
        pl.col("month") != pl.col("month").shift(1)
    )
    first = by_day.select(begins.fill_null(value=True).arg_true()).to_series()
    bit = days.select(pl.lit(_BITS).gather(pl.col("ordered_on").dt.day())).to_series().to_numpy()
    bits = np.add.reduceat(bit, first.to_numpy()) if len(first) else bit
    months = by_month(by_day[first].with_columns(pl.Series("bits", bits)))
    columns = [customers]
    for name, part in ((month, months.get(month)) for month in _months(list(months))):
        column = pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(customers))
        if part is not None:
            column = column.scatter(part["row"], part["bits"])
        columns.append(column.alias(month_column(name)))
    return pl.DataFrame(columns)


def first_purchase(bits: pl.DataFrame) -> date | None:
    """The first day on which anybody bought; None if nobody has."""
    months = bits.columns[1:]
    if not months:
        return None
    earliest = bits[months[0]].bitwise_trailing_zeros().min()
    return date.fromisoformat(f"{months[0]}-01") + cast("int", earliest) * _DAY


def purchase_days(bits: pl.DataFrame, customers: pl.LazyFrame) -> pl.LazyFrame:
    """The days of all purchases, with the dimensions to choose customers by (mart).

    Args:
        bits: Of `purchase_bits`.
        customers: One row per customer: customer_id, and today's dimensions; the tier also of
            other schemes.

    Returns:
        One row per customer, in the order of `customers`: customer_id, the dimensions, and the
        months of `purchase_bits`.
    """
    tiers = [name for name in columns()[1:] if name in customers.collect_schema().names()]
    rows = customers.select("customer_id", *DIMENSIONS, *tiers)
    return rows.join(
        bits.lazy(), on="customer_id", how="left", maintain_order="left", validate="1:1"
    )


def has_bought(columns: Sequence[str], period: Period) -> pl.Expr:
    """Whether a customer of the mart `purchase_days` bought in a period.

    Args:
        columns: Those of the mart; months that it does not have were without purchases.
        period: The days.
    """
    bits = pl.lit(0, pl.UInt32)
    for inside in _inside(columns, period):
        bits = bits | inside
    return bits != 0


def days_bought(columns: Sequence[str], period: Period) -> pl.Expr:
    """On how many days of a period a customer of the mart `purchase_days` bought (UInt32).

    Args:
        columns: Those of the mart; months that it does not have were without purchases.
        period: The days.
    """
    days = pl.lit(0, pl.UInt32)
    for inside in _inside(columns, period):
        days = days + inside.bitwise_count_ones()
    return days


def _inside(columns: Sequence[str], period: Period) -> list[pl.Expr]:
    """For each known month of a period its bits that lie in it."""
    months: list[date] = spine(period.start, period.end, Grain.MONTH).collect()["bucket"].to_list()
    known = [month for month in months if month_column(month) in columns]
    return [pl.col(month_column(each)).fill_null(0) & _within(each, period) for each in known]


def days_of(customers: pl.LazyFrame) -> pl.LazyFrame:
    """The days on which a few customers bought, written out again.

    Args:
        customers: Rows of the mart `purchase_days`, few: there are up to 31 days to a month.

    Returns:
        One row per customer and day with a purchase, unordered: customer_id, ordered_on.
    """
    names = customers.collect_schema().names()
    months = [name for name in names if name not in ("customer_id", *DIMENSIONS)]
    if not months:
        schema = {"customer_id": pl.String(), "ordered_on": pl.Date()}
        return pl.LazyFrame(schema=schema)
    bits = customers.unpivot(
        on=months, index="customer_id", variable_name="month", value_name="bits"
    ).filter(pl.col("bits") > 0)
    set_days = [
        pl.when(pl.col("bits") & pl.lit(1 << day, pl.UInt32) != 0).then(day) for day in range(31)
    ]
    first = (pl.col("month") + "-01").str.to_date()
    return (
        bits.select("customer_id", first=first, day=pl.concat_list(set_days))
        .explode("day")
        .drop_nulls("day")
        .select("customer_id", ordered_on=pl.col("first") + pl.duration(days="day"))
    )


def _within(month: date, period: Period) -> pl.Expr:
    """The bits of the days of a month that lie in the period."""
    first = max(month, period.start)
    last = min(shift_months(month, 1), period.end) - _DAY
    return pl.lit((1 << last.day) - (1 << (first.day - 1)), pl.UInt32)


def _months(known: list[date]) -> list[date]:
    if not known:
        return []
    return spine(known[0], known[-1] + _DAY, Grain.MONTH).collect()["bucket"].to_list()
