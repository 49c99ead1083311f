"""One consistent read of the CRM: every contract table, typed, batch by batch, onto disk.

All tables are read in one read-only transaction, so that an order and its customer are of the
same moment however long the read takes. Each batch is typed and written out before the next is
fetched; memory does not grow with the table.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from data_access.check import compare, usable
from data_access.connection import as_written, is_unreadable, read_transaction, shown_url
from data_access.contract import TABLES, Table
from data_access.errors import SchemaMismatchError
from data_access.findings import Action, Finding, Rejection, Severity
from data_access.sources import source as source_named
from data_access.values import typed

_BATCH_ROWS = 50_000
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ExtractedTable:
    """One contract table as the CRM has it.

    Attributes:
        frame: Exactly the contract's columns and day columns; an optional column that the CRM
            lacks is null throughout. Rows in reading order.
        rows: How many.
        present: False if the CRM has no such table; the frame is then empty.
        missing: Optional columns that the CRM lacks.
    """

    frame: pl.LazyFrame
    rows: int
    present: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one read of the CRM brought.

    Attributes:
        url: The address, without its password.
        read_at: When the read began, UTC.
        tables: Every table of the contract, in its order.
        findings: How the database differs from the contract.
        unreadable: Values that do not fit their column's type; they are null in the frames.
    """

    url: str
    source: str
    time_zone: str
    read_at: datetime
    tables: dict[str, ExtractedTable]
    findings: list[Finding]
    unreadable: list[Rejection]


def extract(
    url: str,
    *,
    spool: Path,
    read_at: datetime,
    source: str = "stayline",
    time_zone: str = "Asia/Shanghai",
) -> Extraction:
    """Read every contract table that the CRM has, in one transaction.

    Args:
        url: SQLAlchemy address of the CRM.
        spool: An empty directory for the batches; the frames read from it, so it must outlive
            them.
        read_at: Now, UTC.
        source: The CRM's schema, a key of `data_access.sources.SOURCES`.
        time_zone: The business time zone, in which a day begins.

    Raises:
        SourceUnavailableError: The database cannot be reached or fails while being read.
        SchemaMismatchError: A table or column without which there is nothing to show is missing.
        UnsupportedSourceError: Of another database or CRM schema.
    """
    crm = source_named(source)
    with read_transaction(url) as connection:
        present = crm.columns(sa.inspect(connection))
        findings = compare(present)
        _require(findings, url)
        selects = crm.queries(usable(present))
        readers = {
            name: _Reader(table, spool / name, time_zone).read(connection, selects.get(name))
            for name, table in TABLES.items()
        }
    return Extraction(
        url=shown_url(url),
        source=source,
        time_zone=time_zone,
        read_at=read_at,
        tables={name: reader.result() for name, reader in readers.items()},
        findings=findings,
        unreadable=[rejection for reader in readers.values() for rejection in reader.rejections()],
    )


def _require(findings: Sequence[Finding], url: str) -> None:
    missing = [
        f"{finding.table}.{finding.column}".rstrip(".")
        for finding in findings
        if finding.severity is Severity.ERROR
    ]
    if missing:
        raise SchemaMismatchError(shown_url(url), missing)


def _batches(
    connection: sa.Connection, select: sa.Select[Any]
) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows of a select, some at a time, never all in memory."""
    if connection.dialect.name == "sqlite":  # the bare cursor is twice as fast, and as exact
        yield from _sqlite_batches(connection, select)
        return
    streaming = connection.execution_options(stream_results=True, yield_per=_BATCH_ROWS)
    with streaming.execute(select) as result:
        yield from result.partitions()


def _sqlite_batches(
    connection: sa.Connection, select: sa.Select[Any]
) -> Iterator[Sequence[Sequence[Any]]]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    sql = select.compile(connection, compile_kwargs={"literal_binds": True})
    cursor = driver.execute(str(sql))
    while rows := cursor.fetchmany(_BATCH_ROWS):
        yield rows


@dataclass(slots=True)
class _Reader:
    """Types one table's batches and writes each to its own file."""

    table: Table
    directory: Path
    time_zone: str
    rows: int = 0
    present: bool = False
    columns: tuple[str, ...] = ()
    files: list[Path] = field(default_factory=list[Path])
    unreadable: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def read(self, connection: sa.Connection, select: sa.Select[Any] | None) -> _Reader:
        """Read the table to its end; a table that is not there leaves an empty one."""
        self.directory.mkdir(parents=True)
        if select is not None:
            self.present = True
            self.columns = tuple(select.selected_columns.keys())
            try:
                self._fill(connection, select)
            except (DBAPIError, sqlite3.Error) as error:
                if not is_unreadable(error):
                    raise
                with as_written(connection):
                    self._fill(connection, select)
        if not self.files:
            self._write(pl.DataFrame(schema=self._schema()))
        return self

    def _fill(self, connection: sa.Connection, select: sa.Select[Any]) -> None:
        """Read from the beginning, whatever was read before."""
        self.rows, self.files = 0, []
        self.unreadable.clear()
        self.examples.clear()
        for rows in _batches(connection, select):
            self._write(self._frame(rows))

    def result(self) -> ExtractedTable:
        """The table, read lazily from its files."""
        optional = [column.name for column in self.table.columns if column.optional]
        missing = tuple(name for name in optional if self.present and name not in self.columns)
        return ExtractedTable(pl.scan_parquet(self.files), self.rows, self.present, missing)

    def rejections(self) -> list[Rejection]:
        """Columns that held values of another type; nothing more was done than nulling them."""
        return [
            Rejection(
                self.table.name,
                "unreadable",
                column,
                rows,
                Action.NULLED,
                tuple(self.examples[column]),
            )
            for column, rows in self.unreadable.items()
        ]

    def _schema(self) -> dict[str, pl.DataType]:
        """What the CRM can give: the contract's schema without the parent's customer."""
        own = {*(column.name for column in self.table.columns), *self.table.days.values()}
        return {name: dtype for name, dtype in self.table.schema.items() if name in own}

    def _frame(self, rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
        raw = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        read = {name: typed(raw[name], self.table.column(name).dtype) for name in self.columns}
        frame = pl.DataFrame(read)
        for name, values in raw.items():
            lost = frame[name].null_count() - values.count(None)
            if lost:
                self._note(frame, name, values, lost)
        return self._complete(frame)

    def _complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add the columns the CRM lacks, as nulls, and the day of each time."""
        absent = [
            pl.lit(None, column.dtype).alias(column.name)
            for column in self.table.columns
            if column.name not in frame.columns
        ]
        days = [
            pl.col(moment).dt.convert_time_zone(self.time_zone).dt.date().alias(day)
            for moment, day in self.table.days.items()
        ]
        return frame.with_columns(absent).with_columns(days).select(list(self._schema()))

    def _note(self, frame: pl.DataFrame, column: str, values: Sequence[Any], lost: int) -> None:
        self.unreadable[column] += lost
        examples = self.examples.setdefault(column, [])
        given = pl.Series([value is not None for value in values], dtype=pl.Boolean)
        keys = frame.select(pl.concat_str(self.table.key, separator="/", ignore_nulls=True))
        bad = keys.to_series().filter(given & frame[column].is_null())
        examples.extend(bad.head(_EXAMPLES - len(examples)).to_list())

    def _write(self, frame: pl.DataFrame) -> None:
        path = self.directory / f"{len(self.files):06d}.parquet"
        frame.write_parquet(path, compression="lz4", statistics=False)
        self.files.append(path)
        self.rows += frame.height
