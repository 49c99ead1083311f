"""The risk of a group of customers in a few numbers, over the rows of the customer mart."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from metrics import intervals
from metrics.churn.win_back import win_back_days
from metrics.measure import count
from metrics.rules import load
from metrics.trends import Additive


def at_risk_probability() -> float:
    """The least probability of churn within 90 days that counts as at risk (`churn.toml`)."""
    return float(load("churn")["at_risk"]["probability"])


def is_at_risk() -> pl.Expr:
    """Whether a customer is at risk: p90 at least that of the rules; false if not scored."""
    return (pl.col("p90") >= at_risk_probability()).fill_null(value=False)


def expected_loss() -> pl.Expr:
    """Revenue at risk: p90 x `yearly_revenue`; null if not scored.

    Returns:
        Expression over p90, monthly_amount and revenue_365: whole minor units (Int64).
    """
    return (pl.col("p90") * yearly_revenue()).round().cast(pl.Int64)


def yearly_revenue() -> pl.Expr:
    """What a departure would cost: twelve monthly amounts, or else revenue of the last 365 days.

    More returns than orders are 0.
    """
    return pl.coalesce(12 * pl.col("monthly_amount"), "revenue_365").clip(lower_bound=0)


def risk_counts() -> dict[str, pl.Expr]:
    """The counts behind the cards that may be added up, over one row per customer.

    Returns:
        buyers (or who has had a contract), scored, at_risk, revenue_at_risk (minor units), churned;
        Int64, never null.
    """
    return {
        "buyers": count(pl.col("churned").is_not_null()),
        "scored": pl.col("p90").count().cast(pl.Int64),
        "at_risk": count(is_at_risk()),
        "revenue_at_risk": pl.col("revenue_at_risk").sum(),
        "churned": count(pl.col("churned").fill_null(value=False)),
    }


def win_back_counts() -> dict[str, pl.Expr]:
    """Customers who counted as churned 90 days ago, and those of them who have come back since.

    Come back: bought, or signed a contract; also one that has ended since. Nobody who counted as
    churned was under contract then.

    Returns:
        Over silent_days, contract_days, contract_ended_on, remaining_days and lapsed, one row per
        customer: lapsed, came_back; Int64, never null.
    """
    was_churned = pl.col("lapsed").fill_null(value=False)
    return {"lapsed": count(was_churned), "came_back": count(was_churned & _is_back())}


def recent_win_back_counts() -> dict[str, pl.Expr]:
    """Of the same those who had become churned within the 90 days before: lapsed_lately, back_soon.

    Who left years ago hardly ever comes back, and there are more of them every year: only leavers
    of one quarter can be held against those of another.
    """
    lately = pl.col("lapsed_lately").fill_null(value=False)
    return {"lapsed_lately": count(lately), "back_soon": count(lately & _is_back())}


def _is_back() -> pl.Expr:
    days, ended = win_back_days(), pl.col("contract_ended_on").is_not_null()
    bought = (pl.col("silent_days") < days).fill_null(value=False)
    signed = pl.col("contract_days").is_not_null() | (ended & (pl.col("remaining_days") > -days))
    return bought | signed.fill_null(value=False)


def _came_back(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return intervals.share("win_back_rate", counts["came_back"], counts["lapsed"])


def _back_soon(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return intervals.share("recent_win_back", counts["back_soon"], counts["lapsed_lately"])


RECENT_WIN_BACK = Additive(
    {name: pl.col(name).sum() for name in ("lapsed_lately", "back_soon")}, _back_soon
)
"""The share who have come back of those who left lately, over rows of `risk_months`. Source: S0.

Returns:
    recent_win_back with _low and _high (0 to 1, Wilson; null if nobody had left lately).
"""


def risk_figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    """The figures of the cards from their counts: of customers, or sums over `risk_months`.

    The win-back rate is the error rate of the definition: of the customers who counted as churned
    90 days before (by what was known then), the share who have bought or signed a contract since.

    Args:
        counts: Of `risk_counts` and `win_back_counts`.

    Returns:
        The counts, at_risk and revenue_at_risk null if nobody is scored, churned null without
        buyers; win_back_rate with _low and _high (0 to 1, Wilson; null if nobody had lapsed).
    """
    scored = pl.when(counts["scored"] > 0)
    return {
        **counts,
        "at_risk": scored.then(counts["at_risk"]),
        "revenue_at_risk": scored.then(counts["revenue_at_risk"]),
        "churned": pl.when(counts["buyers"] > 0).then(counts["churned"]),
        **_came_back(counts),
    }


def risk_measures() -> dict[str, pl.Expr]:
    """Customers at risk, revenue at risk, churned customers and how sure churn is.

    Returns:
        Measures over the customer mart: those of `risk_figures`, may_churn (p90 > 0) and
        revenue_scored (`yearly_revenue` of those scored, minor units).
    """
    return {
        **risk_figures({**risk_counts(), **win_back_counts()}),
        "may_churn": count((pl.col("p90") > 0).fill_null(value=False)),
        "revenue_scored": yearly_revenue().filter(pl.col("p90").is_not_null()).sum(),
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
