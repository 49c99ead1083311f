"""Why a customer is at risk: the parts of the model's score, in the direction of risk."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from metrics.churn.features import LEVELS
from metrics.churn.model import ChurnModel
from metrics.intervals import Z95

SHOWN = 3
_AT_ONCE = 250_000  # customers whose terms are put in order at a time
SCHEMA = pl.List(pl.Struct({"driver": pl.String, "effect": pl.Float64}))
GROUPS = {
    "dimension": pl.String,
    "level": pl.String,
    "customers": pl.Int64,
    "driver": pl.String,
    "effect": pl.Float64,
}


def drivers(scored: pl.DataFrame, model: ChurnModel) -> pl.Series:
    """The three strongest reasons of each customer, against the mean of the customers scored.

    The log pace is a sum of terms, one per driver; the clock (band of silence and overdue days, or
    of tenure under contract) is one of them. A term's effect is exp(-term) - 1 for the return:
    +0.38 means that, all else equal, the customer takes 1.38 times as long to come back, -0.2 a
    fifth less. Under contract it is exp(term) - 1: cancels 1.38 times as often.

    Args:
        scored: Rows of `score`.
        model: The model that scored them.

    Returns:
        One list per row, strongest first (by size, whichever direction): driver (code) and
        effect (> -1); null where not scored.
    """
    terms = _terms(scored, model)
    sign = model.kind.direction
    found = (_strongest(part, sign) for part in terms.iter_slices(_AT_ONCE))
    every = pl.concat([pl.Series(dtype=SCHEMA), *found])
    unknown = pl.Series([None], dtype=SCHEMA)
    return every.zip_with(scored["pace"].is_not_null(), unknown).alias("drivers")


def by_regime(
    people: pl.DataFrame, model: ChurnModel | None, contracts: ChurnModel | None
) -> pl.Series:
    """The drivers of each, by the model of the regime, against the others in it."""
    runs = people["contract_days"].is_not_null()
    told = [_told(people.filter(~runs), model), _told(people.filter(runs), contracts)]
    held = runs.cum_sum().cast(pl.Int64)
    place = pl.select(
        pl.when(runs).then(len(told[0]) + held - 1).otherwise(pl.int_range(len(runs)) - held)
    )
    return pl.concat(told).gather(place.to_series())


def _told(people: pl.DataFrame, model: ChurnModel | None) -> pl.Series:
    if model is None:
        return pl.Series([None], dtype=SCHEMA).new_from_index(0, people.height)
    return drivers(people, model)


def group_drivers(scored: pl.DataFrame, model: ChurnModel | None) -> pl.DataFrame:
    """How the customers of each segment, region and channel differ from all, driver by driver.

    The mean of the terms of `drivers` over the group, in the same units: +0.12 means that the group
    takes 12 % longer to come back than the mean customer, as far as it goes with that driver. The
    driver of the dimension itself is what remains of the group when the others are equal.

    Args:
        scored: Rows of `score`.
        model: The model that scored them, or None: then there are no rows.

    Returns:
        One row per dimension (segment, region, acquisition_channel; those that are recorded), level
        (null: unknown) and driver: customers (scored), driver (code), effect (> -1); sorted by
        dimension and level, the strongest first.
    """
    found = [pl.DataFrame(schema=GROUPS)]
    if model is not None:
        terms, known = _terms(scored, model), scored["pace"].is_not_null()
        present = [name for name in LEVELS if name in scored.columns]
        sign = model.kind.direction
        found += [
            _of_groups(terms.filter(known), scored[name].filter(known), sign) for name in present
        ]
    strength = (pl.col("effect") + 1).log().abs()
    order = [pl.col("dimension"), pl.col("level"), strength, pl.col("driver")]
    return pl.concat(found).sort(order, descending=[False, False, True, False])


def _of_groups(terms: pl.DataFrame, levels: pl.Series, sign: int) -> pl.DataFrame:
    by = levels.cast(pl.String).alias("_level")  # a driver may have the name of the dimension
    means = terms.group_by(by).agg(pl.all().mean(), _customers=pl.len().cast(pl.Int64))
    rows = means.unpivot(index=["_level", "_customers"], variable_name="driver", value_name="term")
    return rows.select(
        dimension=pl.lit(levels.name),
        level="_level",
        customers="_customers",
        driver="driver",
        effect=(sign * pl.col("term")).exp() - 1,
    )


def _strongest(terms: pl.DataFrame, sign: int) -> pl.Series:
    names = sorted(terms.columns)
    values = terms.select(names).to_numpy()
    order = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :SHOWN]
    effects = np.expm1(sign * np.take_along_axis(values, order, axis=1))
    pairs = pl.DataFrame(
        {"driver": pl.Series(names).gather(order.ravel()), "effect": effects.ravel()}
    )
    return pairs.to_struct().reshape(order.shape).arr.to_list()


def _terms(scored: pl.DataFrame, model: ChurnModel) -> pl.DataFrame:
    """Share of the log pace of each driver, less its mean over the customers scored."""
    centred = model.centred(set(scored.columns))
    parts: dict[str, list[pl.Expr]] = {model.kind.clock_driver: [_clock(model)]}
    for effect, part in zip(model.effects, centred, strict=True):
        parts.setdefault(effect.column.driver, []).append(part)
    known = pl.col("pace").is_not_null()
    terms = scored.select(
        pl.when(known).then(pl.sum_horizontal(part)).alias(driver) for driver, part in parts.items()
    )
    return terms.select((pl.all() - pl.all().mean()).fill_null(0.0))


def _clock(model: ChurnModel) -> pl.Expr:
    """Log of the band's expected events over the window."""
    levels = [math.log(max(row[-1], 1e-12)) for row in model.baseline]
    return pl.lit(pl.Series(levels, dtype=pl.Float64)).gather(pl.col("band").cast(pl.Int64))


def hazard_ratios(model: ChurnModel) -> pl.DataFrame:
    """How much each driver raises the risk, with its 95 % interval: associated, not causal.

    In the direction of risk: exp(-beta) for purchases, 1.6 means that the return takes 1.6 times
    as long, the other drivers equal and within one band of silence; exp(beta) for contracts, 1.6
    means that 1.6 times as many end.

    Returns:
        One row per effect, in the model's order: driver, feature, level (null for a number),
        ratio, low, high (> 0).
    """
    sign = model.kind.direction
    return pl.DataFrame(
        [
            {
                "driver": effect.column.driver,
                "feature": effect.column.name,
                "level": effect.column.level,
                "ratio": math.exp(sign * effect.beta),
                "low": math.exp(sign * effect.beta - Z95 * effect.standard_error),
                "high": math.exp(sign * effect.beta + Z95 * effect.standard_error),
            }
            for effect in model.effects
        ],
        schema={
            "driver": pl.String,
            "feature": pl.String,
            "level": pl.String,
            "ratio": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
        },
    )
