"""What every engine can do: read Parquet, borrow a Polars frame, keep and give back results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import narwhals as nw
import polars as pl

from data_access import parquet

Frame = Any
"""A lazy frame of the engine: pl.LazyFrame, a DuckDB relation or a Spark DataFrame."""


class Engine(ABC):
    """Runs what the portable builders plan.

    Args:
        folder: For what is written on the way.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def scan(self, paths: Sequence[str]) -> Frame:
        """The rows of Parquet files of one schema, nothing read yet."""

    @abstractmethod
    def write(self, frame: Frame, path: Path) -> list[str]:
        """Run a frame and write its rows; the files under `path` in the order of the rows."""

    def lend(self, frame: pl.DataFrame | pl.LazyFrame) -> Frame:
        """A Polars frame as one of the engine's, to be joined with its own."""
        path = self._new_path()
        frame.lazy().sink_parquet(path)
        return self.scan([str(path)])

    def keep(self, frame: Frame) -> Frame:
        """The same rows, computed once and stored, for whoever passes over them several times."""
        return self.scan(self.write(frame, self._new_path()))

    def fetch(self, frame: Frame) -> pl.LazyFrame:
        """The rows of a frame, in its order, for Polars."""
        return parquet.scan(self.write(frame, self._new_path()))

    def in_order(self, frame: Frame, by: Sequence[str]) -> pl.LazyFrame:
        """The rows of a frame, sorted by columns, nulls first, for Polars.

        Args:
            frame: As many rows as a table of events has.
            by: Days, the coarsest first, then a key.
        """
        return self.fetch(nw.from_native(frame).sort(*by).to_native())

    def close(self) -> None:  # noqa: B027 - most have nothing to stop
        """Stop what runs for it."""

    def _new_path(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._written += 1
        return self._folder / f"{self._written:03d}.parquet"
