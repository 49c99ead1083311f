"""95 % intervals of shares, net scores and means, as expressions over counts."""

from __future__ import annotations

import polars as pl

from metrics.measure import ratio

Z95 = 1.959963984540054  # standard normal quantile at 0.975

_PSEUDO_ANSWERS = 3.0  # of which a quarter promoters and a quarter detractors


def share(name: str, part: pl.Expr, whole: pl.Expr) -> dict[str, pl.Expr]:
    """A share with its Wilson interval, ready to be measures.

    Returns:
        `name`, `name_low`, `name_high`: 0 to 1, null where the whole is 0.
    """
    low, high = wilson(part, whole)
    return {name: ratio(part, whole), f"{name}_low": low, f"{name}_high": high}


def wilson(part: pl.Expr, whole: pl.Expr, z: float = Z95) -> tuple[pl.Expr, pl.Expr]:
    """Wilson score interval of the share `part / whole`.

    Chosen because it holds its level for small numbers and never leaves 0 to 1.

    Returns:
        Lower and upper bound, 0 to 1, null where the whole is 0.

    References:
        Wilson (1927), JASA 22; Newcombe (1998), Statistics in Medicine 17, 857-872, method 3.
    """
    centre = ratio(part + z * z / 2, whole + z * z)
    spread = z * (ratio(part * (whole - part), whole) + z * z / 4).sqrt()
    half = ratio(spread, whole + z * z)
    # Rounding may put a bound of 0 or n successes a hair outside.
    return (centre - half).clip(0.0, 1.0), (centre + half).clip(0.0, 1.0)


def net_score(
    positive: pl.Expr, negative: pl.Expr, whole: pl.Expr, z: float = Z95
) -> tuple[pl.Expr, pl.Expr]:
    """Adjusted Wald interval of the net share `(positive - negative) / whole`.

    Three pseudo answers are added before the usual formula: 3/4 positive, 3/4 negative and 3/2
    neither. The interval is cut at ±1 and widened to hold the observed share, which it would
    otherwise miss for a single answer.

    Returns:
        Lower and upper bound, -1 to 1, null where the whole is 0.

    References:
        Rocks (2016), "Interval Estimation for the 'Net Promoter Score'", The American
        Statistician 70(4), 365-372 (arXiv:1601.07235), after Agresti and Min (2005).
    """
    size = whole + _PSEUDO_ANSWERS
    up = (positive + _PSEUDO_ANSWERS / 4) / size
    down = (negative + _PSEUDO_ANSWERS / 4) / size
    net = up - down
    half = z * ((up + down - net * net) / size).sqrt()
    observed = ratio(positive.cast(pl.Float64) - negative.cast(pl.Float64), whole)
    asked = whole != 0
    low = pl.when(asked).then(pl.min_horizontal((net - half).clip(-1.0, 1.0), observed))
    high = pl.when(asked).then(pl.max_horizontal((net + half).clip(-1.0, 1.0), observed))
    return low, high


def mean(
    total: pl.Expr, squares: pl.Expr, count: pl.Expr, z: float = Z95
) -> tuple[pl.Expr, pl.Expr]:
    """Normal interval of a mean from the sum and the sum of squares of its values.

    Additive parts instead of a standard deviation, so that it works on roll-ups too.

    Returns:
        Lower and upper bound, null for fewer than two values.
    """
    centre = ratio(total, count)
    variance = pl.when(count > 1).then(ratio(squares - total * centre, count - 1))
    half = z * ratio(variance, count).clip(lower_bound=0.0).sqrt()
    return centre - half, centre + half


def difference(
    part: pl.Expr, whole: pl.Expr, other_part: pl.Expr, other_whole: pl.Expr, z: float = Z95
) -> tuple[pl.Expr, pl.Expr]:
    """Hybrid score interval of the difference of two independent shares, first minus second.

    Returns:
        Lower and upper bound, -1 to 1, null where either whole is 0.

    References:
        Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    one, two = ratio(part, whole), ratio(other_part, other_whole)
    one_low, one_high = wilson(part, whole, z)
    two_low, two_high = wilson(other_part, other_whole, z)
    below = ((one - one_low).pow(2) + (two_high - two).pow(2)).sqrt()
    above = ((one_high - one).pow(2) + (two - two_low).pow(2)).sqrt()
    return one - two - below, one - two + above
