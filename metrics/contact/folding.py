"""Several small keys as one whole number: a group of rows is found by it without any text."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

NUMBER_OF_KEYS = "_keys"
"""The column of the number."""


def folded(keys: Mapping[str, tuple[pl.Expr, int]]) -> pl.Expr:
    """The keys of a row as one number, in whose order rows are in the order of the keys.

    Args:
        keys: By name, the one first that decides first: the key, and how many values it has, from
            0 to one less.
    """
    number = pl.lit(0, pl.Int64)
    for key, size in keys.values():
        number = number * size + key.cast(pl.Int64)
    return number.alias(NUMBER_OF_KEYS)


def unfolded(sizes: Mapping[str, int]) -> dict[str, pl.Expr]:
    """The keys of `folded` again (Int64), by name."""
    number = pl.col(NUMBER_OF_KEYS)
    told: dict[str, pl.Expr] = {}
    for name, size in reversed([*sizes.items()]):
        told[name] = number % size
        number = number // size
    return told
