"""Saved views: filters, columns and order of a page under a name, private or for everybody.

They are the reader's own and say nothing of customers, so every role may keep them.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data_access.principal import Principal
from data_access.workspace import entry, records
from data_access.workspace.audit import AuditedSession, require_version
from data_access.workspace.errors import NameTakenError, OutOfScopeError, RefusedEntryError
from data_access.workspace.models import SavedView
from data_access.workspace.workspace import Workspace
from data_access.workspace.write import Saved, Write

PRIVATE, SHARED = "private", "shared"


def views_of(
    workspace: Workspace, principal: Principal, page: str
) -> tuple[records.SavedView, ...]:
    """A reader's own views of a page and those shared with everybody, by name.

    A view holds codes, never rows: what it shows is always the reader's own scope.
    """
    mine = (SavedView.owner == principal.name) | (SavedView.reach == SHARED)
    wanted = sa.select(SavedView).where(SavedView.page == page, mine)
    with workspace.reading() as session:
        found = [records.record(records.SavedView, row) for row in session.scalars(wanted)]
    return tuple(sorted(found, key=lambda view: (view.name, view.owner)))


def save_view(
    workspace: Workspace, write: Write, page: str, name: str, query: str, *, reach: str = PRIVATE
) -> Saved:
    """Keep the query of an address under a new name.

    Returns:
        The id of the view with its version.

    Raises:
        NameTakenError: One's own view of that name is there.
        WorkspaceError: It cannot be kept.
    """
    kept, named = _query(query), entry.line("name", name)

    def change(session: AuditedSession) -> Saved:
        _require_free(session, write.principal.name, page, named)
        view = SavedView(
            view_id=entry.new_id(),
            page=entry.code("page", page),
            name=named,
            query=kept,
            owner=write.principal.name,
            reach=_reach(reach),
            created_at=write.at,
            changed_at=write.at,
            version=1,
        )
        session.add(view)
        return Saved({view.view_id: 1})

    return workspace.save(
        write, "save_view", {"view": [page, name, query, reach]}, change, about_customers=False
    )


def change_view(
    workspace: Workspace,
    write: Write,
    view_id: str,
    version: int,
    *,
    name: str | None = None,
    query: str | None = None,
    reach: str | None = None,
) -> Saved:
    """Change one's own view; what is not given stays.

    Raises:
        Conflict: It has been changed since it was read.
        WorkspaceError: It is somebody else's, or cannot be kept so.
    """

    def change(session: AuditedSession) -> Saved:
        view = _own(session, write, view_id)
        require_version(session, view, version)
        if name is not None and (named := entry.line("name", name)) != view.name:
            _require_free(session, view.owner, view.page, named)
            view.name = named
        view.query = view.query if query is None else _query(query)
        view.reach = view.reach if reach is None else _reach(reach)
        if session.is_modified(view):
            view.changed_at = write.at
        session.flush()
        return Saved({view.view_id: view.version})

    said = {"view": [view_id, version, name, query, reach]}
    return workspace.save(write, "change_view", said, change, about_customers=False)


def delete_view(workspace: Workspace, write: Write, view_id: str, version: int) -> Saved:
    """Delete one's own view; the audit keeps what it held.

    Raises:
        Conflict: It has been changed since it was read.
        WorkspaceError: It is somebody else's, or no longer there.
    """

    def change(session: AuditedSession) -> Saved:
        view = _own(session, write, view_id)
        require_version(session, view, version)
        session.delete(view)
        return Saved({view.view_id: version})

    return workspace.save(
        write, "delete_view", {"view": [view_id, version]}, change, about_customers=False
    )


def _own(session: Session, write: Write, view_id: str) -> SavedView:
    """One's own view; an administrator may also put the shared ones in order."""
    view = session.get(SavedView, view_id)
    if view is None:
        raise OutOfScopeError
    tidies = write.principal.role == "administrator" and view.reach == SHARED
    if view.owner != write.principal.name and not tidies:
        raise OutOfScopeError
    return view


def _require_free(session: Session, owner: str, page: str, name: str) -> None:
    same = sa.select(SavedView.view_id).where(
        SavedView.owner == owner, SavedView.page == page, SavedView.name == name
    )
    if session.scalar(same) is not None:
        raise NameTakenError


def _query(said: str) -> str:
    """The query of an address without its question mark; empty for a page as it opens."""
    if len(said) > entry.LONGEST_QUERY or not said.isascii() or not said.isprintable():
        raise RefusedEntryError("query", "not the query of an address")
    return said.removeprefix("?")


def _reach(said: str) -> str:
    if said not in (PRIVATE, SHARED):
        raise RefusedEntryError("reach", "neither private nor shared")
    return said
