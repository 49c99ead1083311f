"""The customers behind the tiers page: who moved in the period, who came, who is there."""

from __future__ import annotations

import functools

import polars as pl

from dashboard import data
from dashboard.answers.tiers import TOP, direction, span, without_tier
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, bucket, first_day
from metrics.tiers.concentration import rules
from metrics.tiers.history import tiers_between
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
        moves: all, up, down, new, or a pair of tiers such as high-basic.

    Returns:
        Columns of the customer mart and from_tier (null if they did not move).
    """
    if moves == EVERYONE:
        everyone = data.selected(view, "customer_mart").filter(pl.col("tier").is_not_null())
        return everyone.with_columns(from_tier=pl.lit(None, pl.String))
    people = data.selected(without_tier(view), "customer_mart")
    if moves == "new":
        return _won(people, view)
    rows = _movers(without_tier(view)).lazy()
    asked = pair_of(moves)
    if asked is None:
        rows = rows.filter(pl.col("move") == moves)
    else:
        rows = rows.filter(pl.col("from_tier") == asked[0], pl.col("to_tier") == asked[1])
    found = people.drop("tier").join(rows, on="customer_id", how="inner", validate="1:1")
    return found.rename({"to_tier": "tier"})


def above_cut_off(view: View) -> pl.LazyFrame:
    """Customers strictly above the highest cut-off of the concentration curve, best first."""
    limit = rules()[1][-1].above * 10 ** settings().money_scale
    above = pl.col("revenue_12m") > limit
    people = data.selected(without_tier(view), "customer_mart").filter(above)
    return people.sort("revenue_12m", "customer_id", descending=[True, False])


def top_tier(view: View) -> pl.LazyFrame:
    """Today's customers of the top tier, best first."""
    people = data.selected(without_tier(view), "customer_mart").filter(pl.col("tier") == TOP)
    return people.sort("revenue_12m", "customer_id", descending=[True, False])


def _won(people: pl.LazyFrame, view: View) -> pl.LazyFrame:
    between = span(view)
    if between is None:
        return people.clear().with_columns(from_tier=pl.lit(None, pl.String))
    month = bucket(pl.col("first_order_on"), Grain.MONTH)
    after = month > first_day(between.start, Grain.MONTH)
    won = people.filter(after & (pl.col("first_order_on") <= between.end))
    return won.with_columns(from_tier=pl.lit(None, pl.String))


@functools.lru_cache(maxsize=4)  # as many rows as customers moved, so only a few are kept
def _movers(view: View) -> pl.DataFrame:
    """Customers whose tier differs between the ends of the period: customer_id, tiers, move."""
    columns = ("customer_id", "from_tier", "to_tier", "move")
    between = span(view)
    if between is None:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))
    history = data.frame(view, "tier_history")
    moves = {
        pair(source, target): direction(source, target)
        for source in scheme().codes
        for target in scheme().codes
    }
    code = pl.concat_str("from_tier", "to_tier", separator=_PAIR)
    return (
        tiers_between(history, between.start, between.end)
        .drop_nulls()
        .filter(pl.col("from_tier") != pl.col("to_tier"))
        .with_columns(move=code.replace_strict(moves, return_dtype=pl.String))
        .select(columns)
        .collect()
    )
