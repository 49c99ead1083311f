"""SQLite: the bare cursor of the standard library, a fifth faster than SQLAlchemy's rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from data_access.carriers.query import BATCH_ROWS, Batch, Query


def carry(connection: sa.Connection, queries: Mapping[str, Query]) -> Iterator[Batch]:
    """Every table over the connection itself, never through another copy of SQLite."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    for query in queries.values():
        sql = str(query.select.compile(connection, compile_kwargs={"literal_binds": True}))
        try:
            yield from _table(driver, query, sql)
        except sqlite3.OperationalError as error:
            if not str(error).startswith("Could not decode to UTF-8"):
                raise
            driver.text_factory = _text_or_bytes
            yield from _table(driver, query, sql)
            driver.text_factory = str


def _table(driver: sqlite3.Connection, query: Query, sql: str) -> Iterator[Batch]:
    name, columns = query.name, query.select.selected_columns.keys()
    yield Batch(name)
    cursor = driver.execute(sql)
    while rows := cursor.fetchmany(BATCH_ROWS):
        yield Batch(name, dict(zip(columns, zip(*rows, strict=True), strict=True)))


def _text_or_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
