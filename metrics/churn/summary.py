"""The risk of a group of customers in a few numbers, over the rows of the customer mart."""

from __future__ import annotations

import polars as pl

from metrics import intervals
from metrics.churn.win_back import win_back_days
from metrics.measure import count
from metrics.rules import load


def at_risk_probability() -> float:
    """The least probability of churn within 90 days that counts as at risk (`churn.toml`)."""
    return float(load("churn")["at_risk"]["probability"])


def is_at_risk() -> pl.Expr:
    """Whether a customer is at risk: p90 at least that of the rules; false if not scored."""
    return (pl.col("p90") >= at_risk_probability()).fill_null(value=False)


def risk_measures() -> dict[str, pl.Expr]:
    """Customers at risk, revenue at risk, churned customers and how sure churn is.

    The win-back rate is the error rate of the definition: of the customers who counted as churned
    90 days before `as_of` (by what was known then), the share who have bought since.

    Returns:
        Measures over the customer mart: scored, at_risk, may_churn (p90 > 0), revenue_at_risk
        (minor units; null if nobody is scored), revenue_scored (of 12 months), buyers, churned
        (null without buyers), lapsed (churned 90 days ago), came_back (of those), win_back_rate
        with _low and _high (0 to 1, Wilson; null if nobody had lapsed).
    """
    since = (pl.col("silent_days") < win_back_days()).fill_null(value=False)
    was_churned = pl.col("lapsed").fill_null(value=False)
    lapsed, came_back = count(was_churned), count(was_churned & since)
    scored, buyers = pl.col("p90").count().cast(pl.Int64), count(pl.col("tau_days").is_not_null())
    return {
        "scored": scored,
        "at_risk": count(is_at_risk()),
        "may_churn": count((pl.col("p90") > 0).fill_null(value=False)),
        "revenue_at_risk": pl.when(scored > 0).then(pl.col("revenue_at_risk").sum()),
        "revenue_scored": pl.col("revenue_12m").filter(pl.col("p90").is_not_null()).sum(),
        "buyers": buyers,
        "churned": pl.when(buyers > 0).then(count(pl.col("churned").fill_null(value=False))),
        "lapsed": lapsed,
        "came_back": came_back,
        **intervals.share("win_back_rate", came_back, lapsed),
    }


def leading_driver() -> pl.Expr:
    """The strongest reason that raises a customer's risk, beside the silence itself; or null.

    The silence leads nearly every list and has its own columns. Long gaps between purchases are
    left out, too: they slow the return, but the threshold is a multiple of them, so they are no
    reason to fear a departure.

    Returns:
        Expression over `drivers`: struct of driver and effect.
    """
    element = pl.element().struct
    telling = ~element.field("driver").is_in(["usual_gap", "silence"])
    raises = (element.field("effect") > 0) & telling
    return pl.col("drivers").list.eval(pl.element().filter(raises)).list.first()
