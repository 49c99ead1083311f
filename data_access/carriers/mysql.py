"""MariaDB and MySQL: all tables in one statement, as Arrow batches of connectorx.

connectorx opens a connection per call and cannot import another one's moment, so that two calls
would see two moments. One statement sees one: a `UNION ALL` of all tables, which the server
streams without a temporary table. Its columns are texts, which is what a union of different
tables and the limits of Arrow (a date `0000-00-00` ends connectorx) both ask for.

A last row says that the end was reached. Whatever goes wrong before, all tables come as rows of
our own connection, whose moment was fixed before.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import connectorx
import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from data_access.carriers import rows
from data_access.carriers.query import Batch, Query, frames
from data_access.connection.limits import STATEMENT_SECONDS
from data_access.connection.mysql import BEGIN, session

_DIALECT = mysql.dialect(paramstyle="named")  # in which % stays %
_END = -1
_BATCH_ROWS = 20_000  # several wait in line, each with the text of all its columns
_NULL = sa.cast(sa.null(), mysql.CHAR())
_FRACTIONS = (sa.Numeric, sa.Float)
_CARRIED = (sa.Boolean, sa.Integer, sa.Numeric, sa.Float, sa.DateTime, sa.Date, sa.String)


def carry(connection: sa.Connection, queries: Mapping[str, Query]) -> Iterator[Batch]:
    """Every table, by connectorx or else by rows; never some by one and some by the other."""
    if _is_carriable(connection.engine.url, queries):
        ended = yield from _union(connection, queries)
        if ended:
            return
    yield from rows.carry(connection, queries)


def _is_carriable(url: sa.URL, queries: Mapping[str, Query]) -> bool:
    """Options of the address (encryption, say) and bytes are for the other driver."""
    kinds = [kind for query in queries.values() for kind in query.kinds.values()]
    return not url.query.keys() - {"charset"} and all(isinstance(kind, _CARRIED) for kind in kinds)


def _union(connection: sa.Connection, queries: Mapping[str, Query]) -> Generator[Batch, None, bool]:
    """All tables from their beginning; whether the end was reached."""
    for name in queries:
        yield Batch(name)
    names = list(queries)
    columns = [query.select.selected_columns.keys() for query in queries.values()]
    sql = _statement(queries).compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
    ended = False
    for batch in _batches(connection.engine.url, str(sql), len(columns)):
        for part in _of_one_table(batch):
            number = int(part["number"][0])
            if number == _END:
                ended = True
                continue
            _, *found = part.get_columns()
            yield Batch(names[number], dict(zip(columns[number], found, strict=False)))
    return ended


def _of_one_table(batch: pl.DataFrame) -> list[pl.DataFrame]:
    numbers = batch["number"]
    if numbers.min() == numbers.max():  # nearly always
        return [batch]
    return batch.partition_by("number", maintain_order=True)


def _statement(queries: Mapping[str, Query]) -> sa.CompoundSelect[Any]:
    """One select over all tables: the number of the table, its columns as text, then nulls."""
    width = max(len(query.select.selected_columns) for query in queries.values())
    parts = [_part(number, query, width) for number, query in enumerate(queries.values())]
    end = sa.select(_number(_END), *[_NULL] * width)
    return sa.union_all(*parts, end)


def _part(number: int, query: Query, width: int) -> sa.Select[Any]:
    texts = [_text(query, column, name) for name, column in query.select.selected_columns.items()]
    padded = [*texts, *[_NULL] * (width - len(texts))]
    return query.select.with_only_columns(
        _number(number),
        *(column.label(f"column_{place}") for place, column in enumerate(padded)),
        maintain_column_froms=True,
    )


def _number(number: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(number), sa.Integer).label("number")


def _text(query: Query, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
    text = sa.cast(column, mysql.CHAR())
    kind = query.kinds[name]
    if isinstance(kind, _FRACTIONS) and query.table.column(name).dtype.is_integer():
        whole = sa.func.truncate(column, 0)  # 12.00 is 12; half a fen stays, and is counted
        digits = sa.cast(sa.cast(whole, mysql.DECIMAL(65, 0)), mysql.CHAR())
        return sa.case((column == whole, digits), else_=text)
    return text


def _batches(url: sa.URL, sql: str, tables: int) -> Iterator[pl.DataFrame]:
    """What connectorx brings until its end or its failure, which nothing tells apart here."""
    with _silent_panics():
        stream = connectorx.read_sql(
            _address(url),
            sql,
            return_type="arrow_stream",
            batch_size=_BATCH_ROWS,
            pre_execution_query=[*session(STATEMENT_SECONDS * tables), BEGIN],
        )
        yield from frames(stream)


def _address(url: sa.URL) -> str:
    """The address as connectorx wants it; by TCP, since another way may mean another account."""
    user, password = (quote(part or "", safe="") for part in (url.username, url.password))
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host or "127.0.0.1"
    database = quote(url.database or "", safe="")
    return f"mysql://{user}:{password}@{host}:{url.port or 3306}/{database}?prefer_socket=false"


@contextmanager
def _silent_panics() -> Generator[None]:
    """End quietly where Rust would print a trace and raise what no `except Exception` catches."""
    stderr = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException" and not isinstance(error, RuntimeError):
            raise
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
