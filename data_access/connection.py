"""Read-only connections to the CRM: one transaction that sees one moment and cannot write.

Three locks on PostgreSQL (the session's default, the transaction's mode, and the account, which
should have no right to write anyway); two on SQLite (opened `mode=ro`, `query_only`). A file is
touched by the standard library's SQLite only: a second copy of the SQLite library in the same
process drops the first one's locks and corrupts the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import sqlalchemy as sa
from psycopg.pq import Format
from psycopg.types.string import TextLoader
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from data_access.errors import SourceUnavailableError, UnsupportedSourceError

SUPPORTED = ("sqlite", "postgresql")
_TIMES = {kind: psycopg.adapters.types[kind].oid for kind in ("timestamptz", "timestamp", "date")}
_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 600
_BUSY_SECONDS = 10


def read_only_engine(url: str) -> sa.Engine:
    """An engine whose connections cannot write; nothing is opened yet.

    Args:
        url: Any SQLAlchemy address of SQLite or PostgreSQL. `postgres://` and addresses without
            a driver mean psycopg.

    Raises:
        SourceUnavailableError: The address cannot be understood.
        UnsupportedSourceError: The address is of another database.
    """
    parsed = _parsed(url.replace("postgres://", "postgresql://", 1))
    if parsed is None:
        reason = (
            "it is not of the form dialect://user:password@host:port/database, "
            "with signs such as @ in the password written as %40"
        )
        raise SourceUnavailableError(shown_url(url), reason)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed)
    if backend == "postgresql":
        return _postgresql(parsed)
    raise UnsupportedSourceError(backend, SUPPORTED)


@contextmanager
def read_transaction(url: str) -> Generator[sa.Connection]:
    """One transaction on the CRM: all that is read inside is of the same moment.

    Raises:
        SourceUnavailableError: The database cannot be reached, or fails while being read.
        UnsupportedSourceError: The address is of another database.
    """
    engine = read_only_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise SourceUnavailableError(shown_url(engine.url), _reason(error)) from error
    finally:
        engine.dispose()


def is_unreadable(error: Exception) -> bool:
    """Whether a driver met a value that Python has no place for, and the connection still works.

    Text that is no UTF-8 (SQLite has it), a time of `infinity` or before our era (PostgreSQL).
    """
    if isinstance(error, sqlite3.OperationalError):
        return str(error).startswith("Could not decode to UTF-8")
    cause = getattr(error, "orig", None)
    return isinstance(cause, psycopg.DataError) and cause.sqlstate is None


@contextmanager
def as_written(connection: sa.Connection) -> Generator[None]:
    """Let the driver hand over texts as bytes where they are no text, and times as text."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.text_factory = _text_or_bytes
        yield
        driver.text_factory = str
        return
    assert isinstance(driver, psycopg.Connection)
    usual = {kind: psycopg.adapters.get_loader(oid, Format.TEXT) for kind, oid in _TIMES.items()}
    for kind in usual:
        driver.adapters.register_loader(kind, TextLoader)
    yield
    for kind, loader in usual.items():
        driver.adapters.register_loader(kind, loader or TextLoader)


def _text_or_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def shown_url(url: str | sa.URL) -> str:
    """The address without its password and its options, which may hold another."""
    parsed = _parsed(url)
    if parsed is None:
        return "an address that cannot be understood"
    return parsed.set(query={}).render_as_string(hide_password=True)


def _parsed(url: str | sa.URL) -> sa.URL | None:
    """The address in its parts; None if it has none, or a piece of a password in the host's."""
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        return None
    return None if "@" in (parsed.host or "") else parsed


def _sqlite(url: sa.URL) -> sa.Engine:
    path = url.database or ""
    if not Path(path).is_file():
        raise SourceUnavailableError(shown_url(url), f"there is no file at {path or ':memory:'}")

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(str(Path(path).resolve()))}?mode=ro"
        connection = sqlite3.connect(
            address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        return connection

    plain = url.set(drivername="sqlite", query={})
    engine = sa.create_engine(plain, creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sa.Connection) -> None:
    """Open the transaction ourselves: the driver, left alone, opens none for reading."""
    connection.exec_driver_sql("BEGIN")


def _postgresql(url: sa.URL) -> sa.Engine:
    url = url.set(drivername="postgresql+psycopg")  # whatever other driver it names
    given = url.query.get("options", "")
    options = [
        given if isinstance(given, str) else " ".join(given),
        "-c default_transaction_read_only=on",
        f"-c statement_timeout={_STATEMENT_SECONDS}s",
        "-c timezone=UTC",
        "-c datestyle=ISO",
    ]
    engine = sa.create_engine(
        url.difference_update_query(["options"]),
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "options": " ".join(options).strip(),
            "tcp_user_timeout": 60_000,
            "application_name": "stayline",
        },
    )
    return engine.execution_options(postgresql_readonly=True)


def _reason(error: Exception) -> str:
    """The driver's first line, which names host, port and user but no password, and no value."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.DataError):
        return f"it holds a value that cannot be read ({type(cause).__name__})"
    lines = str(cause).strip().splitlines()
    return lines[0].rstrip(".;") if lines else type(cause).__name__
