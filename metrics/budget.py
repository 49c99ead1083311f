"""Budget against actual: plan, spending, variance and forecast at completion."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import cast

import polars as pl

from metrics.budget_phasing import phased
from metrics.calendar import Grain, bucket, is_complete
from metrics.measure import measure, ratio
from metrics.rules import load

_KEY = ("budget_id", "subject", "item")


class Forecast(StrEnum):
    """How the months that are not complete are foreseen."""

    PLAN = "plan"  # as planned, or what is spent already if that is more
    RUN_RATE = "run_rate"  # as planned, times actual ÷ plan of the complete months


def budget_months(
    lines: pl.LazyFrame,
    expenses: pl.LazyFrame,
    budgets: pl.LazyFrame,
    *,
    as_of: date | None = None,
) -> pl.LazyFrame:
    """Planned and actual amount of every budget item in every month.

    A line over several months is spread over them by `phased`. An expense counts in the month it
    was booked, also outside the period of its line.

    Args:
        lines: Contract table budget_lines.
        expenses: Contract table expenses.
        budgets: Contract table budgets.
        as_of: Later expenses are not known yet; None takes all.

    Returns:
        One row per budget_id × subject × item × month, for all months from the first to the
        last of the budget: budget (its name), currency, planned, actual (Int64, minor units;
        0 where there is none); sorted by budget_id, subject, item, month (nulls last).

    Raises:
        polars.exceptions.ComputeError: On collecting, if a line or budget occurs twice.
    """
    spent = spending(lines, expenses)
    if as_of is not None:
        spent = spent.filter(pl.col("spent_on") <= as_of)
    moved = pl.concat(
        [
            phased(lines).with_columns(actual=pl.lit(0, dtype=pl.Int64)),
            spent.select(
                *_KEY,
                month=bucket(pl.col("spent_on"), Grain.MONTH),
                planned=pl.lit(0, dtype=pl.Int64),
                actual="amount",
            ),
        ]
    )
    known = budgets.select("budget_id", budget="name", currency="currency")
    return (
        pl.concat([moved, _empty_months(moved)])
        .group_by(*_KEY, "month")
        .agg(pl.col("planned", "actual").sum())
        .join(known, on="budget_id", how="left", validate="m:1")
        .select(*_KEY, "month", "budget", "currency", "planned", "actual")
        .sort(*_KEY, "month", nulls_last=True)
    )


def spending(lines: pl.LazyFrame, expenses: pl.LazyFrame) -> pl.LazyFrame:
    """The expenses behind the actual amounts, latest first.

    Returns:
        One row per expense: expense_id, line_id, budget_id, subject, item, spent_on, amount
        (minor units), description (untrusted text); sorted by spent_on (latest first),
        expense_id.
    """
    return (
        expenses.join(lines.select("line_id", *_KEY), on="line_id", how="left", validate="m:1")
        .select("expense_id", "line_id", *_KEY, "spent_on", "amount", "description")
        .sort("spent_on", "expense_id", descending=[True, False])
    )


def _empty_months(moved: pl.LazyFrame) -> pl.LazyFrame:
    months = (
        moved.group_by("budget_id")
        .agg(month=pl.date_ranges(pl.col("month").min(), pl.col("month").max(), "1mo"))
        .explode("month")
    )
    zero = pl.lit(0, dtype=pl.Int64)
    return (
        moved.select(_KEY)
        .unique()
        .join(months, on="budget_id", how="inner", nulls_equal=True)
        .select(*_KEY, "month", planned=zero, actual=zero)
    )


def variance(
    months: pl.LazyFrame,
    *by: str,
    as_of: date,
    forecast: Forecast = Forecast.PLAN,
    grain: Grain = Grain.MONTH,
) -> pl.LazyFrame:
    """Plan against actual to date, and where it will end, per currency.

    Only complete months are compared, so that a running month never looks underspent; it stands
    beside them. The forecast at completion is the actual of the complete months plus, for each
    later month of an item, its plan or what is already spent, whichever is more; or by run rate.
    Pass the months of one budget year to get the forecast for that year.

    Args:
        months: Budget months.
        by: Columns to slice by, besides the currency.
        as_of: The last day of the data; a month that ends on it is complete.
        forecast: How the months that are not complete are foreseen.
        grain: Length of one row; YEAR for rows of `budget_years.by_year`.

    Returns:
        One row per currency × `by`, sorted (nulls last): planned_to_date, actual_to_date,
        variance (actual - planned), variance_share (of the plan; null without one), status
        ('within', 'amber', 'red'; 'unplanned' for spending without a plan; null for neither),
        running_planned, running_actual (the running month), planned_total, forecast,
        forecast_variance, forecast_variance_share. Amounts in minor units. Source: S3 5.4.
    """
    measured = measure(months, "currency", *by, **_sums(as_of, forecast, grain))
    over = pl.col("actual_to_date") - pl.col("planned_to_date")
    at_end = pl.col("forecast") - pl.col("planned_total")
    return measured.select(
        "currency",
        *by,
        "planned_to_date",
        "actual_to_date",
        variance=over,
        variance_share=ratio(over, pl.col("planned_to_date")),
        status=status(pl.col("actual_to_date"), pl.col("planned_to_date")),
        running_planned="running_planned",
        running_actual="running_actual",
        planned_total="planned_total",
        forecast="forecast",
        forecast_variance=at_end,
        forecast_variance_share=ratio(at_end, pl.col("planned_total")),
    )


def _sums(as_of: date, forecast: Forecast, grain: Grain) -> dict[str, pl.Expr]:
    planned, actual = pl.col("planned"), pl.col("actual")
    done = is_complete(pl.col("month"), grain, as_of=as_of)
    running = ~done & (pl.col("month") <= as_of)
    to_date = planned.filter(done).sum()
    spent = actual.filter(done).sum()
    ahead = pl.max_horizontal(planned, actual).filter(~done).sum()
    if forecast == Forecast.RUN_RATE:
        rest = planned.filter(~done).sum()
        ahead = (rest * ratio(spent, to_date)).round().cast(pl.Int64)
    return {
        "planned_to_date": to_date,
        "actual_to_date": spent,
        "running_planned": planned.filter(running).sum(),
        "running_actual": actual.filter(running).sum(),
        "planned_total": planned.sum(),
        "forecast": spent + ahead,
    }


def status(actual: pl.Expr, planned: pl.Expr) -> pl.Expr:
    """How far actual lies from plan, on either side, by the thresholds of `budget.toml`.

    Returns:
        'within' (up to 10 % inclusive), 'amber' (up to 15 % inclusive), 'red' (beyond),
        'unplanned' (spending without a plan), null (neither plan nor spending).
    """
    rules = load("budget")
    away = ratio((actual - planned).abs(), planned.abs())
    return (
        pl.when((planned == 0) & (actual != 0))
        .then(pl.lit("unplanned"))
        .when(away > cast("float", rules["red"]))
        .then(pl.lit("red"))
        .when(away > cast("float", rules["amber"]))
        .then(pl.lit("amber"))
        .when(away.is_not_null())
        .then(pl.lit("within"))
    )


def by_month(
    months: pl.LazyFrame, *by: str, as_of: date, grain: Grain = Grain.MONTH
) -> pl.LazyFrame:
    """Plan, actual and forecast of each month (or year, for yearly rows), per currency.

    Returns:
        One row per currency × `by` × month, sorted (nulls last): planned, actual, variance
        (actual - planned) and variance_share (null unless the month is complete; the share
        also without a plan), forecast (actual of a complete month, else the plan or what is
        already spent, item by item), phase ('complete', 'running', 'ahead').
    """
    planned, actual = pl.col("planned"), pl.col("actual")
    done = is_complete(pl.col("month"), grain, as_of=as_of)
    ahead = pl.max_horizontal(planned, actual)
    over = pl.when(done).then(actual - planned)
    phase = pl.when(done).then(pl.lit("complete"))
    phase = phase.when(pl.col("month") <= as_of).then(pl.lit("running")).otherwise(pl.lit("ahead"))
    return measure(
        months,
        "currency",
        *by,
        "month",
        planned=planned.sum(),
        actual=actual.sum(),
        forecast=pl.when(done).then(actual).otherwise(ahead).sum(),
    ).with_columns(variance=over, variance_share=ratio(over, planned), phase=phase)


def execution(months: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """Execution ratio: actual ÷ planned of all months, per currency.

    Returns:
        One row per currency × `by`, sorted (nulls last): planned, actual (minor units),
        execution_ratio (1 is as planned; null without a plan).
    """
    return measure(
        months, "currency", *by, planned=pl.col("planned").sum(), actual=pl.col("actual").sum()
    ).with_columns(execution_ratio=ratio(pl.col("actual"), pl.col("planned")))
