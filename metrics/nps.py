"""Net promoter score: how many would recommend us, less how many would not."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from metrics import intervals
from metrics.measure import count, ratio
from metrics.trends import Additive

PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"
_SCORES = {PROMOTER: (9, 10), PASSIVE: (7, 8), DETRACTOR: (0, 6)}


def is_in(group: str, score: pl.Expr) -> pl.Expr:
    """Whether a 0–10 score is that of a promoter, passive or detractor; null if unanswered."""
    return score.is_between(*_SCORES[group])


def group(score: pl.Expr) -> pl.Expr:
    """Which kind of answer a 0–10 score is: promoter 9–10, passive 7–8, detractor 0–6.

    Null if unanswered or off the scale (some sources code a blank as 11).
    """
    return pl.coalesce(pl.when(is_in(name, score)).then(pl.lit(name)) for name in _SCORES)


def net_promoter_score(promoters: pl.Expr, detractors: pl.Expr, responses: pl.Expr) -> pl.Expr:
    """Net promoter score: share of promoters (9–10) minus share of detractors (0–6), in points.

    Passives (7–8) count only in the denominator; unanswered surveys on neither side.

    Returns:
        -100 to 100, null if nobody answered. Source: S0 (target 60), S3 (target 50).

    References:
        Reichheld (2003), "The One Number You Need to Grow", Harvard Business Review 81(12).
    """
    return 100 * ratio(promoters - detractors, responses)


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    promoters, detractors = counts["promoters"], counts["detractors"]
    responses = counts["responses"]
    low, high = intervals.net_score(promoters, detractors, responses)
    return {
        "nps": net_promoter_score(promoters, detractors, responses),
        "nps_low": 100 * low,
        "nps_high": 100 * high,
    }


NPS = Additive(
    {
        "promoters": count(is_in(PROMOTER, pl.col("nps"))),
        "passives": count(is_in(PASSIVE, pl.col("nps"))),
        "detractors": count(is_in(DETRACTOR, pl.col("nps"))),
        "responses": count(pl.col("nps").is_between(0, 10)),
    },
    _figures,
)
"""Net promoter score with its counts and 95 % interval, over rows with a column `nps`:
promoters, passives, detractors, responses; nps, nps_low, nps_high (points, -100 to 100, adjusted
Wald; null if nobody answered)."""


def score_distribution(facts: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """Answers per score.

    Returns:
        One row per `by` × score: `by`, score (0 to 10, all of them), responses, share (of the
        answers of that `by`; null if there are none); sorted by `by` (nulls last), score.
    """
    scores = pl.LazyFrame({"score": range(11)}, schema={"score": pl.Int16})
    grid = facts.select(by).unique().join(scores, how="cross") if by else scores
    answered = facts.filter(pl.col("nps").is_between(0, 10)).with_columns(
        score=pl.col("nps").cast(pl.Int16)
    )
    counted = answered.group_by(*by, "score").agg(responses=pl.len().cast(pl.Int64))
    whole = pl.col("responses").sum()
    return (
        grid.join(counted, on=[*by, "score"], how="left", nulls_equal=True, validate="1:1")
        .with_columns(pl.col("responses").fill_null(0))
        .with_columns(share=ratio(pl.col("responses"), whole.over(by) if by else whole))
        .select(*by, "score", "responses", "share")
        .sort(*by, "score", nulls_last=True)
    )
