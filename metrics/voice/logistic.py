"""Logistic regression over counted cells, in a few lines: every predictor is a yes or a no."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

_STEPS, _CLOSE, _FAR = 40, 1e-10, 12.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (logarithms of odds ratios) of the predictors, and their standard errors."""

    coefficients: Floats
    errors: Floats


def fit(predictors: Floats, happened: Floats, whole: Floats) -> Fit | None:
    """The maximum likelihood fit of P(happened) = 1 ÷ (1 + exp(−(a + Σ bᵢ xᵢ))), by Newton's steps.

    Rows are cells: `whole` cases with the same predictors of which `happened` had the outcome. The
    estimate and its errors are those of the cases one by one.

    Returns:
        Without the intercept; None where no finite maximum is found (something goes with the
        outcome always or never) or predictors say the same.
    """
    x: Floats = np.column_stack([np.ones(len(whole)), predictors])
    beta = np.zeros(x.shape[1], np.float64)
    for _ in range(_STEPS):
        p: Floats = expit(x @ beta)
        information: Floats = x.T @ (x * (whole * p * (1 - p))[:, None])
        if np.linalg.matrix_rank(information) < len(beta):
            return None
        inverse: Floats = np.linalg.inv(information).astype(np.float64)
        step: Floats = inverse @ (x.T @ (happened - whole * p))
        beta = np.asarray(beta + step, np.float64)
        if np.abs(beta).max() > _FAR:
            return None
        if np.abs(step).max() < _CLOSE:
            return Fit(beta[1:], np.sqrt(np.diag(inverse))[1:])
    return None
