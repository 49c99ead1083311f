# pyright: basic
# The only module that touches lifelines and pandas, which are typed in part.
"""Fit the model of a regime on landmark rows, and keep only its numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from lifelines.exceptions import ConvergenceError, ConvergenceWarning, StatisticalWarning
from lifelines.fitters.coxph_fitter import SemiParametricPHFitter

from metrics.churn.cancellation import contract_rows
from metrics.churn.concordance import concordance
from metrics.churn.events import FeatureRule
from metrics.churn.features import LEVELS
from metrics.churn.guard import FitRefusedError, GuardRule, guard
from metrics.churn.landmarks import LandmarkRule, landmark_rows, sample
from metrics.churn.model import ChurnModel, Column, Effect, Note, band_of
from metrics.churn.regime import CONTRACTS, PURCHASES, Regime
from metrics.churn.returns import returns
from metrics.churn.rhythm import Definition
from metrics.churn.tables import CrmTables


def fit_churn(
    tables: CrmTables,
    *,
    as_of: date,
    definition: Definition | None = None,
    rule: LandmarkRule | None = None,
) -> ChurnModel:
    """The churn model of a company, trained on what was known on past days.

    A sample of customers (100,000) is enough: more narrow no interval that anyone reads.

    Raises:
        FitRefusedError: The data are too few, too short or too odd to trust a model.
    """
    rule = rule or LandmarkRule.standard()
    definition = definition or Definition.standard()
    tables, silent = tables.without_empty()
    some = sample(tables, rule.sample_customers).loaded()  # read once, not once a landmark
    return fit_rows(
        landmark_rows(some, as_of=as_of, definition=definition, rule=rule),
        as_of=as_of,
        definition=definition,
        notes=tuple(Note("no_table", name) for name in silent),
        window=rule.every_days,
    )


def fit_contracts(
    tables: CrmTables, *, as_of: date, rule: LandmarkRule | None = None
) -> ChurnModel:
    """The model of customers under contract, trained likewise on a sample of those.

    Raises:
        FitRefusedError: The data are too few, too short or too odd to trust a model.
    """
    rule = rule or LandmarkRule.standard()
    tables, silent = tables.without_empty()
    some = sample(tables.with_contract(), rule.sample_customers).loaded()
    return fit_rows(
        contract_rows(some, as_of=as_of, rule=rule),
        as_of=as_of,
        definition=Definition.standard(),
        notes=tuple(Note("no_table", name) for name in silent),
        window=rule.every_days,
        regime=CONTRACTS,
    )


def fit_rows(
    rows: pl.DataFrame,
    *,
    as_of: date,
    definition: Definition,
    notes: tuple[Note, ...] = (),
    window: int = 90,
    regime: Regime = PURCHASES,
) -> ChurnModel:
    """The model trained on given rows of `landmark_rows` or `contract_rows`.

    Strata: bands of silence or of tenure, thin ones merged. Whole days, `batch_mode`, a slight
    penalizer. The concordance is within bands; the silence clock would inflate it.

    Raises:
        FitRefusedError: See `guard`; also no rows, no convergence, an unstable coefficient.
    """
    if rows.is_empty():
        sentence = "no landmark has enough history before it and a complete window after it"
        raise FitRefusedError("no_landmarks", sentence)
    limits = GuardRule.standard()
    columns = design_columns(rows, FeatureRule.standard(), regime)
    cuts = regime.merged_cuts(rows)
    design = rows.select(
        *[column.value().alias(column.name) for column in columns],
        "duration",
        "event",
        band=band_of(regime.clock, cuts),
    )
    about: dict[str, Any] = {
        "rows": rows.height,
        "customers": rows["customer_id"].n_unique(),
        "events": int(rows["event"].sum()),
        "landmarks": rows["landmark_on"].n_unique(),
    }
    # nobody is churned by silence under contract
    late = rows.filter("churned") if "churned" in rows.columns else rows.clear()
    del rows  # of a full sample 0.4 GB, and the fit needs as much again
    kept, dropped = guard(design, [column.name for column in columns], limits)
    frame = _pandas(design, kept)
    del design
    cox = _cox(frame, limits)
    effects = [
        Effect(
            column,
            float(cox.params_[column.name]),
            float(cox.standard_errors_[column.name]),
            float(frame[column.name].mean()),
        )
        for column in columns
        if column.name in kept
    ]
    model = ChurnModel(
        effects=tuple(effects),
        cuts=cuts,
        baseline=_baseline(cox, window, len(cuts) + 1),
        **about,
        concordance=_concordance(cox, frame),
        definition=definition,
        as_of=as_of,
        notes=notes + tuple(dropped),
        regime=regime.name,
    )
    return replace(model, returns=returns(late, model))


def coefficients(design: pl.DataFrame, columns: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Log hazard ratio and standard error of every column that a model may be fitted on.

    Args:
        design: The columns (numbers), duration, event, and band: the strata.
        columns: Names, the more important first.

    Raises:
        FitRefusedError: As in `fit_rows`.
    """
    limits = GuardRule.standard()
    kept, _ = guard(design, list(columns), limits)
    cox = _cox(_pandas(design, kept), limits)
    errors = cox.standard_errors_
    return {name: (float(cox.params_[name]), float(errors[name])) for name in kept}


