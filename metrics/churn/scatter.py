"""How far forecasts of many have been off: the interval in which the next one should lie."""

from __future__ import annotations

import math
from collections.abc import Sequence

LEAST = 4  # forecasts; of fewer no scatter can be told


def next_ratio(ratios: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % prediction interval of what happens ÷ what is foretold, from earlier such ratios.

    exp(m ± t s √(1 + 1/n)), m and s the mean and standard deviation of the logarithms, t of
    n - 1 degrees of freedom. Years differ by more than chance among customers explains (√Σp(1-p)
    is far too narrow), and n forecasts tell by how much. They must not overlap.

    Returns:
        Low and high; None of fewer than four, or where one is not above 0.
    """
    if len(ratios) < LEAST or min(ratios) <= 0:
        return None
    from scipy.special import stdtrit  # with lifelines; no page needs it

    logs = [math.log(each) for each in ratios]
    n, mean = len(logs), sum(logs) / len(logs)
    spread = math.sqrt(sum((each - mean) ** 2 for each in logs) / (n - 1))
    half = float(stdtrit(n - 1, 0.975)) * spread * math.sqrt(1 + 1 / n)
    return math.exp(mean - half), math.exp(mean + half)
