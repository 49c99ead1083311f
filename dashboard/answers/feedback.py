"""What the voice page asks of feedback, suggestions, needs and of who was heard at all."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from dashboard import data
from dashboard.answers.over_time import Topic
from dashboard.view import View
from metrics import intervals
from metrics.measure import ratio
from metrics.selection import Period
from metrics.voice import feedback
from metrics.voice.feedback import rule

TABLE, NEEDS = "feedback", "needs"
DIMENSIONS = ("source", "kind", "grade")
PAIRS = {"kind": ("source", "kind"), "grade": ("source", "grade"), "both": ("kind", "grade")}
"""What is shown crossed with what, by the code of the choice: rows, columns."""


def topic(view: View) -> Topic:
    """The feedback, by the day it came in."""
    earliest = data.first_day(view, "feedback_facts", "created_on")
    rows = data.selected(view, "feedback_facts")
    return Topic(rows, "created_on", data.as_of(view, TABLE), earliest)


def suggestions(view: View) -> Topic:
    """The same, without what has not had its time to be taken up."""
    found = topic(view)
    return Topic(found.rows, found.day, feedback.settled(found.as_of), found.earliest)


def needs(view: View) -> Topic:
    """The needs found, by the day on which it was known whether that was right."""
    earliest = data.first_day(view, "need_facts", "confirmed_on")
    rows = data.selected(view, "need_facts")
    return Topic(rows, "confirmed_on", data.as_of(view, NEEDS), earliest)


def inside(found: Topic, period: Period) -> pl.LazyFrame:
    """The rows of a topic in a period."""
    return found.rows.filter(period.holds(pl.col(found.day)))


@data.answer
def by(view: View, dimension: str) -> pl.DataFrame:
    """Feedback of the period by source, kind or grade: the dimension, feedback, share; most first.

    Of the sources also those that the plan wants and nothing came from.
    """
    rows = inside(topic(view), topic(view).period(view))
    if dimension == "source":
        counted = feedback.sources_live(rows).drop("expected")
    else:
        counted = rows.group_by(dimension).agg(feedback=pl.len().cast(pl.Int64))
    total = pl.col("feedback").sum()
    told = counted.with_columns(share=pl.col("feedback") / pl.when(total > 0).then(total))
    return told.sort(pl.col(dimension).is_null(), -pl.col("feedback"), dimension).collect()


@data.answer
def crossed(view: View, down: str, across: str) -> pl.DataFrame:
    """Feedback of the period by two of source, kind and grade, complete.

    Returns:
        One row per pair: down, across (what the plans want first, then others, most first; null:
        not recorded), feedback (0 where nothing came in), of_down and of_across (all of that row
        and column), share (of the row; null without any).
    """
    rows = inside(topic(view), topic(view).period(view)).select(
        pl.col(down).alias("down"), pl.col(across).alias("across")
    )
    counted = rows.group_by("down", "across").agg(feedback=pl.len().cast(pl.Int64)).collect()
    sides = [_values(counted, side, name) for side, name in (("down", down), ("across", across))]
    grid = sides[0].join(sides[1], how="cross")
    told = grid.join(
        counted,
        on=["down", "across"],
        how="left",
        nulls_equal=True,
        validate="1:1",
        maintain_order="left",
    ).with_columns(pl.col("feedback").fill_null(0))
    return told.with_columns(share=ratio(pl.col("feedback"), pl.col("of_down")))


def _values(counted: pl.DataFrame, side: str, dimension: str) -> pl.DataFrame:
    """The values of one side with all that came in of each, as `of_<side>`."""
    wanted = {"source": rule().sources, "kind": rule().kinds, "grade": rule().grades}[dimension]
    planned = pl.DataFrame({side: wanted}).with_row_index("_place")
    found = counted.group_by(side).agg(pl.col("feedback").sum().alias(f"of_{side}"))
    return (
        planned.join(found, on=side, how="full", coalesce=True, nulls_equal=True, validate="1:1")
        .with_columns(pl.col(f"of_{side}").fill_null(0))
        .sort("_place", pl.col(side).is_null(), -pl.col(f"of_{side}"), side, nulls_last=True)
        .drop("_place")
    )


@data.answer
def live(view: View, period: Period) -> int:
    """How many of the sources that the plan wants brought feedback in a period."""
    found = feedback.sources_live(inside(topic(view), period))
    return found.filter("expected", pl.col("feedback") > 0).select(pl.len()).collect().item()


@data.answer
def needs_by_source(view: View) -> pl.DataFrame:
    """Needs of the period by source: source, right, confirmed, accuracy; worst first."""
    rows = inside(needs(view), needs(view).period(view))
    told = rows.group_by("source").agg(**feedback.NEEDS.over_rows()).filter(pl.col("confirmed") > 0)
    return told.sort(pl.col("source").is_null(), "accuracy", "source").collect()


@data.answer
def reach(view: View) -> dict[str, float | int | None]:
    """Of the customers who bought within a year, who was asked or heard lately (`reach_days`).

    At 2 million customers half a million invitations, whose ids are compared: some 150 ms.

    Returns:
        reach with _low and _high (0 to 1; null without customers), part, whole.
    """
    last = data.as_of(view, TABLE)
    since = last - timedelta(days=rule().reach_days)
    buyers = data.customers(view).filter(pl.col("purchases_12m") > 0).select("customer_id")
    days = {"survey_facts": "invited_on", "feedback_facts": "created_on"}
    heard = [
        data.frame(view, name).filter(pl.col(day) > since, pl.col(day) <= last)
        for name, day in days.items()
    ]
    who = pl.concat(rows.select("customer_id") for rows in heard)
    part, whole = pl.collect_all(
        [
            buyers.join(who, on="customer_id", how="semi").select(pl.len().cast(pl.Int64)),
            buyers.select(pl.len().cast(pl.Int64)),
        ]
    )
    counts = pl.DataFrame({"part": part.to_series(), "whole": whole.to_series()})
    share = intervals.share("reach", pl.col("part"), pl.col("whole"))
    return counts.with_columns(**share).row(0, named=True)
