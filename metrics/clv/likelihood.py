# pyright: basic
# SciPy's optimiser is typed in part.
"""The parameters under which what was seen is most likely."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

_BOUND = 8.0  # of the logarithms of parameters; a fit that ends there has found nothing
_EXACT = {"ftol": 1e-12, "gtol": 1e-7}  # the usual limits stop a per cent short of the summit


class NotFittedError(ValueError):
    """A purchase model that did not converge, or only at the edge of what is sensible."""


def maximised(
    cost: Callable[[NDArray[np.float64]], float], starts: Sequence[Sequence[float]]
) -> tuple[tuple[float, ...], float]:
    """The positive parameters at which a cost over their logarithms is least, and that cost.

    Args:
        cost: The negative mean log-likelihood.
        starts: Parameters to begin with, tried one after the other.

    Raises:
        NotFittedError: From no start a minimum was found within the bounds.
    """
    for start in starts:
        bounds = [(-_BOUND, _BOUND)] * len(start)
        found = minimize(cost, np.log(start), method="L-BFGS-B", bounds=bounds, options=_EXACT)
        if np.isfinite(found.fun) and np.abs(found.x).max() < _BOUND - 0.1:
            return tuple(float(value) for value in np.exp(found.x)), float(found.fun)
    raise NotFittedError("no maximum of the likelihood within sensible bounds")
