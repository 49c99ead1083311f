"""Whether two groups of answers differ by more than chance, and whether many of them do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from metrics.intervals import Z95
from metrics.measure import ratio
from metrics.rules import load

REAL, NOISE, FEW = "real", "noise", "few"


@dataclass(frozen=True, slots=True)
class Net:
    """A figure that is (ups − downs) ÷ whole, by the names of its counts.

    Attributes:
        up, down, whole: Columns; a plain share has no `down`.
        pseudo: Answers added before a variance is taken: ups, downs, all.
    """

    up: str
    down: str
    whole: str
    pseudo: tuple[float, float, float]

    @property
    def counts(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return tuple(name for name in (self.up, self.down, self.whole) if name)


NETS: Mapping[str, Net] = {
    "nps": Net("promoters", "detractors", "responses", (0.75, 0.75, 3.0)),
    "csat": Net("satisfied", "", "rated", (1.0, 0.0, 2.0)),
    "response_rate": Net("answered", "", "invited", (1.0, 0.0, 2.0)),
}


def differences(counts: pl.DataFrame, net: Net) -> pl.DataFrame:
    """The difference of each pair of groups, its interval, and whether it is more than chance.

    Pseudo answers are added to both groups before d = net₁ − net₂ and its variance v are taken
    (for shares Agresti and Caffo's, for net scores those of the adjusted Wald interval): interval
    d ± 1.96 √v, test 2 Φ(−|d| ÷ √v). The p-values of all rows are one family, corrected by Holm;
    pairs with fewer answers than the rule asks for on a side are not tested and not of the family.
    Answers of the same customer in both groups make the test cautious.

    Args:
        counts: One row per pair: the counts of `net` once plain and once as `other_<name>`.
        net: The figure.

    Returns:
        The rows in their order with value, other (−1 to 1; null without answers), change (their
        difference), change_low, change_high, p, p_adjusted (0 to 1; null where not tested), verdict
        ('real': p_adjusted below the level of the rule, 'noise', 'few').

    References:
        Agresti and Caffo (2000), The American Statistician 54(4), 280-288; Rocks (2016), ibid.
        70(4), 365-372; Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    rule = load("surveys")["change"]
    told = counts.with_columns(**_side("", net), **_side("other_", net)).with_columns(
        change=pl.col("value") - pl.col("other")
    )
    centre = pl.col("_net") - pl.col("_other_net")
    half = Z95 * (pl.col("_var") + pl.col("_other_var")).sqrt()
    enough = pl.min_horizontal(net.whole, f"other_{net.whole}") >= rule["fewest"]
    told = told.with_columns(
        change_low=pl.when(pl.col("change").is_not_null()).then(centre - half),
        change_high=pl.when(pl.col("change").is_not_null()).then(centre + half),
        _z=pl.when(enough).then(centre.abs() * Z95 / half),
    )
    p: NDArray[np.float64] = 2 * ndtr(-told["_z"].fill_null(float("nan")).to_numpy())
    named = {"p": p, "p_adjusted": holm(p)}
    told = told.with_columns(
        pl.Series(name, values, pl.Float64).fill_nan(None) for name, values in named.items()
    )
    real = pl.col("p_adjusted") < rule["level"]
    verdict = pl.when(real).then(pl.lit(REAL)).when(real.is_not_null()).then(pl.lit(NOISE))
    return told.with_columns(verdict=verdict.otherwise(pl.lit(FEW))).select(
        pl.all().exclude("^_.*$")
    )


def _side(prefix: str, net: Net) -> dict[str, pl.Expr]:
    """Value, and net and variance with the pseudo answers, of one side."""
    zero = pl.lit(0)
    up, whole = pl.col(f"{prefix}{net.up}"), pl.col(f"{prefix}{net.whole}")
    down = pl.col(f"{prefix}{net.down}") if net.down else zero
    more_up, more_down, more = net.pseudo
    size = whole + more
    ups, downs = (up + more_up) / size, (down + more_down) / size
    middle = ups - downs
    return {
        prefix.removesuffix("_") or "value": ratio((up - down).cast(pl.Float64), whole),
        f"_{prefix}net": middle,
        f"_{prefix}var": (ups + downs - middle * middle) / size,
    }


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p-values: (m − i + 1) pᵢ of the ascending p, never falling, at most 1; NaN stays."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    times = len(order) - np.arange(len(order))
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * times), 1.0)
    return adjusted


def against_the_rest(groups: pl.DataFrame, net: Net) -> pl.DataFrame:
    """The groups with the counts of all the others beside them, as `differences` reads them."""
    rest = (pl.col(name).sum() - pl.col(name) for name in net.counts)
    return groups.with_columns(each.name.prefix("other_") for each in rest)


def beside(now: pl.DataFrame, then: pl.DataFrame, by: str, net: Net) -> pl.DataFrame:
    """The groups of two periods as pairs, as `differences` reads them; all groups of either."""
    other = then.select(by, pl.col(net.counts).name.prefix("other_"))
    pairs = now.select(by, *net.counts).join(
        other, on=by, how="full", coalesce=True, nulls_equal=True
    )
    return pairs.with_columns(pl.all().exclude(by).fill_null(0))
