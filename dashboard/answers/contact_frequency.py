"""How often customers and the company speak with each other, for each customer and month."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl

from dashboard import data
from dashboard.answers import baseline
from dashboard.answers.contact import contacts, of_contacts
from dashboard.answers.over_time import SPARK_MONTHS, Topic, month_is_running
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.calendar import Grain, bucket, first_day, next_bucket
from metrics.contact.measures import TWO_WAY
from metrics.measure import ratio
from metrics.selection import Period

SHOWN = 24  # months of the chart
_DAYS = 30.4375  # of a month, so that a running one can be compared


@data.answer
def _customers(view: View) -> pl.DataFrame:
    """Customers at the end of each month, the running one included: month, customers."""
    rows = data.selected(view, "tier_months").group_by("month")
    return rows.agg(pl.col("customers").sum()).sort("month").collect()


def per_month(view: View, period: Period) -> float | None:
    """Two-way contacts ÷ customers, in 30.4 days of a period.

    Two-way are contacts begun by the customer and those of ours that were answered. Customers are
    the mean of the month ends in the period (of a month in progress today's), so that a running
    month is compared as if it went on as it began. Null without contacts or customers.
    """
    rows = contacts(view).rows.filter(period.holds(pl.col("day")))
    made = rows.select(**TWO_WAY.over_rows()).collect()["two_way"].item()
    people = _customers(of_contacts(view).whenever())
    months = people.filter(
        pl.col("month") >= first_day(period.start, Grain.MONTH), pl.col("month") < period.end
    )
    mean = months["customers"].mean()
    if not isinstance(mean, float) or not mean or not made or not period.days:
        return None
    return made / mean * _DAYS / period.days


def frequency(view: View) -> Reading:
    """Two-way contacts for each customer and month, with its past and its baseline."""
    topic = contacts(view)
    period = topic.period(view)
    now = per_month(view, period)
    if now is None:
        return unavailable("no_rows")
    before, year_ago = (
        None if known is None else per_month(view, known)
        for known in (topic.known(each) for each in view.earlier(period))
    )
    trend = months(view, topic)
    told = Reading(
        now,
        previous=before,
        last_year=year_ago,
        n=int(topic.rows.filter(period.holds(pl.col("day"))).select(two_way()).collect().item()),
        trend=tuple(trend["value"].tail(SPARK_MONTHS).to_list()),
        running=month_is_running(topic.as_of),
    )
    year = baseline.year(topic.earliest)
    if year is None:
        return told
    whole = Period(first_day(year.start, Grain.MONTH), first_day(year.end, Grain.MONTH))
    return replace(told, baseline=per_month(view, whole))


def two_way() -> pl.Expr:
    """How many contacts of a roll-up went both ways."""
    return pl.col("inbound").sum() + pl.col("answered").sum()


def months(view: View, topic: Topic) -> pl.DataFrame:
    """Two-way contacts for each customer by month: month, value (of 30.4 days), complete."""
    counted = (
        topic.rows.group_by(month=bucket(pl.col("day"), Grain.MONTH))
        .agg(two_way=two_way())
        .sort("month")
        .collect()
    )
    people = _customers(of_contacts(view).whenever())
    both = counted.join(people, on="month", how="inner", validate="1:1").sort("month")
    after = topic.as_of + timedelta(days=1)
    days = [
        (min(next_bucket(month, Grain.MONTH), after) - month).days
        for month in both["month"].to_list()
    ]
    return both.with_columns(
        value=ratio(pl.col("two_way"), pl.col("customers"))
        * _DAYS
        / pl.Series(days, dtype=pl.Int64),
        complete=pl.col("month") < first_day(after, Grain.MONTH),
    )
