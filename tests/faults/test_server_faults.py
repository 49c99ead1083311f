"""What a CRM's server and the network to it can do: one sentence, the old version, and a cure."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboard import i18n
from dashboard.pipeline import refresh
from dashboard.refresh import main
from data_access import connection
from data_access.errors import DataAccessError
from data_access.snapshot import SnapshotStore
from tests.conftest import Installation, _settings
from tests.data_access.conftest import DATABASES, MakeCrm, fill
from tests.data_access.test_carriers import BIG
from tests.faults.proxy import Proxy
from tests.pages.test_pages import run

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "s3cret"
COMPANY = {
    "customers": [{"customer_id": "c"}],
    "orders": [
        {"order_id": "o", "customer_id": "c", "ordered_at": MOMENT, "status": "completed",
         "amount": 1, "currency": "CNY"}
    ],
}  # fmt: skip
# How each server makes an account that may read, and shuts it out and in again.
ACCOUNT = {
    "postgresql": {
        "made": (
            "DROP ROLE IF EXISTS {0}", "CREATE ROLE {0} LOGIN PASSWORD '{1}'",
            "GRANT pg_read_all_data TO {0}",
        ),
        "shut out": ("ALTER ROLE {0} NOLOGIN",),  # a test server may ask nobody for a password
        "let in": ("ALTER ROLE {0} LOGIN",),
        "gone": ("DROP ROLE {0}",),
    },
    "mariadb": {
        "made": ("CREATE OR REPLACE USER {0} IDENTIFIED BY '{1}'", "GRANT SELECT ON *.* TO {0}"),
        "shut out": ("SET PASSWORD FOR {0} = PASSWORD('another')",),
        "let in": ("SET PASSWORD FOR {0} = PASSWORD('{1}')",),
        "gone": ("DROP USER {0}",),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A CRM behind a proxy, something of it published, and the right to break it."""

    there: Installation
    proxy: Proxy
    database: sa.Engine
    server: sa.Engine

    @property
    def name(self) -> str:
        """Of the database and of the account that reads it."""
        return str(self.database.url.database)

    @property
    def version(self) -> str:
        return (self.there.own.snapshots / "CURRENT").read_text()

    def sql(self, *statements: str) -> None:
        with self.database.begin() as writer:
            for statement in statements:
                writer.exec_driver_sql(statement)

    def account(self, what: str) -> None:
        with self.server.connect() as admin:
            for statement in ACCOUNT[self.server.dialect.name][what]:
                admin.exec_driver_sql(statement.format(self.name, PASSWORD))

    def employees(self, count: int, width: int) -> None:
        many = BIG[self.database.dialect.name].format(count, width)
        self.sql(f"INSERT INTO employees (employee_id, name) {many}")

    def sessions(self) -> int:
        """How many of ours the server knows."""
        with self.server.connect() as admin:
            where = {
                "postgresql": f"pg_stat_activity WHERE usename = '{self.name}'",
                "mariadb": f"information_schema.processlist WHERE user = '{self.name}'",
            }[self.server.dialect.name]
            return admin.exec_driver_sql(f"SELECT count(*) FROM {where}").scalar_one()


@pytest.fixture(params=DATABASES[1:])
def served(
    request: pytest.FixtureRequest, tmp_path: Path, opened: Callable[[Installation], None]
) -> Iterator[Served]:
    make: MakeCrm = request.getfixturevalue(f"{request.param}_crm")
    url = sa.make_url(make(COMPANY, tables={*COMPANY, "employees"}))
    proxy = Proxy(url.host or "", url.port or 0)
    through = url.set(host="127.0.0.1", port=proxy.port, username=url.database, password=PASSWORD)
    own = _settings(tmp_path, "crm", crm_url=through.render_as_string(hide_password=False))
    database = sa.create_engine(url, poolclass=sa.NullPool)
    server = sa.create_engine(
        request.getfixturevalue(f"{request.param}_server"),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )
    it = Served(Installation(own), proxy, database, server)
    it.account("made")
    with SnapshotStore(own.snapshots).staging() as staging:
        staging.publish(read_at=MOMENT, facts={})
    opened(it.there)
    yield it
    proxy.end()
    it.account("gone")


def drop_database(it: Served) -> None:
    force = "WITH (FORCE)" if it.server.dialect.name == "postgresql" else ""
    with it.server.connect() as admin:
        admin.exec_driver_sql(f"DROP DATABASE {it.name} {force}")


def make_database(it: Served) -> None:
    with it.server.connect() as admin:
        admin.exec_driver_sql(f"CREATE DATABASE {it.name}")
    fill(it.database.url.render_as_string(hide_password=False), COMPANY, {*COMPANY})


def retyped(kind: str, value: str) -> Callable[[Served], None]:
    column = f"ordered_at {kind} DEFAULT {value} NOT NULL"
    return lambda it: it.sql(
        "ALTER TABLE orders DROP COLUMN ordered_at", f"ALTER TABLE orders ADD COLUMN {column}"
    )


@dataclass(frozen=True)
class Fault:
    """How it comes, how it goes, and what is said of it: the kind of error and words in it."""

    comes: Callable[[Served], None]
    goes: Callable[[Served], None]
    code: str
    words: tuple[str, ...]


def renamed(old: str, new: str) -> Callable[[Served], None]:
    return lambda it: it.sql(f"ALTER TABLE orders RENAME COLUMN {old} TO {new}")


