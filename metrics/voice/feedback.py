"""Feedback of customers' own accord, suggestions and what becomes of them, needs found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl

from metrics import intervals
from metrics.measure import count
from metrics.rules import load
from metrics.trends import Additive


@dataclass(frozen=True, slots=True)
class Rule:
    """Which feedback the plans want.

    Attributes:
        sources, kinds, grades: The codes that the plans name.
        suggestion: The kind that can be adopted.
        adoption_days: How long a suggestion may wait to be taken up.
        reach_days: Within how many days a customer must have been asked or heard.
    """

    sources: tuple[str, ...]
    kinds: tuple[str, ...]
    grades: tuple[str, ...]
    suggestion: str
    adoption_days: int
    reach_days: int


@cache
def rule() -> Rule:
    """The rule in force."""
    read: dict[str, Any] = load("surveys")["feedback"]
    lists = {name: tuple(read[name]) for name in ("sources", "kinds", "grades")}
    single = {name: read[name] for name in ("suggestion", "adoption_days", "reach_days")}
    return Rule(**lists, **single)


def is_suggestion() -> pl.Expr:
    """Whether feedback is a suggestion that can be acted on; one not looked at is not."""
    return (pl.col("kind") == rule().suggestion) & pl.col("valid").fill_null(value=False)


def is_adopted() -> pl.Expr:
    """Whether a suggestion was taken up within its time."""
    waited = pl.col("adopted_on") - pl.col("created_on")
    in_time = waited <= timedelta(days=rule().adoption_days)
    return is_suggestion() & in_time.fill_null(value=False)


def _share(name: str, part: str, whole: str) -> Any:
    def figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        return intervals.share(name, counts[part], counts[whole])

    return figures


VOLUME = Additive(
    {"feedback": pl.len().cast(pl.Int64), "suggestions": count(is_suggestion())}, lambda _: {}
)
"""How much came in: feedback, suggestions (those that can be acted on)."""

ADOPTION = Additive(
    {"suggestions": count(is_suggestion()), "adopted": count(is_adopted())},
    _share("adoption", "adopted", "suggestions"),
)
"""Suggestions taken up within their time ÷ suggestions that can be acted on, by the day they came.

Cut it off `settled` days before the end of the data: later ones have not had their time."""

NEEDS = Additive(
    {
        "confirmed": count(pl.col("confirmed_need").is_not_null()),
        "right": count(pl.col("confirmed_need") == pl.col("need")),
    },
    _share("accuracy", "right", "confirmed"),
)
"""Needs found that proved right ÷ needs of which it is known, by the day on which it was known."""


def settled(as_of: date) -> date:
    """The last day whose suggestions have had their time to be taken up."""
    return as_of - timedelta(days=rule().adoption_days)


def sources_live(feedback: pl.LazyFrame) -> pl.LazyFrame:
    """The sources that the plan wants, then any others: source, expected, feedback (count)."""
    wanted = pl.LazyFrame({"source": rule().sources}).with_row_index("_place")
    found = feedback.group_by("source").agg(feedback=pl.len().cast(pl.Int64)).drop_nulls("source")
    return (
        wanted.join(found, on="source", how="full", coalesce=True)
        .with_columns(pl.col("feedback").fill_null(0), expected=pl.col("_place").is_not_null())
        .sort("_place", -pl.col("feedback"), "source", nulls_last=True)
        .select("source", "expected", "feedback")
    )


def recovery_windows(start: date, end: date, as_of: date) -> dict[str, tuple[date, date]]:
    """Before, during and after an incident: first day and the day after the last.

    Before and after are as long as the rule says; after ends with the data if they end sooner.
    """
    days = timedelta(days=load("surveys")["recovery"]["days"])
    last, today = end + timedelta(days=1), as_of + timedelta(days=1)
    return {
        "before": (start - days, start),
        "during": (start, last),
        "after": (last, min(last + days, today)),
    }
