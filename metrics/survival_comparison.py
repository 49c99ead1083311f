"""How far survival curves lie apart: restricted means first, the log-rank test as a footnote."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import gammaincc

from metrics.intervals import Z95
from metrics.survival import risk_table


def restricted_mean(curve: pl.DataFrame, *, horizon: int) -> pl.DataFrame:
    """Mean days stayed within the first `horizon` days, by group, with its standard error.

    Sum of the step areas under the curve; variance: sum of d/(n(n-d)) times the squared area still
    to come (Greenwood). Of a curve that starts late, counted from its start. With millions of
    customers every p-value is 0; this difference is what there is to say.

    Args:
        curve: Rows of `kaplan_meier`.
        horizon: Days; compare groups at one horizon.

    Returns:
        One row per group, sorted (null last): group, mean_days, standard_error; null where the
        curve ends before the horizon without having reached 0, so that its mean is not known.
    """
    rows: list[dict[str, object]] = []
    for part in curve.partition_by("group", maintain_order=True):
        mean, error = _area(part, horizon)
        rows.append({"group": part["group"][0], "mean_days": mean, "standard_error": error})
    schema = {"group": curve.schema["group"], "mean_days": pl.Float64, "standard_error": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def _area(part: pl.DataFrame, horizon: int) -> tuple[float | None, float | None]:
    if part["day"][-1] < horizon and part["survival"][-1] > 0:
        return None, None
    within = part.filter(pl.col("day") < horizon)
    if within.is_empty():
        return None, None
    survival = within["survival"].to_numpy()
    day = np.maximum(within["day"].to_numpy(), 0).astype(float)
    areas = survival * np.diff(np.append(day, horizon))
    to_come = np.cumsum(areas[::-1])[::-1]
    events = within["events"].to_numpy().astype(float)
    at_risk = within["at_risk"].to_numpy().astype(float)
    left = np.where(at_risk > events, at_risk - events, np.inf)
    variance = float((events / (at_risk * left) * to_come**2).sum())
    return float(to_come[0]), math.sqrt(variance)


def restricted_mean_difference(means: pl.DataFrame, reference: str | None) -> pl.DataFrame:
    """Days longer or shorter than the reference group, with 95 % interval.

    Returns:
        One row per other group, in the order given: group, difference, low, high (days; null
        where either mean is unknown).
    """
    base = means.filter(pl.col("group").eq_missing(pl.lit(reference, dtype=pl.String)))
    others = means.filter(pl.col("group").ne_missing(pl.lit(reference, dtype=pl.String)))
    mean, error = base["mean_days"][0], base["standard_error"][0]
    difference = pl.col("mean_days") - pl.lit(mean, dtype=pl.Float64)
    half = Z95 * (pl.col("standard_error").pow(2) + pl.lit(error, dtype=pl.Float64).pow(2)).sqrt()
    return others.select(
        "group", difference=difference, low=difference - half, high=difference + half
    )


def log_rank(lives: pl.DataFrame) -> float | None:
    """p-value of the log-rank test that all groups have one curve; entries respected.

    A footnote: at company size it is 0 for differences that nobody would act on.

    Returns:
        0..1, or null with fewer than two groups or no event.
    """
    table = risk_table(lives)
    groups = table["group"].unique(maintain_order=True)
    days = table.filter(pl.col("events") > 0)["day"].unique().sort().to_numpy()
    if len(groups) < 2 or not len(days):
        return None
    events = np.zeros((len(days), len(groups)))
    there = np.zeros((len(days), len(groups)))
    for index, group in enumerate(groups):
        mine = lives.filter(pl.col("group").eq_missing(pl.lit(group, dtype=lives.schema["group"])))
        events[:, index] = _on(mine.filter(pl.col("event")), "duration", days)
        there[:, index] = _up_to(mine, "entry", days - 1) - _up_to(mine, "duration", days - 1)
    return _chi_squared(events, there)


def _on(lives: pl.DataFrame, column: str, days: NDArray[np.int64]) -> NDArray[np.float64]:
    return _up_to(lives, column, days) - _up_to(lives, column, days - 1)


def _up_to(lives: pl.DataFrame, column: str, days: NDArray[np.int64]) -> NDArray[np.float64]:
    """Customers whose `column` is at most each day."""
    daily = lives.group_by(column).agg(pl.col("customers").sum()).sort(column)
    total = np.concatenate([[0.0], np.cumsum(daily["customers"].to_numpy().astype(float))])
    return total[np.searchsorted(daily[column].to_numpy(), days, side="right")]


def _chi_squared(events: NDArray[np.float64], there: NDArray[np.float64]) -> float | None:
    total, d = there.sum(axis=1), events.sum(axis=1)
    share = there / total[:, None]
    excess = (events - d[:, None] * share).sum(axis=0)[:-1]
    spread = d * np.where(total > 1, (total - d) / np.maximum(total - 1, 1), 0.0)
    covariance = (
        np.diag((spread[:, None] * share).sum(axis=0)) - (spread[:, None] * share).T @ share
    )
    # A group that nobody is at risk in makes it singular; the pseudo-inverse leaves it out.
    inverse = cast("NDArray[np.float64]", np.linalg.pinv(covariance[:-1, :-1]))
    statistic = float((excess[:, None] * inverse * excess).sum())
    freedom = events.shape[1] - 1
    return float(gammaincc(freedom / 2, statistic / 2))
