"""The cards of the lifecycle page."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers.lifecycle import MART, judged, known_before, retained, stages, steps, topic
from dashboard.answers.over_time import SPARK_MONTHS, month_is_running
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.calendar import Grain, first_day, spine
from metrics.funnel import funnel, second_order_months
from metrics.measure import measure
from metrics.revenue import buyers, is_purchase
from metrics.selection import Period

KEYS = ("active_customers", "new_customers", "annual_retention", "second_order_conversion")
_DAY = timedelta(days=1)


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


def _active(view: View) -> Reading:
    about = topic(view)
    period = about.period(view)
    compared = known_before(view, period)
    months = data.selected(view, "order_months")
    counted = measure(months, "month", buyers=buyers())
    trend = _spined(counted, about.earliest, period.end).tail(SPARK_MONTHS)
    return Reading(
        value=_bought(view, period, about.as_of),
        previous=_bought(view, compared, about.as_of) if compared else None,
        n=int(stages(view)["customers"].sum()),
        trend=tuple(trend["buyers"].to_list()),
        running=period.end > about.as_of and month_is_running(about.as_of),
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
    compared = known_before(view, period)
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
        running=period.end > about.as_of and month_is_running(about.as_of),
    )


def _spined(months: pl.LazyFrame, start: date, end: date) -> pl.DataFrame:
    """Counts by month with no month missing."""
    whole = spine(start, end, Grain.MONTH).rename({"bucket": "month"})
    joined = whole.join(months, on="month", how="left", maintain_order="left", validate="1:1")
    return joined.with_columns(pl.exclude("month").fill_null(0)).collect()


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
    compared = known_before(view, period)
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
        running=not trend.is_empty() and not trend["complete"][-1],
    )
