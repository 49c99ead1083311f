"""Whether an effect is the same early and late in the window: proportional hazards, by size."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.churn.drivers import hazard_ratios
from metrics.churn.effects import per_step
from metrics.churn.guard import FitRefusedError
from metrics.churn.regime import PURCHASES, Regime
from metrics.churn.rhythm import Definition

SCHEMA = {
    "regime": pl.String,
    "driver": pl.String,
    "feature": pl.String,
    "level": pl.String,
    "ratio": pl.Float64,
    "first": pl.Float64,
    "first_low": pl.Float64,
    "first_high": pl.Float64,
    "second": pl.Float64,
    "second_low": pl.Float64,
    "second_high": pl.Float64,
    "shift": pl.Float64,
}


def halves(
    rows: pl.DataFrame,
    *,
    as_of: date,
    definition: Definition,
    window: int,
    regime: Regime = PURCHASES,
) -> pl.DataFrame:
    """Each effect fitted on the first half of the window and on the second.

    The model assumes that a driver slows the return, or under contract hastens the end, by the same
    factor on every day of the window.
    With many customers any test of that is significant, so the size is told: the ratio of the
    first half and that of the second, among those without the event by its beginning, side by side.

    Args:
        rows: Landmark rows that the model is fitted on.
        as_of: Day of the model.
        definition: Of churn.
        window: Days of a landmark's window.
        regime: Whose rows they are.

    Returns:
        One row per effect found in both halves: regime, driver, feature, level (null for a number),
        ratio (whole window), first, second (per readable step of `effects`; > 1: takes longer to
        come back, or ends more often; with 95 % intervals), shift (second ÷ first); the largest
        shift first. No rows where a half has too few events.
    """
    from metrics.churn.fit import fit_rows  # with lifelines, 90 MB that no page needs

    half = window // 2
    try:
        whole, first, second = (
            hazard_ratios(
                fit_rows(part, as_of=as_of, definition=definition, regime=regime, window=window)
            )
            for part in (rows, _until(rows, half), _from(rows, half))
        )
    except FitRefusedError:
        return pl.DataFrame(schema=SCHEMA)
    whole, on = whole.with_columns(regime=pl.lit(regime.name)), ["feature", "level"]
    sides = [_named(part, name) for part, name in ((first, "first"), (second, "second"))]
    told = whole.select("regime", "driver", *on, ratio=per_step(pl.col("ratio")))
    for side in sides:
        told = told.join(side, on=on, nulls_equal=True, validate="1:1")
    shift = told.with_columns(shift=pl.col("second") / pl.col("first"))
    return shift.sort(pl.col("shift").log().abs(), descending=True).select(*SCHEMA)


def _named(ratios: pl.DataFrame, name: str) -> pl.DataFrame:
    ends = {name: "ratio", f"{name}_low": "low", f"{name}_high": "high"}
    told = {new: per_step(pl.col(old)) for new, old in ends.items()}
    return ratios.select("feature", "level", **told)


def _until(rows: pl.DataFrame, half: int) -> pl.DataFrame:
    """Followed until the middle of the window only."""
    bought = pl.when(pl.col("duration") <= half).then("event").otherwise(0)
    return rows.with_columns(event=bought.cast(pl.Int8), duration=pl.col("duration").clip(1, half))


def _from(rows: pl.DataFrame, half: int) -> pl.DataFrame:
    """Those not back by the middle, followed from there on."""
    later = rows.filter(pl.col("duration") > half)
    return later.with_columns(duration=pl.col("duration") - half)
