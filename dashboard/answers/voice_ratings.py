"""What the voice page asks of ratings: by scenario, SERVQUAL, subjects, and after an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import voice
from dashboard.answers.over_time import Topic
from dashboard.view import View
from metrics.csat import CSAT, satisfaction
from metrics.rules import load
from metrics.selection import Period
from metrics.trends import Additive
from metrics.voice import aspects
from metrics.voice.feedback import recovery_windows

MART, DAY = "answer_facts", "answered_on"
SCENARIO = "scenario_csat"
_SERVQUAL = "servqual_"


def answers(view: View) -> Topic:
    """The answers with all that they rate, by the day they were given."""
    earliest = data.first_day(view, MART, DAY)
    return Topic(data.counted(view, MART), DAY, data.as_of(view, voice.TABLE), earliest)


def inside(view: View) -> pl.LazyFrame:
    """The answers of the period, to count."""
    topic = answers(view)
    return topic.rows.filter(topic.period(view).holds(pl.col(DAY)))


def listed(view: View) -> pl.LazyFrame:
    """The answers of the period with their ids."""
    rows = data.selected(view, MART)
    return rows.filter(answers(view).period(view).holds(pl.col(DAY)))


@data.answer
def _days(view: View) -> pl.DataFrame:
    """Counts of every rating per day: one pass over the answers for each set of filters.

    At 2 million customers (2.5 million answers) some 150 ms; then every period and every figure
    costs nothing.
    """
    names = (*aspects.servqual(), *aspects.subjects(), SCENARIO)
    counts = {
        stored: count
        for name in names
        for stored, count in satisfaction(name).stored(f"{name}_").items()
    }
    counts |= aspects.overall(aspects.servqual()).stored(_SERVQUAL)
    told = pl.when(pl.col("scenario").is_not_null()).then("csat").alias(SCENARIO)
    rows = answers(view).rows.with_columns(told)
    return rows.group_by(DAY).agg(**counts).sort(DAY).collect()


def by_day(view: View) -> Topic:
    """The ratings as counts per day."""
    return replace(answers(view), rows=_days(view.whenever()).lazy())


def of(name: str) -> Additive:
    """Satisfied share and mean of one rating, over `by_day`."""
    return satisfaction(name).rolled_up(f"{name}_")


def servqual() -> Additive:
    """The mean of all five dimensions, over `by_day`."""
    return aspects.overall(aspects.servqual()).rolled_up(_SERVQUAL)


@data.answer
def by_aspect(view: View, names: tuple[str, ...]) -> pl.DataFrame:
    """Satisfied share and mean of each rating in the period, see `aspects.ratings`."""
    topic = by_day(view)
    rows = topic.rows.filter(topic.period(view).holds(pl.col(DAY)))
    found = [rows.select(pl.lit(name).alias("aspect"), **of(name).over_rows()) for name in names]
    return pl.concat(found).filter(pl.col("rated") > 0).collect()


@data.answer
def by_scenario(view: View) -> pl.DataFrame:
    """Satisfaction of the period by scenario, lowest first (scenario, and see `csat.CSAT`)."""
    known = inside(view).filter(pl.col("scenario").is_not_null())
    told = known.group_by("scenario").agg(**CSAT.over_rows()).filter(pl.col("rated") > 0)
    return told.sort("csat_share", "scenario").collect()


@data.answer
def weights(view: View) -> pl.DataFrame:
    """How far each SERVQUAL dimension goes with being recommended, see `loyalty_weights`."""
    names = aspects.servqual()
    return aspects.loyalty_weights(inside(view).select("nps", *names).collect(), names)


@data.answer
def incident(view: View) -> dict[str, Any] | None:
    """The last slump of the service that is over: started_on, ended_on; None if there was none."""
    as_of = data.as_of(view, "incidents")
    kind = load("surveys")["recovery"]["kind"]
    found = data.frame(view, "incidents").filter(
        (pl.col("kind") == kind) & (pl.col("ended_on") <= as_of)
    )
    rows = found.sort("ended_on").tail(1).select("started_on", "ended_on").collect()
    return rows.row(0, named=True) if rows.height else None


@data.answer
def recovery(view: View) -> pl.DataFrame:
    """Satisfaction before, during and after that slump: window, from, until (last day), CSAT."""
    found = incident(view)
    topic = replace(voice.answers(view), rows=voice.per_day(view).lazy())
    windows: dict[str, tuple[date, date]] = {}
    if found is not None:
        windows = recovery_windows(found["started_on"], found["ended_on"], topic.as_of)
    parts = [
        topic.rows.filter(Period(start, end).holds(pl.col(DAY))).select(
            pl.lit(name).alias("window"),
            pl.lit(start).alias("from"),
            pl.lit(end).dt.offset_by("-1d").alias("until"),
            **CSAT.rolled_up().over_rows(),
        )
        for name, (start, end) in windows.items()
    ]
    return pl.concat(parts).collect() if parts else pl.DataFrame(schema={"window": pl.String})
