"""Where the risk lies: expected churners and revenue at risk by tier, segment and region."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import churn_risk
from dashboard.view import View
from metrics.churn.expected import expected_churn
from metrics.measure import measure

DIMENSIONS = ("tier", "segment", "region")


@data.answer
def segments(view: View, by: tuple[str, ...]) -> pl.DataFrame:
    """Expected churn of every group that has somebody scored; see `expected_churn`.

    Args:
        view: The view.
        by: Some of DIMENSIONS.

    Returns:
        One row per combination of `by` that occurs (null: unknown): `by` and the measures, most
        revenue at risk first, ties by `by`.
    """
    rows = measure(churn_risk.customers(view), *by, **expected_churn())
    descending = [True, *[False] * len(by)]
    scored = rows.filter(pl.col("scored") > 0)
    return scored.sort("revenue_at_risk", *by, descending=descending, nulls_last=True).collect()
