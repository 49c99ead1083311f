"""The rows behind the pages Service quality and Rectification: tickets, hand-overs, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dashboard import data
from dashboard.answers import service_calls, service_cases, service_team
from dashboard.answers.rectification import named
from dashboard.answers.service_cases import inside
from dashboard.view import View
from metrics.measure import count
from metrics.service.measures import carried

FLAGS = {
    "first_contact_resolution": "first_time",
    "resolution_30d": "solved",
    "recurrence": "recurred",
    "repeat_contact": "repeated",
    "reopen_rate": "reopened",
}
_CARRIED = {"lost": False, "carried": True}


@dataclass(frozen=True, slots=True)
class Among:
    """Which tickets of the period: those with a value of a column; of an agent not the bot's.

    Attributes:
        column: kind or agent_id; empty for all.
        value: Of that column; None is unknown.
    """

    column: str = ""
    value: str | None = None


ALL = Among()


def _tickets(view: View, among: Among) -> pl.LazyFrame:
    rows = inside(service_cases.cases(view), view)
    if among.column:
        rows = rows.filter(pl.col(among.column).eq_missing(pl.lit(among.value, pl.String)))
    return rows.filter(service_cases.by_people()) if among.column == "agent_id" else rows


@data.answer
def counted(view: View, measured: str, among: Among = ALL) -> Mapping[str, int]:
    """Tickets of the period for which a measure is true, and for which it is not."""
    flag = pl.col(FLAGS[measured])
    rows = _tickets(view, among)
    return rows.select(no=count(~flag), yes=count(flag)).collect().row(0, named=True)


def tickets(view: View, measured: str, verdict: str, among: Among = ALL) -> pl.LazyFrame:
    """Tickets of the period by the verdict (yes, no) of a measure, the latest first, with names."""
    return _latest(
        view, _tickets(view, among).filter(pl.col(FLAGS[measured]) == (verdict == "yes"))
    )


def of_category(view: View, category: str | None) -> pl.LazyFrame:
    """Tickets of the period about a subject, the latest first, with names."""
    rows = inside(service_cases.cases(view), view)
    about = pl.col("category").eq_missing(pl.lit(category, pl.String))
    return _latest(view, rows.filter(about))


def _latest(view: View, rows: pl.LazyFrame) -> pl.LazyFrame:
    ordered = rows.sort("created_at", "ticket_id", descending=[True, False])
    return named(view, ordered)


@data.answer
def handed_over(view: View) -> Mapping[str, int]:
    """Hand-overs of the period that lost the history or nobody took up, and the others."""
    rows = _judged(view)
    cases = {name: count(pl.col("carried") == kept) for name, kept in _CARRIED.items()}
    return rows.select(**cases).collect().row(0, named=True)


def hand_overs(view: View, verdict: str) -> pl.LazyFrame:
    """Hand-overs of the period, lost or carried, the latest first, with the customer's name."""
    rows = _judged(view).filter(pl.col("carried") == _CARRIED[verdict])
    customers = data.frame(view, "customer_mart").select("customer_id", customer="name")
    ordered = rows.sort("handed_at", "hand_over_id", descending=[True, False])
    return ordered.join(
        customers, on="customer_id", how="left", validate="m:1", maintain_order="left"
    )


def _judged(view: View) -> pl.LazyFrame:
    """Hand-overs of the period with carried (null where it cannot be judged), and minutes."""
    each = carried(data.snapshot(view).as_of("hand_overs"))
    waited = (pl.col("picked_up_at") - pl.col("handed_at")).dt.total_seconds() / 60
    rows = inside(service_calls.hand_overs(view), view)
    return rows.with_columns(carried=each, minutes=waited)


def faults(view: View) -> pl.LazyFrame:
    """Checks of the period that found a fault, the latest first, with whose work it was."""
    topic = service_team.checked(view)
    rows = inside(topic, view).filter(~pl.col("compliant") | ~pl.col("consistent"))
    staff = data.frame(view, "employees").select("employee_id", agent="name")
    ordered = rows.sort("checked_at", "check_id", descending=[True, False])
    return ordered.join(staff, on="employee_id", how="left", validate="m:1", maintain_order="left")
