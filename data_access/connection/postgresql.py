"""PostgreSQL through psycopg: read-only, bounded, in UTC, one moment per transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo
from sqlalchemy.pool import NullPool

from data_access.connection.address import with_driver
from data_access.connection.limits import CONNECT_SECONDS, STATEMENT_SECONDS


def engine(url: sa.URL) -> sa.Engine:
    """Three locks against writing.

    They are the session's default, the transaction's mode, and the account, which should have
    no right to write anyway.
    """
    made = sa.create_engine(
        with_driver(url),
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        connect_args=_session(url),
    )
    return made.execution_options(postgresql_readonly=True)


def conninfo(made: sa.Engine) -> str:
    """The same address and session for another driver that is built on libpq."""
    _, arguments = made.dialect.create_connect_args(made.url)
    wanted = {**arguments, **_session(made.url)}
    wanted.pop("context", None)  # psycopg's own
    return make_conninfo(**wanted)


def _session(url: sa.URL) -> dict[str, Any]:
    """What every session is told when it begins, after the options that the address gives."""
    given = url.query.get("options", "")
    options = [
        given if isinstance(given, str) else " ".join(given),
        "-c default_transaction_read_only=on",
        f"-c statement_timeout={STATEMENT_SECONDS}s",
        "-c timezone=UTC",
        "-c datestyle=ISO",
        # The server shall soon miss us when the network is gone, and end our transaction.
        "-c tcp_keepalives_idle=60",
        "-c tcp_keepalives_interval=10",
        "-c tcp_keepalives_count=3",
    ]
    return {
        "connect_timeout": CONNECT_SECONDS,
        "options": " ".join(options).strip(),
        "tcp_user_timeout": 60_000,
        "application_name": "stayline",
    }
