"""Polars in this process: the default, and faster than a cluster on all that one machine holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from data_access import parquet
from data_access.engine.engine import Engine


class PolarsEngine(Engine):
    """The streaming engine; lending and fetching cost nothing."""

    def scan(self, paths: Sequence[str]) -> pl.LazyFrame:
        """A lazy frame over the files."""
        return parquet.scan(paths)

    def write(self, frame: pl.LazyFrame, path: Path) -> list[str]:
        """One file, written as it is computed; little compressed, it is read again soon."""
        frame.sink_parquet(path, compression="lz4")
        return [str(path)]

    def lend(self, frame: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
        """The frame itself."""
        return frame.lazy()

    def fetch(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame itself: its plan becomes part of the next one."""
        return frame
