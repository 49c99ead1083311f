"""The risk of a group of customers in a few numbers, over the rows of the customer mart."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics import intervals
from metrics.rules import load


def at_risk_probability() -> float:
    """The least probability of churn within 90 days that counts as at risk (`churn.toml`)."""
    return float(load("churn")["at_risk"]["probability"])


def is_at_risk() -> pl.Expr:
    """Whether a customer is at risk: p90 at least that of the rules; false if not scored."""
    return (pl.col("p90") >= at_risk_probability()).fill_null(value=False)


def risk_measures(*, as_of: date) -> dict[str, pl.Expr]:
    """Customers at risk, revenue at risk, churned customers and how sure churn is.

    The win-back rate is the error rate of the definition: of the customers whose silence had
    passed their threshold 90 days before `as_of`, the share who have bought since. Today's
    threshold is used for then, so that both numbers on the page are the same.

    Returns:
        Measures over the customer mart: scored, at_risk, may_churn (p90 > 0), revenue_at_risk
        (minor units; null if nobody is scored), revenue_scored (of 12 months), buyers, churned
        (null without buyers), lapsed (churned 90 days ago), came_back (of those), win_back_rate
        with _low and _high (0 to 1, Wilson; null if nobody had lapsed).
    """
    days = int(load("lifecycle")["won_back"]["within_days"])
    still = pl.col("silent_days") - pl.col("tau_days") >= days
    since = (pl.lit(as_of) - pl.col("won_back_on")).dt.total_days()
    lapsed_then = since + pl.col("broken_silence_days") - pl.col("tau_days") >= days
    back = ((since < days) & lapsed_then).fill_null(value=False)
    came_back, gone = _count(back), _count(still.fill_null(value=False) & ~back)
    lapsed = came_back + gone
    scored, buyers = pl.col("p90").count().cast(pl.Int64), _count(pl.col("tau_days").is_not_null())
    return {
        "scored": scored,
        "at_risk": _count(is_at_risk()),
        "may_churn": _count((pl.col("p90") > 0).fill_null(value=False)),
        "revenue_at_risk": pl.when(scored > 0).then(pl.col("revenue_at_risk").sum()),
        "revenue_scored": pl.col("revenue_12m").filter(pl.col("p90").is_not_null()).sum(),
        "buyers": buyers,
        "churned": pl.when(buyers > 0).then(_count(pl.col("churned").fill_null(value=False))),
        "lapsed": lapsed,
        "came_back": came_back,
        **intervals.share("win_back_rate", came_back, lapsed),
    }


def _count(holds: pl.Expr) -> pl.Expr:
    return holds.sum().cast(pl.Int64)


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
