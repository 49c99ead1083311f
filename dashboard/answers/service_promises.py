"""Every promise of the plans by its own limit, how long things take, how the source differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from dashboard import data
from dashboard.answers import baseline, gaps
from dashboard.answers.over_time import SPARK_MONTHS, Asked, Topic, month_is_running, readings
from dashboard.answers.service import (
    MART,
    SOURCE,
    TABLE,
    clocks,
    counted,
    inside,
    recorded,
    tickets,
    within,
)
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import sla
from metrics.calendar import Grain, bucket
from metrics.measure import count, measure
from metrics.trends import Additive

# The KPI of a promise of the plans; a company may have others.
KPI_OF = {
    "feedback_general": "sla_feedback_general",
    "feedback_complex": "sla_feedback_complex",
    "feedback_major": "sla_feedback_major",
    "ticket_urgent": "sla_ticket_urgent",
    "ticket_general": "sla_ticket_general",
    "ticket_consultation": "sla_ticket_consultation",
    "phone": "sla_phone",
    "email": "sla_email",
    "social": "sla_social",
    "complaint": "sla_complaint",
}
_TIMES = {  # KPI: its figure
    "first_response_hours": "response_hours_median",
    "first_response_p90": "response_hours_p90",
}


@data.answer
def _cells(view: View) -> pl.DataFrame:
    """Counts per day of what was kept of each promise."""
    stored: dict[str, pl.Expr] = {}
    for number, promise in enumerate(sla.policies().promises):
        stored |= sla.of_promise(number).stored(f"{promise.key}.")
    return data.counted(view, MART).group_by("created_on").agg(**stored).collect()


def _topic(view: View) -> Topic:
    return replace(tickets(view), rows=_cells(view.whenever()).lazy())


@data.answer
def by_promise(view: View) -> pl.DataFrame:
    """Attainment of every promise in the period by its own limit, lowest first.

    Returns:
        key (of the promise), met, missed, attainment with interval; promises without a decided
        ticket last.
    """
    promises = sla.policies()

    def kept(number: int) -> Additive:
        return sla.of_promise(number).rolled_up(f"{promises.promises[number].key}.")

    found = sla.by_promise(within(view, _topic(view)), promises, kept)
    return found.sort("attainment", "key", nulls_last=True).collect()


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of every promise of the plans, and of the times that they want shorter."""
    promises = sla.policies().promises
    if not data.present(view, TABLE):
        return dict.fromkeys([*KPI_OF.values(), *_TIMES], unavailable("no_table", TABLE))
    if SOURCE in clocks(view) or not recorded(view, "created_at"):
        return dict.fromkeys(KPI_OF.values(), unavailable("no_policy")) | times(view)
    topic = _topic(view)
    asked = {
        KPI_OF[promise.key]: Asked(
            sla.of_promise(number).rolled_up(f"{promise.key}."), "attainment", ("met", "missed")
        )
        for number, promise in enumerate(promises)
        if promise.key in KPI_OF
    }
    return readings(topic, view, asked) | times(view)


def times(view: View) -> dict[str, Reading]:
    """Median and 90th percentile of the hours to the first answer, with their baselines."""
    return {key: _time(view, key) for key in _TIMES}


def _time(view: View, key: str) -> Reading:
    """Quantiles do not add up, so each bucket has its own."""
    if not recorded(view, "first_response_at"):
        return unavailable("no_column", "tickets.first_response_at")
    figure, what = _TIMES[key], sla.response_times()
    topic = counted(view)
    period, day = topic.period(view), pl.col(topic.day)
    ended = topic.rows.filter(pl.col("response_hours").is_not_null())
    window = topic.window(view)
    months = measure(
        ended.filter(window.holds(day)).with_columns(month=bucket(day, Grain.MONTH)),
        "month",
        **what,
    )
    nothing = ended.clear()
    spans = (period, *view.earlier(period), baseline.year(topic.earliest))
    whole = [(ended.filter(days.holds(day)) if days else nothing).select(**what) for days in spans]
    *told, months = pl.collect_all([*whole, months])
    value, before, year_ago, base = (rows[figure].item() for rows in told)
    if value is None:
        return unavailable("no_rows")
    return Reading(
        value=value,
        previous=before,
        last_year=year_ago,
        n=told[0]["answered_tickets"].item(),
        trend=tuple(months[figure].tail(SPARK_MONTHS).to_list()),
        running=month_is_running(topic.as_of),
        baseline=base,
    )


@data.answer
def differences(view: View) -> Mapping[str, int]:
    """Tickets of the period on which the source's verdict is not ours, by cause, most first."""
    causes = {cause: count(pl.col("difference") == cause) for cause in sla.CAUSES}
    counts = within(view, counted(view)).select(**causes).collect().row(0, named=True)
    return dict(sorted(counts.items(), key=lambda each: -each[1]))


@data.answer
def followed(view: View) -> pl.DataFrame:
    """The limit of each grade that reproduces the source's flag best; see `followed_limits`."""
    return sla.followed_limits(inside(view))
