"""Retention: monthly cohorts, and the share of last year's customers who bought again."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, is_complete, shift_months, spine
from metrics.dimensions import today, with_dimensions
from metrics.measure import measure, ratio
from metrics.revenue import is_purchase
from metrics.selection import DIMENSIONS

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
    bought = pl.col("purchases") > 0
    active = pl.lit(value=True) if any_order else bought
    rows = months.filter(active & pl.col("customer_id").is_not_null())
    cohorts = rows.group_by("customer_id").agg(cohort=pl.col("month").min())
    dims = today(customers, DIMENSIONS)
    who = cohorts.join(dims, on="customer_id", how="left", validate="1:1")
    return (
        rows.select("customer_id", "month")
        .join(who, on="customer_id", how="inner", validate="m:1")
        .group_by("cohort", _age(pl.col("month"), pl.col("cohort")).alias("age"), *DIMENSIONS)
        .agg(active=pl.len().cast(pl.Int64))
        .sort("cohort", "age", *DIMENSIONS, nulls_last=True)
    )


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
        .with_columns(age=_age(pl.col("_month"), pl.col("cohort")))
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
    orders: pl.LazyFrame, customers: pl.LazyFrame, history: pl.LazyFrame, *, as_of: date
) -> pl.LazyFrame:
    """Base and retained customers of annual retention by month and dimensions (mart).

    For each month end d (the running month: as_of): base are the customers with a purchase in
    (d - 730, d - 365], retained those of them with one in (d - 365, d]. Only months whose base
    year lies wholly in the data: a base cut by the start of the data is a biased one. Customers
    deleted by d are in neither. The tier is the one at the start of the year, d - 365: by
    today's tier the answer would decide its own group. The other dimensions are today's (the
    stage too, so do not compare stages).

    Args:
        orders: Contract table orders with ordered_on.
        customers: customer_id (unique), dimensions, deleted_on (may be absent).
        history: tier_history.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per month × dimensions that occurs: month (Date), the dimensions, base, retained;
        sorted. No rows if the data are shorter than two years.
    """
    bought = orders.filter(is_purchase() & (pl.col("ordered_on") <= as_of))
    first: date | None = bought.select(pl.col("ordered_on").min()).collect().item()
    ends = {} if first is None else _judged_ends(first, as_of)
    years = _bought_in(bought, customers, list(ends.values())).lazy()
    cells = [
        years.filter(
            pl.col(f"base_{end}"), (pl.col("deleted_on") > end).fill_null(value=True)
        ).select(
            "customer_id",
            month=month,
            retained=pl.col(f"retained_{end}"),
            _start=pl.lit(end - _YEAR + timedelta(days=1)),
        )
        for month, end in ends.items()
    ]
    return measure(
        with_dimensions(pl.concat(cells or [_NO_CELLS.lazy()]), customers, history, day="_start"),
        "month",
        *DIMENSIONS,
        base=pl.len().cast(pl.Int64),
        retained=pl.col("retained").sum().cast(pl.Int64),
    )


_NO_CELLS = pl.DataFrame(
    schema={
        "customer_id": pl.String(),
        "month": pl.Date(),
        "retained": pl.Boolean(),
        "_start": pl.Date(),
    }
)


def _judged_ends(first: date, as_of: date) -> dict[date, date]:
    """Each month whose base year does not begin before the data, with the day it is judged at."""
    months: list[date] = (
        spine(first, as_of + timedelta(days=1), Grain.MONTH).collect()["bucket"].to_list()
    )
    ends = {month: min(as_of, shift_months(month, 1) - timedelta(days=1)) for month in months}
    return {month: end for month, end in ends.items() if first <= end - 2 * _YEAR + _DAY}


def _bought_in(bought: pl.LazyFrame, customers: pl.LazyFrame, ends: list[date]) -> pl.DataFrame:
    """For each customer and end, whether they bought in the base year and in the year after."""
    day = pl.col("ordered_on")
    flags = {
        f"{name}_{end}": day.is_between(end - before * _YEAR + _DAY, end - (before - 1) * _YEAR)
        for end in ends
        for name, before in (("base", 2), ("retained", 1))
    }
    present = customers.collect_schema().names()
    gone = pl.col("deleted_on") if "deleted_on" in present else pl.lit(None, pl.Date)
    return (
        bought.group_by("customer_id")
        .agg(**{name: within.any() for name, within in flags.items()})
        .join(
            customers.select("customer_id", deleted_on=gone),
            on="customer_id",
            how="inner",
            validate="1:1",
        )
        .collect()
    )


def _age(month: pl.Expr, cohort: pl.Expr) -> pl.Expr:
    years = month.dt.year() - cohort.dt.year()
    return (years * 12 + month.dt.month() - cohort.dt.month()).cast(pl.Int32)
