"""MariaDB and MySQL through PyMySQL: read-only, bounded, in UTC, one moment per transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from data_access.connection.address import with_driver
from data_access.connection.limits import CONNECT_SECONDS, STATEMENT_SECONDS

BEGIN = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


def session(seconds: int) -> tuple[str, ...]:
    """What every session is told when it begins; no statement may take longer than that."""
    return (
        "SET SESSION time_zone = '+00:00'"
        f" /*M! , max_statement_time = {seconds} */"  # to MySQL this is a comment
        f" /*!50708 , max_execution_time = {1000 * seconds} */",  # and this to MariaDB
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET SESSION TRANSACTION READ ONLY",
    )


def engine(url: sa.URL) -> sa.Engine:
    """Two locks against writing, the session's default and the transaction's mode.

    The account should have no right to write anyway.
    """
    made = sa.create_engine(
        with_driver(url),
        poolclass=NullPool,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": CONNECT_SECONDS,  # of the greeting; `_prepare` sets that of rows
            "charset": "utf8mb4",
        },
    )
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def _prepare(driver: Any, _: object) -> None:
    driver._read_timeout = STATEMENT_SECONDS  # there is no other way to have two
    with driver.cursor() as cursor:
        for statement in session(STATEMENT_SECONDS):
            cursor.execute(statement)


def _begin(connection: sa.Connection) -> None:
    """Fix the moment now: left alone, it would be that of the first row read."""
    connection.exec_driver_sql(BEGIN)
