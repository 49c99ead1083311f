"""The answers, feedback and needs behind the charts of single aspects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from dashboard import data
from dashboard.answers import feedback, voice, voice_ratings
from dashboard.answers.over_time import Topic
from dashboard.view import View
from metrics.csat import SATISFIED_FROM
from metrics.measure import count
from metrics.selection import Period


def _named(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    names = data.frame(view, "customer_mart").select("customer_id", "name")
    return rows.join(names, on="customer_id", how="left", validate="m:1", maintain_order="left")


def _rated(view: View, column: str, scenario: str) -> pl.LazyFrame:
    rows = voice_ratings.listed(view).filter(pl.col(column).is_between(1, 5))
    return rows.filter(pl.col("scenario") == scenario) if scenario else rows


def _holds(group: str, column: str) -> pl.Expr:
    satisfied = pl.col(column) >= SATISFIED_FROM
    return satisfied if group == "satisfied" else ~satisfied


@data.answer
def counted(view: View, column: str, scenario: str = "") -> Mapping[str, int]:
    """Ratings of the period that do not satisfy, and that do."""
    rows = _rated(view, column, scenario)
    told = {name: count(_holds(name, column)) for name in ("not", "satisfied")}
    return rows.select(**told).collect().row(0, named=True)


def ratings(view: View, column: str, scenario: str, group: str) -> pl.LazyFrame:
    """The ratings of a group, latest first, with the customer's name; the rating as `score`."""
    rows = _rated(view, column, scenario).filter(_holds(group, column))
    order = rows.sort("answered_on", "response_id", descending=[True, False])
    return _named(view, order.with_columns(score=column))


def _around(view: View, window: str) -> pl.LazyFrame:
    """The ratings of a window around the last slump of the service."""
    frame = voice_ratings.recovery(view).filter(pl.col("window") == window)
    first, last = frame.select("from", "until").row(0)
    days = Period(first, last + timedelta(days=1))
    rows = voice.answers(view).rows.filter(days.holds(pl.col("answered_on")))
    return rows.filter(pl.col("csat").is_between(1, 5))


@data.answer
def counted_around(view: View, window: str) -> Mapping[str, int]:
    """Ratings of a window that do not satisfy, and that do."""
    told = {name: count(_holds(name, "csat")) for name in ("not", "satisfied")}
    return _around(view, window).select(**told).collect().row(0, named=True)


def around(view: View, window: str, group: str) -> pl.LazyFrame:
    """The ratings of a group of a window, latest first, with the customer's name."""
    rows = _around(view, window).filter(_holds(group, "csat"))
    order = rows.sort("answered_on", "response_id", descending=[True, False])
    return _named(view, order.with_columns(score="csat"))


def came(view: View, **where: str | None) -> pl.LazyFrame:
    """The feedback of the period with some values of source, kind and grade, latest first."""
    rows = _inside(feedback.topic(view), view)
    for dimension, value in where.items():
        rows = rows.filter(pl.col(dimension).eq_missing(pl.lit(value, pl.String)))
    return _named(view, rows.sort("created_on", "feedback_id", descending=[True, False]))


def _inside(topic: Topic, view: View) -> pl.LazyFrame:
    return feedback.inside(topic, topic.period(view))


@data.answer
def judged(view: View) -> Mapping[str, int]:
    """Needs of the period that proved wrong, and right."""
    right = pl.col("need") == pl.col("confirmed_need")
    told = _needs(view).select(wrong=count(~right), right=count(right))
    return told.collect().row(0, named=True)


def _needs(view: View) -> pl.LazyFrame:
    rows = _inside(feedback.needs(view), view)
    return rows.filter(pl.col("confirmed_need").is_not_null())


def found(view: View, group: str) -> pl.LazyFrame:
    """The needs of a group, latest first, with the customer's name."""
    right = pl.col("need") == pl.col("confirmed_need")
    rows = _needs(view).filter(right if group == "right" else ~right)
    return _named(view, rows.sort("confirmed_on", "need_id", descending=[True, False]))
