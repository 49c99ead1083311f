"""Customer satisfaction: the satisfied share, and the mean score as a figure of its own."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from metrics import intervals
from metrics.measure import ratio
from metrics.trends import Additive

SATISFIED_FROM = 4  # of 5: the top two boxes


def _figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    total, rated = counts["csat_total"], counts["rated"]
    low, high = intervals.mean(total, counts["csat_squares"], rated)
    return {
        **intervals.share("csat_share", counts["satisfied"], rated),
        "csat_mean": ratio(total, rated),
        "csat_mean_low": low.clip(1.0, 5.0),
        "csat_mean_high": high.clip(1.0, 5.0),
    }


def satisfaction(column: str) -> Additive:
    """Satisfied share and mean of a rating from 1 to 5, under the names of `CSAT`."""
    score, rated = pl.col(column), pl.col(column).is_between(1, 5)
    valid = score.filter(rated)
    return Additive(
        {
            "satisfied": score.is_between(SATISFIED_FROM, 5).sum().cast(pl.Int64),
            "rated": rated.sum().cast(pl.Int64),
            "csat_total": valid.sum(),
            "csat_squares": (valid * valid).sum(),
        },
        _figures,
    )


CSAT = satisfaction("csat")
"""Satisfied share (4 or 5 of 5) and mean score, over rows with a column `csat`.

Two figures, because the plans set targets for both and they move apart: a share from S0 (85 %),
S3 (90 %), S2 (92 % by scenario), a mean from S1 (4.5 of 5). satisfied, rated (counts), csat_total,
csat_squares (sums); csat_share with _low and _high (0 to 1, Wilson); csat_mean with _low and _high
(1 to 5). Null if nobody rated; the mean's interval also for a single rating."""
