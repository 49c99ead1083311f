"""How often customers complain, and about how we communicate: per 1,000 customers and month."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers import baseline
from dashboard.answers.over_time import SPARK_MONTHS, month_is_running
from dashboard.answers.service_cases import cells
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.calendar import Grain, bucket, first_day, shift_months
from metrics.measure import measure, ratio
from metrics.selection import choice
from metrics.service.measures import complaints
from metrics.service.rule import words

_COUNTS = {"communication_complaints": "about_communication", "complaint_rate": "complaints"}


def _months(view: View) -> pl.DataFrame:
    """Complete months with complaints and the customers at their end: month, counts, customers."""
    topic = cells(view)
    names = list(complaints())
    by_month = topic.rows.group_by(month=bucket(pl.col("created_on"), Grain.MONTH)).agg(
        pl.col(names).sum()
    )
    people = measure(
        data.selected(view, "tier_months"), "month", customers=pl.col("customers").sum()
    )
    this = first_day(topic.as_of, Grain.MONTH)
    last = shift_months(this, -1) if month_is_running(topic.as_of) else this
    first = first_day(topic.earliest, Grain.MONTH)
    return (
        people.join(by_month, on="month", how="left", validate="1:1")
        .filter(pl.col("month").is_between(first, last))
        .with_columns(pl.col(names).fill_null(0))
        .sort("month")
        .collect()
    )


@data.answer
def rates(view: View) -> dict[str, Reading]:
    """Complaints per 1,000 customers and month: all, and those about communication."""
    months = _months(view)
    if months.is_empty():
        return dict.fromkeys(_COUNTS, unavailable("no_rows"))
    found = {key: _rate(view, months, count) for key, count in _COUNTS.items()}
    if not months["with_cause"].sum():
        found["communication_complaints"] = unavailable("no_causes")
    return found


def _rate(view: View, months: pl.DataFrame, name: str) -> Reading:
    last: date = months["month"][-1]
    wanted = min(cells(view).period(view).last_month, last)
    length = choice(view.period_code).months
    start = shift_months(wanted, 1 - length) if length else months["month"][0]
    now = _per_thousand(months, name, start, wanted)
    if now is None:
        return unavailable("no_rows")
    frozen = baseline.year(months["month"][0])
    then = frozen and _per_thousand(months, name, frozen.start, frozen.last_month)
    past = _past(view, months, name, start, wanted)
    tail = months.filter(pl.col("month") <= wanted).tail(SPARK_MONTHS)
    each = words("complaints")["per"] * ratio(pl.col(name), pl.col("customers"))
    told = months.filter(pl.col("month").is_between(start, wanted))
    return Reading(
        value=now,
        previous=past[0],
        last_year=past[1],
        n=int(told[name].sum()),
        trend=tuple(tail.select(each).to_series().to_list()),
        baseline=then,
    )


def _past(
    view: View, months: pl.DataFrame, name: str, start: date, end: date
) -> tuple[float | None, float | None]:
    if view.period_code == "all":
        return None, None
    length = choice(view.period_code).months
    before, year_ago = (
        _per_thousand(months, name, shift_months(start, -back), shift_months(end, -back))
        for back in (length, 12)
    )
    return (None if length == 12 else before), year_ago


def _per_thousand(months: pl.DataFrame, name: str, first: date, last: date) -> float | None:
    """Sum over the months ÷ customers at their ends; null if they are not all known."""
    rows = months.filter(pl.col("month").is_between(first, last))
    if rows.is_empty() or rows["month"][0] > first:
        return None
    complained, customers = (int(rows[column].sum()) for column in (name, "customers"))
    return words("complaints")["per"] * complained / customers if customers else None
