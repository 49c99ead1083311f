"""What can go wrong with the workspace; one sentence each: what, where, cure.

WorkspaceError (a DataAccessError)   the rest of the dashboard goes on without it
├── UnavailableWorkspaceError          cannot be reached or opened
├── DamagedWorkspaceError              the file is no longer a whole database
├── BusyWorkspaceError                 another process has been writing for too long
├── UnwritableWorkspaceError           the disk is full, or may not be written to
├── NewerWorkspaceError                a newer version of Stayline has written it
├── ReadOnlyRoleError                  the writer's role reads only
├── OutOfScopeError                    the customer is not the reader's to see
├── RefusedEntryError                  a text, code or number that cannot be kept
│   └── NameTakenError                   one has a view of that name
└── Conflict                           the row has changed since it was read
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data_access.errors import DataAccessError


class WorkspaceError(DataAccessError):
    """The workspace; nothing was written, and everything else can still be read."""

    code = "workspace"


class UnavailableWorkspaceError(WorkspaceError):
    """The database cannot be reached or opened."""

    code = "workspace_unavailable"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"Cannot open the workspace at {place}: {reason}; "
            "check STAYLINE_WORKSPACE_URL and that the database is running.",
            place=place,
            reason=reason,
        )


class DamagedWorkspaceError(WorkspaceError):
    """The file is no database, or no longer a whole one; it is not written to."""

    code = "workspace_damaged"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"The workspace at {place} is damaged ({reason}); put back its latest copy.",
            place=place,
            reason=reason,
        )


class BusyWorkspaceError(WorkspaceError):
    """Another process holds it."""

    code = "workspace_busy"

    def __init__(self, place: str) -> None:
        sentence = f"Another process is writing to the workspace at {place}; try again in a moment."
        super().__init__(sentence, place=place)


class UnwritableWorkspaceError(WorkspaceError):
    """The disk is full, or may not be written to."""

    code = "workspace_unwritable"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"Cannot write to the workspace at {place}: {reason}; "
            "make room or give the right to write there.",
            place=place,
            reason=reason,
        )


class NewerWorkspaceError(WorkspaceError):
    """Its tables are those of a later version, which this one could spoil."""

    code = "workspace_newer"

    def __init__(self, place: str, revision: str) -> None:
        super().__init__(
            f"The workspace at {place} is of a newer version of Stayline ({revision}); "
            "update Stayline.",
            place=place,
            revision=revision,
        )


class ReadOnlyRoleError(WorkspaceError):
    """The writer's role does not write about customers, whatever their scope."""

    code = "workspace_role"

    def __init__(self, role: str) -> None:
        super().__init__(f"The role {role} reads follow-ups and does not write them.", role=role)


class OutOfScopeError(WorkspaceError):
    """A customer, or a view, that is not there for this reader."""

    code = "workspace_scope"

    def __init__(self) -> None:
        super().__init__("This is not in your scope, or no longer there.")


class RefusedEntryError(WorkspaceError):
    """Something typed or sent that cannot be kept."""

    code = "workspace_refused"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}.", field=field, reason=reason)


class NotChosenError(RefusedEntryError):
    """A choice that cannot be left open."""

    code = "workspace_not_chosen"

    def __init__(self, field: str) -> None:
        super().__init__(field, "not chosen")


class NameTakenError(RefusedEntryError):
    """One has a view of that name on that page."""

    code = "workspace_name_taken"

    def __init__(self) -> None:
        super().__init__("name", "taken")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row that somebody has changed: when, who, what.

    `about` is the table; `before` and `after` are as the audit keeps them, times as ISO 8601 text
    in UTC.
    """

    at: datetime
    by: str
    about: str
    row_id: str
    field: str
    before: Any
    after: Any


class Conflict(WorkspaceError):  # noqa: N818 - not an error of anybody's
    """The row has changed since it was read; nothing was written.

    Attributes:
        changes: What has changed since, oldest first.
        version: The version to read and state now; None if the row is gone.
    """

    code = "workspace_conflict"

    def __init__(self, changes: Sequence[Change], version: int | None) -> None:
        by = ", ".join(dict.fromkeys(change.by for change in changes)) or "somebody"
        super().__init__(f"Changed by {by} since you opened it; nothing was overwritten.", by=by)
        self.changes = tuple(changes)
        self.version = version
