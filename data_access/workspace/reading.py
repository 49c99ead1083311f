"""Reading follow-ups: all about one customer, or a few columns about all of them."""

from __future__ import annotations

from itertools import groupby

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data_access.principal import Principal
from data_access.workspace import records
from data_access.workspace.audit import told_changes
from data_access.workspace.frames import frame
from data_access.workspace.models import Assignment, AuditEntry, Case, Note, Step
from data_access.workspace.records import OPEN
from data_access.workspace.workspace import Workspace

_EVENTS = 500  # audit entries of a customer that are told


def folder(workspace: Workspace, principal: Principal, customer_id: str) -> records.Folder:
    """All that the workspace knows of a customer; two milliseconds or so, however many cases.

    Raises:
        WorkspaceError: The customer is out of scope, or the database fails.
    """
    workspace.require(principal, (customer_id,))
    with workspace.reading() as session:
        case = _latest(session, customer_id)
        notes = sa.select(Note).where(Note.customer_id == customer_id)
        assignment = session.get(Assignment, customer_id)
        return records.Folder(
            case=records.record(records.Case, case) if case else None,
            steps=tuple(records.record(records.Step, step) for step in case.steps) if case else (),
            notes=tuple(
                records.record(records.Note, row)
                for row in session.scalars(notes.order_by(Note.written_at.desc()))
            ),
            events=_events(session, customer_id),
            owner_id=assignment.owner_id if assignment else None,
            owner_version=assignment.version if assignment else 0,
        )


def _latest(session: Session, customer_id: str) -> Case | None:
    """The open case, else the one opened last."""
    own = sa.select(Case).where(Case.customer_id == customer_id)
    return session.scalars(own.order_by(Case.state != OPEN, Case.opened_at.desc()).limit(1)).first()


def _events(session: Session, customer_id: str) -> tuple[records.Event, ...]:
    """The actions on a customer, latest first; the rows of one write are one action."""
    own = sa.select(AuditEntry).where(AuditEntry.customer_id == customer_id)
    rows = session.scalars(own.order_by(AuditEntry.entry_id.desc()).limit(_EVENTS))
    found: list[records.Event] = []
    for _, same in groupby(rows, key=lambda row: row.key):
        entries = list(same)[::-1]
        changes = tuple(change for each in entries for change in told_changes(each))
        first = entries[0]
        if changes:
            found.append(records.Event(first.at, first.who, first.action, changes))
    return tuple(found)


def cases(workspace: Workspace, principal: Principal) -> pl.DataFrame:
    """Every case of the customers in a reader's scope.

    Reads all cases, 0.3 s for 20,000: keep it by `Workspace.state`.

    Returns:
        One row per case, unordered: case_id, customer_id, reason, rules, warned_at, opened_at,
        plan_started_at, state, closed_at, version. Times are UTC.
    """
    columns = (
        Case.case_id,
        Case.customer_id,
        Case.reason,
        Case.rules,
        Case.warned_at,
        Case.opened_at,
        Case.plan_started_at,
        Case.state,
        Case.closed_at,
        Case.version,
    )
    with workspace.reading() as session:
        return workspace.in_scope(principal, frame(session, sa.select(*columns)))


def steps(workspace: Workspace, principal: Principal, *, only_open: bool = False) -> pl.DataFrame:
    """Every step of those cases.

    Args:
        workspace: Where.
        principal: The reader.
        only_open: Leave out those of closed cases, which in time are nearly all.

    Returns:
        One row per step, unordered: case_id, customer_id, position, kind, owner_id, due_at,
        done_at, outcome, cost.
    """
    columns = (
        Step.case_id,
        Case.customer_id,
        Step.position,
        Step.kind,
        Step.owner_id,
        Step.due_at,
        Step.done_at,
        Step.outcome,
        Step.cost,
    )
    wanted = sa.select(*columns).join(Case, Case.case_id == Step.case_id)
    with workspace.reading() as session:
        rows = frame(session, wanted.where(Case.state == OPEN) if only_open else wanted)
    return workspace.in_scope(principal, rows)


def assigned(workspace: Workspace, principal: Principal) -> pl.DataFrame:
    """Who was asked to look after customers, whomever the CRM names.

    Returns:
        One row per customer in scope who was ever assigned, unordered: customer_id, assigned_to
        (null: given back to whom the CRM names), assigned_version (state it when you assign).
    """
    columns = (
        Assignment.customer_id,
        Assignment.owner_id.label("assigned_to"),
        Assignment.version.label("assigned_version"),
    )
    with workspace.reading() as session:
        return workspace.in_scope(principal, frame(session, sa.select(*columns)))


def followed(workspace: Workspace, principal: Principal) -> pl.DataFrame:
    """What a list of customers says about follow-ups, to be joined to it by customer_id.

    Reads all cases, as `cases` does.

    Returns:
        One row per customer in scope with a case or an assignment, by customer_id: case_id,
        case_state (of the open case, else of the one opened last; null without one), reason,
        warned_at, plan_started_at, next_step (kind of the first step not done of an open case),
        due_at (its), step_owner_id (its), steps_done and steps_total (0 unless the case is open),
        case_version, assigned_to
        (null: whom the CRM names), assigned_version (0 without one; state it when you assign).
    """
    latest = (
        cases(workspace, principal)
        .sort(pl.col("state") != OPEN, "opened_at", "case_id", descending=[False, True, False])
        .unique("customer_id", keep="first", maintain_order=True)
        .rename({"state": "case_state", "version": "case_version"})
        .drop("opened_at", "closed_at", "rules")
    )
    progress = _progress(steps(workspace, principal, only_open=True))
    return (
        latest.join(progress, on="case_id", how="left", validate="1:1")
        .join(assigned(workspace, principal), on="customer_id", how="full", coalesce=True)
        .with_columns(pl.col("steps_done", "steps_total", "assigned_version").fill_null(0))
        .sort("customer_id")
    )


def _progress(steps: pl.DataFrame) -> pl.DataFrame:
    waiting = pl.col("done_at").is_null()
    first = {"next_step": "kind", "due_at": "due_at", "step_owner_id": "owner_id"}
    return (
        steps.sort("case_id", "position")
        .group_by("case_id")
        .agg(
            *(pl.col(column).filter(waiting).first().alias(name) for name, column in first.items()),
            steps_done=pl.col("done_at").count().cast(pl.Int64),
            steps_total=pl.len().cast(pl.Int64),
        )
    )
