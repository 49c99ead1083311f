"""Read-only, one moment, and one sentence when it fails."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError

from data_access.connection import read_only_engine, read_transaction
from data_access.errors import SourceUnavailableError, UnsupportedSourceError
from data_access.extract import extract

WRITES = [
    "INSERT INTO employees (employee_id, name) VALUES ('e2', 'Wei')",
    "UPDATE employees SET name = 'Wei'",
    "DELETE FROM employees",
    "CREATE TABLE mine (a INTEGER)",
    "DROP TABLE employees",
]
EMPLOYEE = {"employees": [{"employee_id": "e1", "name": "Lan"}]}


def names(connection):
    return connection.execute(sa.text("SELECT name FROM employees")).scalars().all()


def write(url, sql):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(sql)
    engine.dispose()


def test_writing_is_refused(crm):
    url = crm(EMPLOYEE)
    engine = read_only_engine(url)
    for sql in WRITES:
        with engine.connect() as connection, pytest.raises(DBAPIError, match=r"(?i)read[- ]?only"):
            connection.exec_driver_sql(sql)
    engine.dispose()
    with read_transaction(url) as connection:
        assert names(connection) == ["Lan"]


@pytest.mark.postgres
def test_a_session_that_switches_read_only_off_still_cannot_write_in_its_transaction(postgres_crm):
    url = postgres_crm(EMPLOYEE)
    with pytest.raises(SourceUnavailableError, match="read-only"):
        switch_off_and_delete(url)
    with read_transaction(url) as connection:
        assert names(connection) == ["Lan"]


def switch_off_and_delete(url):
    with read_transaction(url) as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = off")
        connection.exec_driver_sql("DELETE FROM employees")


def test_a_transaction_sees_one_moment(crm):
    url = crm(EMPLOYEE)
    if url.startswith("sqlite"):  # as the CRM itself keeps it, so that its writers need not wait
        write(url, "PRAGMA journal_mode = WAL")
    with read_transaction(url) as connection:
        before = names(connection)
        write(url, "INSERT INTO employees (employee_id, name) VALUES ('e2', 'Wei')")
        assert names(connection) == before == ["Lan"]
    with read_transaction(url) as connection:
        assert names(connection) == ["Lan", "Wei"]


def test_a_path_with_any_character_is_opened(tmp_path):
    path = tmp_path / "客户 100% #1? &mode=rwc.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE employees AS SELECT 'Lan' AS name")
        connection.commit()
    with read_transaction(sa.URL.create("sqlite", database=str(path)).render_as_string()) as read:
        assert names(read) == ["Lan"]


@pytest.mark.parametrize(
    ("url", "part"),
    [
        pytest.param("sqlite:///{tmp}/nowhere.sqlite", "there is no file", id="no file"),
        pytest.param("sqlite://", ":memory:", id="no path"),
        pytest.param("sqlite:///{tmp}/text.sqlite", "not a database", id="another kind of file"),
        pytest.param("postgresql+psycopg://u:s3cret@127.0.0.1:1/x", "refused", id="closed port"),
        pytest.param("postgresql://u@127.0.0.1:1/x?password=s3cret", "refused", id="in options"),
        pytest.param("mysql://u:s3cret@127.0.0.1:1/x", "refused", id="MariaDB, closed port"),
        pytest.param("s3cret", "not of the form", id="no address"),
        pytest.param("postgresql://u:s3cret@h:port/x", "not of the form", id="malformed"),
    ],
)
def test_failure_is_one_sentence_without_password(tmp_path, url, part):
    (tmp_path / "text.sqlite").write_text("This is a text. " * 100)
    address = url.format(tmp=tmp_path)
    with pytest.raises(SourceUnavailableError) as caught, read_transaction(address) as connection:
        names(connection)
    sentence = str(caught.value)
    assert part in sentence
    assert "s3cret" not in sentence + repr(caught.value.fields)
    assert "\n" not in sentence
    assert "check STAYLINE_CRM_URL" in sentence
    assert not (tmp_path / "nowhere.sqlite").exists()


def test_another_database_is_named_as_not_supported():
    with pytest.raises(UnsupportedSourceError, match="cannot read sugar; it reads sqlite, postgre"):
        read_only_engine("sugar+pysugar://u:p@h/x")


class Sugar(SQLiteDialect_pysqlite):
    """A dialect that nobody here has heard of."""

    name = "sugar"
    supports_statement_cache = True


def test_any_database_that_sqlalchemy_opens_is_read_as_rows(sqlite_crm, tmp_path):
    sa.dialects.registry.register("sugar", __name__, "Sugar")
    url = sqlite_crm(EMPLOYEE).replace("sqlite", "sugar", 1)
    tables = extract(url, spool=tmp_path, read_at=datetime(2026, 1, 1, tzinfo=UTC)).tables
    assert tables["employees"].frame.collect()["name"].to_list() == ["Lan"]


def test_a_driver_that_is_not_installed_is_named():
    with pytest.raises(SourceUnavailableError, match="the driver oracledb is not installed"):
        read_only_engine("oracle+oracledb://u:p@h/x")


@pytest.mark.mariadb
def test_the_session_of_mariadb_is_in_utc_and_bounded_and_sees_one_moment(mariadb_crm):
    with read_transaction(mariadb_crm()) as connection:
        variables = "@@time_zone, @@max_statement_time, @@tx_isolation, @@tx_read_only"
        assert connection.exec_driver_sql(f"SELECT {variables}").one() == (
            "+00:00", 600, "REPEATABLE-READ", 1,
        )  # fmt: skip


@pytest.mark.postgres
def test_the_session_is_in_utc_and_bounded_and_keeps_the_options_given(postgres_crm):
    url = f"{postgres_crm()}?options=-c%20search_path%3Dcrm"
    with read_transaction(url) as connection:
        show = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in (
                "timezone", "statement_timeout", "search_path", "transaction_isolation",
                "tcp_keepalives_idle",
            )
        ]  # fmt: skip
    assert show == ["UTC", "10min", "crm", "repeatable read", "60"]
