"""How few customers bring how much: concentration curve, its cut-offs and Gini coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics.measure import ratio
from metrics.rules import load


@dataclass(frozen=True, slots=True)
class CutOff:
    """A yearly revenue in currency units; customers strictly above it are set apart."""

    above: int
    source: str


def rules() -> tuple[int, tuple[CutOff, ...]]:
    """Most points of a curve, and the cut-offs, lowest first (`tiers.toml`)."""
    table: dict[str, Any] = load("tiers")["concentration"]
    cuts = (CutOff(cut["above"], cut["source"]) for cut in table["cut_offs"])
    return int(table["points"]), tuple(sorted(cuts, key=lambda cut: cut.above))


def concentration_curve(customers: pl.LazyFrame, *, money_scale: int) -> pl.LazyFrame:
    """Share of revenue and profit that the best customers bring, best by revenue first.

    Everybody who ever bought counts, also without revenue in the year, as in the tier mix.
    Customers with net returns or a loss come last or pull down: a curve may then rise above 1
    before it ends at 1. Places are spaced evenly over the customers; those of the cut-offs are
    always among them, exact.

    Args:
        customers: One row per customer: customer_id (breaks ties), first_order_on (null: never
            bought, left out), revenue_12m, profit_12m.
        money_scale: Digits of the money columns after the unit.

    Returns:
        At most 200 rows: customers (the best so many, from 0), customer_share, revenue_12m (of
        them), revenue_share, profit_12m, profit_share (shares null if the total is not positive
        or not recorded), revenue_from (smallest revenue among them, null at 0 customers),
        cut_off (currency units, if just these lie above it; the highest if several; else null);
        sorted by customers. Only the place 0 if there are no customers.
    """
    points, cuts = rules()
    step = (pl.col("customers").last() // (points - len(cuts) - 2) + 1).clip(lower_bound=1)
    kept = (pl.col("customers") % step == 0) | (pl.col("customers") == pl.col("customers").last())
    return (
        _ranked(customers)
        .with_columns(
            cut_off=_cut_off(cuts, money_scale),
            customer_share=ratio(pl.col("customers"), pl.col("customers").last()),
            revenue_share=_of_total("revenue_12m"),
            profit_share=_of_total("profit_12m"),
        )
        .filter(kept | pl.col("cut_off").is_not_null())
        .select(
            "customers",
            "customer_share",
            "revenue_12m",
            "revenue_share",
            "profit_12m",
            "profit_share",
            "revenue_from",
            "cut_off",
        )
    )


def cut_offs(customers: pl.LazyFrame, *, money_scale: int) -> pl.LazyFrame:
    """Customers above each cut-off of `tiers.toml`, and what they bring.

    Above is strict: exactly 10,000 is not above 10,000. Population as in the curve.

    Returns:
        One row per cut-off: cut_off (currency units), source, customers, customers_total,
        customer_share, revenue_12m, revenue_12m_total, revenue_share, profit_12m,
        profit_12m_total, profit_share (shares null if the total is not positive or not
        recorded); sorted by cut_off.
    """
    bought = customers.filter(pl.col("first_order_on").is_not_null())
    return pl.concat(
        bought.select(**_brought_above(cut.above * 10**money_scale)).select(
            pl.lit(cut.above, pl.Int64).alias("cut_off"),
            pl.lit(cut.source).alias("source"),
            pl.all(),
        )
        for cut in rules()[1]
    )


def gini(column: str) -> pl.Expr:
    """Gini coefficient: 0 if all customers bring the same, towards 1 if one brings everything.

    Sum of (2i - n - 1) x_i over the ascending x, divided by n times their sum. Net returns and
    losses count as 0, because the coefficient has no meaning with negative parts.

    Returns:
        Measure over customer rows: 0 to 1, null without a positive value.
    """
    value = pl.col(column).drop_nulls().clip(lower_bound=0).cast(pl.Float64).sort()
    count = value.len().cast(pl.Float64)
    weight = 2 * value.cum_count().cast(pl.Float64) - count - 1
    return ratio((weight * value).sum(), count * value.sum())


def _ranked(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Running totals over the customers, best first, from the place 0."""
    profit = pl.col("profit_12m")
    ranked = (
        customers.filter(pl.col("first_order_on").is_not_null())
        .sort("revenue_12m", "customer_id", descending=[True, False])
        .select(
            customers=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
            revenue_from=pl.col("revenue_12m"),
            revenue_12m=pl.col("revenue_12m").cum_sum(),
            profit_12m=pl.when(profit.count() > 0).then(profit.fill_null(0)).cum_sum(),
        )
    )
    names = ["customers", "revenue_from", "revenue_12m", "profit_12m"]
    schema = {name: pl.Int64() for name in names}
    origin = pl.LazyFrame([[0], [None], [0], [None]], schema=schema)
    return pl.concat([origin, ranked]).with_columns(
        profit_12m=pl.when(pl.col("profit_12m").count() > 0).then(pl.col("profit_12m").fill_null(0))
    )


def _cut_off(cuts: tuple[CutOff, ...], money_scale: int) -> pl.Expr:
    label = pl.lit(None, pl.Int64)
    for cut in cuts:
        above = (pl.col("revenue_from") > cut.above * 10**money_scale).sum()
        label = pl.when(pl.col("customers") == above).then(pl.lit(cut.above)).otherwise(label)
    return label


def _of_total(money: str) -> pl.Expr:
    total = pl.col(money).last()
    return pl.when(total > 0).then(ratio(pl.col(money), total))


def _brought_above(limit: int) -> dict[str, pl.Expr]:
    above = pl.col("revenue_12m") > limit
    revenue, profit = pl.col("revenue_12m"), pl.col("profit_12m")
    known = profit.count() > 0
    best, everybody = above.sum().cast(pl.Int64), pl.len().cast(pl.Int64)
    return {
        "customers": best,
        "customers_total": everybody,
        "customer_share": ratio(best, everybody),
        "revenue_12m": revenue.filter(above).sum(),
        "revenue_12m_total": revenue.sum(),
        "revenue_share": _positive_share(revenue.filter(above).sum(), revenue.sum()),
        "profit_12m": pl.when(known).then(profit.filter(above).sum()),
        "profit_12m_total": pl.when(known).then(profit.sum()),
        "profit_share": _positive_share(profit.filter(above).sum(), profit.sum()),
    }


def _positive_share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(ratio(part, whole))
