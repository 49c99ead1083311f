"""The customers behind the tiers page: who moved in the period, who came, who is there."""

from __future__ import annotations

import functools

import polars as pl

from dashboard import data
from dashboard.answers.deleted import beside
from dashboard.answers.tiers import Span, direction, ends_of, span, topic, without_tier
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, first_day
from metrics.tiers.mix import GONE, NEW, with_new_and_gone
from metrics.tiers.scheme import scheme

EVERYONE = "all"
_PAIR = "-"  # between the tiers of a pair such as high-basic


def pair(source: str, target: str) -> str:
    """The code of a move from one tier to another."""
    return f"{source}{_PAIR}{target}"


def pair_of(moves: str) -> tuple[str, str] | None:
    """The tiers of such a code; None for any other code."""
    source, dash, target = moves.partition(_PAIR)
    return (source, target) if dash else None


def customers(view: View, moves: str) -> pl.LazyFrame:
    """The customers of a group of moves, or everyone who ever bought; not sorted.

    Args:
        view: The view. A filter on tiers holds for everyone only: the groups are made of tiers.
        moves: all, up, down, new, or a pair of tiers such as high-basic, new-high, high-gone.

    Returns:
        Columns of the customer mart and from_tier (null if they did not move). Customers deleted
        since have a row without id and name, so that the rows are as many as the number says.
    """
    if moves == EVERYONE:
        everyone = data.selected(view, "customer_mart").filter(pl.col("tier").is_not_null())
        return everyone.with_columns(from_tier=pl.lit(None, pl.String))
    view = without_tier(view)
    between = span(view)
    if between is None:
        nobody = data.frame(view, "customer_mart").clear()
        return nobody.with_columns(from_tier=pl.lit(None, pl.String))
    if moves in ("up", "down"):
        return _known(view, _movers(view).lazy().filter(pl.col("move") == moves))
    asked = pair_of(moves)
    ends = with_new_and_gone(ends_of(view, between))
    if asked is None:
        return _known(view, ends.filter(pl.col("from_tier") == NEW, pl.col("to_tier") != GONE))
    if direction(scheme(view.scheme).codes, *asked) in ("up", "down"):
        ends = _movers(view).lazy()
    return _known(view, ends.filter(pl.col("from_tier") == asked[0], pl.col("to_tier") == asked[1]))


def above(view: View, cut_off: int) -> pl.LazyFrame:
    """Customers strictly above a cut-off of the concentration curve, in units; not sorted."""
    limit = cut_off * 10 ** settings().money_scale
    people = data.selected(without_tier(view), "customer_mart")
    return people.filter(pl.col("revenue_12m") > limit)


def in_tier(view: View, tier: str) -> pl.LazyFrame:
    """The customers of a tier at the end of the period; not sorted, deleted ones as above."""
    view = without_tier(view)
    period, today = topic(view).period(view), data.as_of(view, "orders")
    if period.last_month == first_day(today, Grain.MONTH):
        return data.selected(view, "customer_mart").filter(pl.col("tier") == tier)
    then = ends_of(view, Span(period.last_month, period.last_month)).filter(
        pl.col("to_tier") == tier
    )
    return _known(view, then.drop("from_tier"))


def _known(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    """What the mart knows of customers and the tier they came to, in place of today's."""
    people = data.selected(without_tier(view), "customer_mart").drop("tier")
    return beside(rows, people).rename({"to_tier": "tier"})


@functools.lru_cache(maxsize=4)  # as many rows as customers moved, so only a few are kept
def _movers(view: View) -> pl.DataFrame:
    """Customers who rose or fell between the ends of the period: customer_id, tiers, move."""
    columns = ("customer_id", "from_tier", "to_tier", "move")
    between = span(view)
    if between is None:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))
    codes = scheme(view.scheme).codes
    moves = {
        pair(source, target): direction(codes, source, target)
        for source in codes
        for target in codes
    }
    code = pl.concat_str("from_tier", "to_tier", separator=_PAIR)
    return (
        with_new_and_gone(ends_of(view, between))
        .filter(pl.col("from_tier") != pl.col("to_tier"))
        .with_columns(move=code.replace_strict(moves, default=None, return_dtype=pl.String))
        .drop_nulls("move")
        .select(columns)
        .collect()
    )
