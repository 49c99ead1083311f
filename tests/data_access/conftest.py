"""CRM databases of our own schema, made of a few rows, on real SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from data_access.contract import TABLES
from data_access.schema import metadata

Rows = dict[str, list[dict[str, Any]]]
MakeCrm = Callable[..., str]

POSTGRES = os.environ.get(
    "STAYLINE_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
MARIADB = os.environ.get("STAYLINE_TEST_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306/test")


def fill(url: str, rows: Rows, tables: set[str] | None = None) -> None:
    """Create the contract's tables (or some of them) and insert rows through SQLAlchemy."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for name, table in metadata().tables.items():
            if not tables or name in tables:
                connection.execute(sa.schema.CreateTable(table))
        for name, records in rows.items():
            connection.execute(metadata().tables[name].insert(), records)
    engine.dispose()


@pytest.fixture
def sqlite_crm(tmp_path) -> MakeCrm:
    """Make a SQLite CRM of the rows given and return its address."""

    def make(rows: Rows | None = None, tables: set[str] | None = None) -> str:
        url = f"sqlite:///{tmp_path / uuid.uuid4().hex}.sqlite"
        fill(url, rows or {}, tables)
        return url

    return make


def _reachable(url: str) -> sa.URL:
    """Address of a server that may be written to, or a skip."""
    engine = sa.create_engine(url, connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except sa.exc.OperationalError:
        shown = engine.url.render_as_string(hide_password=True)
        pytest.skip(f"no {engine.dialect.name} at {shown}")
    finally:
        engine.dispose()
    return engine.url


def _made(server: sa.URL, create: str, drop: str) -> Iterator[MakeCrm]:
    """Make CRMs, each a database of its own, of the rows given; all dropped afterwards."""
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make(rows: Rows | None = None, tables: set[str] | None = None) -> str:
        name = f"stayline_test_{uuid.uuid4().hex}"
        with admin.connect() as connection:
            connection.exec_driver_sql(create.format(name))
        made.append(name)
        url = server.set(database=name).render_as_string(hide_password=False)
        fill(url, rows or {}, tables)
        return url

    yield make
    with admin.connect() as connection:
        for name in made:
            connection.exec_driver_sql(drop.format(name))
    admin.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> sa.URL:
    """Address of a PostgreSQL that may be written to, or a skip."""
    return _reachable(POSTGRES)


@pytest.fixture(scope="session")
def mariadb_server() -> sa.URL:
    """Address of a MariaDB that may be written to, or a skip."""
    return _reachable(MARIADB)


@pytest.fixture
def postgres_crm(postgres_server) -> Iterator[MakeCrm]:
    """Make a PostgreSQL CRM of the rows given and return its address."""
    yield from _made(postgres_server, "CREATE DATABASE {}", "DROP DATABASE {} WITH (FORCE)")


@pytest.fixture
def mariadb_crm(mariadb_server) -> Iterator[MakeCrm]:
    """Make a MariaDB CRM of the rows given and return its address.

    The database's own alphabet is one of Western Europe, as it is on many an old server.
    """
    create = "CREATE DATABASE {} CHARACTER SET latin1"
    yield from _made(mariadb_server, create, "DROP DATABASE {}")


DATABASES = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mariadb", marks=pytest.mark.mariadb),
]


@pytest.fixture(params=DATABASES)
def crm(request) -> MakeCrm:
    """Make a CRM of the rows given, once on each kind of database."""
    return request.getfixturevalue(f"{request.param}_crm")


@pytest.fixture
def unreadable():
    """What an extraction could not read: table, column and the keys of the rows."""

    def told(extraction) -> list[tuple[str, str, list[str]]]:
        found = []
        for name, table in extraction.tables.items():
            lost = table.frame.explode("_unreadable").drop_nulls("_unreadable")
            keys = pl.concat_str(TABLES[name].key, separator="/", ignore_nulls=True)
            columns = lost.group_by("_unreadable", maintain_order=True).agg(keys.alias("keys"))
            found += [(name, column, keys) for column, keys in columns.collect().iter_rows()]
        return found

    return told
