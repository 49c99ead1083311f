"""Polars in this process: the default, and faster than a cluster on all that one machine holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from data_access import parquet
from data_access.engine.engine import Engine


class PolarsEngine(Engine):
    """The streaming engine; lending and fetching cost nothing.

    Args:
        folder: For what is written on the way.
        together: Rows that are sorted at a time.
    """

    def __init__(self, folder: Path, *, together: int = 1_000_000) -> None:
        super().__init__(folder)
        self._together = together

    def scan(self, paths: Sequence[str]) -> pl.LazyFrame:
        """A lazy frame over the files."""
        return parquet.scan(paths)

    def write(self, frame: pl.LazyFrame, path: Path) -> list[str]:
        """One Arrow file, as it is in memory: packing it takes longer than reading it again."""
        frame.sink_ipc(path, compression="uncompressed")
        return [str(path)]

    def keep(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """A lazy frame over the file just written."""
        return pl.scan_ipc(self.write(frame, self._new_path()))

    def lend(self, frame: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
        """The frame itself."""
        return frame.lazy()

    def fetch(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame itself: its plan becomes part of the next one."""
        return frame

    def in_order(self, frame: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
        """A stretch of days after the other, so that memory holds but one of them.

        Of what is stored by month only its months are read for it.
        """
        schema = frame.collect_schema()
        days = [name for name in by if schema[name] == pl.Date]
        parts = [part.sort(by) for part in _stretches(frame, days, self._together)]
        return pl.concat(parts or [frame])


def _stretches(rows: pl.LazyFrame, days: Sequence[str], together: int) -> Iterator[pl.LazyFrame]:
    """The rows without a first day, by the next, then the others; some days in each."""
    if not days:
        yield rows
        return
    day = pl.col(days[0])
    sizes = rows.group_by(day).agg(rows=pl.len()).sort(day).collect(engine="streaming")
    if sizes["rows"].sum() <= together:
        yield rows
        return
    if sizes[days[0]].null_count():
        yield from _stretches(rows.filter(day.is_null()), days[1:], together)
    stretch = (pl.col("rows").cum_sum() // together).alias("stretch")
    ends = sizes.drop_nulls().group_by(stretch, maintain_order=True)
    for first, last in ends.agg(first=day.first(), last=day.last()).drop("stretch").rows():
        yield rows.filter(day.is_between(first, last))
