"""How long customers stay: Kaplan–Meier curves by group, numbers at risk, restricted means."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from dashboard import data
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.intervals import Z95
from metrics.selection import Selection
from metrics.survival import FEW, at_risk, counts, kaplan_meier, lifetimes, survival_at
from metrics.survival_comparison import log_rank, restricted_mean, restricted_mean_difference

HORIZONS = (730, 365, 180)  # days of the restricted mean, the longest that the data reach
_YEAR = 365
_LONGEST = 1095  # days a chart shows at most
_LATE = 31  # first day of a curve after which it cannot be compared with others
_STEP = 7  # days between points of a drawn curve
_MONTH = 30.4375
_OUTCOMES = ("tier", "stage")  # of today: they follow from leaving, so they cannot explain it
DIMENSIONS = ("tier", "segment", "acquisition_channel")
_COLUMNS = {"tier": "first_tier"}  # of the first month: today's follows from leaving


@dataclass(frozen=True, slots=True)
class Comparison:
    """Survival of a few groups.

    Attributes:
        curve: group, day (every 7 days), survival, low, high, at_risk; null where fewer than 50
            are at risk; groups in the order of `means`.
        numbers: group, day (the ticks), at_risk.
        means: One row per group, longest stay first: group, customers, events, mean_days, low,
            high, difference, difference_low, difference_high (against the first; the three also
            as the struct difference_range), after_year (survival after 365 days), is_late (the
            curve begins after a month, among those still there: its means are not told); null
            where not known.
        ticks: Days of the axis, with their months.
        horizon: Days of the restricted mean; 0 if the data are too short.
        p_value: Of the log-rank test over all groups; null with one group only.
    """

    curve: pl.DataFrame
    numbers: pl.DataFrame
    means: pl.DataFrame
    ticks: tuple[tuple[int, int], ...]
    horizon: int
    p_value: float | None


def neutral(view: View) -> View:
    """The view without filters on today's tier and stage: both are consequences of leaving."""
    kept = tuple(each for each in view.selection.filters if each[0] not in _OUTCOMES)
    return replace(view, selection=Selection(kept, view.selection.moved))


def is_narrowed(view: View) -> bool:
    """Whether `neutral` had to leave a filter out."""
    return neutral(view) != view


def lived(view: View, dimension: str | None) -> tuple[pl.LazyFrame, str]:
    """The lifetimes of those chosen (`lifetimes`), and the column of their group."""
    rows = data.customers(view).with_columns(
        first_on="first_order_on", last_on="last_order_on", all=pl.lit("all")
    )
    observed = data.first_day(view, "orders", "ordered_on")
    column = _COLUMNS.get(dimension, dimension) if dimension else "all"
    return lifetimes(rows, as_of=data.as_of(view, "orders"), observed_from=observed), column


def _lives(view: View, dimension: str | None) -> pl.DataFrame:
    """Counts of lifetimes by group, of groups large enough to be told."""
    rows, column = lived(view, dimension)
    lives = counts(rows, column).with_columns(pl.col("group").cast(pl.String)).collect()
    return lives.filter(pl.col("customers").sum().over("group") >= FEW)


@data.answer
def after_a_year(view: View) -> Reading:
    """Share of those chosen who are still customers after 365 days, with its interval."""
    lives = _lives(neutral(view), None)
    row = survival_at(kaplan_meier(lives), [_YEAR]).row(0, named=True) if lives.height else None
    if row is None or row["survival"] is None or row["at_risk"] < FEW:
        return unavailable("too_short")
    n = int(lives["customers"].sum())
    return Reading(row["survival"], n=n, low=row["low"], high=row["high"])


def _horizon(lives: pl.DataFrame) -> int:
    everybody = lives.with_columns(group=pl.lit("all"))
    there = dict(at_risk(everybody, list(HORIZONS)).select("day", "at_risk").iter_rows())
    return next((days for days in HORIZONS if there.get(days, 0) >= FEW), 0)


@data.answer
def comparison(view: View, dimension: str) -> Comparison | None:
    """Survival by one dimension among those chosen; None without a group of 50 lives."""
    lives = _lives(neutral(view), dimension)
    return None if lives.is_empty() else compared(lives)


def compared(lives: pl.DataFrame) -> Comparison:
    """Survival of the groups of `metrics.survival.counts`; at least one."""
    horizon, ticks = _horizon(lives), _ticks(lives)
    curve = kaplan_meier(lives)
    means = _means(lives, curve, horizon)
    order = pl.DataFrame({"group": means["group"], "_place": range(means.height)})
    grid = list(range(0, ticks[-1][0] + 1, _STEP))
    shown = survival_at(curve, grid).with_columns(
        pl.when(pl.col("at_risk") >= FEW).then(name).alias(name)
        for name in ("survival", "low", "high")
    )
    numbers = at_risk(lives, [day for day, _ in ticks])
    sorted_ = [
        frame.join(order, on="group", how="left", nulls_equal=True, validate="m:1")
        .sort("_place", "day")
        .drop("_place")
        for frame in (shown, numbers)
    ]
    return Comparison(sorted_[0], sorted_[1], means, ticks, horizon, log_rank(lives))


def _ticks(lives: pl.DataFrame) -> tuple[tuple[int, int], ...]:
    """Days and months of the axis: up to where enough customers are still at risk."""
    days = [round(_MONTH * month) for month in range(37)]
    there = at_risk(lives.with_columns(group=pl.lit("all")), days).filter(pl.col("at_risk") >= FEW)
    reached: int = there["day"].max() or 0  # pyright: ignore[reportAssignmentType]
    months = max(round(min(reached, _LONGEST) / _MONTH), 3)
    step = 12 if months > 24 else 6 if months > 12 else 3 if months > 4 else 1
    return tuple((round(_MONTH * month), month) for month in range(0, months + 1, step))


def _means(lives: pl.DataFrame, curve: pl.DataFrame, horizon: int) -> pl.DataFrame:
    sizes = lives.group_by("group").agg(
        pl.col("customers").sum(), events=(pl.col("customers") * pl.col("event")).sum()
    )
    means = restricted_mean(curve, horizon=max(horizon, 1))
    if not horizon:
        unknown = pl.lit(None, dtype=pl.Float64)
        means = means.with_columns(mean_days=unknown, standard_error=unknown)
    half = Z95 * pl.col("standard_error")
    year = survival_at(curve, [_YEAR]).select("group", after_year="survival")
    starts = curve.group_by("group").agg(is_late=pl.col("day").min() > _LATE)
    known = pl.when(~pl.col("is_late"))
    told = (
        means.join(sizes, on="group", how="left", nulls_equal=True, validate="1:1")
        .join(year, on="group", how="left", nulls_equal=True, validate="1:1")
        .join(starts, on="group", how="left", nulls_equal=True, validate="1:1")
        .with_columns(
            known.then(name).alias(name) for name in ("mean_days", "standard_error", "after_year")
        )
        .with_columns(low=pl.col("mean_days") - half, high=pl.col("mean_days") + half)
        .sort(pl.col("group").is_null(), -pl.col("mean_days"), "group", nulls_last=True)
    )
    difference = restricted_mean_difference(told, told["group"][0]).select(
        "group", "difference", difference_low="low", difference_high="high"
    )
    return told.join(
        difference, on="group", how="left", nulls_equal=True, validate="1:1", maintain_order="left"
    ).with_columns(
        difference_range=pl.when(pl.col("difference").is_not_null()).then(
            pl.struct("difference", low="difference_low", high="difference_high")
        )
    )
