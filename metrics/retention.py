"""Retention: monthly cohorts, and the share of last year's customers who bought again."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from metrics.calendar import Grain, first_day, is_complete, shift_months, spine
from metrics.cells import cells, occurring
from metrics.dimensions import TODAY
from metrics.measure import measure, ratio
from metrics.numbering import places
from metrics.purchase_days import first_purchase, has_bought
from metrics.revenue import is_purchase
from metrics.selection import DIMENSIONS, Period
from metrics.tiers.history import codes, known_by_month

_YEAR = timedelta(days=365)
_DAY = timedelta(days=1)


def cohort_months(
    months: pl.LazyFrame, customers: pl.LazyFrame, *, any_order: bool = False
) -> pl.LazyFrame:
    """Active customers by cohort (first month), age in months and dimensions (mart).

    Active is who bought in the month. At age 0 the whole cohort is active, so the cohort's size
    is `active` at age 0 and adds up over any selection; cells without activity have no row. All
    dimensions are today's: a cohort broken down by today's tier or stage is circular (the lost
    are basic or churned by definition); use it to filter the rest of a page alike, not to
    compare tiers.

    Args:
        months: customer_months.
        customers: customer_id (unique) and dimensions; those that are absent become null.
        any_order: Whether any completed or returned order is activity, also a return alone or
            an order worth nothing, and wins the customer. Published tables of Online Retail
            count so where they include cancellations.

    Returns:
        One row per cohort × age × dimensions that occurs: cohort (Date), age (Int32, months),
        the dimensions, active; sorted.
    """
    active = pl.lit(value=True) if any_order else pl.col("purchases") > 0
    rows = (
        months.filter(active & pl.col("customer_id").is_not_null())
        .select("customer_id", month=_number(pl.col("month")))
        .collect(engine="streaming")
    )
    people = customers.collect()
    where = cells(people, DIMENSIONS)
    ids = people["customer_id"]
    strangers = rows["customer_id"].filter(places(rows["customer_id"], ids).is_null()).unique()
    row = places(rows["customer_id"], ids.append(strangers)).to_numpy()
    month = rows["month"].to_numpy()
    del rows
    cohort = np.full(len(ids), _AGES, np.int64)
    np.minimum.at(cohort, row, month)
    cell = np.append(where.of, np.full(len(strangers), where.of[-1]))[row]
    key, active = occurring((cohort[row] * _AGES + month - cohort[row]) * len(where) + cell)
    (cohort, age), cell = np.divmod(key // len(where), _AGES), key % len(where)
    months_of = pl.Series("month", cohort)
    return (
        where.names[cell]
        .lazy()
        .with_columns(
            cohort=pl.date(pl.lit(months_of) // 12, pl.lit(months_of) % 12 + 1, 1),
            age=pl.Series(age, dtype=pl.Int32),
            active=pl.Series(active),
        )
        .select("cohort", "age", *DIMENSIONS, "active")
    )


_AGES = 1 << 20  # months; more than there are


def _number(month: pl.Expr) -> pl.Expr:
    return month.dt.year().cast(pl.Int64) * 12 + month.dt.month() - 1


def cohort_table(cohorts: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Share of each cohort that was active at each age.

    Cells that lie after `as_of` have no row. The cell of the running month is there with
    complete = false: its customers may still buy. The first cohort of the data holds everybody
    who bought before the data begin, too.

    Args:
        cohorts: cohort_months, filtered as wanted.
        as_of: Last day of the data, inclusive.

    Returns:
        The triangle without holes, one row per cohort × age: cohort (Date), age (months, from
        0), customers (size of the cohort), active, retention (0 to 1, 1 at age 0, null if the
        cohort is empty), complete; sorted by cohort, age. No rows if there are no cohorts.
    """
    first: date | None = cohorts.select(pl.col("cohort").min()).collect().item()
    after = as_of + timedelta(days=1)
    months = spine(first or after, after, Grain.MONTH)
    counted = measure(cohorts, "cohort", "age", active=pl.col("active").sum())
    size = pl.col("active").filter(pl.col("age") == 0).sum().over("cohort")
    return (
        months.select(cohort="bucket")
        .join(months.select(_month="bucket"), how="cross")
        .filter(pl.col("_month") >= pl.col("cohort"))
        .with_columns(age=(_number(pl.col("_month")) - _number(pl.col("cohort"))).cast(pl.Int32))
        .join(counted, on=["cohort", "age"], how="left", validate="1:1")
        .with_columns(active=pl.col("active").fill_null(0))
        .with_columns(customers=size)
        .select(
            "cohort",
            "age",
            "customers",
            "active",
            retention=ratio(pl.col("active"), pl.col("customers")),
            complete=is_complete(pl.col("_month"), Grain.MONTH, as_of=as_of),
        )
        .sort("cohort", "age")
    )


