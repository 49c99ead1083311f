"""BG/NBD: how often customers will buy again who drop out after a purchase without a word.

While alive a customer buys at random at his own rate (gamma over customers), and drops out after
each purchase with his own probability (beta). Whoever has bought once only is always alive in it.

References:
    Fader, Hardie, Lee: "Counting Your Customers" the Easy Way, Marketing Science 24 (2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, hyp2f1

from metrics.clv.likelihood import maximised

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_STARTS = ((0.5, 5.0, 0.8, 2.5), (1.0, 1.0, 1.0, 1.0), (0.3, 10.0, 0.3, 3.0))


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The parameters, for times in weeks.

    Attributes:
        r, alpha: Shape and rate of the gamma distribution of purchase rates.
        a, b: Of the beta distribution of the probability to drop out after a purchase.
        log_likelihood: Of the customers it was fitted on.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def alive(self, x: Whole, recency: Floats, age: Floats) -> Floats:
        """P(still a customer), equation of the authors' note on P(alive); 1 without a repeat.

        Args:
            x: Repeat purchases.
            recency: Weeks from the first to the last purchase.
            age: Weeks from the first purchase to today.
        """
        again = np.maximum(x, 1)
        odds = self.a / (self.b + again - 1)
        gone = odds * ((self.alpha + age) / (self.alpha + recency)) ** (self.r + x)
        return np.where(x == 0, 1.0, 1 / (1 + gone))

    def expected(self, weeks: float, x: Whole, recency: Floats, age: Floats) -> Floats:
        """Expected purchases within the next weeks, given the past (equation 10)."""
        return self.expected_alive(weeks, x, age) * self.alive(x, recency, age)

    def expected_alive(self, weeks: float, x: Whole, age: Floats) -> Floats:
        """Expected purchases within the next weeks of a customer who is there today.

        Written with Euler's transformation of the hypergeometric function, whose large powers
        then cancel: the form in print overflows for customers with hundreds of purchases.
        """
        z = weeks / (self.alpha + age + weeks)
        top = self.a + self.b + x - 1
        series = hyp2f1(self.a + self.b - 1 - self.r, self.a - 1, top, z)
        return top / (self.a - 1) * (1 - (1 - z) ** (self.a - 1) * series)


def fit_bg_nbd(x: Whole, recency: Floats, age: Floats) -> BgNbd:
    """The parameters of greatest likelihood.

    Args:
        x: Repeat purchases of each customer.
        recency: Weeks from the first to the last purchase.
        age: Weeks from the first purchase to today.

    Raises:
        NotFittedError: No maximum within sensible bounds.
    """
    seen: Floats = np.column_stack([x, recency, age]).astype(np.float64)
    rows, number = np.unique(seen, axis=0, return_counts=True)
    counts, place = np.unique(rows[:, 0], return_inverse=True)

    def cost(logs: Floats) -> float:
        each = _log_likelihood(np.exp(logs), counts, place, rows[:, 1], rows[:, 2])
        return -float(number @ each) / len(x)

    parameters, least = maximised(cost, _STARTS)
    return BgNbd(*parameters, log_likelihood=-least * len(x))


def _log_likelihood(
    parameters: Floats, counts: Floats, place: Whole, recency: Floats, age: Floats
) -> Floats:
    """Of each customer, equation 6; what depends on the number of purchases only, once a number."""
    r, alpha, a, b = parameters
    of_count = gammaln(r + counts) - gammaln(r) + r * np.log(alpha)
    of_count += betaln(a, b + counts) - betaln(a, b)
    again = np.maximum(counts, 1)
    dropped = np.where(counts > 0, np.log(a) - np.log(b + again - 1), -np.inf)
    power = r + counts[place]
    stayed = -power * np.log(alpha + age)
    left = dropped[place] - power * np.log(alpha + recency)
    return of_count[place] + np.logaddexp(stayed, left)
