"""What single aspects of the service are worth: SERVQUAL's five dimensions, scenarios, subjects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from metrics.csat import satisfaction
from metrics.intervals import Z95
from metrics.measure import ratio
from metrics.rules import load
from metrics.trends import Additive
from metrics.voice.logistic import Floats


def servqual() -> tuple[str, ...]:
    """The five dimensions, as the columns of the answers are called."""
    return tuple(load("surveys")["aspects"]["servqual"])


def subjects() -> tuple[str, ...]:
    """What customers rate of the company beside its service."""
    return tuple(load("surveys")["aspects"]["subjects"])


def ratings(answers: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
    """Satisfied share and mean of each rating, with their intervals.

    Returns:
        One row per name, in the order given: aspect and what `csat.CSAT` tells (satisfied, rated,
        csat_share, csat_mean … with _low and _high; null if nobody rated).
    """
    counted = [
        answers.select(pl.lit(name).alias("aspect"), **satisfaction(name).counts) for name in names
    ]
    sums = {"satisfied", "rated", "csat_total", "csat_squares"}
    total = pl.concat(counted).with_columns(pl.col(name).cast(pl.Int64) for name in sums)
    return total.with_columns(**satisfaction("").from_counts())


def overall(names: Sequence[str]) -> Additive:
    """The mean of several ratings, each rating counting once: total, rated (sums); mean."""
    known = [pl.col(name).filter(pl.col(name).is_between(1, 5)) for name in names]
    counts = {
        "total": pl.sum_horizontal(each.sum().cast(pl.Int64) for each in known),
        "rated": pl.sum_horizontal(each.count().cast(pl.Int64) for each in known),
    }
    return Additive(counts, lambda sums: {"mean": ratio(sums["total"], sums["rated"])})


def loyalty_weights(answers: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """How far each dimension goes with being recommended, the others held equal.

    Standardised coefficients of the linear regression of the recommendation (0–10) on the ratings,
    over answers with all of them: b = R⁻¹ r, with the interval b ± 1.96 √((1 − R²) ÷ (n − k − 1)
    × [R⁻¹]ᵢᵢ). 0.3: a standard deviation more of the dimension goes with 0.3 of them more of the
    recommendation. The plan's 0.72 for responsiveness is of a kind that it does not name.

    Returns:
        One row per name, in the order given: aspect, weight, weight_low, weight_high, n. Nulls
        where fewer answers than the rule asks for have all ratings, or one of them never varies.
    """
    rated = answers.select("nps", *names).drop_nulls()
    k, n = len(names), rated.height
    nothing = pl.DataFrame(
        {"aspect": names, "weight": None, "weight_low": None, "weight_high": None, "n": n},
        schema_overrides=dict.fromkeys(("weight", "weight_low", "weight_high"), pl.Float64),
    )
    enough = n >= load("surveys")["aspects"]["fewest"]
    if not enough or 0.0 in rated.select(pl.all().std()).row(0):
        return nothing
    values: Floats = rated.to_numpy().astype(np.float64)
    every = np.asarray(np.corrcoef(values, rowvar=False), np.float64)
    among: Floats = every[1:, 1:]
    with_score: Floats = every[1:, 0]
    if np.linalg.matrix_rank(among) < k:
        return nothing
    inverse = np.linalg.inv(among)
    weight: Floats = inverse @ with_score
    left = 1 - float(weight @ with_score)
    half = Z95 * np.sqrt(left / (n - k - 1) * np.diag(inverse))
    found = {"weight": weight, "weight_low": weight - half, "weight_high": weight + half}
    return pl.DataFrame({"aspect": names, **found, "n": n})
