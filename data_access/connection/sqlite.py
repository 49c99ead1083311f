"""SQLite, opened read-only, by the standard library's copy of SQLite only.

A second copy of the library in one process (ADBC's, connectorx's, DuckDB's) drops the first one's
locks when it closes the file, and the database is corrupt.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from data_access.connection.address import shown_url
from data_access.connection.limits import BUSY_SECONDS
from data_access.errors import SourceUnavailableError


def engine(url: sa.URL) -> sa.Engine:
    """Two locks against writing: `mode=ro` and `query_only`.

    Raises:
        SourceUnavailableError: There is no such file; it is never made.
    """
    path = url.database or ""
    if not Path(path).is_file():
        raise SourceUnavailableError(shown_url(url), f"there is no file at {path or ':memory:'}")

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(str(Path(path).resolve()))}?mode=ro"
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        return connection

    plain = url.set(drivername="sqlite", query={})
    made = sa.create_engine(plain, creator=connect, poolclass=NullPool)
    event.listen(made, "begin", _begin)
    return made


def _begin(connection: sa.Connection) -> None:
    """Open the transaction ourselves: the driver, left alone, opens none for reading."""
    connection.exec_driver_sql("BEGIN")
