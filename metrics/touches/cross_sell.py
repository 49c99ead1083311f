"""Cross-selling: whoever bought a product is advised of its accessory, and buys it or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics import intervals
from metrics.measure import count
from metrics.revenue import is_purchase
from metrics.rules import load
from metrics.touches.rule import Touch
from metrics.trends import Additive


def advice() -> Touch:
    """What counts as advice, as a touch without a limit."""
    contents = tuple(load("touches")["cross_sell"]["contents"])
    return Touch("advice", "first_order", 0, 0, "S0", contents=contents)


def within() -> timedelta:
    """How long after the advice the accessory counts as taken."""
    return timedelta(days=load("touches")["cross_sell"]["within_days"])


def pairs(products: pl.DataFrame) -> pl.DataFrame:
    """Products with their accessories: product, accessory; sorted."""
    known = products.drop_nulls("accessory_of")
    return known.select(product="accessory_of", accessory="product").unique().sort(pl.all())


def first_bought(
    lines: IntoLazyFrameT, orders: IntoLazyFrameT, products: Sequence[str], *, since: date
) -> IntoLazyFrameT:
    """The first day since a day on which each customer bought each of some products (portable).

    Args:
        lines: Contract table order_lines; returned units count nowhere.
        orders: Contract table orders, by number.
        products: Which.
        since: The first day.

    Returns:
        One row per customer and product, unordered: customer_id, product, bought_on.
    """
    placed = nw.from_native(orders).filter(is_purchase(nw.col), nw.col("ordered_on") >= since)
    asked = nw.from_native(lines).filter(nw.col("product").is_in(products), nw.col("quantity") > 0)
    return (
        asked.select("order_id", "product")
        .join(placed.select("order_id", "customer_id", "ordered_on"), on="order_id", how="inner")
        .group_by("customer_id", "product")
        .agg(bought_on=nw.col("ordered_on").min())
        .to_native()
    )


def cross_sells(bought: pl.LazyFrame, pairs: pl.DataFrame) -> pl.LazyFrame:
    """Who bought a product without having its accessory, and when they bought that.

    Args:
        bought: Of `first_bought`.
        pairs: Of `pairs`.

    Returns:
        One row per customer and pair: customer_id, product, accessory, bought_on, taken_on (the
        first day with the accessory, null if none). Who bought the accessory first is left out.
    """
    later = bought.select("customer_id", accessory="product", taken_on="bought_on")
    return (
        bought.join(pairs.lazy(), on="product", how="inner")
        .join(later, on=["customer_id", "accessory"], how="left", validate="m:1")
        .filter((pl.col("taken_on") >= pl.col("bought_on")).fill_null(value=True))
    )


def take_up(*, as_of: date) -> Additive:
    """Accessories taken, over the mart cross_sells.

    take_up = customers who bought the accessory within 30 days of the first advice after the
    product ÷ advice whose 30 days are over by `as_of`. Who had bought it before the advice needed
    none and is on neither side. buyers, attached (with the accessory so far), unadvised (neither
    advised nor with it), advised, judged, taken (counts); take_up with _low and _high (0 to 1,
    Wilson; null if nothing is judged).
    """
    advised = pl.col("advised_on").is_not_null() & (
        pl.col("taken_on").is_null() | (pl.col("taken_on") >= pl.col("advised_on"))
    )
    judged = advised & (pl.col("advised_on") + within() <= as_of)
    taken = judged & (pl.col("taken_on") <= pl.col("advised_on") + within())
    return Additive(
        {
            "buyers": pl.len().cast(pl.Int64),
            "attached": count(pl.col("taken_on").is_not_null()),
            "unadvised": count(unadvised()),
            "advised": count(advised),
            "judged": count(judged),
            "taken": count(taken),
        },
        lambda counts: intervals.share("take_up", counts["taken"], counts["judged"]),
    )


def unadvised() -> pl.Expr:
    """Whether a customer has neither the accessory nor been advised of it."""
    return pl.col("taken_on").is_null() & pl.col("advised_on").is_null()
