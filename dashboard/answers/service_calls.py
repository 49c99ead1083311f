"""What the page asks of calls, of hand-overs between channels, and of what service costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import service_cases
from dashboard.answers.over_time import Asked, Topic, reading, readings
from dashboard.answers.service_cases import inside
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.measure import measure
from metrics.service.calls import peak_hours
from metrics.service.measures import CALLS, continuity, hand_over_minutes

HOURS, HAND_OVERS = "call_hours", "hand_over_facts"


def calls(view: View) -> Topic:
    """The company's calls by day and hour, whatever the filters."""
    earliest = data.first_day(view, HOURS, "day")
    return Topic(data.frame(view, HOURS), "day", data.as_of(view, "interactions"), earliest)


@data.answer
def by_hour(view: View) -> pl.DataFrame:
    """Calls of the period by hour of day.

    Returns:
        hour (0 to 23, those with a call), calls, answered, in_time, timed, answer_rate and
        in_time_rate with intervals, peak (Boolean); ascending.
    """
    rows = inside(calls(view), view)
    busy = peak_hours(rows).select("hour", peak=pl.lit(value=True))
    found = measure(rows, "hour", **CALLS.over_rows())
    return (
        found.join(busy, on="hour", how="left", validate="1:1")
        .with_columns(pl.col("peak").fill_null(value=False))
        .sort("hour")
        .collect()
    )


@data.answer
def answered(view: View) -> dict[str, Reading]:
    """Calls answered at the peak, at all, in time; and hours of the day in which any was."""
    topic, hours = calls(view), by_hour(view)
    busy = hours.filter("peak")["hour"].implode()
    peak = replace(topic, rows=topic.rows.filter(pl.col("hour").is_in(busy)))
    served = hours.filter(pl.col("answered") > 0).height
    known = not hours.is_empty()
    made, timed = ("calls",), ("timed",)
    asked = {
        "calls_answered": Asked(CALLS, "answer_rate", made),
        "calls_in_time": Asked(CALLS, "in_time_rate", timed),
    }
    return {
        "peak_answer_rate": reading(peak, CALLS, view, figure="answer_rate", n=made),
        **readings(topic, view, asked),
        "voice_hours": Reading(served, n=int(hours["calls"].sum())) if known else _NOTHING,
    }


_NOTHING = unavailable("no_rows")


def hand_overs(view: View) -> Topic:
    """Hand-overs between channels, by their day."""
    earliest = data.first_day(view, HAND_OVERS, "handed_on")
    as_of = data.as_of(view, "hand_overs")
    return Topic(data.selected(view, HAND_OVERS), "handed_on", as_of, earliest)


def _continuity(view: View) -> Any:
    return continuity(data.snapshot(view).as_of("hand_overs"))


@data.answer
def handed(view: View) -> dict[str, Reading]:
    """Whether hand-overs carry the history, and how fast they are taken up."""
    topic, what = hand_overs(view), _continuity(view)
    moved = pl.col("from_channel") != pl.col("to_channel")
    waited = (pl.col("picked_up_at") - pl.col("handed_at")).dt.total_seconds() / 60
    minutes = service_cases.median(topic, pl.when(moved).then(waited), view)
    share = reading(topic, what, view, figure="continuity", n=("continuity_of",))
    return {"hand_over_continuity": share, "hand_over_minutes": minutes}


@data.answer
def transfers(view: View) -> pl.DataFrame:
    """The matrix of hand-overs in the period.

    Returns:
        from_channel, to_channel, handed (count), continuity with its counts and interval, minutes
        (median until taken up); sorted.
    """
    rows = inside(hand_overs(view), view).filter(pl.col("from_channel") != pl.col("to_channel"))
    figures = {
        "handed": pl.len().cast(pl.Int64),
        "minutes": hand_over_minutes(),
        **_continuity(view).over_rows(),
    }
    return measure(rows, "from_channel", "to_channel", **figures).collect()
