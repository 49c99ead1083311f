"""Writing assignments: who looks after which customers."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from data_access.workspace import entry
from data_access.workspace.audit import AuditedSession
from data_access.workspace.models import Assignment
from data_access.workspace.workspace import Workspace
from data_access.workspace.write import Saved, Write


def assign(
    workspace: Workspace, write: Write, owner_id: str | None, versions: Mapping[str, int]
) -> Saved:
    """Give up to 200 customers to an employee; steps that were handed over stay where they are.

    Args:
        workspace: Where.
        write: Who, when, under which key.
        owner_id: The employee; None gives the customers back to whom the CRM names.
        versions: Of each customer's assignment as it was seen, 0 where there was none.

    Returns:
        The customers done, with the versions of their assignments; skipped `changed` where
        somebody else has assigned them since.

    Raises:
        WorkspaceError: A customer is out of scope.
    """
    workspace.require(write.principal, versions)
    owner_id = entry.identifier("owner", owner_id)

    def change(session: AuditedSession) -> Saved:
        wanted = sa.select(Assignment).where(Assignment.customer_id.in_(list(versions)))
        there = {row.customer_id: row for row in session.scalars(wanted)}
        done: dict[str, Assignment] = {}
        skipped: dict[str, str] = {}
        for customer_id, version in versions.items():
            row = there.get(customer_id)
            if (row.version if row else 0) != version:
                skipped[customer_id] = "changed"
                continue
            if row is None:
                row = Assignment(customer_id=customer_id, version=1)
                session.add(row)
            row.owner_id = owner_id
            row.assigned_at, row.assigned_by = write.at, write.principal.name
            done[customer_id] = row
        session.flush()
        return Saved({customer: row.version for customer, row in done.items()}, skipped)

    return workspace.save(write, "assign", {"owner": owner_id, "to": dict(versions)}, change)
