"""From the first order to the second and third: who converts, how soon, who is too young."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from metrics import intervals
from metrics.measure import count, measure
from metrics.rules import load
from metrics.selection import Period

STEPS = ("first", "second", "third")
_DAYS = {"first": "first_order_on", "second": "second_order_on", "third": "third_order_on"}


def funnel(customers: pl.LazyFrame, *, period: Period, as_of: date) -> pl.LazyFrame:
    """Customers won in the period, and how many ordered a second and a third time.

    `customers` and `ever_share` count every repeat up to `as_of`; they grow with age and must
    not be compared between periods. `conversion` may: it counts repeats within 90 days of the
    step before, among customers whom we have watched for 90 days since that step. Who has not
    been watched so long is `too_young`, on neither side, even if already converted.

    Args:
        customers: One row per customer: first_order_on, second_order_on, third_order_on
            (`purchase_dates`), filtered by dimension as wanted.
        period: Days in which the first order lies.
        as_of: Last day of the data, inclusive.

    Returns:
        Three rows, first, second, third: step, customers (who reached it), previous (who reached
        the step before), ever_share, judged, too_young (judged + too_young = previous),
        converted, conversion, conversion_low, conversion_high (0 to 1, Wilson), median_days (from
        the step before, of the converted). Null in the row `first` from `previous` on; shares
        null without customers.
    """
    won = customers.filter(period.holds(pl.col("first_order_on")))
    within = int(load("lifecycle")["funnel"]["within_days"])
    first = won.select(pl.lit("first").alias("step"), pl.len().cast(pl.Int64).alias("customers"))
    steps = [
        won.select(pl.lit(step).alias("step"), **_step(_DAYS[before], _DAYS[step], within, as_of))
        for before, step in pairwise(STEPS)
    ]
    return pl.concat([first, *steps], how="diagonal")


def verdict(step: str, *, as_of: date) -> pl.Expr:
    """How a customer counts in the conversion to a step: as in `funnel`, customer by customer.

    Returns:
        String over first_order_on, second_order_on, third_order_on: converted (within 90 days),
        not_converted (watched for 90 days, not within them), too_young; null if the customer has
        not reached the step before.
    """
    within = int(load("lifecycle")["funnel"]["within_days"])
    before = _DAYS[STEPS[STEPS.index(step) - 1]]
    judged, converted = _judged(before, _DAYS[step], within, as_of)
    return (
        pl.when(converted)
        .then(pl.lit("converted"))
        .when(judged)
        .then(pl.lit("not_converted"))
        .when(pl.col(before).is_not_null())
        .then(pl.lit("too_young"))
    )


def ordered_again(days: int) -> pl.Expr:
    """Whether the second order came within so many days of the first (`second_order_curve`)."""
    wait = _days_between("first_order_on", pl.col("second_order_on"))
    return (wait <= days).fill_null(value=False)


def second_order_curve(customers: pl.LazyFrame, *, period: Period, as_of: date) -> pl.LazyFrame:
    """Share of the customers won in the period who have ordered again after so many days.

    1 - Kaplan-Meier over the days to the second order, customers without one being censored at
    `as_of`: everyone counts as long as we have watched them, so young customers neither lower
    the curve nor fall out of it.

    Args:
        customers: One row per customer: first_order_on, second_order_on.
        period: Days in which the first order lies.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per day of `lifecycle.toml` (30, 60, 90, 180): days, customers (all), watched
        (followed for at least so long, or converted before), converted (within those days),
        share (0 to 1; null if nobody has been watched so long); sorted by days.
    """
    marks: list[int] = load("lifecycle")["funnel"]["curve_days"]
    won = customers.filter(period.holds(pl.col("first_order_on"))).select(
        event=pl.col("second_order_on").is_not_null(),
        day=_days_between("first_order_on", pl.coalesce("second_order_on", pl.lit(as_of))),
    )
    steps = (
        won.group_by("day")
        .agg(events=pl.col("event").sum().cast(pl.Int64), left=pl.len().cast(pl.Int64))
        .sort("day")
        .with_columns(at_risk=pl.col("left").sum() - pl.col("left").cum_sum() + pl.col("left"))
        .with_columns(survival=(1 - pl.col("events") / pl.col("at_risk")).cum_prod())
    )
    return pl.concat([_curve_point(won, steps, mark) for mark in marks])


def second_order_months(customers: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Conversion to the second order within 90 days, by the month of the first order.

    Counts as in `funnel`: only customers watched for 90 days since the first order are judged.
    Months without a judged customer have no row. The last one is seldom complete: of its
    customers only those of the first days have been watched for so long.

    Args:
        customers: One row per customer: first_order_on, second_order_on.
        as_of: Last day of the data, inclusive.

    Returns:
        month (Date), judged, converted, conversion (0 to 1), complete (Boolean: who came on its
        last day is judged, too); sorted by month.
    """
    within = int(load("lifecycle")["funnel"]["within_days"])
    parts = _step("first_order_on", "second_order_on", within, as_of)
    counted = measure(
        customers.with_columns(month=pl.col("first_order_on").dt.month_start()),
        "month",
        **{name: parts[name] for name in ("judged", "converted", "conversion")},
    )
    judged_on = pl.col("month").dt.month_end() + pl.duration(days=within)
    return counted.filter(pl.col("judged") > 0).with_columns(complete=judged_on <= as_of)


def _curve_point(won: pl.LazyFrame, steps: pl.LazyFrame, mark: int) -> pl.LazyFrame:
    by_then = (pl.col("day") <= mark) & pl.col("event")
    reached = pl.col("day").max() >= mark
    counts = won.select(
        days=pl.lit(mark, pl.Int64),
        customers=pl.len().cast(pl.Int64),
        watched=((pl.col("day") >= mark) | by_then).sum().cast(pl.Int64),
        converted=by_then.sum().cast(pl.Int64),
        _reached=reached,
    )
    survival = steps.filter(pl.col("day") <= mark).select(_survival=pl.col("survival").last())
    return pl.concat([counts, survival], how="horizontal").select(
        "days",
        "customers",
        "watched",
        "converted",
        share=pl.when("_reached").then(1 - pl.col("_survival").fill_null(1.0)),
    )


def _step(before: str, after: str, within: int, as_of: date) -> dict[str, Any]:
    base = pl.col(before).is_not_null()
    wait = _days_between(before, pl.col(after))
    judged, converted = _judged(before, after, within, as_of)
    reached, all_before = count(pl.col(after).is_not_null()), count(base)
    return {
        "customers": reached,
        "previous": all_before,
        "ever_share": intervals.share("_", reached, all_before)["_"],
        "judged": count(judged),
        "too_young": count(base & ~judged),
        "converted": count(converted),
        **intervals.share("conversion", count(converted), count(judged)),
        "median_days": wait.filter(converted).median(),
    }


def _judged(before: str, after: str, within: int, as_of: date) -> tuple[pl.Expr, pl.Expr]:
    """Whether a customer has been watched for so long since a step, and converted by then."""
    base = pl.col(before).is_not_null()
    judged = base & (_days_between(before, pl.lit(as_of)) >= within)
    wait = _days_between(before, pl.col(after))
    return judged, judged & (wait <= within).fill_null(value=False)


def _days_between(start: str, end: pl.Expr) -> pl.Expr:
    return (end - pl.col(start)).dt.total_days()
