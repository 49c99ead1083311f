"""Workspaces of a company with 300 customers in two regions, on real SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import sqlalchemy as sa

from data_access.principal import Principal
from data_access.workspace import Workspace, Write, cases

NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
CUSTOMERS = pl.DataFrame(
    {
        "customer_id": [f"c{number}" for number in range(300)],
        "region": ["east" if number % 2 else "west" for number in range(300)],
    }
)
LI, WANG = Principal("li", "manager"), Principal("wang", "success_lead")
EAST = Principal("east", "manager", regions=("east",))
STEPS = ("phone", "wechat", "email", "benefit", "recheck")

Write_ = Callable[..., Write]


def customers(principal: Principal) -> pl.LazyFrame:
    if principal.regions is None:
        return CUSTOMERS.lazy()
    return CUSTOMERS.lazy().filter(pl.col("region").is_in(list(principal.regions)))


@pytest.fixture(scope="session")
def postgres_workspace(postgres_server: sa.URL) -> Iterator[sa.URL]:
    """A database for workspaces, one after the other."""
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    name = f"stayline_test_{uuid.uuid4().hex}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield postgres_server.set(database=name)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_workspace: sa.URL) -> str:
    """An empty database."""
    engine = sa.create_engine(postgres_workspace)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()
    return postgres_workspace.render_as_string(hide_password=False)


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'home' / 'workspace.sqlite'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def workspace(url: str) -> Iterator[Workspace]:
    opened = Workspace(url, customers)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def write() -> Write_:
    """Writes of Li, one minute after another, each with a key of its own."""
    minutes = itertools.count()

    def make(principal: Principal = LI, key: str = "") -> Write:
        number = next(minutes)
        return Write(
            principal, NOW + timedelta(minutes=number), key or f"key-of-a-test-{number:05}"
        )

    return make


def opening(reason: str = "red", steps: tuple[str, ...] = STEPS) -> cases.Opening:
    return cases.Opening(
        reason=reason,
        rules=("unanswered",),
        warned_at=NOW - timedelta(days=1),
        steps=tuple(
            cases.PlannedStep(kind, NOW + timedelta(days=day)) for day, kind in enumerate(steps, 1)
        ),
    )


def rows(workspace: Workspace, table: str) -> list[dict]:
    """A table as it lies in the database, by its key."""
    from data_access.workspace.models import Base

    found = Base.metadata.tables[table]
    with workspace.reading() as session:
        statement = sa.select(found).order_by(*found.primary_key.columns)
        return [dict(row) for row in session.execute(statement).mappings()]
