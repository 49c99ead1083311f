"""The CRM database in Stayline's own schema: one SQL table per contract table.

The demo company and the real-data importer write it, `sources/stayline.py` reads it. It has no
primary keys or foreign keys: a real CRM's duplicates and orphans must fit, because counting them
is the work of the check at the door. The key gets a plain index instead.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from data_access import contract

_TIME = sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_ID = sa.String(64)

_TYPES: dict[pl.DataType, sa.types.TypeEngine[Any]] = {
    contract.TIME: _TIME,
    pl.Date(): sa.Date(),
    pl.Int16(): sa.SmallInteger(),
    pl.Int32(): sa.Integer(),
    pl.Int64(): sa.BigInteger(),
    pl.String(): sa.Text(),
    pl.Boolean(): sa.Boolean(),
}


@cache
def metadata() -> sa.MetaData:
    """SQL tables and indexes of the contract, portable to SQLite, PostgreSQL, MariaDB.

    Times hold UTC: with a time zone where the database has such a type, naive on SQLite and
    MariaDB. Money is a big integer in minor units, ids are `VARCHAR(64)`.

    Returns:
        One `Table` per contract table, columns in contract order, without the derived day
        columns; non-unique indexes on the key, `customer_id`, the event time and `updated_at`.
    """
    result = sa.MetaData()
    for table in contract.TABLES.values():
        columns = [_column(table, column) for column in table.columns]
        sql = sa.Table(
            table.name, result, *columns, mysql_charset="utf8mb4", mariadb_charset="utf8mb4"
        )
        for names in _indexed(table):
            sa.Index(f"ix_{table.name}_{'_'.join(names)}", *(sql.c[name] for name in names))
    return result


def create_tables(connection: sa.Connection) -> None:
    """Create every table without its indexes, so that a bulk load need not maintain them."""
    for table in metadata().sorted_tables:
        connection.execute(sa.schema.CreateTable(table))


def create_indexes(connection: sa.Connection) -> None:
    """Create every index of tables that exist; meant to follow a bulk load."""
    for table in metadata().sorted_tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            index.create(connection)


def _column(table: contract.Table, column: contract.Column) -> sa.Column[Any]:
    is_id = column.name in table.key or column.name.endswith("_id")
    kind = _ID if is_id and column.dtype == pl.String else _TYPES[column.dtype]
    return sa.Column(column.name, kind, nullable=column.nullable or column.optional)


def _indexed(table: contract.Table) -> list[tuple[str, ...]]:
    """Column groups worth an index, each once, in a fixed order."""
    names = {column.name for column in table.columns}
    single = ("customer_id", table.event_time, "updated_at")
    groups = [table.key, *((name,) for name in single if name in names)]
    return list(dict.fromkeys(groups))
