"""Recommendations: who recommends, who comes and buys, and what a customer won so costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from metrics import intervals
from metrics.measure import count, ratio
from metrics.trends import Additive


def referral_rows(referrals: pl.LazyFrame, customers: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Recommendations with whether somebody came and bought.

    Who had bought before the recommendation has come, but was not won by it.

    Args:
        referrals: Contract table referrals.
        customers: customer_id (unique), first_order_on.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per recommendation up to then: referral_id, customer_id (who recommended),
        referred_id, referred_on, reward, came, won_on (first purchase of who came, if it was not
        before the recommendation; null so far).
    """
    first = customers.select(referred_id="customer_id", _first="first_order_on")
    later = (pl.col("_first") >= pl.col("referred_on")) & (pl.col("_first") <= as_of)
    return (
        referrals.filter(pl.col("referred_on") <= as_of)
        .join(first, on="referred_id", how="left", validate="m:1")
        .select(
            *("referral_id", "customer_id", "referred_id", "referred_on", "reward"),
            came=pl.col("referred_id").is_not_null(),
            won_on=pl.when(later).then("_first"),
        )
    )


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {
        **intervals.share("conversion", counts["won"], counts["came"]),
        "cost_per_customer": ratio(counts["reward"], counts["won"]),
    }


RESULTS = Additive(
    {
        "referrals": pl.len().cast(pl.Int64),
        "came": count(pl.col("came")),
        "won": count(pl.col("won_on").is_not_null()),
        "reward": pl.col("reward").sum().cast(pl.Int64),
        "rewards": pl.col("reward").count().cast(pl.Int64),
    },
    _figures,
)
"""Over referral_facts, by the day of the recommendation. referrals, came (somebody did), won (and
bought so far), reward (money paid), rewards (with a recorded one); conversion = won ÷ came with
_low and _high (0 to 1, Wilson), cost_per_customer = rewards paid ÷ won (money); null without."""


def _stars(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    low, high = intervals.mean(counts["stars"], counts["squares"], counts["rated"])
    return {
        "mean": ratio(counts["stars"], counts["rated"]),
        "mean_low": low,
        "mean_high": high,
        **intervals.share("shared_share", counts["shared"], counts["shared_known"]),
    }


_rating = pl.col("rating").cast(pl.Int64)

REVIEWS = Additive(
    {
        "reviews": pl.len().cast(pl.Int64),
        "rated": _rating.count().cast(pl.Int64),
        "stars": _rating.sum(),
        "squares": (_rating * _rating).sum(),
        "shared": count(pl.col("shared")),
        "shared_known": count(pl.col("shared").is_not_null()),
    },
    _stars,
)
"""Over review_facts, by the day they were posted. reviews; mean stars (1 to 5) with _low and
_high; shared_share (0 to 1): passed on by the company; null without any."""
