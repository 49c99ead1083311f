"""The answers and invitations behind the voice page, with or without a comment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dashboard import data
from dashboard.answers import voice
from dashboard.answers.over_time import WHOLE, Topic, days_of
from dashboard.view import View
from metrics import csat, nps
from metrics.measure import count

_score, _rated = pl.col("nps"), pl.col("csat").is_between(1, 5)
_satisfied = pl.col("csat") >= csat.SATISFIED_FROM
_answered = pl.col("answered_on").is_not_null()
# By measure, what can be asked for; the first is the whole of the others.
GROUPS: dict[str, dict[str, pl.Expr]] = {
    "nps": {
        "all": _score.is_between(0, 10),
        **{name: nps.is_in(name, _score) for name in (nps.PROMOTER, nps.PASSIVE, nps.DETRACTOR)},
        **{f"{score}": _score == score for score in range(11)},
    },
    "csat": {"all": _rated, "satisfied": _rated & _satisfied, "not": _rated & ~_satisfied},
    "response_rate": {"unanswered": ~_answered, "answered": _answered},
}


@dataclass(frozen=True, slots=True)
class Cut:
    """Which answers or invitations.

    Attributes:
        measure: nps, csat or response_rate (then invitations, by the day they were sent).
        point: First day of a bucket in ISO format, or the whole period.
        grain: Of the buckets, a code of `voice.GRAINS`.
        dimension: A dimension of the answers; empty for all.
        value: Of that dimension; None is unknown.
    """

    measure: str
    point: str = WHOLE
    grain: str = "month"
    dimension: str = ""
    value: str | None = None


def _topic(view: View, measure: str) -> Topic:
    return voice.invitations(view) if measure == "response_rate" else voice.answers(view)


def _cut(view: View, cut: Cut) -> pl.LazyFrame:
    topic = _topic(view, cut.measure)
    grain, rolling = voice.GRAINS[cut.grain]
    days = days_of(topic, view, grain, cut.point, rolling=rolling)
    rows = topic.rows.filter(days.holds(pl.col(topic.day)))
    if cut.dimension:
        rows = rows.filter(pl.col(cut.dimension).eq_missing(pl.lit(cut.value, pl.String)))
    return rows


@data.answer
def counted(view: View, cut: Cut) -> Mapping[str, int]:
    """How many rows of a cut each group of the measure holds."""
    groups = {name: count(holds) for name, holds in GROUPS[cut.measure].items()}
    return _cut(view, cut).select(**groups).collect().row(0, named=True)


def rows(view: View, cut: Cut, group: str) -> pl.LazyFrame:
    """The rows of a group, the latest first: survey facts and the customer's name."""
    found = _cut(view, cut).filter(GROUPS[cut.measure][group])
    day = _topic(view, cut.measure).day
    names = data.frame(view, "customer_mart").select("customer_id", "name")
    return found.sort(day, "response_id", descending=[True, False]).join(
        names, on="customer_id", how="left", validate="m:1", maintain_order="left"
    )