def design_columns(rows: pl.DataFrame, rule: FeatureRule, regime: Regime) -> list[Column]:
    """The features present, then one column per frequent level of segment, region and channel.

    The most frequent level is the reference, together with rare and unknown ones.
    """
    columns = [
        Column(name, driver, name)
        for name, driver in regime.drivers.items()
        if name in rows.columns
    ]
    for source in LEVELS:
        if source in rows.columns:
            columns += [
                Column(f"{source}={level}", source, source, level)
                for level in _levels(rows, source, rule)
            ]
    return columns


def _levels(rows: pl.DataFrame, source: str, rule: FeatureRule) -> list[str]:
    counts = (
        rows.filter(pl.col(source).is_not_null())
        .group_by(source)
        .agg(customers=pl.col("customer_id").n_unique())
        .filter(pl.col("customers") >= rule.min_level_customers)
        .sort(["customers", source], descending=[True, False])
    )
    return counts[source].to_list()[1 : rule.levels + 1]


def _pandas(design: pl.DataFrame, kept: list[str]) -> pd.DataFrame:
    """NumPy-backed pandas: lifelines reads neither Polars nor Arrow columns."""
    names = [*kept, "band", "duration", "event"]
    return pd.DataFrame({name: design[name].to_numpy().astype(float) for name in names})


def _no_medians(*_: Any, **__: Any) -> pd.DataFrame:
    return pd.DataFrame()


class _CoxFitter(SemiParametricPHFitter):
    """lifelines' model without the medians of every column, which only its own charts read.

    `_compute_central_values_of_raw_training_data` takes two fifths of a fit. Everything else is
    computed as by `lifelines.CoxPHFitter`.
    """

    _compute_central_values_of_raw_training_data = _no_medians


def _cox(frame: pd.DataFrame, limits: GuardRule) -> _CoxFitter:
    cox = _CoxFitter(penalizer=limits.penalizer)
    with warnings.catch_warnings(record=True) as caught:
        # Low variance within events and slow convergence are judged below, not printed.
        warnings.simplefilter("always", category=ConvergenceWarning)
        warnings.simplefilter("always", category=StatisticalWarning)
        try:
            cox.fit(frame, "duration", "event", strata=["band"], batch_mode=True)
        except ConvergenceError as error:
            sentence = "the model did not converge"
            raise FitRefusedError("not_converged", sentence) from error
    _check_converged(str(warning.message) for warning in caught)
    errors = cox.standard_errors_
    if not np.isfinite(errors).all() or errors.max() > limits.max_standard_error:
        column = str(errors.fillna(np.inf).idxmax())
        sentence = f"the coefficient of {column} is unstable"
        raise FitRefusedError("unstable", sentence, column=column)
    return cox


def _check_converged(messages: Iterable[str]) -> None:
    if any("failed to converge" in text or "is still high" in text for text in messages):
        raise FitRefusedError("not_converged", "the model did not converge")


def _concordance(cox: _CoxFitter, frame: pd.DataFrame) -> float:
    pace = frame[cox.params_.index].to_numpy() @ cox.params_.to_numpy()
    days, bought, band = (frame[name].to_numpy(int) for name in ("duration", "event", "band"))
    return concordance(pace, days, bought, band)


def _baseline(cox: _CoxFitter, window: int, bands: int) -> tuple[tuple[float, ...], ...]:
    """Cumulative hazard at each whole day: a step function, so filled forward, not interpolated."""
    table = cox.baseline_cumulative_hazard_
    steps = table.reindex(np.arange(window + 1), method="ffill").fillna(0.0)
    return tuple(tuple(float(v) for v in steps[float(band)]) for band in range(bands))
