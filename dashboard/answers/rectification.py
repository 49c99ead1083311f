"""What the page asks of the ledger of rectifications, and of how far feedback has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers import service_cases
from dashboard.answers.over_time import Topic, reading
from dashboard.answers.service_cases import inside
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics import intervals
from metrics.measure import count, measure
from metrics.service.cases import STEPS
from metrics.service.measures import on_time, rate

TABLE, MART = "rectifications", "rectification_facts"
WAITING = ("overdue", "open")  # not accepted yet
STATES = (*WAITING, "late", "on_time")
AGES = {"week": (0, 7), "month": (7, 30), "quarter": (30, 90), "longer": (90, None)}


def today(view: View) -> date:
    """The day as of which the ledger is judged."""
    return data.as_of(view, TABLE)


def ledger(view: View, day: str = "due_on") -> Topic:
    """The entries of the ledger with their state, by one of their days."""
    rows = data.selected(view, MART).with_columns(state=_state(today(view)))
    return Topic(rows, day, today(view), data.first_day(view, MART, "raised_on"))


def _state(day: date) -> pl.Expr:
    """Overdue (not accepted, due before the day), open, late (accepted too late) or on_time."""
    due, accepted = pl.col("due_on"), pl.col("accepted_on")
    return (
        pl.when(accepted.is_null() & (due < day))
        .then(pl.lit("overdue"))
        .when(accepted.is_null())
        .then(pl.lit("open"))
        .when(accepted > due)
        .then(pl.lit("late"))
        .otherwise(pl.lit("on_time"))
    )


@data.answer
def readings(view: View) -> dict[str, Reading]:
    """The measures of the ledger."""
    told = pl.all_horizontal(
        pl.col("department").is_not_null(),
        pl.col("due_on").is_not_null(),
        pl.col("criteria").fill_null("").str.strip_chars() != "",
    )
    raised, accepted = ledger(view, "raised_on"), ledger(view, "accepted_on")
    informed = rate("informed", pl.col("informed_on").is_not_null())
    what = on_time(today(view))
    return {
        "rectification_on_time": reading(
            ledger(view), what, view, figure="on_time", n=("on_time_of",), reason="nothing_due"
        ),
        "rectification_overdue": _overdue(view),
        "customers_informed": reading(
            accepted, informed, view, figure="informed", n=("informed_of",)
        ),
        "ledger_complete": reading(raised, rate("told", told), view, figure="told", n=("told_of",)),
    }


def _overdue(view: View) -> Reading:
    rows = by_department(view)
    entries = int(rows["open"].sum()) + int(rows["overdue"].sum())
    if ledger(view).rows.limit(1).collect().is_empty():
        return unavailable("no_rows")
    return Reading(int(rows["overdue"].sum()), n=entries)


@data.answer
def by_department(view: View) -> pl.DataFrame:
    """Every department: what it still has to mend, and how punctual it was in the period.

    Returns:
        department (null: not named), overdue, open (not yet due), oldest (days that the one longest
        overdue is late; null without one), on_time_yes, on_time_of, on_time with its interval (of
        entries due in the period); most overdue first.
    """
    topic, day = ledger(view), pl.lit(today(view))
    late = pl.col("state") == "overdue"
    now = measure(
        topic.rows,
        "department",
        overdue=count(late),
        open=count(pl.col("state") == "open"),
        oldest=(day - pl.col("due_on")).dt.total_days().filter(late).max(),
    )
    kept = measure(inside(topic, view), "department", **on_time(today(view)).over_rows())
    return (
        now.join(kept, on="department", how="left", nulls_equal=True, validate="1:1")
        .with_columns(pl.col("on_time_yes", "on_time_of").fill_null(0))
        .sort("overdue", "open", "department", descending=[True, True, False], nulls_last=True)
        .collect()
    )


@data.answer
def counted(view: View, department: str | None = "") -> dict[str, int]:
    """Entries not accepted yet, whenever they were raised; accepted ones due in the period.

    Of a department, or of all ("").
    """
    rows = _of(department, _listed(view))
    found = {state: count(pl.col("state") == state) for state in STATES}
    return rows.select(**found).collect().row(0, named=True)


def _listed(view: View) -> pl.LazyFrame:
    topic = ledger(view)
    waits = pl.col("state").is_in(WAITING)
    return topic.rows.filter(waits | topic.period(view).holds(pl.col("due_on")))


def _of(department: str | None, rows: pl.LazyFrame) -> pl.LazyFrame:
    if department == "":
        return rows
    return rows.filter(pl.col("department").eq_missing(pl.lit(department, pl.String)))


def entries(view: View, state: str, department: str | None) -> pl.LazyFrame:
    """Entries in a state, of a department or of all (""), the earliest deadline first.

    Returns:
        Entries with late_days (until accepted or today; null if not late).
    """
    rows = _of(department, _listed(view)).filter(pl.col("state") == state)
    end = pl.coalesce("accepted_on", pl.lit(today(view)))
    late = (end - pl.col("due_on")).dt.total_days()
    told = rows.with_columns(late_days=pl.when(late > 0).then(late))
    return told.sort("due_on", "rectification_id", nulls_last=True)


@data.answer
def loop(view: View) -> pl.DataFrame:
    """How far the feedback of the period has come, and what waits at each step today.

    Returns:
        One row per step: step, reached (feedback of the period that came so far), share (of all of
        it, 0 to 1; null without any) with interval, and waiting now, whenever it came: week, month,
        quarter, longer (by days since the step), waiting (their sum).
    """
    facts = data.counted(view, service_cases.MART).filter(pl.col("step").is_not_null())
    topic = replace(service_cases.cases(view), rows=facts)
    order = pl.col("step").replace_strict(
        {step: place for place, step in enumerate(STEPS)}, return_dtype=pl.Int64
    )
    came = inside(topic, view).select(
        count(order >= place).alias(step) for place, step in enumerate(STEPS)
    )
    days = pl.col("step_days")
    waits = {
        name: count((days >= low) & (days < high if high is not None else pl.lit(value=True)))
        for name, (low, high) in AGES.items()
    }
    still = measure(facts.filter(pl.col("step") != STEPS[-1]), "step", **waits)
    steps = pl.DataFrame({"step": STEPS}).lazy()
    told = came.unpivot(variable_name="step", value_name="reached")
    return (
        steps.join(told, on="step", how="left", validate="1:1", maintain_order="left")
        .join(still, on="step", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col(*AGES).fill_null(0))
        .with_columns(
            **intervals.share("share", pl.col("reached"), pl.col("reached").first()),
            waiting=pl.sum_horizontal(*AGES),
        )
        .collect()
    )


def waiting(view: View, step: str) -> pl.LazyFrame:
    """Feedback that stands at a step today, the longest first, with customer and agent."""
    rows = data.selected(view, service_cases.MART).filter(pl.col("step") == step)
    longest = rows.sort("step_days", "ticket_id", descending=[True, False], nulls_last=True)
    return named(view, longest)


def named(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of tickets with the names of customer and agent, in their order."""
    customers = data.frame(view, "customer_mart").select("customer_id", customer="name")
    agents = data.frame(view, "employees").select(agent_id="employee_id", agent="name")
    return rows.join(
        customers, on="customer_id", how="left", validate="m:1", maintain_order="left"
    ).join(agents, on="agent_id", how="left", validate="m:1", maintain_order="left")
