"""The quick ways of the demo's generator give exactly what the plain ways give."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from data_access.demo.arrays import by_time, ids
from data_access.demo.generate import AS_OF
from data_access.demo.processes import interpolated
from data_access.demo.seasons import seasons

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize(
    "when",
    [
        np.zeros(0),
        np.zeros(9),
        np.array([3.0]),
        RANDOM.random(5_000) * 1_000,
        np.repeat(RANDOM.random(50), 20)[RANDOM.permutation(1_000)],
        1 + RANDOM.permutation(np.arange(4_000)) * 1e-16,  # closer than can be told apart
        500 + RANDOM.permutation(np.arange(4_000)) * 1e-12,
    ],
)
def test_times_are_in_order_and_equal_times_as_they_come(when):
    assert by_time(when).tolist() == when.argsort(kind="stable").tolist()


@pytest.mark.parametrize("weights", ["orders", "contacts", "tickets"])
def test_interpolation_is_numpys_to_the_last_bit(weights):
    calendar = seasons(AS_OF)
    edges = getattr(calendar, weights)
    x = np.concatenate([edges, np.nextafter(edges[1:], 0), RANDOM.random(50_000) * edges[-1]])
    assert np.array_equal(interpolated(x, edges, calendar.days), np.interp(x, edges, calendar.days))


@pytest.mark.parametrize("width", [2, 4, 7, 10])
def test_ids_are_padded_numbers(width):
    numbers = np.concatenate([[1, 99], 10 ** (width - 1) + RANDOM.integers(0, 10, 20)])
    assert ids("O", numbers, width).to_list() == [f"O{number:0{width}d}" for number in numbers]
    assert ids("O", numbers[:0], width).equals(pl.Series([], dtype=pl.String))
