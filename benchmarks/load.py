"""Filling a test server with a company of tens of millions of rows: by COPY and by LOAD DATA.

`data_access.bulk_load` fills any database at 20,000 rows a second; here that would take longer
than what is to be measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import adbc_driver_postgresql.dbapi
import polars as pl
import polars.selectors as cs
import sqlalchemy as sa

from data_access import schema

Chunks = Iterable[dict[str, pl.DataFrame]]
_AT_ONCE = {"isolation_level": "AUTOCOMMIT"}


def filled(server: str, name: str, chunks: Callable[[], Chunks]) -> str | None:
    """A new database of that name with these rows and their indexes; None where none answers."""
    engine = sa.create_engine(server, poolclass=sa.NullPool, **_AT_ONCE)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"drop database if exists {name}"))
            connection.execute(sa.text(f"create database {name}"))
    except sa.exc.OperationalError:
        return None
    url = engine.url.set(database=name)
    more = {"local_infile": True} if _is_mariadb(url) else {}
    own = sa.create_engine(url, poolclass=sa.NullPool, connect_args=more)
    with own.begin() as connection:
        schema.create_tables(connection)
    fill = _load if _is_mariadb(url) else _copy
    for chunk in chunks():
        fill(own, {table: rows for table, rows in chunk.items() if not rows.is_empty()})
    with own.begin() as connection:
        schema.create_indexes(connection)
    with own.connect().execution_options(**_AT_ONCE) as connection:
        for table in schema.metadata().tables:
            connection.execute(sa.text(f"analyze {'table ' if _is_mariadb(url) else ''}{table}"))
    return url.render_as_string(hide_password=False)


def drop(server: str, name: str) -> None:
    """The end of that database."""
    with sa.create_engine(server, poolclass=sa.NullPool, **_AT_ONCE).connect() as connection:
        connection.execute(sa.text(f"drop database {name}"))


def _is_mariadb(url: sa.URL) -> bool:
    return url.get_backend_name() in ("mariadb", "mysql")


def _copy(engine: sa.Engine, tables: dict[str, pl.DataFrame]) -> None:
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with adbc_driver_postgresql.dbapi.connect(address) as connection:
        for table, rows in tables.items():
            with connection.cursor() as cursor:
                cursor.adbc_ingest(table, rows.to_arrow(), mode="append")
        connection.commit()


def _load(engine: sa.Engine, tables: dict[str, pl.DataFrame]) -> None:
    as_text = (cs.boolean().cast(pl.Int8), cs.datetime().dt.strftime("%Y-%m-%d %H:%M:%S%.6f"))
    with tempfile.TemporaryDirectory() as folder, engine.begin() as connection:
        path = Path(folder, "rows.csv")
        for table, rows in tables.items():
            rows.with_columns(*as_text).write_csv(
                path, include_header=False, null_value="\\N", quote_style="never", separator="\t"
            )
            statement = f"load data local infile '{path}' into table {table} character set utf8mb4"
            connection.exec_driver_sql(statement)
