"""PostgreSQL: ADBC's Arrow batches over a second connection that sees the first one's moment.

What Arrow has no place for is asked for as text: numerics, UUIDs, JSON, types of one's own. Times
without a date in our calendar (`infinity`, years before ours) arrive as numbers far outside of
it, which the typing turns away. A table that ADBC cannot carry comes as rows of the first
connection, so every table is of one moment in any case.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import polars as pl
import psycopg
import sqlalchemy as sa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import dbapi
from psycopg.pq import Format
from psycopg.types.string import TextLoader
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from data_access.carriers import rows
from data_access.carriers.query import Batch, Query, frames
from data_access.connection.address import shown_url
from data_access.connection.limits import STATEMENT_SECONDS
from data_access.connection.postgresql import conninfo
from data_access.errors import SourceUnavailableError

_TIMES = {kind: psycopg.adapters.types[kind].oid for kind in ("timestamptz", "timestamp", "date")}
_AS_THEY_ARE = (sa.Boolean, sa.Integer, sa.Float, sa.DateTime, sa.Date, sa.String, sa.LargeBinary)
_DIALECT = postgresql.dialect(paramstyle="named")  # in which % stays %


def carry(connection: sa.Connection, queries: Mapping[str, Query]) -> Iterator[Batch]:
    """Every table, one after the other, by ADBC or else by rows."""
    with _follower(connection) as follower:
        for query in queries.values():
            carried = follower is not None and (yield from _arrow(follower, query))
            if not carried:
                yield from by_rows(connection, query)


def by_rows(connection: sa.Connection, query: Query) -> Iterator[Batch]:
    """One table as psycopg gives it; times as text where it has none of Python's to give."""
    try:
        yield from rows.table(connection, query)
    except DBAPIError as error:
        if not (isinstance(error.orig, psycopg.DataError) and error.orig.sqlstate is None):
            raise
        with _times_as_text(connection):
            yield from rows.table(connection, query)


class _Follower:
    """A second connection that imports the moment of the first with every table."""

    def __init__(self, connection: sa.Connection, driver: dbapi.Connection) -> None:
        self._moment = connection.execute(sa.select(sa.func.pg_export_snapshot())).scalar_one()
        self._driver = driver
        self.shown_url = shown_url(connection.engine.url)

    def batches(self, sql: str) -> Iterator[pl.DataFrame]:
        self._driver.rollback()
        with self._driver.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET TRANSACTION SNAPSHOT '{self._moment}'")
            cursor.execute(sql)
            yield from frames(cast("Iterable[Any]", cursor.fetch_record_batch()))


@contextmanager
def _follower(connection: sa.Connection) -> Generator[_Follower | None]:
    """The second connection; None where the server grants none, or lets no moment be shared."""
    try:
        driver = dbapi.connect(conninfo(connection.engine), autocommit=False)
    except AdbcError:
        yield None
        return
    with driver:
        yield _Follower(connection, driver) if _exports(connection) else None


def _exports(connection: sa.Connection) -> bool:
    right = sa.func.has_function_privilege("pg_export_snapshot()", "execute")
    try:
        with connection.begin_nested():  # where there is no such function, life goes on
            return connection.execute(sa.select(right)).scalar_one()
    except DBAPIError:
        return False


def _arrow(follower: _Follower, query: Query) -> Generator[Batch, None, bool]:
    """One table from its beginning; whether it came to its end."""
    name = query.name
    yield Batch(name)
    select = query.recast(lambda column, name: _carriable(query, column, name))
    sql = str(select.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
    began = time.monotonic()
    try:
        for frame in follower.batches(sql):
            yield Batch(name, frame.to_dict())
    except (AdbcError, OSError, ValueError):  # the latter two from within a stream
        if time.monotonic() - began >= STATEMENT_SECONDS:
            reason = f"the table {name} took longer than {STATEMENT_SECONDS} s"
            raise SourceUnavailableError(follower.shown_url, reason) from None
        return False
    return True


def _carriable(query: Query, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
    kind = query.kinds[name]
    if isinstance(kind, _AS_THEY_ARE) and not isinstance(kind, sa.Enum):
        return column
    text = sa.cast(column, sa.Text)
    if isinstance(kind, sa.Numeric) and query.table.column(name).dtype.is_integer():
        whole = sa.func.trunc(column)  # 12.00 is 12; half a fen stays what it is, and is counted
        return sa.case((column == whole, sa.cast(whole, sa.Text)), else_=text)
    return text


@contextmanager
def _times_as_text(connection: sa.Connection) -> Generator[None]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    usual = {kind: psycopg.adapters.get_loader(oid, Format.TEXT) for kind, oid in _TIMES.items()}
    for kind in usual:
        driver.adapters.register_loader(kind, TextLoader)
    yield
    for kind, loader in usual.items():
        driver.adapters.register_loader(kind, loader or TextLoader)
