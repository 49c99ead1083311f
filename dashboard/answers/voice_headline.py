"""The cards of the voice page, and every other measure of its area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import feedback, gaps, voice, voice_drivers, voice_ratings
from dashboard.answers.over_time import (
    SPARK_MONTHS,
    Asked,
    by_grain,
    now_and_earlier,
    reading,
    readings,
)
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.calendar import Grain, shift_months
from metrics.rules import load
from metrics.surveys import SAMPLE
from metrics.voice.feedback import ADOPTION, NEEDS, VOLUME, rule

CARDS = (
    "nps",
    "nps_revenue",
    "csat",
    "scenario_csat",
    "response_rate",
    "suggestion_adoption",
    "need_accuracy",
)


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Every measure of the area, those of the cards first."""
    found = voice.headline(view) | _weighted(view) | _ratings(view) | _feedback(view)
    found |= {
        "survey_sample": _sample(view),
        "satisfaction_recovery": _recovery(view),
        "committee_held": _committee(view),
    }
    return {key: found[key] for key in (*CARDS, *(key for key in found if key not in CARDS))}


def cards(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The readings of the cards."""
    return {key: readings[key] for key in CARDS}


def _weighted(view: View) -> dict[str, Reading]:
    """The score by customers and by revenue."""
    topic = voice_ratings.answers(view)
    period = topic.period(view)
    frames = [
        voice_drivers.weighted_nps(view, days).rows_by_key("weighting", named=True, unique=True)
        if days
        else {}
        for days in (period, *map(topic.known, view.earlier(period)))
    ]
    keys = {"nps_customers": "customers", "nps_revenue": "revenue"}
    return {key: _score([rows.get(name, {}) for rows in frames]) for key, name in keys.items()}


def _score(rows: list[dict[str, Any]]) -> Reading:
    now, before, year_ago = rows
    if now["nps"] is None:
        return unavailable("no_answers")
    return Reading(
        now["nps"],
        before.get("nps"),
        year_ago.get("nps"),
        n=int(now["answers"]),
        low=now["nps_low"],
        high=now["nps_high"],
    )


def _ratings(view: View) -> dict[str, Reading]:
    topic = voice_ratings.by_day(view)
    shares = {
        "scenario_csat": voice_ratings.SCENARIO,
        "csat_product": "product",
        "csat_service": "service",
        "csat_communication": "communication",
    }
    means = {
        "servqual_tangibles": "tangibles",
        "servqual_reliability": "reliability",
        "servqual_responsiveness": "responsiveness",
        "servqual_assurance": "assurance",
        "servqual_empathy": "empathy",
    }
    asked = {
        key: Asked(voice_ratings.of(name), figure, ("rated",), "no_answers")
        for names, figure in ((shares, "csat_share"), (means, "csat_mean"))
        for key, name in names.items()
    }
    asked["servqual_mean"] = Asked(voice_ratings.servqual(), "mean", ("rated",), "no_answers")
    return readings(topic, view, asked) | {"responsiveness_weight": _weight(view)}


def _weight(view: View) -> Reading:
    row = voice_ratings.weights(view).filter(aspect="responsiveness").row(0, named=True)
    if row["weight"] is None:
        return unavailable("few_ratings")
    return Reading(row["weight"], n=row["n"], low=row["weight_low"], high=row["weight_high"])


def _feedback(view: View) -> dict[str, Reading]:
    topic, needs = feedback.topic(view), feedback.needs(view)
    came = reading(topic, VOLUME, view, figure="feedback", n=("feedback",))
    if not came.value:
        came = unavailable("no_feedback")
    settled = feedback.suggestions(view)
    return {
        "feedback_count": came,
        "feedback_sources": _sources(view) if came.value else came,
        "feedback_reach": _reach(view),
        "suggestions_per_day": _per_day(view) if came.value else came,
        "suggestion_adoption": reading(
            settled, ADOPTION, view, figure="adoption", n=("suggestions",), reason="no_suggestions"
        ),
        "need_accuracy": reading(
            needs, NEEDS, view, figure="accuracy", n=("confirmed",), reason="no_needs"
        ),
    }


def _sources(view: View) -> Reading:
    topic, wanted = feedback.topic(view), len(rule().sources)
    period = topic.period(view)
    now, before, year_ago = (
        feedback.live(view, days) / wanted if days else None
        for days in (period, *map(topic.known, view.earlier(period)))
    )
    return Reading(now, before, year_ago, n=wanted)


def _reach(view: View) -> Reading:
    found = feedback.reach(view)
    if found["reach"] is None:
        return unavailable("no_rows")
    return Reading(
        found["reach"], n=int(found["whole"] or 0), low=found["reach_low"], high=found["reach_high"]
    )


def _per_day(view: View) -> Reading:
    """Suggestions that can be acted on, per day of the period."""
    topic = feedback.topic(view)
    period = topic.period(view)
    rows = now_and_earlier(topic, VOLUME, view)
    before, year_ago = (
        row["suggestions"] / days.days if days and topic.known(days) else None
        for days, row in zip(view.earlier(period), rows[1:], strict=True)
    )
    months = by_grain(topic, VOLUME, view, Grain.MONTH).tail(SPARK_MONTHS).filter("complete")
    daily = months.select(pl.col("suggestions") / pl.col("bucket").dt.days_in_month())
    came = rows[0]["suggestions"]
    trend = tuple(daily.to_series().to_list())
    return Reading(came / period.days, before, year_ago, n=came, trend=trend)


def _sample(view: View) -> Reading:
    """Customers invited in the last whole calendar month."""
    topic = voice.by_day(view, replace(voice.invitations(view), as_of=_last(view)))
    months = by_grain(topic, SAMPLE.rolled_up(), view, Grain.MONTH).filter("complete")
    counts = months["sampled"].to_list()
    if not counts or not counts[-1]:
        return unavailable("no_invitations")
    return Reading(
        counts[-1],
        previous=counts[-2] if len(counts) > 1 else None,
        last_year=counts[-13] if len(counts) >= SPARK_MONTHS else None,
        n=counts[-1],
        trend=tuple(counts[-SPARK_MONTHS:]),
    )


def _last(view: View) -> date:
    return data.as_of(view, voice.TABLE)


def _recovery(view: View) -> Reading:
    """Satisfaction after the last slump of the service."""
    windows = voice_ratings.recovery(view)
    if not windows.height:
        return unavailable("no_slump")
    row = windows.filter(window="after").row(0, named=True)
    if row["csat_share"] is None:
        return unavailable("no_answers")
    bounds = row["csat_share_low"], row["csat_share_high"]
    return Reading(row["csat_share"], n=row["rated"], low=bounds[0], high=bounds[1])


def _committee(view: View) -> Reading:
    """Meetings of the supervision committee in the last half year, and in the one before."""
    how, last = load("surveys")["committee"], data.as_of(view, "governance_events")
    rows = data.frame(view, "governance_events").filter(pl.col("kind") == how["kind"])
    held = pl.col("held_on")
    ends = [shift_months(last, -how["months"] * back) for back in range(3)]
    told = rows.select(
        all=pl.len(),
        now=((held > ends[1]) & (held <= ends[0])).sum().cast(pl.Int64),
        before=((held > ends[2]) & (held <= ends[1])).sum().cast(pl.Int64),
    )
    row = told.collect().row(0, named=True)
    if not row["all"]:
        return unavailable("no_committee")
    return Reading(row["now"], previous=row["before"])
