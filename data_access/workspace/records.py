"""What the workspace gives to read: rows as they were at that moment, not to be changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from data_access.workspace.errors import Change

OPEN = "open"
ENDINGS = ("won", "lost", "closed")
"""The states of a case: open, and how it can end."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Case:
    """A follow-up; see `models.Case`."""

    case_id: str
    customer_id: str
    reason: str
    rules: str
    warned_at: datetime | None
    opened_at: datetime
    opened_by: str
    plan_started_at: datetime | None
    state: str
    outcome: str | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan; see `models.Step`."""

    step_id: str
    kind: str
    owner_id: str | None
    due_at: datetime
    done_at: datetime | None
    done_by: str | None
    outcome: str | None
    remark: str | None
    cost: int | None
    version: int


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote."""

    text: str
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class Event:
    """One action of one person on a customer's follow-ups, with the fields it changed."""

    at: datetime
    by: str
    action: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """All that the workspace knows of a customer.

    Attributes:
        case: The open one, else the one closed last; None if there never was one.
        steps: Of that case, in order.
        notes: Latest first.
        events: Latest first.
        owner_id: Whom the customer is assigned to here; None if to nobody.
        owner_version: Version of that assignment to state when it is changed; 0 if there is none.
    """

    case: Case | None
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]
    events: tuple[Event, ...]
    owner_id: str | None
    owner_version: int


@dataclass(frozen=True, slots=True)
class SavedView:
    """An address of a page under a name; see `models.SavedView`."""

    view_id: str
    page: str
    name: str
    query: str
    owner: str
    reach: str
    version: int


@dataclass(frozen=True, slots=True)
class Review:
    """A meeting over a worklist; see `models.Review`."""

    review_id: str
    worklist: str
    held_at: datetime
    held_by: str
    snapshot: str
    members: int


def record(kind: type[R], row: Any) -> R:
    """A row of the database as a record."""
    return kind(**{each.name: getattr(row, each.name) for each in fields(kind)})  # pyright: ignore[reportArgumentType]
