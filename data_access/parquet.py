"""Parquet files: how they are read, and what a manifest says of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from data_access.manifest import FileEntry, sha256

_DIGITS = 32  # of a checksum in a file's name


def scan(paths: Sequence[Path | str], options: Mapping[str, str] | None = None) -> pl.LazyFrame:
    """The rows of just these files, in their order: no name is a pattern, no folder a column.

    Args:
        paths: Files of one schema, of this machine or of an object storage.
        options: What opens the object storage.
    """
    return pl.scan_parquet(
        [str(path) for path in paths],
        glob=False,
        hive_partitioning=False,
        storage_options=dict(options) if options else None,
    )


def described(table: str, part: str, path: Path) -> FileEntry:
    """A file of a table or mart, named by its content: `<table>/<part>/<checksum>.parquet`."""
    rows = scan([path]).select(pl.len()).collect().item()
    digest = sha256(path)
    name = f"{table}/{part}/{digest[:_DIGITS]}.parquet"
    return FileEntry(name, part, rows, path.stat().st_size, digest)
