"""What the tiers page asks: the mix by month, movement between two month ends, concentration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers.over_time import SPARK_MONTHS, Topic
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, first_day, shift_months
from metrics.selection import Period
from metrics.tiers import concentration as curves
from metrics.tiers.mix import movement, tier_mix
from metrics.tiers.scheme import scheme

MART = "tier_months"
TOP = scheme().codes[0]
_DAY = timedelta(days=1)
_UP, _DOWN = "up", "down"


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


def _month(day: date) -> date:
    return first_day(day, Grain.MONTH)


def span(view: View) -> Span | None:
    """The month ends between which customers moved in the period; None if less than a year."""
    return _span(view, topic(view).period(view))


def span_before(view: View) -> Span | None:
    """The same for the compared period; None unless it lies wholly in the data."""
    before = _span(view, view.compared(topic(view).period(view)))
    return None if before is None or before.cut else before


def _span(view: View, period: Period) -> Span | None:
    start, end = period.start - _DAY, period.end - _DAY
    whole = first_whole(view)
    if period.days == 0 or _month(end) <= whole:
        return None
    return Span(max(start, whole), end, cut=_month(start) < whole)


@data.answer
def mix_months(view: View) -> pl.DataFrame:
    """The mix at every month end, whatever tier is filtered: see `tier_mix`; and `whole`.

    `whole` tells whether the trailing year of that month end lies wholly in the data.
    """
    about = topic(without_tier(view))
    whole = pl.col("month") >= first_whole(view)
    return (
        tier_mix(about.rows, scheme=scheme(), as_of=about.as_of).with_columns(whole=whole).collect()
    )


@data.answer
def mix(view: View) -> pl.DataFrame:
    """The mix at the month ends of the period, with at least a year up to its end."""
    window = topic(view).window(view)
    inside = pl.col("month").is_between(_month(window.start), window.end - _DAY)
    return mix_months(view).filter(inside)


def mix_at_end(view: View) -> dict[str, dict[str, Any]]:
    """The rows of the last month end of the period, by tier; empty without customers."""
    end = _month(topic(view).period(view).end - _DAY)
    rows = mix_months(view).filter(pl.col("month") == end)
    return {row["tier"]: row for row in rows.iter_rows(named=True)}


@data.answer
def headline(view: View) -> dict[str, Reading]:
    """Trailing-year revenue and profit, the top tier's customers and share, net tier moves."""
    if mix_months(view).is_empty():
        keys = ("revenue_12m", "profit_12m", "top_tier_customers", "top_tier_revenue")
        return dict.fromkeys((*keys, "net_tier_moves"), unavailable("no_customers"))
    figures = {
        "revenue_12m": "revenue_12m_total",
        "profit_12m": "profit_12m_total",
        "top_tier_customers": "customers",
        "top_tier_revenue": "revenue_12m_share",
    }
    readings = {key: _state(view, figure) for key, figure in figures.items()}
    if readings["profit_12m"].value is None:
        readings["profit_12m"] = unavailable("no_profit")
    return {**readings, "net_tier_moves": _net(view)}


def _state(view: View, figure: str) -> Reading:
    """A figure of the top tier's row at the end of the period; months of less than a year out."""
    period = topic(view).period(view)
    compared = view.compared(period)
    end = _month(period.end - _DAY)
    rows = mix_months(view).filter(pl.col("tier") == TOP, pl.col("month") <= end)
    now = rows.filter(pl.col("month") == end)
    value = now[figure].item() if now.height else None
    if value is None:
        return unavailable("no_rows")
    then = rows.filter(pl.col("month") == _month(compared.end - _DAY), pl.col("whole"))
    trend = rows.filter(pl.col("whole")).tail(SPARK_MONTHS)
    return Reading(
        value=value,
        previous=then[figure].item() if then.height and compared.days else None,
        n=now["customers_total"].item(),
        trend=tuple(trend[figure].to_list()),
        running=trend.height > 0 and not trend["complete"][-1],
    )


def _net(view: View) -> Reading:
    if span(view) is None:
        return unavailable("short_year")
    now, before = turns(view), turns_before(view)
    return Reading(
        value=now[_UP] - now[_DOWN],
        previous=before[_UP] - before[_DOWN] if before else None,
        n=now["both"],
    )


@data.answer
def moved(view: View) -> pl.DataFrame:
    """Customers by tier at the beginning and end of the period, see `movement`.

    No rows if less than a year of orders is known at the end of the period.
    """
    return _moved(view, span(view))


def _moved(view: View, between: Span | None) -> pl.DataFrame:
    history = _history(without_tier(view))
    if between is None:
        history, between = history.clear(), Span(date.min, date.min)
    return movement(history, scheme=scheme(), start=between.start, end=between.end).collect()


def _history(view: View) -> pl.LazyFrame:
    """The tier history of the customers chosen; with deleted ones as far as filters know them."""
    history = data.frame(view, "tier_history")
    if view.selection.is_everything:
        return history
    staged = any(dimension == "stage" for dimension, _ in view.selection.filters)
    people = data.selected(view, "customer_mart" if staged else "customers")
    return history.join(people.select("customer_id"), on="customer_id", how="semi")


@data.answer
def turns(view: View) -> Mapping[str, int]:
    """Customers who moved up, down, stayed, came, left; `both`: had a tier at both ends."""
    return _turns(moved(view))


@data.answer
def turns_before(view: View) -> Mapping[str, int]:
    """The same in the compared period; empty if that does not lie wholly in the data."""
    before = span_before(view)
    return _turns(_moved(view, before)) if before else {}


def direction(source: str, target: str) -> str:
    """What a move is: `up`, `down`, `stayed`, `new` (came) or `gone` (left)."""
    codes = scheme().codes
    if source not in codes:
        return "new"
    if target not in codes:
        return "gone"
    step = codes.index(target) - codes.index(source)
    return "stayed" if step == 0 else _DOWN if step > 0 else _UP


def _turns(moves: pl.DataFrame) -> Mapping[str, int]:
    counted: dict[str, int] = dict.fromkeys(("up", "down", "stayed", "new", "gone"), 0)
    for source, target, customers in moves.select("from_tier", "to_tier", "customers").rows():
        counted[direction(source, target)] += customers
    return counted | {"both": counted[_UP] + counted[_DOWN] + counted["stayed"]}


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
