"""Which rows of the CRM a refresh must read again: those changed since the last read.

A change is told by `updated_at`, whose clock ran before the change was committed: a transaction
may set it, stay open, and commit after a read that could not yet see it. So each read looks back
an hour further than the moment of the one before; what comes twice replaces itself. That moment
is the CRM's own clock at the read, never the newest `updated_at`, which a future date or a
late commit would put wrong.

Rows that are gone without a trace (not marked in `deleted_at`) are found by their keys.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from data_access.carriers import Query
from data_access.errors import UnknownChangesError
from data_access.manifest import Source

CHANGED = "updated_at"
LARGE = 1_000_000  # rows; a table that does not tell its changes is read whole up to here
OVERLAP = timedelta(hours=1)  # longer than any transaction that writes
# A text may be written in another zone than UTC, and a day is that of its first moment.
_OVERLAP_OF_TEXTS = timedelta(hours=27)


def moment(connection: sa.Connection) -> datetime | None:
    """The database's clock, UTC; None where we do not know how to ask for it."""
    utc = sa.func.utc_timestamp(6, type_=mysql.DATETIME(fsp=6))
    now = {
        "sqlite": sa.func.strftime("%Y-%m-%d %H:%M:%f", "now"),
        "postgresql": sa.func.now(),
        "mysql": utc,
        "mariadb": utc,
    }.get(connection.dialect.name)
    if now is None:
        return None
    told = connection.execute(sa.select(now)).scalar_one()
    told = datetime.fromisoformat(told) if isinstance(told, str) else told
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def since(connection: sa.Connection, query: Query, known: Source | None) -> datetime | None:
    """From when on a table's changes are to be read; None to read all of it.

    Raises:
        UnknownChangesError: All of it is more than can be read every time.
    """
    columns = tuple(query.select.selected_columns.keys())
    if known is None or known.moment is None or known.columns != columns:
        return None
    kind = query.kinds.get(CHANGED)
    if kind is None or not _is_comparable(connection, query, kind):
        if known.rows > LARGE:
            raise UnknownChangesError(query.table.name, CHANGED, known.rows)
        return None
    as_text = connection.dialect.name == "sqlite" or not isinstance(kind, sa.DateTime)
    return known.moment - (_OVERLAP_OF_TEXTS if as_text else OVERLAP)


def changed(query: Query, from_: datetime) -> Query:
    """Only the rows changed from then on, and those that do not say when."""
    column = query.select.selected_columns[CHANGED]
    start = from_.astimezone(UTC).replace(tzinfo=None)
    late = sa.or_(column >= sa.literal(start, sa.DateTime()), column.is_(None))
    return Query(query.table, query.select.where(late), query.kinds, query.name)


def keys(query: Query) -> Query:
    """Only the key of every row."""
    columns = query.select.selected_columns
    select = query.select.with_only_columns(
        *(columns[name] for name in query.table.key), maintain_column_froms=True
    )
    return Query(query.table, select, query.kinds, keys_of(query.name))


def keys_of(name: str) -> str:
    """What the query of a table's keys is called."""
    return f"keys of {name}"


def _is_comparable(
    connection: sa.Connection, query: Query, kind: sa.types.TypeEngine[object]
) -> bool:
    """Whether the database compares the column's values as moments."""
    if connection.dialect.name != "sqlite":
        return isinstance(kind, (sa.DateTime, sa.Date))
    column = query.select.selected_columns[CHANGED]
    ends = (sa.func.typeof(end(column)) for end in (sa.func.min, sa.func.max))
    found = connection.execute(query.select.with_only_columns(*ends)).one()
    return {*found} <= {"text", "null"}  # numbers come before all texts, bytes after
