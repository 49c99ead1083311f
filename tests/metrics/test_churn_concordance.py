"""Concordance by counting: by hand, and against lifelines, which walks a tree."""

import numpy as np
import pytest
from lifelines.utils import concordance_index

from metrics.churn.concordance import concordance


def arrays(rows):
    pace, duration, event, band = zip(*rows, strict=True)
    return np.array(pace, float), np.array(duration), np.array(event), np.array(band)


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        # Rows are pace, duration, event and band.
        ([(2.0, 10, 1, 0), (1.0, 20, 1, 0)], 1.0),
        ([(1.0, 10, 1, 0), (2.0, 20, 1, 0)], 0.0),
        ([(1.0, 10, 1, 0), (1.0, 20, 0, 0)], 0.5),  # equal scores count half
        ([(1.0, 10, 1, 0), (2.0, 10, 1, 0)], 0.5),  # of one day: neither was first, no pair
        ([(2.0, 10, 1, 0), (1.0, 10, 0, 0)], 1.0),  # last seen on the day of the purchase
        ([(1.0, 10, 0, 0), (2.0, 20, 1, 0)], 0.5),  # never seen again: no pair
        ([(2.0, 10, 1, 0), (1.0, 20, 1, 1)], 0.5),  # of two bands: no pair
        ([(3.0, 1, 1, 0), (1.0, 2, 1, 0), (2.0, 3, 0, 0), (5.0, 9, 1, 4), (4.0, 9, 0, 4)], 0.75),
    ],
)
def test_pairs_by_hand(rows, share):
    assert concordance(*arrays(rows)) == share


@pytest.mark.parametrize("seed", range(5))
def test_one_band_is_what_lifelines_says(seed):
    rng = np.random.default_rng(seed)
    n = 500
    pace = rng.integers(0, 60, n) / 10  # with ties
    duration = np.minimum(np.ceil(rng.exponential(40, n) / (1 + pace)).astype(int), 20)
    event = (rng.random(n) < 0.6).astype(int)
    expected = concordance_index(duration, -pace, event)
    assert concordance(pace, duration, event, np.zeros(n, int)) == expected
    assert concordance(np.exp(pace), duration, event, np.ones(n, int)) == expected
