"""The audit: every row written leaves an entry in the same transaction, whatever wrote it.

It is made when the session is flushed, so that no function can forget it. Entries hold the whole
of a new row and, of a changed one, the fields that have changed; replayed, they give the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from data_access.workspace.errors import Change, Conflict
from data_access.workspace.models import Audited, AuditEntry, Base, Case, Editable
from data_access.workspace.write import Write

# What changes with everything else, and says nothing by itself.
_SILENT = frozenset({"version", "changed_at", "changed_by", "done_by", "assigned_at"})


class AuditedSession(Session):
    """A session that writes, and beside each row its entry.

    Args:
        bind: The engine of the writer.
        write: Who writes, when, under which key.
        action: What they do, a code.
    """

    def __init__(self, bind: sa.Engine, write: Write, action: str) -> None:
        super().__init__(bind, autoflush=False, expire_on_commit=False)
        self.write, self.action = write, action


def _record(session: AuditedSession, _context: Any, _instances: Any) -> None:
    for row in _audited(session.new):
        session.add(_entry(session, row, None, _whole(row)))
    for row in _audited(session.dirty):
        if isinstance(row, Editable) and session.is_modified(row):
            advance(row)
            session.add(_entry(session, row, *_changed(row)))
    for row in _audited(session.deleted):
        session.add(_entry(session, row, _whole(row), None))


event.listen(AuditedSession, "before_flush", _record)


def advance(row: Editable) -> None:
    """Count one more version of a row, once in a write."""
    if not sa.inspect(row).attrs["version"].history.has_changes():
        row.version += 1


def _audited(rows: Any) -> list[Audited]:
    return [row for row in rows if isinstance(row, Audited)]


def _entry(
    session: AuditedSession,
    row: Audited,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> AuditEntry:
    about, row_id = _identity(row)
    return AuditEntry(
        at=session.write.at,
        who=session.write.principal.name,
        role=session.write.principal.role,
        action=session.action,
        about=about,
        row_id=row_id,
        customer_id=row.concerns,
        before=before,
        after=after,
        key=session.write.key,
    )


def _identity(row: Any) -> tuple[str, str]:
    table: sa.Table = row.__table__
    (key,) = table.primary_key.columns
    return table.name, getattr(row, key.name)


def _whole(row: Any) -> dict[str, Any]:
    return {column.name: _plain(getattr(row, column.name)) for column in row.__table__.columns}


def _changed(row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that have changed, as they were and as they are."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column in row.__table__.columns:
        history = sa.inspect(row).attrs[column.name].history
        if history.has_changes():
            before[column.name] = _plain(history.deleted[0]) if history.deleted else None
            after[column.name] = _plain(history.added[0])
    return before, after


def _plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def require_version(session: Session, row: Editable, stated: int) -> None:
    """Go on only if nobody has changed the row since the version that the writer has seen.

    A case counts as changed by its steps and notes too.

    Raises:
        Conflict: Somebody has; it tells what.
    """
    if row.version != stated:
        raise Conflict(list(changes_since(session, row, stated)), row.version)


def changes_since(session: Session, row: Editable, stated: int) -> Iterator[Change]:
    """What has been written about a row, or all of a case, since it had that version."""
    about, row_id = _identity(row)
    own = (AuditEntry.about == about) & (AuditEntry.row_id == row_id)
    seen = max(
        (
            entry.entry_id
            for entry in session.scalars(sa.select(AuditEntry).where(own))
            if entry.after is not None and entry.after.get("version") == stated
        ),
        default=0,
    )
    wide = AuditEntry.customer_id == row.customer_id if isinstance(row, Case) else own
    later = sa.select(AuditEntry).where(wide, AuditEntry.entry_id > seen)
    for entry in session.scalars(later.order_by(AuditEntry.entry_id)):
        yield from told_changes(entry)


def told_changes(entry: AuditEntry) -> Iterator[Change]:
    """The fields that an entry is about, those left out that change with every write."""
    before, after = entry.before or {}, entry.after or {}
    names = [column.name for column in Base.metadata.tables[entry.about].columns]
    for name in names:
        if name in _SILENT or before.get(name) == after.get(name):
            continue
        told = before.get(name), after.get(name)
        yield Change(entry.at, entry.who, entry.about, entry.row_id, name, *told)
