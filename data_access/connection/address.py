"""Addresses of databases: understood, and shown without what is secret in them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from data_access.errors import SourceUnavailableError

_DRIVERS = {"postgresql": "psycopg", "mariadb": "pymysql", "mysql": "pymysql"}


def understood(url: str) -> sa.URL:
    """The address in its parts.

    Raises:
        SourceUnavailableError: It has none, or a piece of a password in the host's place.
    """
    parsed = _parsed(url.replace("postgres://", "postgresql://", 1))
    if parsed is None:
        reason = (
            "it is not of the form dialect://user:password@host:port/database, "
            "with signs such as @ in the password written as %40"
        )
        raise SourceUnavailableError(shown_url(url), reason)
    return parsed


def with_driver(url: sa.URL) -> sa.URL:
    """The address with the driver we read and write that database with, whatever it names."""
    backend = url.get_backend_name()
    driver = _DRIVERS.get(backend)
    return url.set(drivername=f"{backend}+{driver}") if driver else url


def shown_url(url: str | sa.URL) -> str:
    """The address without its password and its options, which may hold another."""
    parsed = _parsed(url)
    if parsed is None:
        return "an address that cannot be understood"
    return parsed.set(query={}).render_as_string(hide_password=True)


def _parsed(url: str | sa.URL) -> sa.URL | None:
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        return None
    return None if "@" in (parsed.host or "") else parsed
