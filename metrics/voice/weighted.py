"""The net promoter score by whom an answer stands for: itself, a customer, or their revenue."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics import intervals, nps
from metrics.measure import ratio

WEIGHTINGS = ("responses", "customers", "revenue")


def last_before(end: date) -> pl.Expr:
    """Whether an answer is its customer's last one before a day: each customer counts once.

    Over answers with next_nps_on, the day of the customer's next answer. An anonymous answer has
    none and stands for somebody of its own.
    """
    return pl.col("next_nps_on").is_null() | (pl.col("next_nps_on") >= end)


def weighted_nps(answers: pl.LazyFrame, *, end: date) -> pl.LazyFrame:
    """The score of a period three ways, side by side.

    responses: promoters − detractors ÷ answers. customers: the same of each customer's last answer
    of the period, so that who is asked often does not count often. revenue: Σ revenue of promoters
    − Σ revenue of detractors ÷ Σ revenue, over those last answers of customers with revenue in the
    twelve months up to the end of the data; with it a score of who leaves fades. The interval is
    the adjusted Wald one throughout; with weights of n = (Σw)² ÷ Σw² answers (Kish).

    Args:
        answers: Answers of the period with nps, next_nps_on, revenue (integer, null: unknown).
        end: The first day after the period.

    Returns:
        One row per weighting in the order of `WEIGHTINGS`: weighting, answers (that count), size
        (what the interval rests on), nps, nps_low, nps_high (points; null if nobody counts).

    References:
        Kish (1965), Survey Sampling, chapter 8.2.
    """
    score = pl.col("nps")
    told = answers.filter(score.is_between(0, 10)).select(
        up=nps.is_in(nps.PROMOTER, score),
        down=nps.is_in(nps.DETRACTOR, score),
        last=last_before(end),
        paid=pl.col("revenue").fill_null(0).clip(lower_bound=0).cast(pl.Float64),
    )
    weights = {
        "responses": pl.lit(1.0),
        "customers": pl.col("last").cast(pl.Float64),
        "revenue": pl.when("last").then("paid").otherwise(0.0),
    }
    sums = [told.with_columns(w=weight).select(_sums(name)) for name, weight in weights.items()]
    up, down, whole = pl.col("up"), pl.col("down"), pl.col("whole")
    size = ratio(whole * whole, pl.col("squares"))
    part = size / whole
    low, high = intervals.net_score(up * part, down * part, size)
    return pl.concat(sums).select(
        "weighting",
        "answers",
        size=size,
        nps=nps.net_promoter_score(up, down, whole),
        nps_low=100 * low,
        nps_high=100 * high,
    )


def _sums(weighting: str) -> list[pl.Expr]:
    weight = pl.col("w")
    return [
        pl.lit(weighting).alias("weighting"),
        (weight > 0).sum().cast(pl.Int64).alias("answers"),
        (weight * pl.col("up")).sum().alias("up"),
        (weight * pl.col("down")).sum().alias("down"),
        weight.sum().alias("whole"),
        (weight * weight).sum().alias("squares"),
    ]
