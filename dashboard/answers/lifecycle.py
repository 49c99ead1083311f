"""What the lifecycle page asks: stages, repeat orders, cohorts, annual retention."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from dashboard import data
from dashboard.answers.over_time import Topic
from dashboard.view import View
from metrics import lifecycle, retention
from metrics.calendar import Grain, first_day, is_complete, shift_months
from metrics.funnel import funnel, second_order_curve
from metrics.measure import measure, ratio
from metrics.purchase_days import has_bought
from metrics.selection import Period

MART = "customer_mart"
_DAY = timedelta(days=1)
EARLY_MONTHS = 3  # so long after the data begin, first orders are often repeat orders


def topic(view: View) -> Topic:
    """The customers, by the day of their first order."""
    earliest = data.first_day(view, MART, "first_order_on")
    return Topic(data.selected(view, MART), "first_order_on", data.as_of(view, "orders"), earliest)


def judged(view: View) -> View:
    """The view without filters on today's tier and stage.

    Who has ordered again is not basic or churned today: such a filter decides the answer.
    """
    return view.without("tier", "stage")


def active(view: View, period: Period) -> pl.LazyFrame:
    """Customers with a purchase in a period: customer_id; not sorted.

    Up to the end of the data the last purchase tells it. To count them costs at 2 million customers
    5 ms of CPU then, before 30 (a month) to 80 ms (a year).
    """
    if period.end > data.as_of(view, "orders"):
        people = data.selected(view, MART).filter(pl.col("last_order_on") >= period.start)
    else:
        days = data.selected(view, "purchase_days")
        people = days.filter(has_bought(days.collect_schema().names(), period))
    return people.select("customer_id")


def begins_early(view: View) -> bool:
    """Whether the period begins with the data, so that old customers look newly won."""
    begin = data.first_day(view, MART, "first_order_on")
    return topic(view).period(view).start < shift_months(begin, EARLY_MONTHS)


@data.answer
def stages(view: View) -> pl.DataFrame:
    """Customers by stage today, whatever stage is filtered, see `stage_mix`.

    Those who never bought have no stage.
    """
    people = data.selected(view.without("stage"), MART).filter(pl.col("stage").is_not_null())
    return lifecycle.stage_mix(people).collect()


@data.answer
def steps(view: View) -> pl.DataFrame:
    """First, second and third order of the customers won in the period, see `funnel`."""
    about = topic(judged(view))
    return funnel(about.rows, period=about.period(view), as_of=about.as_of).collect()


@data.answer
def waits(view: View) -> pl.DataFrame:
    """Share with a second order after so many days, see `second_order_curve`; and `before`.

    `before` is the share in the compared period, null where the data do not reach back to it.
    """
    about = topic(judged(view))
    period = about.period(view)
    compared = about.known(view.compared(period))
    now = second_order_curve(about.rows, period=period, as_of=about.as_of).collect()
    if compared is None:
        return now.with_columns(before=pl.lit(None, pl.Float64))
    before = second_order_curve(about.rows, period=compared, as_of=about.as_of)
    return now.with_columns(before=before.collect()["share"])


@data.answer
def cohorts(view: View) -> pl.DataFrame:
    """Monthly cohorts by age up to the end of the data, see `cohort_table`."""
    rows = data.selected(judged(view), "cohort_months")
    return retention.cohort_table(rows, as_of=data.as_of(view, "orders")).collect()


@data.answer
def bought_again(view: View) -> float | None:
    """Share of the last 12 finished cohorts, taken together, that bought in the month after.

    The first cohort of the data is left out: it holds customers who bought before, too.
    """
    table = cohorts(view).lazy()
    first = pl.col("cohort") == pl.col("cohort").min()
    after = table.filter(pl.col("complete"), pl.col("age") == 1, ~first).tail(12)
    return after.select(ratio(pl.col("active").sum(), pl.col("customers").sum())).collect().item()


@data.answer
def retained(view: View) -> pl.DataFrame:
    """Annual retention by month: bucket, base, retained, annual_retention, complete.

    A filter on tiers holds for the tier at the beginning of the year; one on today's stages
    would decide the answer and does not hold.
    """
    rows = data.selected(view.without("stage"), "retention_months")
    as_of = data.as_of(view, "orders")
    counted = measure(
        rows,
        "month",
        base=pl.col("base").sum(),
        retained=pl.col("retained").sum(),
        annual_retention=retention.retention_rate(),
    )
    complete = is_complete(pl.col("month"), Grain.MONTH, as_of=as_of)
    return counted.with_columns(complete=complete).rename({"month": "bucket"}).collect()


@data.answer
def retained_in_window(view: View) -> pl.DataFrame:
    """The same for the months of the period, with at least a year up to its end."""
    window = topic(view).window(view)
    first = first_day(window.start, Grain.MONTH)
    return retained(view).filter(pl.col("bucket").is_between(first, window.end - _DAY))


def in_stage(view: View, stage: str) -> pl.LazyFrame:
    """Today's customers of a stage; not sorted."""
    return data.selected(view.without("stage"), MART).filter(pl.col("stage") == stage)
