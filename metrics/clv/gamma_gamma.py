"""Gamma-Gamma: what a purchase of each customer is worth on average.

References:
    Fader, Hardie: The Gamma-Gamma Model of Monetary Value (2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from metrics.clv.likelihood import NotFittedError, maximised

Floats = NDArray[np.float64]

_STARTS = ((6.0, 4.0, 15.0), (1.0, 2.0, 10.0))


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The parameters: shape p within a customer, shape q and scale v over customers; q > 1."""

    p: float
    q: float
    v: float

    def expected(self, purchases: NDArray[np.int64], mean: Floats) -> Floats:
        """Expected value of a purchase: the customer's own mean, shrunk to that of all.

        ((q - 1) x p v / (q - 1) + p x n x mean) / (p n + q - 1) (equation 5).

        Args:
            purchases: How many the mean is of; 0 gives the mean of all.
            mean: In the unit of the fit.
        """
        known = self.p * purchases
        return (self.p * self.v + known * mean) / (known + self.q - 1)


def fit_gamma_gamma(purchases: NDArray[np.int64], mean: Floats) -> GammaGamma:
    """The parameters of greatest likelihood (equation 1a).

    Args:
        purchases: Of each customer, at least 1.
        mean: Their mean value, above 0.

    Raises:
        NotFittedError: No maximum, or one whose mean is infinite (q <= 1).
    """
    n, logs = purchases.astype(np.float64), np.log(mean)

    def cost(parameters: Floats) -> float:
        p, q, v = np.exp(parameters)
        shapes: Floats = gammaln(p * n + q) - gammaln(p * n) - gammaln(q)
        own = (p * n - 1) * logs + p * n * np.log(n)
        each = shapes + q * np.log(v) + own - (p * n + q) * np.log(n * mean + v)
        return -each.mean().item()

    (p, q, v), _ = maximised(cost, _STARTS)
    if q <= 1:
        raise NotFittedError("the mean value of a purchase is infinite (q <= 1)")
    return GammaGamma(p, q, v)
