"""Read-only connections to the CRM: one transaction that sees one moment and cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from data_access.connection import mysql, other, postgresql, sqlite
from data_access.connection.address import shown_url, understood
from data_access.errors import SourceUnavailableError

__all__ = ["read_only_engine", "read_transaction", "shown_url"]

_ENGINES: dict[str, Callable[[sa.URL], sa.Engine]] = {
    "sqlite": sqlite.engine,
    "postgresql": postgresql.engine,
    "mariadb": mysql.engine,
    "mysql": mysql.engine,
}


def read_only_engine(url: str) -> sa.Engine:
    """An engine whose connections cannot write; nothing is opened yet.

    Args:
        url: Any SQLAlchemy address. `postgres://` and addresses without a driver mean psycopg,
            those of MariaDB and MySQL PyMySQL.

    Raises:
        SourceUnavailableError: The address cannot be understood.
        UnsupportedSourceError: SQLAlchemy knows no such database.
    """
    parsed = understood(url)
    return _ENGINES.get(parsed.get_backend_name(), other.engine)(parsed)


@contextmanager
def read_transaction(url: str) -> Generator[sa.Connection]:
    """One transaction on the CRM: all that is read inside is of the same moment.

    Raises:
        SourceUnavailableError: The database cannot be reached, or fails while being read.
        UnsupportedSourceError: SQLAlchemy knows no such database.
    """
    engine = read_only_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise SourceUnavailableError(shown_url(engine.url), _reason(error)) from error
    finally:
        engine.dispose()


def _reason(error: Exception) -> str:
    """The driver's first line, which names host, port and user but no password, and no value."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.DataError):
        return f"it holds a value that cannot be read ({type(cause).__name__})"
    number_and_text = [part for part in cause.args if isinstance(part, str)]  # as PyMySQL has it
    lines = (number_and_text[-1] if number_and_text else str(cause)).strip().splitlines()
    return lines[0].rstrip(".;") if lines else type(cause).__name__
