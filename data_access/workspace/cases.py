"""Writing cases: open them, start their plans, note something, close and reopen them.

As everywhere in the workspace a write is done once per key and in one transaction
(`Workspace.save`). Whoever changes a row states the version they have seen; if it has moved on, a
`Conflict` tells what has changed since, and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data_access.workspace import entry
from data_access.workspace.audit import AuditedSession, advance, changes_since, require_version
from data_access.workspace.errors import Conflict, OutOfScopeError, RefusedEntryError
from data_access.workspace.models import Case, Note, Step
from data_access.workspace.records import ENDINGS, OPEN
from data_access.workspace.workspace import Workspace
from data_access.workspace.write import Saved, Write


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a plan: a kind of the rules, and until when."""

    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """Why a customer is followed up, and how.

    Attributes:
        reason: `manual`, `list`, or the level of the warning.
        rules: Codes of the rules that warned.
        warned_at: When the warning was raised; None without one.
        steps: The plan, in order; none opens the case without one.
    """

    reason: str
    rules: tuple[str, ...] = ()
    warned_at: datetime | None = None
    steps: tuple[PlannedStep, ...] = ()


def start(workspace: Workspace, write: Write, openings: Mapping[str, Opening]) -> Saved:
    """Open cases, or start the plans of open ones that have none, for up to 200 customers.

    Returns:
        The customers done, with the versions of their cases; skipped `has_plan` where a plan runs,
        `has_case` where only a case was asked for and one is open.

    Raises:
        WorkspaceError: A customer is out of scope, or an opening cannot be kept.
    """
    workspace.require(write.principal, openings)
    said = {
        customer: [each.reason, each.rules, [step.kind for step in each.steps]]
        for customer, each in openings.items()
    }

    def change(session: AuditedSession) -> Saved:
        found = open_cases(session, openings)
        done: dict[str, Case] = {}
        skipped: dict[str, str] = {}
        for customer_id, opening in openings.items():
            case = found.get(customer_id)
            if case and (case.plan_started_at or not opening.steps):
                skipped[customer_id] = "has_plan" if case.plan_started_at else "has_case"
                continue
            done[customer_id] = case or _opened(write, customer_id, opening)
            session.add(done[customer_id])
            _plan(write, done[customer_id], opening.steps)
        session.flush()
        return Saved({customer: case.version for customer, case in done.items()}, skipped)

    return workspace.save(write, "start", said, change)


def _opened(write: Write, customer_id: str, opening: Opening) -> Case:
    return Case(
        case_id=entry.new_id(),
        customer_id=customer_id,
        reason=entry.code("reason", opening.reason),
        rules=entry.codes("rules", opening.rules),
        warned_at=opening.warned_at,
        opened_at=write.at,
        opened_by=write.principal.name,
        state=OPEN,
        changed_at=write.at,
        changed_by=write.principal.name,
        version=1,
    )


def _plan(write: Write, case: Case, steps: Iterable[PlannedStep]) -> None:
    for position, step in enumerate(steps, start=1):
        case.plan_started_at = write.at
        case.steps.append(
            Step(
                step_id=entry.new_id(),
                case_id=case.case_id,
                position=position,
                kind=entry.code("kind", step.kind),
                due_at=step.due_at,
                version=1,
            )
        )
    touch(write, case)


def touch(write: Write, case: Case) -> None:
    """Count a step or a note as a change of the case: whoever closes it shall have seen them."""
    if sa.inspect(case).persistent:
        case.changed_at, case.changed_by = write.at, write.principal.name
        advance(case)


def open_cases(session: Session, customers: Collection[str]) -> dict[str, Case]:
    """The open case of each of these customers who has one."""
    wanted = sa.select(Case).where(Case.state == OPEN, Case.customer_id.in_(list(customers)))
    return {case.customer_id: case for case in session.scalars(wanted)}


def require_open(session: Session, case: Case) -> None:
    """Go on only if nobody has closed the case.

    Raises:
        Conflict: Somebody has; it tells who and how.
    """
    if case.state != OPEN:  # nothing changes it after that but reopening
        raise Conflict(tuple(changes_since(session, case, case.version - 1)), case.version)


def close(
    workspace: Workspace, write: Write, case_id: str, version: int, state: str, outcome: str | None
) -> Saved:
    """Close a case as won, lost, or closed without either.

    Raises:
        Conflict: The case, a step or a note of it has changed since.
        WorkspaceError: There is no such case in scope, or it cannot end so.
    """
    if state not in ENDINGS:
        raise RefusedEntryError("state", "not an ending")

    def change(session: AuditedSession) -> Saved:
        case = session.get(Case, case_id)
        if case is None:
            raise OutOfScopeError
        workspace.require(write.principal, (case.customer_id,))
        require_version(session, case, version)
        require_open(session, case)
        case.state, case.outcome = state, entry.text("outcome", outcome)
        case.closed_at = write.at
        case.changed_at, case.changed_by = write.at, write.principal.name
        session.flush()
        return Saved({case.case_id: case.version})

    return workspace.save(write, "close", {"case": [case_id, version, state, outcome]}, change)


def reopen(workspace: Workspace, write: Write, case_id: str, version: int, reason: str) -> Saved:
    """Take a closed case up again: the same one, as if it had never been closed.

    State and outcome go, plan and steps stay with their due times, so what is still to do may be
    overdue at once. The reason is kept as a note; how the case was closed, in the audit.

    Raises:
        Conflict: The case has changed since, or another one of the customer has been opened.
        WorkspaceError: There is no such case in scope, it is open, or the reason cannot be kept.
    """
    kept = entry.text("reason", reason)
    if kept is None:
        raise RefusedEntryError("reason", "empty")

    def change(session: AuditedSession) -> Saved:
        case = session.get(Case, case_id)
        if case is None:
            raise OutOfScopeError
        workspace.require(write.principal, (case.customer_id,))
        require_version(session, case, version)
        if case.state == OPEN:
            raise RefusedEntryError("case", "not closed")
        if open_cases(session, (case.customer_id,)):
            raise Conflict(list(changes_since(session, case, version)), case.version)
        case.state, case.outcome, case.closed_at = OPEN, None, None
        case.changed_at, case.changed_by = write.at, write.principal.name
        session.add(_noted(write, case.customer_id, case, kept))
        session.flush()
        return Saved({case.case_id: case.version})

    return workspace.save(write, "reopen", {"case": [case_id, version, reason]}, change)


def note(workspace: Workspace, write: Write, customer_id: str, text: str) -> Saved:
    """Add a note to a customer, and to the open case if there is one.

    Raises:
        WorkspaceError: The customer is out of scope, or the text is empty or too long.
    """
    workspace.require(write.principal, (customer_id,))
    kept = entry.text("note", text)
    if kept is None:
        raise RefusedEntryError("note", "empty")

    def change(session: AuditedSession) -> Saved:
        case = open_cases(session, (customer_id,)).get(customer_id)
        written = _noted(write, customer_id, case, kept)
        session.add(written)
        if case:
            touch(write, case)
        return Saved({written.note_id: 1})

    return workspace.save(write, "note", {"customer": customer_id, "text": text}, change)


def _noted(write: Write, customer_id: str, case: Case | None, text: str) -> Note:
    return Note(
        note_id=entry.new_id(),
        customer_id=customer_id,
        case_id=case.case_id if case else None,
        text=text,
        written_at=write.at,
        written_by=write.principal.name,
    )
