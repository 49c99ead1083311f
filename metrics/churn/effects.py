"""The model's effects in steps a reader can picture: doubled, one more, yes instead of no."""

from __future__ import annotations

import math

import polars as pl

from metrics.churn.drivers import hazard_ratios
from metrics.churn.model import ChurnModel

# Held constant rather than told: a slow buyer comes back slowly and has a longer threshold.
CONTROLS = frozenset({"usual_gap"})
_TABLES = {  # a table that a CRM may lack, and the drivers that are read from it
    "interactions": ("contacts", "unanswered"),
    "tickets": ("complaints", "other_tickets"),
    "missed": ("missed_promises",),
    "survey_responses": ("nps", "csat"),
}
_LOGARITHMS = "log_"
_FLAGS = frozenset({"single_purchase", "nps_detractor", "nps_promoter", "csat_low"})
_RATIOS = frozenset({"order_trend"})  # a logarithm by another name


def effects(model: ChurnModel) -> pl.DataFrame:
    """How much longer the next purchase takes, or how much more contracts end, per readable step.

    Features that enter as logarithms are told per doubling (ratio to the power of ln 2), counts
    per one more, flags and levels against the others. Adjusted for each other; associated with
    the return, not shown to cause it.

    Returns:
        One row per effect: feature, level (null for numbers), driver, change, change_low,
        change_high (> -1; +0.37: takes 37 % longer), step (doubled, one_more, yes, level),
        is_certain (the interval leaves out 0), is_control; strongest first, by size.
    """
    rows = hazard_ratios(model)
    return (
        rows.with_columns(step=step())
        .with_columns(
            change=per_step(pl.col("ratio")) - 1,
            change_low=per_step(pl.col("low")) - 1,
            change_high=per_step(pl.col("high")) - 1,
            is_certain=(pl.col("low") > 1) | (pl.col("high") < 1),
            is_control=pl.col("driver").is_in(CONTROLS),
        )
        .sort((pl.col("change") + 1).log().abs(), descending=True, maintain_order=True)
        .select(
            "feature",
            "level",
            "driver",
            "change",
            "change_low",
            "change_high",
            "step",
            "is_certain",
            "is_control",
        )
    )


def step() -> pl.Expr:
    """The readable step of a row of `hazard_ratios`: doubled, one_more, yes or level."""
    doubled = pl.col("feature").str.starts_with(_LOGARITHMS) | pl.col("feature").is_in(_RATIOS)
    return (
        pl.when(pl.col("level").is_not_null())
        .then(pl.lit("level"))
        .when(doubled)
        .then(pl.lit("doubled"))
        .when(pl.col("feature").is_in(_FLAGS))
        .then(pl.lit("yes"))
        .otherwise(pl.lit("one_more"))
    )


def per_step(ratio: pl.Expr) -> pl.Expr:
    """A hazard ratio of its row per readable step; of a logarithm, to the power of ln 2."""
    return ratio.pow(pl.when(step() == "doubled").then(math.log(2)).otherwise(1.0))


def left_out(model: ChurnModel) -> dict[str, list[str]]:
    """Drivers of which the model says nothing, by why: a reader may look for them in vain.

    Returns:
        Drivers by code of the note: no_table (the CRM has no such rows), constant (hardly any
        customer differs), separating (too rare), collinear (another driver says the same); in the
        order of the notes, those with another feature in the model left out.
    """
    told = {effect.column.driver for effect in model.effects}
    found: dict[str, list[str]] = {}
    for note in model.notes:
        name = note.subject.split("=")[0]  # of a level, the dimension
        for driver in _TABLES.get(name, (model.kind.drivers.get(name, name),)):
            if driver not in told:
                told.add(driver)
                found.setdefault(note.code, []).append(driver)
    return found