def retention_rate() -> pl.Expr:
    """Annual retention: customers of the year before who bought again in the last 365 days.

    Returns:
        Measure over the rows of one month of retention_months: 0 to 1, null without base.

    References:
        S0 annual customer retention rate, target 90 %.
    """
    return ratio(pl.col("retained").sum(), pl.col("base").sum())


def base_year(orders: pl.LazyFrame, *, end: date) -> pl.LazyFrame:
    """Who was a customer in the base year of annual retention at `end`, and who bought since.

    Args:
        orders: Contract table orders with ordered_on.
        end: The day retention is judged at, inclusive: a month end, or as of.

    Returns:
        One row per customer with a purchase in (end - 730, end - 365]: customer_id, retained
        (bought in (end - 365, end]), since (Date: the first day of the year after, by which the
        tier is told); unordered.
    """
    day = pl.col("ordered_on")
    base, after = (
        day.is_between(end - years * _YEAR + _DAY, end - (years - 1) * _YEAR) for years in (2, 1)
    )
    return (
        orders.filter(is_purchase() & (base | after))
        .group_by("customer_id")
        .agg(_base=base.any(), retained=after.any())
        .filter("_base")
        .select("customer_id", "retained", since=pl.lit(end - _YEAR + _DAY))
    )


def retention_months(
    bought: pl.DataFrame, customers: pl.LazyFrame, history: pl.LazyFrame, *, as_of: date
) -> pl.LazyFrame:
    """Base and retained customers of annual retention by month and dimensions (mart).

    For each month end d (the running month: as_of): base are the customers with a purchase in
    (d - 730, d - 365], retained those of them with one in (d - 365, d]. Only months whose base
    year lies wholly in the data: a base cut by the start of the data is a biased one. Customers
    deleted by d are in neither. The tier is the one at the start of the year, d - 365: by
    today's tier the answer would decide its own group. The other dimensions are today's (the
    stage too, so do not compare stages).

    Args:
        bought: The days of all purchases up to `as_of` (`purchase_days.bits`).
        customers: customer_id (unique), dimensions, deleted_on (may be absent).
        history: tier_history.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per month × dimensions that occurs: month (Date), the dimensions, base, retained;
        sorted. No rows if the data are shorter than two years.
    """
    first = first_purchase(bought)
    ends = {} if first is None else _judged_ends(first, as_of)
    people, changes = _with_deletions(customers), history.collect()
    where, tiers = cells(people, TODAY), codes(changes)
    starts = [first_day(end - _YEAR + _DAY, Grain.MONTH) for end in ends.values()]
    known = known_by_month(changes, starts, people["customer_id"], tiers)
    row = places(bought["customer_id"], people["customer_id"])
    left = people["deleted_on"].gather(row)
    counted: list[pl.DataFrame] = []
    for (month, end), tier in zip(ends.items(), known, strict=True):
        judged = _judged(bought, row, left, end)
        base, retained = judged["row"].to_numpy(), judged["retained"].to_numpy()
        cells_of_month = where.roll_up(base, tier, tiers, retained=retained)
        counted.append(cells_of_month.with_columns(month=pl.lit(month)))
    if not counted:
        return _NO_MONTHS.lazy()
    return pl.concat(counted).lazy().rename({"rows": "base"}).select(_NO_MONTHS.columns)


_NO_MONTHS = pl.DataFrame(
    schema={
        "month": pl.Date(),
        **dict.fromkeys(DIMENSIONS, pl.String()),
        **dict.fromkeys(("base", "retained"), pl.Int64()),
    }
)


def _judged_ends(first: date, as_of: date) -> dict[date, date]:
    """Each month whose base year does not begin before the data, with the day it is judged at."""
    months: list[date] = (
        spine(first, as_of + timedelta(days=1), Grain.MONTH).collect()["bucket"].to_list()
    )
    ends = {month: min(as_of, shift_months(month, 1) - timedelta(days=1)) for month in months}
    return {month: end for month, end in ends.items() if first <= end - 2 * _YEAR + _DAY}


def _judged(bought: pl.DataFrame, row: pl.Series, left: pl.Series, end: date) -> pl.DataFrame:
    """The rows of those in the base at `end`, and whether (1 or 0) they were retained."""
    base, year = (
        Period(end - years * _YEAR + _DAY, end - (years - 1) * _YEAR + _DAY) for years in (2, 1)
    )
    judged = bought.select(
        row.alias("row"),
        base=has_bought(bought.columns, base) & pl.lit(left.is_null() | (left > end)),
        retained=has_bought(bought.columns, year).cast(pl.Int64),
    )
    return judged.filter(pl.col("base") & pl.col("row").is_not_null())


def _with_deletions(customers: pl.LazyFrame) -> pl.DataFrame:
    people = customers.collect()
    if "deleted_on" in people.columns:
        return people
    return people.with_columns(deleted_on=pl.lit(None, pl.Date))
