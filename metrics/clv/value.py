"""The value of each customer: by survival and spending, and by the formula of the plans."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from metrics.clv.rule import MONTH, Terms
from metrics.clv.staying import Staying
from metrics.measure import ratio
from metrics.rules import load
from metrics.survival import origin

_YEAR = 365


def arpu(people: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Revenue a month of each customer, shrunk to the mean of the segment.

    (revenue of 12 months + 90 x segment's revenue a customer and day) / (days + 90) x 365 / 12,
    never below 0; days since the first purchase, 365 at most. Without shrinkage customers of a few
    days would be worth many times what they turn out to be.

    Args:
        people: first_on, segment, revenue_12m; one row per customer who has bought.
        as_of: Last day of the data, inclusive.

    Returns:
        The rows with arpu (Float64, 10**-money_scale a month).
    """
    prior = load("clv")["shrinkage"]["prior_days"]
    days = ((pl.lit(as_of) - pl.col("first_on")).dt.total_days() + 1).clip(1, _YEAR)
    mean = ratio(pl.col("revenue_12m").sum().cast(pl.Float64), days.sum()).over("segment")
    daily = (pl.col("revenue_12m") + prior * mean) / (days + prior)
    return people.with_columns(arpu=daily.clip(lower_bound=0) * MONTH)


def values(
    people: pl.DataFrame,
    staying: Staying,
    terms: Terms,
    *,
    win_back: float | None,
    as_of: date,
    observed_from: date,
) -> pl.DataFrame:
    """Two values of every customer.

    `clv` = margin x ARPU x sum over months m of S(t + m) / S(t) x 1.12 ** (-m / 12) - CAC: S is the
    share of the segment's customers still there, t the customer's own tenure. A churned customer's
    gross value counts with the win-back rate, because so many come back; it is not 0.

    `clv_formula` = ARPU x retention x lifetime - CAC, as the plans write it, with retention
    S(t + 365) / S(t) and lifetime the restricted mean of S. It counts churn twice, because the
    lifetime has the retention in it already, and revenue instead of margin; it does not know who
    has left.

    Args:
        people: customer_id, segment, first_on, tau_days, registered_on (optional), churned,
            revenue_12m; customers who have bought.
        staying: Survival by segment.
        terms: Months, discount, margin, acquisition cost.
        win_back: Share of the churned who come back (`win_back_rate`); None: unknown, then the
            churned have no value.
        as_of: Last day of the data, inclusive.
        observed_from: First day of the data.

    Returns:
        The rows in their order: customer_id, clv, clv_formula (Float64, 10**-money_scale).
    """
    born = origin(people.collect_schema().names(), observed_from)
    rows = (
        arpu(people.lazy(), as_of=as_of)
        .with_columns(tenure=(pl.lit(as_of) - born).dt.total_days())
        .collect()
    )
    months, kept, lifetime = _stays(rows, staying, terms)
    there = pl.when(pl.col("churned")).then(pl.lit(win_back, pl.Float64)).otherwise(1.0)
    return rows.select(
        "customer_id",
        clv=terms.margin * pl.col("arpu") * pl.lit(months) * there - terms.cost,
        clv_formula=pl.col("arpu") * pl.lit(kept) * pl.lit(lifetime) - terms.cost,
    )


def _stays(
    rows: pl.DataFrame, staying: Staying, terms: Terms
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Of each customer the discounted months left, the chance of another year, and the lifetime."""
    tenure = rows["tenure"].to_numpy()
    segment = rows["segment"].fill_null("").rank("dense").to_numpy() - 1
    names = rows.select(pl.col("segment").fill_null("")).to_series().unique().sort().to_list()
    found = np.empty((3, rows.height))
    for place, name in enumerate(names):
        curve, own = staying.curve(name or None), segment == place
        day = np.minimum(tenure[own], len(curve.survival) - 1)
        found[0, own] = curve.months_left(terms)[day]
        found[1, own] = curve.retention()[day]
        found[2, own] = curve.lifetime(terms.months)
    months, kept, lifetime = (pl.Series(each) for each in found)
    return months, kept, lifetime
