"""A long list made of stretches of known lengths: a page reads only those that it lies in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import polars as pl


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Stretches:
    """A list in the order shown, of which nothing is read until a page of it is asked for.

    Attributes:
        lengths: Rows of each stretch, at least one.
        stretch: Gives a stretch by its place, sorted.
    """

    lengths: Sequence[int]
    stretch: Callable[[int], pl.LazyFrame]

    @property
    def total(self) -> int:
        """Rows of the whole list."""
        return sum(self.lengths)

    def slice(self, offset: int, length: int) -> pl.LazyFrame:
        """Some of its rows, as `LazyFrame.slice` gives them.

        Of a list without stretches there are none, and they have no columns.
        """
        parts: list[pl.LazyFrame] = []
        end = offset + length
        begins = accumulate(self.lengths, initial=0)
        for place, (rows, begin) in enumerate(zip(self.lengths, begins, strict=False)):
            first, last = max(offset - begin, 0), min(end - begin, rows)
            if first < last:
                parts.append(self.stretch(place).slice(first, last - first))
        if parts:
            return pl.concat(parts)
        return self.stretch(0).clear() if self.lengths else pl.LazyFrame()
