"""How good the forecasts of past days were: counts against counts, order, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import polars as pl

from metrics.churn.concordance import concordance
from metrics.churn.model import ChurnModel
from metrics.churn.score import HORIZONS
from metrics.measure import count


def churned_within(days: int) -> pl.Expr:
    """Whether the threshold was reached within so many days of the origin."""
    reached = (pl.col("churned_on") - pl.col("origin")).dt.total_days() <= days
    return reached.fill_null(value=False)


def by_tier(customers: pl.DataFrame) -> pl.DataFrame:
    """Foretold and observed churn, and the revenue of both, by origin, horizon, tier and regime.

    Args:
        customers: Of `Backtest`, with tier (of the origin, null if unknown).

    Returns:
        One row per origin, horizon (30, 60, 90), tier and regime that occurs, sorted: customers,
        foretold (sum of the probabilities), churned, revenue (of 12 months before, minor units),
        revenue_foretold (sum of probability × revenue), revenue_lost (of who churned); additive.
    """
    parts = [
        customers.group_by("origin", "tier", "regime")
        .agg(
            customers=pl.len().cast(pl.Int64),
            foretold=pl.col(f"p{days}").sum(),
            churned=count(churned_within(days)),
            revenue=pl.col("revenue").sum(),
            revenue_foretold=(pl.col(f"p{days}") * pl.col("revenue")).sum(),
            revenue_lost=pl.col("revenue").filter(churned_within(days)).sum(),
        )
        .with_columns(horizon=pl.lit(days, pl.Int32))
        for days in HORIZONS
    ]
    by = ("origin", "horizon", "tier", "regime")
    return pl.concat(parts).sort(by, nulls_last=True).select(*by, pl.exclude(by))


def by_origin(
    customers: pl.DataFrame, models: Mapping[tuple[str, date], ChurnModel], share: float
) -> pl.DataFrame:
    """How right the forecast of each origin was, for each horizon.

    Brier score: mean squared difference of probability and outcome (1 churned, 0 not); told as
    sums. The skill against another forecast is 1 - sum ÷ its sum (Brier 1950; Murphy 1973).
    Against "nobody churns" the other sum is `churned` itself. The area under the curve is the share
    of pairs, one who churned and one who did not, of whom the former had the higher probability,
    equal ones half; among those alone who could reach the threshold in time. Among everybody it
    is near 1 for any list that knows the definition.

    Args:
        customers: Of `Backtest`.
        models: Of `Backtest`.
        share: Of the customers who were forecast.

    Returns:
        One row per origin, regime (null: everybody; the regimes where there are both) and horizon,
        sorted: customers (at risk, of those drawn), eligible (who
        could churn in time), foretold, churned, spread (variance of the number who churn, if the
        probabilities are true), brier, brier_clock (sums), auc, auc_clock (0 to 1; null where all
        or none churned), rows, events (the model was fitted on), share.
    """
    names = customers["regime"].unique().sort().to_list()
    regimes = [None, *names] if len(names) > 1 else [None]
    told = [
        {"origin": origin, "regime": regime, "horizon": days, **_scores(part, days)}
        | _learnt_from(models, origin, regime)
        | {"share": share}
        for origin, everybody in by_day(customers)
        for regime in regimes
        if not (part := _of(everybody, regime)).is_empty()
        for days in HORIZONS
    ]
    rows = pl.DataFrame(told, schema=_SCORES)
    return rows.sort("origin", "regime", "horizon")


def _of(customers: pl.DataFrame, regime: str | None) -> pl.DataFrame:
    return customers if regime is None else customers.filter(pl.col("regime") == regime)


_SCORES: dict[str, type[pl.DataType]] = {
    "origin": pl.Date,
    "regime": pl.String,
    "horizon": pl.Int32,
    "customers": pl.Int64,
    "eligible": pl.Int64,
    "foretold": pl.Float64,
    "churned": pl.Int64,
    "spread": pl.Float64,
    "brier": pl.Float64,
    "brier_clock": pl.Float64,
    "auc": pl.Float64,
    "auc_clock": pl.Float64,
    "rows": pl.Int64,
    "events": pl.Int64,
    "share": pl.Float64,
}


def _learnt_from(
    models: Mapping[tuple[str, date], ChurnModel], origin: date, regime: str | None
) -> dict[str, int]:
    used = [
        model for (name, day), model in models.items() if day == origin and regime in (None, name)
    ]
    return {name: sum(getattr(model, name) for model in used) for name in ("rows", "events")}


def _scores(part: pl.DataFrame, days: int) -> dict[str, float | int | None]:
    able = part.filter(pl.col(f"p{days}") > 0)
    told, clock = (part[f"{name}{days}"].to_numpy() for name in ("p", "clock"))
    left = part.select(churned_within(days)).to_series().to_numpy().astype(np.float64)
    return {
        "customers": part.height,
        "eligible": able.height,
        "foretold": float(told.sum()),
        "churned": int(left.sum()),
        "spread": float((told * (1 - told)).sum()),
        "brier": float(((told - left) ** 2).sum()),
        "brier_clock": float(((clock - left) ** 2).sum()),
        "auc": area(able, f"p{days}", days),
        "auc_clock": area(able, f"clock{days}", days),
    }


def area(rows: pl.DataFrame, score: str, days: int) -> float | None:
    """Area under the curve of a score for churn within so many days; null if all or none did."""
    left = rows.select(churned_within(days)).to_series().to_numpy()
    if left.all() or not left.any():
        return None
    when = np.where(left, 1, 2)  # who churned comes before who did not
    one_band = np.zeros(len(left), np.int64)
    return concordance(rows[score].to_numpy(), when, left.astype(np.int64), one_band)


def calibration(customers: pl.DataFrame, bins: int) -> pl.DataFrame:
    """Those who could churn in time, in groups of equal size by probability: foretold and true.

    Returns:
        One row per horizon and bin (from 1, the lowest probabilities), sorted: customers, foretold
        (sum of the probabilities), churned; all origins together.
    """
    parts = [
        customers.filter(pl.col(f"p{days}") > 0)
        .select(
            pl.lit(days, pl.Int32).alias("horizon"),
            told=f"p{days}",
            left=churned_within(days),
            bin=(pl.col(f"p{days}").rank("ordinal") - 1) * bins // pl.len() + 1,
        )
        .group_by("horizon", pl.col("bin").cast(pl.Int32))
        .agg(
            customers=pl.len().cast(pl.Int64),
            foretold=pl.col("told").sum(),
            churned=count(pl.col("left")),
        )
        for days in HORIZONS
    ]
    return pl.concat(parts).sort("horizon", "bin")


def by_day(rows: pl.DataFrame) -> Iterator[tuple[date, pl.DataFrame]]:
    """The rows of each origin."""
    for (origin,), part in rows.group_by("origin", maintain_order=True):
        assert isinstance(origin, date)
        yield origin, part
