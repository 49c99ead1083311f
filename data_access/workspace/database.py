"""The workspace's database: opened once, brought up to date, one writer at a time.

SQLite by the standard library's copy only, as everywhere (`data_access/connection/sqlite.py`), and
its file is opened by nothing else in this process: closing it would drop SQLite's locks.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from data_access.connection.address import shown_url, understood, with_driver
from data_access.connection.limits import CONNECT_SECONDS
from data_access.errors import SourceUnavailableError
from data_access.workspace.audit import AuditedSession
from data_access.workspace.errors import (
    DamagedWorkspaceError,
    UnavailableWorkspaceError,
    WorkspaceError,
)
from data_access.workspace.failure import told
from data_access.workspace.write import Write

BUSY_SECONDS = 5  # a writer waits for another one, which takes milliseconds
_STATEMENT_SECONDS = 30
_WRITER = 5_742_001  # PostgreSQL's advisory lock of the one that writes
_ONE_MOMENT = {
    "postgresql": {"isolation_level": "REPEATABLE READ"}
}  # SQLite's readers always see one


class Database:
    """Where follow-ups, views and reviews are kept; nothing is opened yet.

    Args:
        url: SQLAlchemy address of a SQLite file, made if it is not there, or of PostgreSQL.

    Raises:
        UnavailableWorkspaceError: The address is of neither.
    """

    def __init__(self, url: str) -> None:
        self.place = shown_url(url)
        parsed = _understood(url)
        self._file = Path(parsed.database or "") if _is_sqlite(parsed) else None
        engine = _postgresql(parsed) if self._file is None else _sqlite(parsed, self._file)
        event.listen(engine, "begin", _begin)
        self._engine = engine
        self._reader = engine.execution_options(**_ONE_MOMENT.get(engine.dialect.name, {}))
        self._writer = engine.execution_options(stayline_writes=True)

    def open(self) -> None:
        """Make the database if it is not there, look whether it is whole, and bring it up to date.

        Two processes that start at once do so one after the other. Looking takes a second for
        each gigabyte or so, once per process.

        Raises:
            WorkspaceError: It cannot be opened, is damaged, or is of a newer version.
        """
        from data_access.workspace.migration import migrate  # alembic is slow to load

        try:
            with told(self.place), _alone(self._file):
                if self._file is not None:
                    self._look()
                with self._writer.begin() as connection:
                    migrate(connection, self.place)
        except WorkspaceError:
            self.close()
            raise

    def _look(self) -> None:
        with self._engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise DamagedWorkspaceError(self.place, str(found).splitlines()[0])

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A session whose reads are of one moment.

        Raises:
            WorkspaceError: The database fails.
        """
        with told(self.place), Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self, write: Write, action: str) -> Generator[AuditedSession]:
        """The only session that writes: what it reads stays so until it is done, all or nothing.

        Raises:
            WorkspaceError: The database fails; then nothing was written.
        """
        session = AuditedSession(self._writer, write, action)
        with told(self.place), session, session.begin():
            session.connection()  # waits for its turn before anything is looked at
            yield session

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def _understood(url: str) -> sa.URL:
    try:
        parsed = understood(url)
    except SourceUnavailableError as error:
        raise UnavailableWorkspaceError(error.fields["url"], error.fields["reason"]) from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise UnavailableWorkspaceError(shown_url(url), "it must be SQLite or PostgreSQL")
    if _is_sqlite(parsed) and parsed.database in (None, "", ":memory:"):
        raise UnavailableWorkspaceError(shown_url(url), "it names no file")
    return parsed


def _is_sqlite(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: sa.URL, path: Path) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # acknowledged is on the disk; the log, unlike the file itself, is only added to
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    plain = url.set(drivername="sqlite", query={})
    return sa.create_engine(plain, creator=connect, poolclass=sa.QueuePool)


def _postgresql(url: sa.URL) -> sa.Engine:
    given = url.query.get("options", "")
    options = (
        given if isinstance(given, str) else " ".join(given),
        f"-c lock_timeout={BUSY_SECONDS}s",
        f"-c statement_timeout={_STATEMENT_SECONDS}s",
        "-c synchronous_commit=on",
        "-c timezone=UTC",
    )
    session = {
        "connect_timeout": CONNECT_SECONDS,
        "options": " ".join(options).strip(),
        "application_name": "stayline",
    }
    return sa.create_engine(with_driver(url), pool_pre_ping=True, connect_args=session)


def _begin(connection: sa.Connection) -> None:
    """A writer waits here for its turn, before it reads anything that it decides by."""
    writes = connection.get_execution_options().get("stayline_writes", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


@contextmanager
def _alone(path: Path | None) -> Generator[None]:
    """One process at a time makes a SQLite file and switches on its log."""
    if path is None:
        yield
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):  # else SQLite makes it, for everybody to read
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
