"""What the follow-up of one customer asks: all that was done, who can do it, what a plan would be.

Nothing here is kept: what somebody else writes is there at the next click.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from dashboard import data
from dashboard.settings import now
from dashboard.view import View
from dashboard.workspace import workspace
from data_access.workspace import Conflict, WorkspaceError, cases, reading
from data_access.workspace.errors import OutOfScopeError
from data_access.workspace.records import OPEN, Folder
from metrics import follow_up
from metrics import next_step as next_steps
from metrics.next_step import NextStep

Row = Mapping[str, Any]


def folder(view: View, customer_id: str) -> Folder | None:
    """Cases, steps, notes and what happened to them; None if the customer is out of scope.

    Raises:
        WorkspaceError: The workspace cannot be read.
    """
    try:
        return reading.folder(workspace(), view.principal, customer_id)
    except OutOfScopeError:
        return None


def readable(view: View, customer_id: str) -> Folder | None:
    """The `folder` for whoever goes on without one: None also if the workspace cannot be read."""
    try:
        return folder(view, customer_id)
    except WorkspaceError:  # the panel of follow-ups says so
        return None


def assigned_to(view: View, found: Folder | None) -> str | None:
    """The name of the employee whom a customer is assigned to; None if that is nobody."""
    owner_id = found.owner_id if found else None
    return None if owner_id is None else people(view).get(owner_id, owner_id)


def assigned_meanwhile(view: View, customer_id: str) -> Conflict:
    """Who has assigned the customer since the reader looked, and to whom."""
    found = folder(view, customer_id)
    events = found.events if found else ()
    latest = next((event.changes for event in events if event.action == "assign"), ())
    return Conflict(latest, found.owner_version if found else None)


@data.once
def people(view: View) -> Mapping[str, str]:
    """The names of the employees by id, in the order of the names."""
    rows = data.frame(view, "employees").select("employee_id", "name").collect()
    named = {each: name or each for each, name in rows.iter_rows()}
    return dict(sorted(named.items(), key=lambda item: item[1]))


def opening(row: Row, *, planned: bool) -> cases.Opening:
    """The case that would be opened for a customer now: because of their warning, or by hand.

    Args:
        row: Of the customer mart; without a warning the reason is `manual`.
        planned: Whether the 3+1 plan starts with it.
    """
    level, day = row.get("warning"), row.get("warned_on")
    warned_at = None if level is None or day is None else follow_up.warned_at(day, data.time_zone())
    dues = follow_up.due_times(now(), warned_at) if planned else []
    return cases.Opening(
        reason=level or "manual",
        rules=tuple(row.get("warning_rules") or ()),
        warned_at=warned_at,
        steps=tuple(cases.PlannedStep(kind, due) for kind, due in dues),
    )


def done_at(day: date | None, at: datetime, before: datetime | None) -> datetime:
    """The moment of a day that a step was done: now, as it was, or the end of an earlier day."""
    zone = data.time_zone()
    if before is not None and day == before.astimezone(zone).date():
        return before
    if day is None or day >= at.astimezone(zone).date():
        return at
    end = datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
    return min(end, at)


def next_step(view: View, customer_id: str, found: Folder | None) -> NextStep | None:
    """What the plans' rules say to do next; without a folder as if no plan were running."""
    case = found.case if found else None
    running = case is not None and case.state == OPEN and case.plan_started_at is not None
    code = _next_step(view, customer_id, has_plan=running)
    return next_steps.steps()[code] if code else None


@data.once
def _next_step(view: View, customer_id: str, *, has_plan: bool) -> str | None:
    rows = data.frame(view, "customer_mart").filter(pl.col("customer_id") == customer_id)
    chosen = next_steps.next_step(as_of=data.as_of(view, "orders"))
    found = rows.with_columns(has_plan=pl.lit(has_plan)).select(chosen).collect().to_series()
    return found.item() if len(found) else None
