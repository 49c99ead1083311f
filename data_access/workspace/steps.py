"""Writing the steps of a plan: record how one went, or give it to somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from data_access.workspace import entry
from data_access.workspace.audit import AuditedSession, require_version
from data_access.workspace.cases import require_open, touch
from data_access.workspace.errors import OutOfScopeError, RefusedEntryError
from data_access.workspace.models import Step
from data_access.workspace.workspace import Workspace
from data_access.workspace.write import Saved, Write


@dataclass(frozen=True, slots=True)
class Result:
    """How a step went.

    Attributes:
        outcome: A code of the rules.
        done_at: When it was done, which may be before it is recorded.
        remark: What there is to say.
        cost: In minor units of the company's money.
    """

    outcome: str
    done_at: datetime
    remark: str | None = None
    cost: int | None = None


def record(
    workspace: Workspace, write: Write, step_id: str, version: int, result: Result | None
) -> Saved:
    """Record how a step went, correct that, or (None) take it back.

    Raises:
        Conflict: Somebody else has changed the step, or closed the case, since.
        WorkspaceError: There is no such step in scope, or the result cannot be kept.
    """
    # not when it was done: sent twice, "just now" is another moment
    said = None if result is None else [result.outcome, result.remark, result.cost]

    def change(step: Step) -> None:
        if result is None:
            step.outcome = step.remark = step.cost = step.done_at = step.done_by = None
            return
        if result.done_at > write.at:
            raise RefusedEntryError("done_at", "in the future")
        step.outcome = entry.code("outcome", result.outcome)
        step.remark = entry.text("remark", result.remark)
        step.cost = entry.cost(result.cost)
        step.done_at, step.done_by = result.done_at, write.principal.name

    return _changed(workspace, write, "record", (step_id, version), said, change)


def hand_over(
    workspace: Workspace, write: Write, step_id: str, version: int, owner_id: str | None
) -> Saved:
    """Give one step to an employee, or (None) back to whoever looks after the customer.

    Raises:
        Conflict: Somebody else has changed the step, or closed the case, since.
        WorkspaceError: There is no such step in scope.
    """

    def change(step: Step) -> None:
        step.owner_id = entry.identifier("owner", owner_id)

    return _changed(workspace, write, "hand_over", (step_id, version), owner_id, change)


def _changed(
    workspace: Workspace,
    write: Write,
    action: str,
    seen: tuple[str, int],
    said: object,
    change: Callable[[Step], None],
) -> Saved:
    step_id, version = seen

    def do(session: AuditedSession) -> Saved:
        step = session.get(Step, step_id)
        if step is None:
            raise OutOfScopeError
        workspace.require(write.principal, (step.concerns,))
        require_version(session, step, version)
        require_open(session, step.case)
        change(step)
        if session.is_modified(step):
            touch(write, step.case)
        session.flush()
        return Saved({step.step_id: step.version})

    return workspace.save(write, action, {"step": [step_id, version], "said": said}, do)
