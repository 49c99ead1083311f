"""What the tiers page asks: the mix by month, movement between two month ends, concentration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers.over_time import Topic
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, first_day, shift_months
from metrics.selection import Period
from metrics.tiers import concentration as curves
from metrics.tiers.history import ends
from metrics.tiers.mix import movement, tier_mix
from metrics.tiers.scheme import scheme

MART = "tier_months"
_DAY = timedelta(days=1)
UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class Span:
    """From the end of the month of `start` to the end of the month of `end` (or as of).

    `cut`: the period begins earlier, when less than a year of orders was known.
    """

    start: date
    end: date
    cut: bool = False


def without_tier(view: View) -> View:
    """The view without its filter on tiers: a mix of one tier, or moves out of it, say nothing."""
    return view.without("tier")


def topic(view: View) -> Topic:
    """The month ends, by their month."""
    earliest = data.first_day(view, MART, "month")
    return Topic(data.selected(view, MART), "month", data.as_of(view, "orders"), earliest)


def first_whole(view: View) -> date:
    """The first month at whose end a whole year of orders is known; before, tiers are too low."""
    return shift_months(data.first_day(view, "order_months", "month"), 11)


def span(view: View) -> Span | None:
    """The month ends between which customers moved in the period; None if less than a year."""
    return _span(view, topic(view).period(view))


def _whole_span(view: View, period: Period) -> Span | None:
    found = _span(view, period)
    return None if found is None or found.cut else found


def _span(view: View, period: Period) -> Span | None:
    start, whole = period.start - _DAY, first_whole(view)
    if period.days == 0 or period.last_month <= whole:
        return None
    cut = first_day(start, Grain.MONTH) < whole
    return Span(max(start, whole), period.end - _DAY, cut=cut)


@data.answer
def mix_months(view: View) -> pl.DataFrame:
    """The mix at every month end, whatever tier is filtered: see `tier_mix`; and `whole`.

    `whole` tells whether the trailing year of that month end lies wholly in the data.
    """
    about = topic(without_tier(view))
    whole = pl.col("month") >= first_whole(view)
    return (
        tier_mix(about.rows, scheme=scheme(view.scheme), as_of=about.as_of)
        .with_columns(whole=whole)
        .collect()
    )


@data.answer
def mix(view: View) -> pl.DataFrame:
    """The mix at the month ends of the period, with at least a year up to its end."""
    window = topic(view).window(view)
    inside = pl.col("month").is_between(first_day(window.start, Grain.MONTH), window.end - _DAY)
    return mix_months(view).filter(inside)


def mix_at_end(view: View) -> dict[str, dict[str, Any]]:
    """The rows of the last month end of the period, by tier; empty without customers."""
    end = topic(view).period(view).last_month
    rows = mix_months(view).filter(pl.col("month") == end)
    return {row["tier"]: row for row in rows.iter_rows(named=True)}


@data.answer
def moved(view: View) -> pl.DataFrame:
    """Customers by tier at the beginning and end of the period, see `movement`.

    Nobody if less than a year of orders is known at the end of the period. At 2 million customers
    30 ms of CPU for each pair of dates.
    """
    return _moved(without_tier(view).whenever(), span(view))


@data.answer
def _moved(view: View, between: Span | None) -> pl.DataFrame:
    return movement(ends_of(view, between), scheme=scheme(view.scheme)).collect()


def ends_of(view: View, between: Span | None) -> pl.LazyFrame:
    """The tiers of those chosen at two month ends, see `ends`; deleted customers included.

    No rows without a span. A filter on stages leaves deleted customers out: they have none.
    """
    states = data.selected(without_tier(view), "tier_states")
    if between is None:
        return ends(states.clear(), date.min, date.min)
    return ends(states, between.start, between.end)


@data.answer
def turns(view: View) -> Mapping[str, int]:
    """Customers who moved up, down, stayed, came, left; `both`: had a tier at both ends."""
    return _turns(view, moved(view))


def turns_before(view: View) -> Mapping[str, int]:
    """The same in the compared period; empty if that does not lie wholly in the data."""
    return turns_in(view, view.compared(topic(view).period(view)))


def turns_in(view: View, period: Period) -> Mapping[str, int]:
    """The same in any period; empty if that does not lie wholly in the data."""
    between = _whole_span(view, period)
    return _turns(view, _moved(without_tier(view).whenever(), between)) if between else {}


def top(view: View) -> str:
    """The best tier."""
    return scheme(view.scheme).codes[0]


def direction(codes: Sequence[str], source: str, target: str) -> str:
    """What a move is: `up`, `down`, `stayed`, `new` (came) or `gone` (left).

    Args:
        codes: The tiers, the best first.
        source: From where.
        target: To where.
    """
    if source not in codes:
        return "new"
    if target not in codes:
        return "gone"
    step = codes.index(target) - codes.index(source)
    return "stayed" if step == 0 else DOWN if step > 0 else UP


def _turns(view: View, moves: pl.DataFrame) -> Mapping[str, int]:
    codes = scheme(view.scheme).codes
    counted: dict[str, int] = dict.fromkeys(("up", "down", "stayed", "new", "gone"), 0)
    for source, target, customers in moves.select("from_tier", "to_tier", "customers").rows():
        counted[direction(codes, source, target)] += customers
    return counted | {"both": counted[UP] + counted[DOWN] + counted["stayed"]}


@data.answer
def concentration(view: View) -> pl.DataFrame:
    """The concentration curve of the last 12 months, see `concentration_curve`."""
    people = data.selected(without_tier(view), "customer_mart")
    return curves.concentration_curve(people, money_scale=settings().money_scale).collect()


@data.answer
def cut_offs(view: View) -> pl.DataFrame:
    """Who lies above the cut-offs and what they bring, see `concentration.cut_offs`."""
    people = data.selected(without_tier(view), "customer_mart")
    return curves.cut_offs(people, money_scale=settings().money_scale).collect()


@data.answer
def gini(view: View) -> float | None:
    """Gini coefficient of the last 12 months' revenue over everyone who ever bought."""
    bought = data.selected(without_tier(view), "customer_mart").filter(
        pl.col("first_order_on").is_not_null()
    )
    return bought.select(curves.gini("revenue_12m")).collect().item()
