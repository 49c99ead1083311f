"""CRM databases of our own schema, made of a few rows, on real SQLite and real PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from data_access.schema import metadata

Rows = dict[str, list[dict[str, Any]]]
MakeCrm = Callable[..., str]

POSTGRES = os.environ.get(
    "STAYLINE_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)


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


@pytest.fixture(scope="session")
def postgres_server() -> sa.URL:
    """Address of a PostgreSQL that may be written to, or a skip."""
    engine = sa.create_engine(POSTGRES, connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except sa.exc.OperationalError:
        pytest.skip(f"no PostgreSQL at {engine.url.render_as_string(hide_password=True)}")
    finally:
        engine.dispose()
    return sa.make_url(POSTGRES)


@pytest.fixture
def postgres_crm(postgres_server) -> Iterator[MakeCrm]:
    """Make a PostgreSQL CRM, a database of its own, of the rows given; dropped afterwards."""
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make(rows: Rows | None = None, tables: set[str] | None = None) -> str:
        name = f"stayline_test_{uuid.uuid4().hex}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made.append(name)
        url = postgres_server.set(database=name).render_as_string(hide_password=False)
        fill(url, rows or {}, tables)
        return url

    yield make
    with admin.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def crm(request) -> MakeCrm:
    """Make a CRM of the rows given, once on SQLite and once on PostgreSQL."""
    name = "sqlite_crm" if request.param == "sqlite" else "postgres_crm"
    return request.getfixturevalue(name)
