"""What a database says when it fails, told as one of our own errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from data_access.workspace.errors import (
    BusyWorkspaceError,
    DamagedWorkspaceError,
    UnavailableWorkspaceError,
    UnwritableWorkspaceError,
    WorkspaceError,
)

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY = 0xFF  # of an extended result code


@contextmanager
def told(place: str) -> Generator[None]:
    """Failures of the database inside as a WorkspaceError; our own mistakes as they are."""
    try:
        yield
    except IntegrityError:
        raise  # one writer at a time has looked before: a defect
    except DBAPIError as error:
        raise _translated(error.orig or error, place) from error
    except SQLAlchemyError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise _translated(error, place) from error


def _translated(error: BaseException, place: str) -> WorkspaceError:
    if isinstance(error, OSError):
        return UnwritableWorkspaceError(place, error.strerror or type(error).__name__)
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error, place)
    if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.QueryCanceled):
        return BusyWorkspaceError(place)
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.DiskFull):
        return UnwritableWorkspaceError(place, _first_line(error))
    return UnavailableWorkspaceError(place, _first_line(error))


def _of_sqlite(error: sqlite3.Error, place: str) -> WorkspaceError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in _BUSY:
        return BusyWorkspaceError(place)
    if code in _DAMAGED:
        return DamagedWorkspaceError(place, _first_line(error))
    return UnwritableWorkspaceError(place, _first_line(error))


def _first_line(error: BaseException) -> str:
    """Host, port and user at most; no driver of ours tells a password."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".;") if lines else type(error).__name__
