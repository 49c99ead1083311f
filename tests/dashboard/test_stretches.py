"""A list in stretches gives any of its rows, and reads only the stretches they lie in."""

from __future__ import annotations

import polars as pl
import pytest

from dashboard.stretches import Stretches

LENGTHS = (3, 1, 4)


def numbers(read: list[int]) -> Stretches:
    """The numbers from 0 in stretches; `read` is told which of them are asked for."""

    def stretch(place: int) -> pl.LazyFrame:
        read.append(place)
        first = sum(LENGTHS[:place])
        return pl.LazyFrame({"n": range(first, first + LENGTHS[place])})

    return Stretches(LENGTHS, stretch)


@pytest.mark.parametrize("offset", range(10))
@pytest.mark.parametrize("length", [1, 2, 5, 8, 20])
def test_a_slice_is_that_of_the_whole_list(offset: int, length: int):
    found = numbers([]).slice(offset, length).collect()["n"].to_list()
    assert found == list(range(8))[offset : offset + length]


@pytest.mark.parametrize(
    ("offset", "length", "needed"),
    [(0, 3, [0]), (0, 4, [0, 1]), (2, 2, [0, 1]), (3, 1, [1]), (4, 12, [2]), (1, 7, [0, 1, 2])],
)
def test_only_the_stretches_of_the_page_are_read(offset: int, length: int, needed: list[int]):
    read: list[int] = []
    assert numbers(read).total == 8
    assert not read
    numbers(read).slice(offset, length).collect()
    assert read == needed


def test_a_list_without_stretches_has_no_rows():
    empty = Stretches((), lambda _: pl.LazyFrame({"n": [1]}))
    assert empty.total == 0
    assert empty.slice(0, 12).collect().is_empty()
