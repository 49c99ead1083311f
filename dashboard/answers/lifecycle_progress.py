"""Lifecycle measures that the plans set targets for: becoming existing, repurchase, reorders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import baseline, churn_risk, gaps, lifecycle_headline
from dashboard.answers.lifecycle import EARLY_MONTHS, MART, judged
from dashboard.answers.over_time import SPARK_MONTHS, Topic, reading
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import reorders, repurchase
from metrics.calendar import shift_months
from metrics.measure import measure
from metrics.rules import load

KEYS = ("new_to_existing", "repurchase_rate", "reorder_after_follow_up")
_DAY = timedelta(days=1)


def every(view: View) -> dict[str, Reading]:
    """All measures of the lifecycle, for the table at the foot of the page."""
    churn = churn_risk.headline(view)
    back = {key: churn[key] for key in ("recent_win_back",) if key in churn}
    return {**lifecycle_headline.headline(view), **headline(view), **back}


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of new to existing, repurchase and orders after follow-ups."""
    return {
        "new_to_existing": _turned(view),
        "repurchase_rate": _repurchase(view),
        "reorder_after_follow_up": _reorders(view),
    }


def turning(view: View) -> Topic:
    """The customers by the day on which they stopped being new; those still new are out."""
    as_of = data.as_of(view, "orders")
    rows = data.selected(judged(view), MART).with_columns(turned_on=repurchase.turned_on())
    months = load("lifecycle")["stages"]["new_months"]
    earliest = shift_months(data.first_day(view, MART, "first_order_on"), months)
    return Topic(rows.filter(pl.col("turned_on") <= as_of), "turned_on", as_of, earliest)


def _turned(view: View) -> Reading:
    about, what = turning(view), repurchase.TURNED
    found = reading(about, what, view, figure="turned_share", n=("turned",), reason="nobody_turned")
    year = baseline.year(shift_months(about.earliest, EARLY_MONTHS))
    if found.value is None or year is None:
        return replace(found, baseline=None)
    then = about.rows.filter(year.holds(pl.col(about.day))).select(**what.over_rows()).collect()
    return replace(found, baseline=then["turned_share"].item())


@data.answer
def repurchases(view: View) -> pl.DataFrame:
    """Repurchase of the three months up to each month end: month, counts, rate with interval.

    A filter on tiers holds for the tier at the start of the three months; one on today's stage
    would decide the answer and does not hold.
    """
    rows = data.selected(view.without("stage"), "repurchase_months")
    return measure(rows, "month", **repurchase.REPURCHASE.over_rows()).collect()


def _repurchase(view: View) -> Reading:
    as_of = data.as_of(view, "orders")
    period = view.period(as_of, data.first_day(view, MART, "first_order_on"))
    found = repurchases(view).filter(pl.col("month") <= period.last_month)
    rows = {row["month"]: row for row in found.iter_rows(named=True)}
    now = rows.get(period.last_month)
    if now is None or now["repurchase_rate"] is None:
        return unavailable("short_window")
    before, year_ago = (
        rows.get(days.last_month, {}).get("repurchase_rate") if days else None
        for days in view.earlier(period)
    )
    return Reading(
        value=now["repurchase_rate"],
        previous=before,
        last_year=year_ago,
        n=now["existing"],
        low=now["repurchase_rate_low"],
        high=now["repurchase_rate_high"],
        trend=tuple(found["repurchase_rate"].tail(SPARK_MONTHS).to_list()),
        baseline=_repurchase_before(view),
    )


def _repurchase_before(view: View) -> float | None:
    """Repurchase in the year before the programme: its four times three months taken together."""
    found = repurchases(view)
    first: date | None = found["month"].min()  # pyright: ignore[reportAssignmentType]
    year = None if first is None else baseline.year(shift_months(first, -2))
    if year is None:
        return None
    ends = [shift_months(year.end, -months) for months in (1, 4, 7, 10)]
    rows = found.filter(pl.col("month").is_in(ends))
    if rows.height < len(ends):
        return None
    return rows.select(**repurchase.REPURCHASE.over_rows())["repurchase_rate"].item()


def following(view: View) -> Topic:
    """The months of follow-ups whose thirty days are over for the whole month."""
    rows = data.selected(view.without("stage"), "reorder_months")
    last = reorders.judged_until(data.as_of(view, "orders"))
    whole = (last + _DAY).replace(day=1) - _DAY
    earliest = data.first_day(view, "reorder_months", "month")
    return Topic(rows.filter(pl.col("month") <= whole), "month", whole, min(earliest, whole))


def _reorders(view: View) -> Reading:
    return reading(
        following(view),
        reorders.CONVERSION,
        view,
        figure="reorder_share",
        n=("followed",),
        reason="no_follow_ups",
    )
