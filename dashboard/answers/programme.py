"""What the programme page asks: where it stands, what is overdue, and what may go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard import data
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import shift_months
from metrics.rules import load
from metrics.steering import drills as drilled
from metrics.steering import meetings as met
from metrics.steering import risks, suppliers, tasks

TASKS, EVENTS, RISKS, DRILLS = "programme_tasks", "governance_events", "risks", "drills"
SCORES = "supplier_scores"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the programme is by the plans' calendar.

    Attributes:
        month: Of the programme; 0 before it begins, 13 and more after it.
        months: How many it has.
        phase: The code of the phase of that month; empty outside.
        place: Its number among the phases.
        phases: How many there are.
        ends_on: The last day of the phase.
    """

    month: int
    months: int
    phase: str
    place: int
    phases: int
    ends_on: date


@data.once
def stage(view: View) -> Stage | None:
    """The phase of today; None without a programme."""
    start, today = settings().programme_start, data.as_of(view, TASKS)
    if start is None:
        return None
    months = (today.year - start.year) * 12 + today.month - start.month
    month = max(months + (today >= shift_months(start, months)), 0)
    phases: dict[str, list[int]] = load("programme")["phases"]
    last = max(to for _, to in phases.values())
    for place, (code, (first, to)) in enumerate(phases.items(), start=1):
        if first <= month <= to:
            ends = tasks.month_end(start, to)
            return Stage(month, last, code, place, len(phases), ends)
    return Stage(month, last, "", 0, len(phases), tasks.month_end(start, last))


@data.once
def work(view: View) -> pl.DataFrame:
    """Every task with how it stands; see `metrics.steering.tasks`."""
    rows, start = data.frame(view, TASKS), settings().programme_start
    return tasks.tasks(rows, start=start, as_of=data.as_of(view, TASKS)).collect()


@data.once
def milestones(view: View) -> pl.DataFrame:
    """Every milestone of the plans with how it stands."""
    start, as_of = settings().programme_start, data.as_of(view, TASKS)
    return tasks.milestones(work(view).lazy(), start=start, as_of=as_of).collect()


@data.once
def judged_from(view: View) -> date:
    """From when meetings are judged."""
    return met.since(settings().programme_start, data.as_of(view, EVENTS))


@data.once
def meetings(view: View) -> pl.DataFrame:
    """Every kind of meeting; drills of their own table were held, too."""
    columns = ("kind", "due_on", "held_on")
    events = data.frame(view, EVENTS).select(columns)
    if data.present(view, DRILLS):
        kind = pl.lit(load("programme")["drills"]["kind"]).alias("kind")
        without = pl.lit(None, pl.Date).alias("due_on")
        events = pl.concat([events, data.frame(view, DRILLS).select(kind, without, "held_on")])
    return met.meetings(events, first=judged_from(view), as_of=data.as_of(view, EVENTS))


@data.once
def drills(view: View) -> pl.DataFrame:
    """The drills of the last twelve months, latest first."""
    return drilled.drills(data.frame(view, DRILLS), as_of=data.as_of(view, DRILLS)).collect()


@data.once
def register(view: View) -> pl.DataFrame:
    """Every open risk, the largest expected loss first."""
    return risks.register(data.frame(view, RISKS), as_of=data.as_of(view, RISKS)).collect()


@data.once
def scores(view: View) -> pl.DataFrame:
    """Every supplier of the last appraisal, the worst first."""
    return suppliers.suppliers(data.frame(view, SCORES), as_of=data.as_of(view, SCORES)).collect()


_OVERDUE = {
    "what": pl.String,
    "code": pl.String,
    "name": pl.String,
    "owner": pl.String,
    "due_on": pl.Date,
    "days": pl.Int64,
}


def recorded(view: View) -> bool:
    """Whether the CRM has any table by which something could be overdue."""
    return any(data.present(view, table) for table in (TASKS, EVENTS, RISKS, SCORES))


@data.once
def overdue(view: View) -> pl.DataFrame:
    """Everything whose day is over and that is not done, the longest overdue first.

    Returns:
        what (milestone, task, meeting, drill, risk, supplier), code (of a milestone or meeting),
        name (untrusted text; null where the code says it), owner, due_on (null: a risk that was
        never reviewed), days.
    """
    found = [pl.DataFrame(schema=_OVERDUE)]
    if data.present(view, TASKS) and not work(view).is_empty():
        found += [_tasks(view), _unplanned(view)]
    if data.present(view, EVENTS):
        found.append(_meetings(view))
    if data.present(view, RISKS):
        late = register(view).filter("overdue").drop("code")
        found.append(_rows(late, "risk", due_on="review_due_on", days="overdue_days"))
    if data.present(view, SCORES):
        found.append(_suppliers(view))
    return pl.concat(found).sort(
        "days", "what", "name", descending=[True, False, False], nulls_last=True
    )


def _rows(rows: pl.DataFrame, what: str, **columns: str) -> pl.DataFrame:
    """Rows of the list; columns that they lack are null."""
    told = {name: pl.col(name) for name in _OVERDUE if name in rows.columns}
    told |= {name: pl.col(column) for name, column in columns.items()}
    told["what"] = pl.lit(what)
    empty = pl.lit(None)
    return rows.select(
        told.get(name, empty).cast(dtype).alias(name) for name, dtype in _OVERDUE.items()
    )


def _tasks(view: View) -> pl.DataFrame:
    late = work(view).filter(pl.col("state") == tasks.OVERDUE)
    asked = load("programme")["milestones"]
    known = pl.col("milestone").is_in(list(asked)).fill_null(value=False)
    named = late.filter(known).with_columns(name=pl.lit(None, pl.String))
    return pl.concat(
        [
            _rows(named, "milestone", code="milestone", days="late_days"),
            _rows(late.filter(~known), "task", days="late_days"),
        ]
    )


def _unplanned(view: View) -> pl.DataFrame:
    rows = milestones(view).filter("judged", pl.col("state") == tasks.UNPLANNED)
    return _rows(rows, "milestone", code="milestone", days="late_days")


def _meetings(view: View) -> pl.DataFrame:
    rows = meetings(view).drop_nulls("overdue_since")
    drill = pl.col("kind") == load("programme")["drills"]["kind"]
    names = {"code": "kind", "due_on": "overdue_since", "days": "overdue_days"}
    return pl.concat(
        [
            _rows(rows.filter(~drill), "meeting", **names),
            _rows(rows.filter(drill), "drill", **names),
        ]
    )


def _suppliers(view: View) -> pl.DataFrame:
    months = load("programme")["suppliers"]["months"]
    again = pl.col("scored_on").dt.offset_by(f"{months}mo")
    rows = scores(view).filter("due").with_columns(due_on=again, name="supplier")
    today = data.as_of(view, SCORES)
    rows = rows.with_columns(days=(pl.lit(today) - pl.col("due_on")).dt.total_days())
    return _rows(rows, "supplier")
