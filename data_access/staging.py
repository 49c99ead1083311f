"""A version in the making: tables and marts written part by part, then published at once."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from data_access.contract import TABLES, Scope
from data_access.errors import UnwritableSnapshotError
from data_access.manifest import WHOLE, FileEntry, Manifest, Source, TableEntry
from data_access.storage import Storage

_ROW_GROUP = 65_536
_CUT_OFF = "Invalid thrift: transport error"  # what Polars says where a page's header has no room


class Staging:
    """A version in the making; seen by nobody until `publish`.

    Attributes:
        base: The version it may go on from, every file of it verified; None if there is none.
        spool: An empty directory of this machine for what is not kept.
    """

    def __init__(self, storage: Storage, directory: Path, base: Manifest | None) -> None:
        self._storage = storage
        self._directory = directory
        self._entries: dict[str, TableEntry] = {}
        self._sources: dict[str, Source] = {}
        self.base = base
        self.spool = directory / "spool"
        self.spool.mkdir()

    def write(
        self, name: str, frame: pl.LazyFrame | pl.DataFrame, *, scope: Scope | None = None
    ) -> pl.LazyFrame:
        """Write a table or mart as one file, rows in their order.

        Args:
            name: Of the table or mart; each once.
            frame: Collected by the streaming engine.
            scope: How its rows are guarded. By default the contract's answer; for a mart,
                customer if it has customer_id or both region and owner_id, else company: what
                cannot be attributed is hidden from limited principals.

        Returns:
            What was written, read back lazily.
        """
        lazy = frame.lazy()
        schema = lazy.collect_schema()
        return self.compose(name, schema, [self.put(name, WHOLE, lazy)], scope=scope)

    def put(self, name: str, part: str, frame: pl.LazyFrame | pl.DataFrame) -> FileEntry:
        """Write one part of a table; it belongs to nothing until it is listed."""
        path = self._directory / f"{uuid4().hex}.parquet"
        frame.lazy().sink_parquet(
            path, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP
        )
        return self._storage.adopt(name, part, path)

    def compose(
        self,
        name: str,
        schema: pl.Schema,
        files: Sequence[FileEntry],
        *,
        scope: Scope | None = None,
    ) -> pl.LazyFrame:
        """Make a table of files already written; returns its rows lazily."""
        if name in self._entries:
            raise ValueError(f"{name} is already written")
        columns = {column: str(dtype) for column, dtype in schema.items()}
        scope = scope or default_scope(name, schema)
        self._entries[name] = TableEntry(scope, columns, tuple(files))
        return self.scan(name)

    def keep(self, name: str, source: Source) -> None:
        """Keep a table as the CRM has it, for the next refresh to go on from."""
        self._sources[name] = source

    def scan(self, name: str) -> pl.LazyFrame:
        """A table or mart already written, every row.

        Raises:
            KeyError: It is not written yet.
        """
        return self.rows(self._entries[name].files)

    def rows(self, files: Sequence[FileEntry]) -> pl.LazyFrame:
        """The rows of some files of this version or of the base."""
        return self._storage.scan(files)

    def files(self, name: str) -> list[str]:
        """The Parquet files of a table or mart already written, in the order of its rows.

        Raises:
            KeyError: It is not written yet.
        """
        return self._storage.paths(self._entries[name].files)

    def publish(self, *, read_at: datetime, facts: Mapping[str, Any]) -> str:
        """Make this the version that readers get, or leave everything as it was.

        Args:
            read_at: When the CRM was read, UTC.
            facts: See `Manifest.facts`; must be JSON.

        Returns:
            The version's name.
        """
        version = self._free_name(read_at)
        manifest = Manifest(version, read_at, self._entries, dict(facts), self._sources)
        self._storage.publish(manifest)
        return version

    def _free_name(self, read_at: datetime) -> str:
        digest = hashlib.sha256()
        for name, table in sorted(self._entries.items()):
            digest.update("".join([name, *(file.sha256 for file in table.files)]).encode())
        name = f"{read_at:%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"
        versions = self._storage.versions()
        taken, suffix = name, 1
        while taken in versions:
            suffix += 1
            taken = f"{name}-{suffix}"
        return taken


@contextmanager
def disk_errors_told(root: Path | str) -> Generator[None]:
    """Say in one sentence what the disk refused.

    Raises:
        UnwritableSnapshotError: It is full, or may not be written to.
    """
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = _refused(error)
        if reason is None:
            raise
        raise UnwritableSnapshotError(root, reason) from error


def _refused(error: Exception) -> str | None:
    """What the disk said; None if it was not the disk. Polars has its number in the text only."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if number := re.search(r"\(os error (\d+)\)", str(error)):
        return os.strerror(int(number[1]))
    if _CUT_OFF in str(error):
        return "a file cannot be written to its end"
    return type(error).__name__ if isinstance(error, OSError) else None


def default_scope(name: str, schema: pl.Schema) -> Scope:
    """The contract's scope; for a mart, customer if its rows can be attributed, else company."""
    if name in TABLES:
        return TABLES[name].scope
    attributable = "customer_id" in schema or {"region", "owner_id"} <= schema.keys()
    return Scope.CUSTOMER if attributable else Scope.COMPANY
