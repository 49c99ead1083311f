"""Cross-selling: who bought a product without its accessory, was advised of it, and took it."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers import gaps
from dashboard.answers.over_time import Topic, reading
from dashboard.reading import Reading
from dashboard.view import View
from metrics.calendar import shift_months
from metrics.measure import measure
from metrics.touches import cross_sell

MART = "cross_sells"
_PAIR = ("product", "accessory")


def any_pair(view: View) -> bool:
    """Whether anybody bought a product that has an accessory."""
    return not by_pair(view).is_empty()


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of accessories taken after advice, and of those to suggest now."""
    as_of = data.as_of(view, "orders")
    rows = data.selected(view, MART)
    earliest = shift_months(as_of, -13)  # longer than the mart looks back
    advised = Topic(rows.drop_nulls("advised_on"), "advised_on", as_of, earliest)
    what = cross_sell.take_up(as_of=as_of)
    taken = reading(advised, what, view, figure="take_up", n=("judged",), reason="no_advice")
    pairs = by_pair(view)
    return {
        "cross_sell_take_up": taken,
        "cross_sell_open": Reading(int(pairs["unadvised"].sum()), n=int(pairs["buyers"].sum())),
    }


@data.answer
def by_pair(view: View) -> pl.DataFrame:
    """Each product and accessory, most to suggest first: product, accessory, counts, take-up."""
    what = cross_sell.take_up(as_of=data.as_of(view, "orders"))
    rows = measure(data.selected(view, MART), *_PAIR, **what.over_rows())
    return rows.sort("unadvised", *_PAIR, descending=[True, False, False]).collect()


@data.once
def first_day(view: View) -> date:
    """The first day on which somebody bought a product with an accessory."""
    return data.first_day(view, MART, "bought_on")


def to_suggest(view: View, product: str, accessory: str) -> pl.LazyFrame:
    """The customers to suggest an accessory to, as rows of the customer mart with bought_on."""
    rows = data.selected(view, MART).filter(
        cross_sell.unadvised(),
        pl.col("product") == product,
        pl.col("accessory") == accessory,
    )
    people = data.selected(view.without("tier"), "customer_mart")
    bought = rows.select("customer_id", "bought_on")
    return people.join(bought, on="customer_id", how="inner", validate="1:1")
