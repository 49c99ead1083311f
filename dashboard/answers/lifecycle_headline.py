"""The cards of the lifecycle page."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import baseline, gaps
from dashboard.answers.lifecycle import EARLY_MONTHS, active, judged, retained, stages, steps, topic
from dashboard.answers.over_time import SPARK_MONTHS, Topic, month_is_running
from dashboard.reading import Reading, unavailable
from dashboard.view import Earlier, View
from metrics.calendar import Grain, shift_months, spine
from metrics.funnel import funnel, second_order_months
from metrics.measure import measure
from metrics.revenue import buyers
from metrics.selection import Period

KEYS = ("active_customers", "new_customers", "annual_retention", "second_order_conversion")
_DAY = timedelta(days=1)


@data.answer
@gaps.named
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


def _earlier(view: View, period: Period) -> Earlier:
    """The periods to compare buyers with, as far as the data reach; none by today's tier or stage.

    Both follow from buying: nobody won this month can be of the highest tier yet, and who has
    churned bought more in every earlier period, so the choice alone would make the change.
    """
    if judged(view) != view:
        return Earlier(None, None)
    return Earlier(*map(topic(view).known, view.earlier(period)))


def _past(view: View, months: pl.DataFrame) -> tuple[int, ...]:
    """The counts of the last months; none by today's tier or stage."""
    return () if judged(view) != view else tuple(months.tail(SPARK_MONTHS).to_series(1).to_list())


def _active(view: View) -> Reading:
    about = topic(view)
    period = about.period(view)
    before, year_ago = _earlier(view, period)
    months = data.selected(view, "order_months")
    counted = measure(months, "month", buyers=buyers())
    trend = _spined(counted, about.earliest, period.end)
    return Reading(
        value=_count(active(view, period)),
        previous=_count(active(view, before)) if before else None,
        last_year=_count(active(view, year_ago)) if year_ago else None,
        n=int(stages(view)["customers"].sum()),
        trend=_past(view, trend),
        running=period.end > about.as_of and month_is_running(about.as_of),
    )


def _count(customers: pl.LazyFrame) -> int:
    return customers.select(pl.len()).collect().item()


def _new(view: View) -> Reading:
    about = topic(view)
    period = about.period(view)
    days = pl.col(about.day)
    unknown = pl.lit(None, pl.UInt32)
    spans = (period, *_earlier(view, period))
    counts = [span.holds(days).sum() if span else unknown for span in spans]
    names = ("now", "before", "year_ago", "n")
    found = about.rows.select(
        **dict(zip(names, (*counts, days.is_not_null().sum()), strict=True))
    ).collect()
    now, before, year_ago, n = found.row(0)
    months = measure(
        about.rows.with_columns(month=days.dt.month_start()), "month", new=pl.len()
    ).filter(pl.col("month").is_not_null())
    trend = _spined(months, about.earliest, period.end)
    return Reading(
        value=now,
        previous=before,
        last_year=year_ago,
        n=n,
        trend=_past(view, trend),
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
    end = period.last_month
    rows = retained(view).filter(pl.col("bucket") <= end)
    rates = dict(rows.select("bucket", "annual_retention").iter_rows())
    if rates.get(end) is None:
        return unavailable("short_two_years")
    before, year_ago = (
        rates.get(days.last_month) if days else None for days in view.earlier(period)
    )
    trend = rows.tail(SPARK_MONTHS)
    frozen = baseline.year(date.min)  # its month is there only if the data reach back far enough
    return Reading(
        value=rates[end],
        previous=before,
        last_year=year_ago,
        n=rows["base"][-1],
        trend=tuple(trend["annual_retention"].to_list()),
        running=not trend["complete"][-1],
        baseline=rates.get(frozen.last_month) if frozen else None,
    )


def _second(view: View) -> Reading:
    about = topic(judged(view))
    period = about.period(view)
    now = steps(view).row(1, named=True)
    if now["conversion"] is None:
        return unavailable("too_young" if now["too_young"] else "nobody_won")
    before, year_ago = (_converted(about, about.known(days)) for days in view.earlier(period))
    months = second_order_months(about.rows, as_of=about.as_of)
    trend = months.filter(pl.col("month") < period.end).tail(SPARK_MONTHS).collect()
    return Reading(
        value=now["conversion"],
        previous=before,
        last_year=year_ago,
        n=now["judged"],
        low=now["conversion_low"],
        high=now["conversion_high"],
        trend=tuple(trend["conversion"].to_list()),
        running=not trend.is_empty() and not trend["complete"][-1],
        baseline=_converted(about, baseline.year(shift_months(about.earliest, EARLY_MONTHS))),
    )


def _converted(about: Topic, period: Period | None) -> float | None:
    """The second-order conversion of the customers won in a period."""
    if period is None:
        return None
    found = funnel(about.rows, period=period, as_of=about.as_of).collect()
    return found["conversion"][1]
