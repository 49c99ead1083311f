"""How far a read of the CRM is, and how many rows there may be in all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_ALMOST = 0.99  # an estimate may be short; the end is said by the end
_TOO_EARLY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a read.

    Attributes:
        table: The one being read.
        rows: Read so far, of all tables.
        expected: How many there may be in all; None if the database does not know.
        seconds: Since the read began.
    """

    table: str
    rows: int
    expected: int | None
    seconds: float

    @property
    def share(self) -> float | None:
        """Of the rows, from 0 to 0.99; None if nobody knows."""
        return min(self.rows / self.expected, _ALMOST) if self.expected else None

    @property
    def seconds_left(self) -> float | None:
        """At the rate so far; None if nobody knows, or it is too early to tell."""
        if not self.share or self.seconds < _TOO_EARLY_SECONDS:
            return None
        return self.seconds * (1 - self.share) / self.share


Listener = Callable[[Progress], None]


def expected_rows(connection: sa.Connection, tables: Collection[str]) -> int | None:
    """Rows of the tables together, cheaply: counted in SQLite, else as the catalog remembers.

    Returns:
        None if the catalog does not know them all: views, tables never analysed, other databases.
    """
    dialect = connection.dialect.name
    if dialect == "sqlite":
        counts = [sa.select(sa.func.count()).select_from(sa.table(name)) for name in tables]
        return sum(connection.execute(count).scalar_one() for count in counts)
    remembered = {"postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql}.get(dialect)
    if remembered is None:
        return None
    rows = [rows for (rows,) in connection.execute(remembered(tables)) if rows is not None]
    known = len(rows) == len(tables) and min(rows, default=0) >= 0
    return int(sum(rows)) if known else None


def _postgresql(tables: Collection[str]) -> sa.Select[Any]:
    catalog = sa.table("pg_class", sa.column("oid"), sa.column("relkind"), sa.column("reltuples"))
    found = catalog.c.oid.in_([sa.func.to_regclass(name) for name in tables])
    return sa.select(catalog.c.reltuples).where(found, catalog.c.relkind != "v")


def _mysql(tables: Collection[str]) -> sa.Select[Any]:
    catalog = sa.table(
        "tables",
        sa.column("table_schema"),
        sa.column("table_name"),
        sa.column("table_rows"),
        schema="information_schema",
    )
    return sa.select(catalog.c.table_rows).where(
        catalog.c.table_schema == sa.func.database(), catalog.c.table_name.in_(tables)
    )
