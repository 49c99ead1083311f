"""Lifetime value: how it is reckoned in this version, and by tier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import data
from dashboard.view import View
from metrics.clv.forecast import FIGURES
from metrics.measure import measure, ratio
from metrics.tiers.scheme import scheme


def facts(view: View) -> Mapping[str, Any]:
    """What the figures of this version rest on; see `metrics.clv.worth`."""
    return data.snapshot(view).manifest.facts["clv"]


def tested(view: View) -> Mapping[str, float | None]:
    """Last year's forecast ÷ actual of each figure; None where it was not made, or not tested."""
    found: Mapping[str, Any] = facts(view)["backtest"] or {}
    return {name: found.get(name) for name in FIGURES}


@data.answer
def by_tier(view: View) -> pl.DataFrame:
    """The value of the chosen customers by today's tier.

    Returns:
        One row per tier with such customers, the best first: tier, customers (with a headline
        value), the means clv, clv_formula, clv_second (null: not told), total (of clv), share (of
        the total over all tiers; null unless that is above 0).
    """
    known = pl.col("clv").is_not_null()
    means = {name: pl.col(name).filter(known).mean() for name in FIGURES}
    rows = measure(
        data.selected(view, "customer_mart").filter(pl.col("tier").is_not_null()),
        "tier",
        customers=known.sum().cast(pl.Int64),
        **means,
        total=pl.col("clv").sum(),
    )
    whole = pl.col("total").sum()
    order = pl.LazyFrame({"tier": scheme(view.scheme).codes})
    return (
        order.join(rows, on="tier", how="inner", maintain_order="left", validate="1:1")
        .filter(pl.col("customers") > 0)
        .with_columns(share=pl.when(whole > 0).then(ratio(pl.col("total"), whole)))
        .collect()
    )
