"""How many customers of a group will churn within 90 days, and what goes with them."""

from __future__ import annotations

import polars as pl

from metrics.churn.summary import yearly_revenue
from metrics.intervals import Z95
from metrics.measure import count, ratio


def expected_churn() -> dict[str, pl.Expr]:
    """Expected churners and revenue at risk of a group, each with its 95 % interval.

    Each customer churns or not, on their own, with their p90: the number of churners is
    Poisson-binomial, with mean sum(p) and variance sum(p(1-p)); the revenue v that goes with them
    has mean sum(pv) and variance sum(p(1-p)v²). The intervals are the normal ones of these, cut at
    nobody and at everybody. They hold chance only: that the model itself may be off by some per
    cent in either direction, for all customers at once, is told by its backtest.

    Returns:
        Measures over the customer mart: scored, may_churn (p90 > 0; customers), churners with _low
        and _high (customers, Float64), revenue_at_risk with _low and _high (minor units), revenue
        (of those scored, last 365 days, minor units), churn_share (churners ÷ scored) and
        revenue_share (at risk ÷ revenue); all but the counts null if nobody is scored.
    """
    p, value = pl.col("p90"), yearly_revenue().cast(pl.Float64)
    scored = p.is_not_null()
    somebody = pl.when(p.count() > 0)
    everybody, revenue = p.count().cast(pl.Float64), value.filter(scored).sum()
    churners, lost = p.sum(), pl.col("revenue_at_risk").sum().cast(pl.Float64)
    spread = Z95 * (p * (1 - p)).sum().sqrt()
    money_spread = Z95 * (p * (1 - p) * value.pow(2)).sum().sqrt()
    return {
        "scored": count(scored),
        "may_churn": count((p > 0).fill_null(value=False)),
        "churners": somebody.then(churners),
        "churners_low": somebody.then((churners - spread).clip(lower_bound=0.0)),
        "churners_high": somebody.then(pl.min_horizontal(churners + spread, everybody)),
        "revenue_at_risk": somebody.then(lost),
        "revenue_at_risk_low": somebody.then((lost - money_spread).clip(lower_bound=0.0)),
        "revenue_at_risk_high": somebody.then(pl.min_horizontal(lost + money_spread, revenue)),
        "revenue": somebody.then(revenue),
        "churn_share": ratio(churners, everybody),
        "revenue_share": ratio(lost, revenue),
    }
