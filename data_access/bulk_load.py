"""Writing contract tables into a CRM database of our own schema: the demo and the real data."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from data_access import schema
from data_access.connection.address import understood, with_driver

_BATCH = 20_000

_log = logging.getLogger(__name__)


def write_sqlite(
    path: Path,
    chunks: Iterable[dict[str, pl.DataFrame]],
    *,
    tables: sa.MetaData | None = None,
) -> dict[str, int]:
    """Build a SQLite database from chunks of contract tables; replaces an older one whole.

    It is written beside `path` and renamed when complete, so an interrupted build leaves
    nothing. Times are stored as SQLAlchemy stores them: ISO text in UTC, `2026-10-31
    10:00:00.000000`; dates as ISO text, booleans as 0 and 1. Only the standard library's SQLite
    touches the file: a second copy of the library in one process can corrupt it.

    Args:
        path: Where the database is to be.
        chunks: Frames by table name, with exactly the columns of that table, in order.
        tables: What to create; the whole schema by default.

    Returns:
        Rows written per table.

    Raises:
        OSError: The folder cannot be written.
        sqlite3.Error: The disk is full, or a row does not fit the schema.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with closing(sqlite3.connect(part, isolation_level=None)) as connection:
            rows = _fill_sqlite(connection, chunks, tables or schema.metadata())
        _flush(part)
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return rows


def write_database(url: str, chunks: Iterable[dict[str, pl.DataFrame]]) -> dict[str, int]:
    """Create our schema in any database SQLAlchemy knows and fill it, in one transaction.

    The tables must not exist yet, except that an SQLite file is replaced (`write_sqlite`).
    Portable rather than fast: some 20,000 rows a second.

    Returns:
        Rows written per table.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database refused; then nothing was written where
            the database has transactional DDL.
    """
    address = with_driver(understood(url))
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        return write_sqlite(Path(str(address.database)), chunks)
    engine = sa.create_engine(address)
    try:
        with engine.begin() as connection:
            return fill(connection, chunks)
    finally:
        engine.dispose()


def fill(connection: sa.Connection, chunks: Iterable[dict[str, pl.DataFrame]]) -> dict[str, int]:
    """Create and fill the schema over an open connection; returns the rows per table."""
    schema.create_tables(connection)
    tables = schema.metadata().tables
    rows: Counter[str] = Counter(dict.fromkeys(tables, 0))
    for chunk in chunks:
        for name, frame in chunk.items():
            for batch in frame.iter_slices(_BATCH):
                connection.execute(tables[name].insert(), batch.to_dicts())
            rows[name] += frame.height
        _log.info("%s rows written", f"{rows.total():,}")
    schema.create_indexes(connection)
    return dict(rows)


def _fill_sqlite(
    connection: sqlite3.Connection,
    chunks: Iterable[dict[str, pl.DataFrame]],
    metadata: sa.MetaData,
) -> dict[str, int]:
    # Safe without a journal: until it is renamed the file does not count.
    connection.execute("pragma journal_mode = off")
    connection.execute("pragma synchronous = off")
    tables = metadata.sorted_tables
    for table in tables:
        connection.execute(_sqlite(sa.schema.CreateTable(table)))
    rows: Counter[str] = Counter({table.name: 0 for table in tables})
    for chunk in chunks:
        connection.execute("begin")
        for name, frame in chunk.items():
            insert = _sqlite(metadata.tables[name].insert())
            connection.executemany(insert, _sqlite_rows(frame))
            rows[name] += frame.height
        connection.execute("commit")
        _log.info("%s rows written", f"{rows.total():,}")
    for table in tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(_sqlite(sa.schema.CreateIndex(index)))
    return dict(rows)


def _sqlite(statement: sa.ClauseElement) -> str:
    return str(statement.compile(dialect=sqlite.dialect()))


def _sqlite_rows(frame: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Rows with times and dates as the text SQLAlchemy stores, in the order of the columns."""
    ready = frame.with_columns(
        cs.date().cast(pl.String),
        cs.datetime(time_zone="*").dt.replace_time_zone(None).cast(pl.String),
    )
    return ready.iter_rows(buffer_size=_BATCH)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
