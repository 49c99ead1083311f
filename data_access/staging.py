"""A version being written: Parquet files in a private directory, published by one rename.

Layout under the store's root:

    LOCK                     held by the one process that writes; freed by the kernel if it dies
    staging/<n>/             a version being written; leftovers are removed by the next writer
    versions/<version>/      immutable: Parquet files and manifest.json
    CURRENT                  name of the version to read; the only thing ever replaced
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from data_access.contract import TABLES, Scope
from data_access.errors import UnwritableSnapshotError
from data_access.manifest import FILE_NAME, FileEntry, Manifest, TableEntry, sha256

_ROW_GROUP = 65_536
_ROWS_SORTED_AT_ONCE = 4_000_000


class Staging:
    """A version in the making; seen by nobody until `publish`."""

    def __init__(self, root: Path, directory: Path) -> None:
        self._root = root
        self._directory = directory
        self._entries: dict[str, TableEntry] = {}
        self.spool = directory / "spool"
        self.spool.mkdir(parents=True)

    def write(
        self, name: str, frame: pl.LazyFrame | pl.DataFrame, *, scope: Scope | None = None
    ) -> pl.LazyFrame:
        """Write one table or mart.

        Rows of a contract table that have a customer are sorted by customer, then by event
        time, so that one customer's rows are a few row groups; other frames keep their order.

        Args:
            name: Of the table or mart; each once.
            frame: Collected by the streaming engine.
            scope: How its rows are guarded. By default the contract's answer; for a mart,
                customer if it has customer_id or both region and owner_id, else company: what
                cannot be attributed is hidden from limited principals.

        Returns:
            What was written, read back lazily.
        """
        if name in self._entries:
            raise ValueError(f"{name} is already written")
        lazy = frame.lazy()
        schema = lazy.collect_schema()
        by = _sorting(name, schema)
        paths = self._sorted(name, lazy, by) if by else [self._sink(name, lazy)]
        self._entries[name] = TableEntry(
            scope=scope or default_scope(name, schema),
            schema={column: str(dtype) for column, dtype in schema.items()},
            files=tuple(_entry(path) for path in paths),
        )
        return self.scan(name)

    def scan(self, name: str) -> pl.LazyFrame:
        """A table or mart already written, every row.

        Raises:
            KeyError: It is not written yet.
        """
        return scan_files(self._directory, self._entries[name])

    def publish(self, *, read_at: datetime, facts: Mapping[str, Any]) -> str:
        """Make this the version that readers get, or leave everything as it was.

        Args:
            read_at: When the CRM was read, UTC.
            facts: See `Manifest.facts`; must be JSON.

        Returns:
            The version's name.
        """
        shutil.rmtree(self.spool)
        version = self._free_name(read_at)
        manifest = Manifest(version, read_at, self._entries, dict(facts))
        _write_durably(self._directory / FILE_NAME, manifest.dump())
        _sync(self._directory)
        versions = self._root / "versions"
        self._directory.rename(versions / version)
        _sync(versions)
        _write_durably(self._root / "CURRENT.new", version.encode())
        os.replace(self._root / "CURRENT.new", self._root / "CURRENT")
        _sync(self._root)
        return version

    def discard(self) -> None:
        """Remove what was written, if it was not published."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def _free_name(self, read_at: datetime) -> str:
        digest = hashlib.sha256()
        for name, table in sorted(self._entries.items()):
            digest.update("".join([name, *(file.sha256 for file in table.files)]).encode())
        name = f"{read_at:%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"
        taken, suffix = name, 1
        while (self._root / "versions" / taken).exists():
            suffix += 1
            taken = f"{name}-{suffix}"
        return taken

    def _sink(self, name: str, frame: pl.LazyFrame) -> Path:
        path = self._directory / f"{name}.parquet"
        frame.sink_parquet(path, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP)
        return path

    def _sorted(self, name: str, frame: pl.LazyFrame, by: list[str]) -> list[Path]:
        """Sort on disk: a range of customers at a time, so that memory stays bounded."""
        unsorted = self.spool / f"{name}.unsorted.parquet"
        frame.sink_parquet(unsorted, compression="lz4", row_group_size=4 * _ROW_GROUP)
        lazy = pl.scan_parquet(unsorted, glob=False, hive_partitioning=False)
        ranges = _ranges(lazy, by[0])
        paths: list[Path] = []
        for number, within in enumerate(ranges):
            part = name if len(ranges) == 1 else f"{name}-{number:03d}"
            rows = lazy.filter(within).collect(engine="streaming")
            paths.append(self._sink(part, rows.sort(by, maintain_order=True).lazy()))
        unsorted.unlink()
        return paths


@contextmanager
def disk_errors_told(root: Path) -> Generator[None]:
    """Say in one sentence what the disk refused.

    Raises:
        UnwritableSnapshotError: It is full, or may not be written to.
    """
    try:
        yield
    except OSError as error:
        raise UnwritableSnapshotError(root, error.strerror or type(error).__name__) from error
    except pl.exceptions.PolarsError as error:  # has the number in its text only
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        raise UnwritableSnapshotError(root, os.strerror(int(number[1]))) from error


def scan_files(directory: Path, entry: TableEntry) -> pl.LazyFrame:
    """A table of a version by the files its manifest lists, never by a pattern."""
    paths = [directory / file.name for file in entry.files]
    return pl.scan_parquet(paths, glob=False, hive_partitioning=False)


def default_scope(name: str, schema: pl.Schema) -> Scope:
    """The contract's scope; for a mart, customer if its rows can be attributed, else company."""
    if name in TABLES:
        return TABLES[name].scope
    attributable = "customer_id" in schema or {"region", "owner_id"} <= schema.keys()
    return Scope.CUSTOMER if attributable else Scope.COMPANY


def _sorting(name: str, schema: pl.Schema) -> list[str]:
    if name not in TABLES or "customer_id" not in schema:
        return []
    table = TABLES[name]
    wanted = dict.fromkeys(["customer_id", table.event_time, *table.key])
    return [column for column in wanted if column in schema]


def _ranges(frame: pl.LazyFrame, column: str) -> list[pl.Expr]:
    """Conditions that cut the rows into ranges of about equal size; nulls are in the first."""
    value = pl.col(column)
    rows = frame.select(pl.len()).collect().item()
    parts = max(1, -(-rows // _ROWS_SORTED_AT_ONCE))
    sample = frame.select(value.gather_every(1 + rows // 100_000).drop_nulls())
    ordered = sample.collect(engine="streaming").to_series().sort()
    cuts = ordered.gather([len(ordered) * part // parts for part in range(1, parts)]).unique()
    edges = cuts.sort().to_list()
    if not edges:  # anonymous throughout
        return [pl.lit(value=True)]
    first = value.is_null() | (value < edges[0])
    middle = [(value >= low) & (value < high) for low, high in pairwise(edges)]
    return [first, *middle, value >= edges[-1]]


def _entry(path: Path) -> FileEntry:
    _sync(path)
    rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    return FileEntry(path.name, rows, path.stat().st_size, sha256(path))


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    """Wait until a file, or a directory's list of names, has reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
