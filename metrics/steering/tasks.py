"""Tasks and milestones of the programme: reached by the day of the plans, or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics.calendar import shift_months
from metrics.measure import count, ratio
from metrics.rules import load

DONE, SHORT, LATE, OVERDUE = "done", "short", "late", "overdue"
WAITING, RUNNING, AHEAD, UNPLANNED = "waiting", "running", "ahead", "unplanned"


def month_end(start: date, month: int) -> date:
    """The last day of a month of the programme; 1 is its first."""
    return shift_months(start, month) - timedelta(days=1)


def _asked(start: date | None) -> pl.LazyFrame:
    """The milestones of the rules in their order: milestone, place, by, of, source, plan_on."""
    rules: Mapping[str, Mapping[str, Any]] = load("programme")["milestones"]
    rows = [
        {
            "milestone": code,
            "place": place,
            "by": rule.get("by"),
            "of": rule.get("of"),
            "source": rule["source"],
            "plan_on": month_end(start, rule["by"]) if start and "by" in rule else None,
        }
        for place, (code, rule) in enumerate(rules.items())
    ]
    schema = {
        "milestone": pl.String,
        "place": pl.Int64,
        "by": pl.Int64,
        "of": pl.Int64,
        "source": pl.String,
        "plan_on": pl.Date,
    }
    return pl.LazyFrame(rows, schema=schema)


def tasks(rows: pl.LazyFrame, *, start: date | None, as_of: date) -> pl.LazyFrame:
    """Every task with how it stands.

    A milestone of the rules is due at the end of its month of the programme, whatever the company
    has planned since: a plan put off would never be late. Every other task, and every one where no
    programme has begun, is due by its own last planned day. What is due today still has time.

    Args:
        rows: Contract table programme_tasks.
        start: First day of the programme; None: there is none.
        as_of: Last day of the data; what was written of later days has not happened.

    Returns:
        One row per task: task_id, phase, milestone, name, owner (null: nobody; blanks are nobody),
        planned_start_on, planned_end_on, started_on, ended_on, reached, of, due_on, state, and
        late_days (days after due_on until it ended, up to as_of while open; 0 if in time); state
        is done (by due_on), short (done, but fewer reached than asked), late (done after due_on),
        overdue (open after due_on), waiting (open, begins late), running, ahead (its first planned
        day is to come). Sorted by phase of the rules (others last), planned_start_on, task_id.
    """
    phases = {phase: place for place, phase in enumerate(load("programme")["phases"])}
    order = pl.col("phase").replace_strict(phases, default=len(phases), return_dtype=pl.Int64)
    asked = _asked(start).select("milestone", "of", "plan_on")
    known = rows.with_columns(
        owner=_said("owner"),
        ended_on=pl.when(pl.col("ended_on") <= as_of).then("ended_on"),
        started_on=pl.when(pl.col("started_on") <= as_of).then("started_on"),
        reached=pl.col("reached").cast(pl.Int64),
    ).join(asked, on="milestone", how="left", validate="m:1")
    return (
        known.with_columns(due_on=pl.coalesce("plan_on", "planned_end_on"))
        .with_columns(state=_state(as_of), late_days=_late(as_of))
        .sort(order, "planned_start_on", "task_id")
        .select(
            *("task_id", "phase", "milestone", "name", "owner", "planned_start_on"),
            *("planned_end_on", "started_on", "ended_on", "reached", "of", "due_on", "state"),
            "late_days",
        )
    )


def _said(name: str) -> pl.Expr:
    """A text, or null where it says nothing."""
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text)


def _state(as_of: date) -> pl.Expr:
    ended, due = pl.col("ended_on"), pl.col("due_on")
    short = (pl.col("reached") < pl.col("of")).fill_null(value=False)
    return (
        pl.when(ended.is_not_null() & short)
        .then(pl.lit(SHORT))
        .when(ended <= due)
        .then(pl.lit(DONE))
        .when(ended.is_not_null())
        .then(pl.lit(LATE))
        .when(due < as_of)
        .then(pl.lit(OVERDUE))
        .when(pl.col("started_on").is_not_null())
        .then(pl.lit(RUNNING))
        .when(pl.col("planned_start_on") < as_of)
        .then(pl.lit(WAITING))
        .otherwise(pl.lit(AHEAD))
    )


def _late(as_of: date) -> pl.Expr:
    """Days after the due day: of what ended until then, of what is open until now."""
    until = pl.coalesce("ended_on", pl.lit(as_of))
    return (until - pl.col("due_on")).dt.total_days().clip(lower_bound=0)


def milestones(tasks: pl.LazyFrame, *, start: date | None, as_of: date) -> pl.LazyFrame:
    """Every milestone of the rules: when the plans ask for it, and whether it is reached.

    One that several tasks make is reached with the last of them. One that nobody has planned is
    judged all the same: it is not reached.

    Args:
        tasks: What `tasks` gives.
        start: First day of the programme.
        as_of: Last day of the data.

    Returns:
        One row per milestone, in the order of the rules: milestone, source, by (month; null if the
        plans name none), due_on (null: its day is not known), planned_end_on, ended_on, owner,
        reached, of, state (as of `tasks`; unplanned without a task), late_days, judged (its day is
        over), met (judged, reached by its day and in full).
    """
    done = pl.col("ended_on").is_not_null().all()
    made = tasks.drop_nulls("milestone").group_by("milestone", maintain_order=True)
    known = made.agg(
        planned_start_on=pl.col("planned_start_on").min(),
        planned_end_on=pl.col("planned_end_on").max(),
        started_on=pl.col("started_on").min(),
        ended_on=pl.when(done).then(pl.col("ended_on").max()),
        owner=pl.col("owner").drop_nulls().last(),
        reached=pl.when(pl.col("reached").count() > 0).then(pl.col("reached").sum()),
        planned=pl.lit(value=True),
    )
    judged = (pl.col("due_on") < as_of).fill_null(value=False)
    return (
        _asked(start)
        .join(known, on="milestone", how="left", validate="1:1")
        .with_columns(due_on=pl.coalesce("plan_on", "planned_end_on"))
        .with_columns(
            state=pl.when("planned").then(_state(as_of)).otherwise(pl.lit(UNPLANNED)),
            late_days=_late(as_of),
            judged=judged,
        )
        .with_columns(met=pl.col("judged") & (pl.col("state") == DONE))
        .sort("place")
        .select(
            *("milestone", "source", "by", "due_on", "planned_end_on", "ended_on", "owner"),
            *("reached", "of", "state", "late_days", "judged", "met"),
        )
    )


def milestones_on_time(milestones: pl.LazyFrame) -> pl.LazyFrame:
    """Milestones reached by their day ÷ those whose day is over: judged, met, share."""
    told = milestones.select(judged=count(pl.col("judged")), met=count(pl.col("met")))
    return told.with_columns(share=ratio(pl.col("met"), pl.col("judged")))


def open_tasks(tasks: pl.LazyFrame) -> pl.LazyFrame:
    """How many tasks are open, of these overdue, and without an owner: open, overdue, unowned."""
    left = pl.col("ended_on").is_null()
    return tasks.select(
        open=count(left),
        overdue=count(pl.col("state") == OVERDUE),
        unowned=count(left & pl.col("owner").is_null()),
    )


def planned_months(tasks: pl.LazyFrame) -> pl.LazyFrame:
    """How many months the programme takes by its own plan: months, null without a task.

    From its first planned day to its last, begun months in full.
    """
    first, last = pl.col("planned_start_on").min(), pl.col("planned_end_on").max()
    months = (last.dt.year() - first.dt.year()) * 12 + last.dt.month().cast(pl.Int32)
    months = months - first.dt.month().cast(pl.Int32)
    more = (last.dt.day() >= first.dt.day()).cast(pl.Int32)
    return tasks.select(months=(months + more).cast(pl.Int64))
