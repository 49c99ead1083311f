"""What the quality page asks: was the list right last time, and how often before?

All of it is the whole company's, as the model is: filters do not change it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import data
from dashboard.view import View
from metrics import intervals
from metrics.churn.origins import BacktestRule
from metrics.churn.score import HORIZONS
from metrics.measure import measure, ratio
from metrics.tiers.scheme import scheme

HORIZON = HORIZONS[-1]


@data.once
def origins(view: View, horizon: int = HORIZON, regime: str | None = None) -> pl.DataFrame:
    """The forecasts, ascending: of `evaluate.by_origin` with what follows from its sums.

    Returns:
        Its rows of a horizon, of everybody or of one regime, with ratio (foretold ÷ churned) and
        its range by chance (ratio_low, ratio_high: of as many as the probabilities let churn in 95
        of 100 cases), deviation (churned ÷ foretold - 1), skill (Brier, against "nobody churns")
        and skill_clock (against the silence alone); null where nothing is to be divided by.
    """
    chance = intervals.Z95 * pl.col("spread").sqrt()
    churned = pl.col("churned")
    return (
        data.frame(view, "backtest_origins")
        .filter(pl.col("horizon") == horizon, pl.col("regime").eq_missing(pl.lit(regime)))
        .sort("origin")
        .with_columns(
            ratio=ratio(pl.col("foretold"), churned),
            ratio_low=ratio(pl.col("foretold") - chance, churned),
            ratio_high=ratio(pl.col("foretold") + chance, churned),
            deviation=ratio(churned, pl.col("foretold")) - 1,
            skill=1 - ratio(pl.col("brier"), churned),
            skill_clock=1 - ratio(pl.col("brier"), pl.col("brier_clock")),
        )
        .collect()
    )


def near(view: View, horizon: int = HORIZON) -> tuple[int, int]:
    """How many forecasts of a horizon came true within 10 %, and of how many."""
    off = origins(view, horizon)["deviation"]
    return int((off.abs() <= BacktestRule.standard().near).sum()), len(off)


def known(view: View) -> bool:
    """Whether there is a forecast to look back on."""
    return not origins(view).is_empty()


@data.once
def overall(view: View, regime: str | None = None) -> Mapping[str, Any]:
    """All forecasts of 90 days together, of everybody or of one regime.

    Returns:
        forecasts, customers, foretold, churned, brier, brier_clock (sums), ratio, skill,
        skill_clock, auc (mean over the forecasts), share (of the customers, who were forecast).
    """
    rows = origins(view, regime=regime).lazy()
    sums = {name: pl.col(name).sum() for name in ("foretold", "churned", "brier", "brier_clock")}
    told = rows.select(
        **sums,
        forecasts=pl.len(),
        auc=pl.col("auc").mean(),
        customers=pl.col("customers").sum(),
        share=pl.col("share").last(),
    ).with_columns(
        ratio=ratio(pl.col("foretold"), pl.col("churned")),
        skill=1 - ratio(pl.col("brier"), pl.col("churned")),
        skill_clock=1 - ratio(pl.col("brier"), pl.col("brier_clock")),
    )
    return told.collect().row(0, named=True)


@data.once
def bins(view: View) -> pl.DataFrame:
    """Calibration: one row per horizon and bin with foretold and true share (with interval)."""
    part, whole = pl.col("churned"), pl.col("customers")
    return (
        data.frame(view, "backtest_bins")
        .with_columns(
            told=ratio(pl.col("foretold"), whole), **intervals.share("share", part, whole)
        )
        .sort("horizon", "bin")
        .collect()
    )


@data.once
def gaps(view: View) -> tuple[float | None, float | None]:
    """How far apart foretold and observed lie in the groups of 90 days, in percentage points.

    Returns:
        The mean, by the customers of each group (expected calibration error), and the largest.
    """
    groups, apart = (
        bins(view).filter(pl.col("horizon") == HORIZON),
        pl.col("told") - pl.col("share"),
    )
    size = 100 * apart.abs()
    mean = ratio((size * pl.col("customers")).sum(), pl.col("customers").sum())
    return groups.select(mean=mean, worst=size.max()).row(0)  # pyright: ignore[reportReturnType]


GROUPS = ("tier", "regime")


@data.once
def groups(view: View) -> tuple[str, ...]:
    """What customers of the forecasts can be told apart by: the regime only where there are two."""
    return GROUPS if len(regimes(view)) > 1 else GROUPS[:1]


@data.once
def regimes(view: View) -> tuple[str, ...]:
    """Without contract, under contract: of which of them anybody was forecast."""
    rows = data.frame(view, "backtest_tiers").select(pl.col("regime").unique().sort()).collect()
    return tuple(rows["regime"])


@data.once
def by_group(view: View, group: str) -> pl.DataFrame:
    """Foretold and happened within 90 days by tier or regime, all forecasts together.

    Returns:
        One row per value of the group, the best tier first: customers, foretold, churned,
        revenue_foretold, revenue_lost, deviation (churned ÷ foretold - 1), and for regimes auc and
        skill (null for tiers).
    """
    rows = data.frame(view, "backtest_tiers").filter(pl.col("horizon") == HORIZON)
    sums = ("customers", "foretold", "churned", "revenue_foretold", "revenue_lost")
    off = ratio(pl.col("churned").sum(), pl.col("foretold").sum()) - 1
    told = measure(rows, group, **{name: pl.col(name).sum() for name in sums}, deviation=off)
    best_first = {code: place for place, code in enumerate(scheme(view.scheme).codes)}
    order = pl.col(group).replace_strict(best_first, default=len(best_first), return_dtype=pl.Int8)
    found = told.sort(order, maintain_order=True).collect()
    if group != "regime":
        return found.with_columns(auc=pl.lit(None, pl.Float64), skill=pl.lit(None, pl.Float64))
    scores = [overall(view, each if len(found) > 1 else None) for each in found[group]]
    return found.with_columns(
        pl.Series(name, [each[name] for each in scores], dtype=pl.Float64)
        for name in ("auc", "skill")
    )


@data.once
def revenue(view: View) -> pl.DataFrame:
    """Revenue at risk and what was lost of it, by origin, ascending: foretold, lost, deviation."""
    rows = data.frame(view, "backtest_tiers").filter(pl.col("horizon") == HORIZON)
    foretold, lost = pl.col("revenue_foretold").sum(), pl.col("revenue_lost").sum()
    told = {"foretold": foretold, "lost": lost, "deviation": ratio(lost, foretold) - 1}
    return measure(rows, "origin", **told).collect()


@data.once
def scatter(view: View, what: str) -> Mapping[str, float | None]:
    """How far forecasts were off: of customers or revenue, see `quality.scatter`."""
    rows = data.frame(view, "backtest_scatter").filter(pl.col("what") == what).collect()
    return rows.row(0, named=True) if rows.height else dict.fromkeys(rows.columns)


def expected(view: View, revenue_at_risk: float) -> tuple[float, float] | None:
    """The interval in which the revenue that is lost should lie, from how far forecasts were off.

    Args:
        view: What the page looks at.
        revenue_at_risk: Sum of probability × revenue, of whichever customers.

    Returns:
        Low and high, 95 %; None where too few forecasts have been made.
    """
    found = scatter(view, "revenue")
    low, high = found["low"], found["high"]
    return None if low is None or high is None else (revenue_at_risk * low, revenue_at_risk * high)


@data.once
def halves(view: View) -> pl.DataFrame:
    """Effects in the first half of the window and in the second, of `halves.halves`.

    Returns:
        Its rows, those without contract first, the largest shift first, with is_large (whether it
        differs by more than the factor of the rules).
    """
    limit = math.log(BacktestRule.standard().shift)
    rows = data.frame(view, "backtest_halves").collect()
    return rows.with_columns(is_large=pl.col("shift").log().abs() > limit)
