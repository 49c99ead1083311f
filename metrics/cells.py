"""Cells: the combinations of dimensions that occur, by which roll-ups are counted.

A roll-up by six text columns is a hash of six texts per row. Here each combination has a number,
in the order of its texts, a row carries only that, and sums are added up in arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.dimensions import today

Numbers = NDArray[np.int64]
Places = NDArray[np.int64] | NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a company's customers by the dimensions of today.

    Attributes:
        of: The cell of each customer, in the order given, and at the end that of nobody: no
            dimension known (Int64).
        names: The dimensions of each cell (String), in the order of the cells: sorted, nulls last.
    """

    of: Numbers
    names: pl.DataFrame

    def __len__(self) -> int:
        return self.names.height

    def roll_up(
        self, rows: Places, tier: NDArray[np.uint8], tiers: pl.Series, **values: Numbers
    ) -> pl.DataFrame:
        """Facts by tier and cell, in their order, tiers in that of the alphabet.

        Args:
            rows: Of each fact the place of its customer, that of nobody if anonymous.
            tier: The tier of each customer and of nobody, as a place among `tiers`; their number
                stands for none.
            tiers: The codes, sorted.
            values: To be added up, one for each fact.

        Returns:
            One row per tier and cell that occurs: tier, the dimensions, rows, and the sums.
        """
        keys = tier[rows].astype(np.int64) * len(self) + self.of[rows]
        added = totals(keys, (len(tiers) + 1) * len(self), **values)
        code, cell = np.divmod(added.pop("key"), len(self))
        names = tiers.rename("tier").extend_constant(None, 1).gather(code)
        sums = (pl.Series(name, total) for name, total in added.items())
        return self.names[cell].select(names, pl.all()).with_columns(sums)


def cells(customers: pl.DataFrame, dimensions: Sequence[str]) -> Cells:
    """The cells of customers by today's dimensions; those that are absent are null."""
    known = today(customers.lazy(), dimensions).select(dimensions).collect()
    nobody = known.clear(1)
    given = pl.concat([known, nobody])
    names = given.unique().sort(dimensions, nulls_last=True).with_row_index("_cell")
    of = given.join(names, on=list(dimensions), how="left", nulls_equal=True, maintain_order="left")
    texts = names.select(pl.col(dimensions).cast(pl.String))
    return Cells(of["_cell"].cast(pl.Int64).to_numpy(), texts)


def totals(keys: Numbers, size: int, **values: Numbers) -> dict[str, Numbers]:
    """Rows and sums by a key from 0 to `size`, exact.

    Returns:
        By name, for the keys that occur, ascending: key, rows, and the sum of each value.
    """
    rows = np.bincount(keys, minlength=size)
    found = np.flatnonzero(rows)
    sums: dict[str, Numbers] = {}
    for name, value in values.items():
        total = np.zeros(size, np.int64)
        np.add.at(total, keys, value)
        sums[name] = total[found]
    return {"key": found, "rows": rows[found], **sums}


def occurring(keys: Numbers) -> tuple[Numbers, Numbers]:
    """The keys that occur, ascending, and how often; for keys too many to be places."""
    ordered = np.sort(keys)
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(keys) else keys
    return ordered[first], np.diff(np.append(first, len(keys)))