def resets_in_the_middle(it: Served) -> None:
    it.employees(20_000, 300)
    it.proxy.reset(after=1_000_000)


FAULTS = {
    "closed port": Fault(
        lambda it: it.proxy.close(), lambda it: it.proxy.open(), "source_unavailable", ("refused",)
    ),
    "silent port": Fault(
        lambda it: it.proxy.freeze(), lambda it: it.proxy.heal(), "source_unavailable",
        ("timeout expired", "timed out"),
    ),
    "reset in the middle of the rows": Fault(
        resets_in_the_middle, lambda it: it.proxy.heal(), "source_unavailable",
        ("reset", "closed the connection", "Lost connection"),
    ),
    "account shut out": Fault(
        lambda it: it.account("shut out"), lambda it: it.account("let in"), "source_unavailable",
        ("not permitted to log in", "Access denied"),
    ),
    "database gone": Fault(
        drop_database, make_database, "source_unavailable", ("does not exist", "Unknown database"),
    ),
    "column renamed": Fault(
        renamed("amount", "total"), renamed("total", "amount"), "schema_mismatch",
        ("lacks orders.amount;",),
    ),
    "column gone": Fault(
        lambda it: it.sql("ALTER TABLE orders DROP COLUMN status"),
        lambda it: it.sql("ALTER TABLE orders ADD COLUMN status VARCHAR(9) DEFAULT 'completed'"),
        "schema_mismatch", ("lacks orders.status;",),
    ),
    "column of another type": Fault(
        retyped("BIGINT", "1767225600"),
        retyped("TIMESTAMP", "'2026-01-01 00:00:00'"),
        "column_unreadable", ("No value of orders.ordered_at",),
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_and_the_old_version_stays_until_the_cure(
    served: Served, name: str, monkeypatch: pytest.MonkeyPatch
):
    for module in (connection.postgresql, connection.mysql):
        monkeypatch.setattr(module, "CONNECT_SECONDS", 2)
    fault, own, before = FAULTS[name], served.there.own, served.version
    fault.comes(served)
    with pytest.raises(DataAccessError) as caught:
        refresh(own)
    said = str(caught.value)
    assert caught.value.code == fault.code
    assert any(words in said for words in fault.words), said
    assert "\n" not in said
    for language in i18n.LANGUAGES:
        words = i18n.words(language)[f"error.{fault.code}"].format(**caught.value.fields)
        assert PASSWORD not in words + said
    del caught
    gc.collect()  # SQLAlchemy drops the cursor of a broken connection as it is
    nothing_left(served, before)
    fault.goes(served)
    assert refresh(own) == served.version != before


def nothing_left(it: Served, version: str) -> None:
    """The version that was, nothing half of another, nobody at the server."""
    own = it.there.own
    assert it.version == version
    assert [path.stem for path in (own.snapshots / "versions").iterdir()] == [version]
    assert not own.running.exists()
    deadline = time.monotonic() + 30
    while it.sessions():
        assert time.monotonic() < deadline


PATIENCE = 4


@pytest.fixture
def impatient(served: Served, opened: Callable[[Installation], None]) -> Served:
    """The same, waiting some seconds only for a sign of life; what works on it is a process."""
    it = replace(served, there=Installation(replace(served.there.own, patience=PATIENCE)))
    opened(it.there)
    return it


def test_a_server_that_freezes_in_the_middle_of_the_rows_is_given_up(
    impatient: Served, caplog: pytest.LogCaptureFixture
):
    own, before = impatient.there.own, impatient.version
    impatient.employees(20_000, 300)
    impatient.proxy.freeze(after=1_000_000)
    assert main() == 1
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("Refresh failed, the old version stays: Nothing came from the CRM")
    assert f" for {PATIENCE} s" in said
    assert PASSWORD not in said
    nothing_left(impatient, before)
    assert json.loads(own.failure.read_text())["code"] == "source_silent"
    impatient.proxy.heal()
    assert refresh(own) == impatient.version != before
    for language in i18n.LANGUAGES:
        (warning,) = run("data_health", language).warning
        beginning, _, _ = i18n.words(language)["error.source_silent"].partition("{")
        assert beginning in warning.value
    assert not any((own.snapshots / "staging").iterdir())


WIDE = "SELECT i::text AS {0}_id, repeat('x', 400) AS name {1} FROM generate_series(1, 3000) i"
# Several batches: connectorx brings 20,000 rows in one, ADBC a table (or 16 MB).
BATCHES = {
    "mariadb": ("INSERT INTO employees (employee_id, name) SELECT seq, seq FROM seq_1_to_140000",),
    "postgresql": (
        "INSERT INTO customers (customer_id, name) " + WIDE.format("customer", ""),
        "INSERT INTO employees (employee_id, name) " + WIDE.format("employee", ""),
        "CREATE TABLE budgets AS " + WIDE.format("budget", ", 'CNY' AS currency"),
        "CREATE TABLE campaigns AS "
        + WIDE.format("campaign", ", now() AS starts_at, now() AS ends_at"),
    ),
}


def test_a_server_that_is_slow_is_waited_for(impatient: Served):
    """Longer in all than a sign of life is waited for; every batch is one."""
    before = impatient.version
    impatient.sql(*BATCHES[impatient.server.dialect.name])
    impatient.proxy.trickle(800_000)
    began = time.monotonic()
    assert main() == 0
    assert time.monotonic() - began > PATIENCE
    assert impatient.version != before
