"""What the voice page asks of promoters and detractors: whose they are, and what goes with them."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import voice_ratings
from dashboard.view import View
from metrics.selection import Period
from metrics.voice import drivers, weighted

_SCORED = pl.col("nps").is_between(0, 10)


@data.answer
def weighted_nps(view: View, period: Period) -> pl.DataFrame:
    """The score of a period by answers, customers and revenue, see `weighted.weighted_nps`.

    At 2 million customers 1.4 million recommendations, four columns from disk: some 100 ms.
    """
    topic = voice_ratings.answers(view)
    rows = topic.rows.filter(period.holds(pl.col(topic.day)) & _SCORED)
    return weighted.weighted_nps(rows, end=period.end).collect()


@data.answer
def odds(view: View, outcome: str) -> pl.DataFrame:
    """What goes with an outcome among the customers' last answers of the period."""
    return drivers.odds_ratios(_cells(view), outcome)


@data.answer
def _cells(view: View) -> pl.DataFrame:
    return drivers.cells(last_answers(view)).collect()


def last_answers(view: View) -> pl.LazyFrame:
    """Each customer's last recommendation of the period."""
    topic = voice_ratings.answers(view)
    last = weighted.last_before(topic.period(view).end)
    return voice_ratings.inside(view).filter(_SCORED & last)


def asked(view: View) -> int:
    """How many answers the odds rest on."""
    return int(_cells(view)["n"].sum())
