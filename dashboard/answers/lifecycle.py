"""What the lifecycle page asks: stages, repeat orders, cohorts, annual retention."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers.over_time import SPARK_MONTHS, Topic
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import lifecycle, retention
from metrics.calendar import Grain, first_day, is_complete, shift_months, spine
from metrics.funnel import funnel, second_order_curve, second_order_months
from metrics.measure import measure, ratio
from metrics.revenue import buyers, is_purchase
from metrics.selection import Period

MART = "customer_mart"
KEYS = ("active_customers", "new_customers", "annual_retention", "second_order_conversion")
_DAY = timedelta(days=1)
_EARLY_MONTHS = 3  # so long after the data begin, first orders are often repeat orders


def topic(view: View) -> Topic:
    """The customers, by the day of their first order."""
    earliest = data.first_day(view, MART, "first_order_on")
    return Topic(data.selected(view, MART), "first_order_on", data.as_of(view, "orders"), earliest)


def judged(view: View) -> View:
    """The view without filters on today's tier and stage.

    Who has ordered again is not basic or churned today: such a filter decides the answer.
    """
    return view.without("tier", "stage")


def begins_early(view: View) -> bool:
    """Whether the period begins with the data, so that old customers look newly won."""
    begin = data.first_day(view, MART, "first_order_on")
    return topic(view).period(view).start < shift_months(begin, _EARLY_MONTHS)


@data.answer
def headline(view: View) -> dict[str, Reading]:
    """Readings of active and new customers, annual retention, second order within 90 days."""
    if stages(view)["customers"].sum() == 0:
        return dict.fromkeys(KEYS, unavailable("no_customers"))
    return {
        "active_customers": _active(view),
        "new_customers": _new(view),
        "annual_retention": annual_retention(view),
        "second_order_conversion": _second(view),
    }


def _before(view: View, period: Period) -> Period | None:
    """The compared period, if the data reach back to its beginning."""
    compared = view.compared(period)
    known = compared.days > 0 and compared.start >= topic(view).earliest
    return compared if known else None


def _active(view: View) -> Reading:
    about = topic(view)
    period = about.period(view)
    compared = _before(view, period)
    months = data.selected(view, "order_months")
    counted = measure(months, "month", buyers=buyers())
    trend = _spined(counted, about.earliest, period.end).tail(SPARK_MONTHS)
    return Reading(
        value=_bought(view, period, about.as_of),
        previous=_bought(view, compared, about.as_of) if compared else None,
        n=int(stages(view)["customers"].sum()),
        trend=tuple(trend["buyers"].to_list()),
        running=_running(period, about.as_of),
    )


def _bought(view: View, period: Period, as_of: date) -> int:
    """Customers with a purchase in the period; up to as_of the last purchase tells it."""
    people = data.selected(view, MART)
    if period.end > as_of:
        active = people.filter(pl.col("last_order_on") >= period.start)
    else:
        orders = data.frame(view, "orders")
        bought = orders.filter(is_purchase() & period.holds(pl.col("ordered_on")))
        active = people.join(bought, on="customer_id", how="semi")
    return active.select(pl.len()).collect().item()


def _new(view: View) -> Reading:
    about = topic(view)
    period = about.period(view)
    compared = _before(view, period)
    days = pl.col(about.day)
    counts = about.rows.select(
        now=period.holds(days).sum(),
        before=compared.holds(days).sum() if compared else pl.lit(None, pl.UInt32),
    )
    now, before = counts.collect().row(0)
    months = measure(
        about.rows.with_columns(month=days.dt.month_start()), "month", new=pl.len()
    ).filter(pl.col("month").is_not_null())
    trend = _spined(months, about.earliest, period.end).tail(SPARK_MONTHS)
    return Reading(
        value=now,
        previous=before,
        trend=tuple(trend["new"].to_list()),
        running=_running(period, about.as_of),
    )


def _spined(months: pl.LazyFrame, start: date, end: date) -> pl.DataFrame:
    """Counts by month with no month missing."""
    whole = spine(start, end, Grain.MONTH).rename({"bucket": "month"})
    joined = whole.join(months, on="month", how="left", maintain_order="left", validate="1:1")
    return joined.with_columns(pl.exclude("month").fill_null(0)).collect()


def _running(period: Period, as_of: date) -> bool:
    return period.end > as_of and (as_of + _DAY).day != 1


@data.answer
def annual_retention(view: View) -> Reading:
    """Share of last year's customers who bought again, at the end of the period."""
    about = topic(view)
    period = about.period(view)
    compared = view.compared(period)
    end = first_day(period.end - _DAY, Grain.MONTH)
    rows = retained(view).filter(pl.col("bucket") <= end)
    now = rows.filter(pl.col("bucket") == end)
    if now.is_empty() or now["annual_retention"].item() is None:
        return unavailable("short_two_years")
    then = rows.filter(pl.col("bucket") == first_day(compared.end - _DAY, Grain.MONTH))
    trend = rows.tail(SPARK_MONTHS)
    return Reading(
        value=now["annual_retention"].item(),
        previous=then["annual_retention"].item() if then.height and compared.days else None,
        n=now["base"].item(),
        trend=tuple(trend["annual_retention"].to_list()),
        running=not trend["complete"][-1],
    )


def _second(view: View) -> Reading:
    about = topic(judged(view))
    period = about.period(view)
    compared = _before(view, period)
    now = steps(view).row(1, named=True)
    if now["conversion"] is None:
        return unavailable("too_young" if now["too_young"] else "nobody_won")
    before = funnel(about.rows, period=compared, as_of=about.as_of).collect() if compared else None
    months = second_order_months(about.rows, as_of=about.as_of)
    trend = months.filter(pl.col("month") < period.end).tail(SPARK_MONTHS).collect()
    return Reading(
        value=now["conversion"],
        previous=before["conversion"][1] if before is not None else None,
        n=now["judged"],
        low=now["conversion_low"],
        high=now["conversion_high"],
        trend=tuple(trend["conversion"].to_list()),
    )


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
    compared = _before(view, period)
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


def once_only(view: View) -> pl.LazyFrame:
    """Customers won in the period who have not ordered again, longest waiting first."""
    about = topic(judged(view))
    won = about.rows.filter(about.period(view).holds(pl.col(about.day)))
    once = won.filter(pl.col("second_order_on").is_null())
    return once.sort("first_order_on", "customer_id")
