"""From NumPy arrays to contract columns: ids, words by position, times, whole frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from data_access import contract

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_SECONDS = 86_400
_MICROSECONDS = 1_000_000


def ids(prefix: str, numbers: Ints, width: int) -> pl.Series:
    """Ids such as `C0000001`."""
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(width)


def pick(words: Sequence[str | None], index: Ints) -> pl.Series:
    """The word at each position; a None among the words gives a null."""
    return pl.Series(words, dtype=pl.String).gather(pl.Series(index, dtype=pl.UInt32))


def weighted(
    rng: np.random.Generator, weights: Sequence[float] | Mapping[str, float], count: int
) -> Ints:
    """Random positions into `weights`, in proportion to them."""
    values = weights.values() if isinstance(weights, Mapping) else weights
    edges: Floats = np.cumsum(np.fromiter(values, np.float64))
    chance: Floats = rng.random(count) * edges[-1]
    return edges[:-1].searchsorted(chance, side="right")


def values(by: Mapping[str, float]) -> Floats:
    """The values of a truth parameter in the order of its names."""
    return np.fromiter(by.values(), np.float64)


def times(origin: datetime, days: Floats) -> pl.Series:
    """UTC times, to the second, from days since `origin`; NaN and infinity become null."""
    known = np.isfinite(days)
    seconds = np.floor(np.where(known, days, 0.0) * _SECONDS).astype(np.int64)
    start = int(origin.timestamp()) * _MICROSECONDS
    return blank(pl.Series(start + seconds * _MICROSECONDS).cast(contract.TIME), ~known)


def blank(series: pl.Series, where: Flags) -> pl.Series:
    """The series with nulls where the flag is set."""
    return pl.select(pl.when(~pl.Series(where)).then(series)).to_series()


def frame(table: str, columns: Mapping[str, object]) -> pl.DataFrame:
    """A contract table with exactly its columns and types; columns not given are null."""
    schema = {column.name: column.dtype for column in contract.TABLES[table].columns}
    unknown = columns.keys() - schema.keys()
    if unknown:
        message = f"{table} has no columns {sorted(unknown)}"
        raise KeyError(message)
    if not columns:
        return pl.DataFrame(schema=schema)
    given = pl.DataFrame(dict(columns))
    return given.select(
        (pl.col(name) if name in columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
