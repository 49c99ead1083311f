"""Two groups compared within strata: the difference that their make-up does not explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from metrics.intervals import Z95
from metrics.measure import measure, ratio


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of the treated minus mean of the others.

    Attributes:
        treated, control: The two means; of the others as if they were made up as the treated are.
        value, low, high: Their difference with its 95 % interval; null if nobody can be compared,
            the interval also where nothing varies: it would have no width.
        n: The treated it rests on: those in strata with at least two of each.
        n_control: The others in these strata.
    """

    treated: float | None
    control: float | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    n_control: int


def difference(
    rows: pl.LazyFrame,
    value: pl.Expr,
    treated: pl.Expr,
    strata: Sequence[str] = (),
    *,
    each: pl.Expr | None = None,
) -> Difference:
    """The mean difference within strata, weighted by how many of the treated are in each.

    Σ nₛ (x̄ₛ − ȳₛ) ÷ Σ nₛ over strata s with at least two of each group, nₛ their treated; its
    variance is Σ (nₛ ÷ Σ n)² (s²ₓ ÷ nₛ + s²ᵧ ÷ mₛ). Without strata the raw difference of the
    means. Strata without anybody to compare with are left out, and the treated of them are not
    in `n`: say so.

    Args:
        rows: One row per customer or coupon.
        value: What is compared: a number, or whether something happened; null is left out.
        treated: Whether it is one of the treated; null is left out.
        strata: Columns that must agree; null is a stratum of its own.
        each: How many customers or coupons a row stands for; one, if it is not given.

    References:
        Direct standardisation: Rothman, Greenland and Lash (2008), Modern Epidemiology, 3rd ed.,
        chapter 4.
    """
    known = rows.select(
        *strata, _x=value.cast(pl.Float64), _treated=treated, _n=pl.lit(1) if each is None else each
    ).drop_nulls(["_x", "_treated"])
    cut = measure(known, *strata, **_moments()).filter(pl.col("a_n") > 1, pl.col("b_n") > 1)
    weight = ratio(pl.col("a_n"), pl.col("a_n").sum())
    spread = pl.col("a_var") / pl.col("a_n") + pl.col("b_var") / pl.col("b_n")
    found = cut.select(
        treated=(weight * pl.col("a_mean")).sum(),
        control=(weight * pl.col("b_mean")).sum(),
        variance=(weight.pow(2) * spread).sum(),
        n=pl.col("a_n").sum(),
        n_control=pl.col("b_n").sum(),
    )
    return _told(found.collect().row(0, named=True))


def _moments() -> dict[str, pl.Expr]:
    """Number, mean and variance of the treated (a) and of the others (b)."""
    x, n, is_treated = pl.col("_x"), pl.col("_n"), pl.col("_treated")
    found: dict[str, pl.Expr] = {}
    for name, mine in (("a", is_treated), ("b", ~is_treated)):
        number = n.filter(mine).sum()
        total, squares = ((n * power).filter(mine).sum() for power in (x, x * x))
        found[f"{name}_n"] = number
        found[f"{name}_mean"] = total / number
        found[f"{name}_var"] = (squares - total * total / number).clip(lower_bound=0) / (number - 1)
    return found


def _told(row: dict[str, float]) -> Difference:
    n, others = int(row["n"]), int(row["n_control"])
    if not n:
        return Difference(None, None, None, None, None, 0, 0)
    means, half = (row["treated"], row["control"]), Z95 * row["variance"] ** 0.5
    value = means[0] - means[1]
    bounds = (value - half, value + half) if half else (None, None)
    return Difference(*means, value, *bounds, n, others)
