"""What the risk list says of follow-ups: where each customer's stands, and whose it is."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dashboard import data
from dashboard.answers import casework
from dashboard.answers.casework import State
from dashboard.settings import now
from dashboard.view import View
from data_access.workspace import WorkspaceError
from data_access.workspace.records import OPEN

STATES = ("none", "open", "overdue", "ended")
NEEDS = ("customer_id", "owner_id", "owner")  # what `beside` reads
GIVES = ("follow_up", "follow_up_told", "owner_id", "owner")  # and what it adds or replaces
_WARNING = ("customer_id", "warning", "warned_on", "warning_rules")


@dataclass(frozen=True, slots=True)
class Told:
    """Which follow-ups a list tells of: those of a state of the workspace, judged at a moment.

    Part of what a list is kept by. The moment is the hour, so that a list is not made anew at every
    click: a step is told as overdue within an hour.
    """

    state: State
    at: datetime


def told() -> Told | None:
    """The follow-ups of now; None if the workspace cannot be read: lists do without."""
    try:
        state = casework.state()
    except WorkspaceError as error:
        logging.getLogger(__name__).info("follow-ups in the list: %s", error)
        return None
    return Told(state, now().replace(minute=0, second=0, microsecond=0))


@data.once
def followed(view: View, told: Told) -> pl.DataFrame:
    """The customers with a case or an assignment; see `reading.followed`.

    Returns:
        One row each: customer_id, state (of STATES), steps_done, steps_total, next_step,
        assigned_version.
    """
    state = (
        pl.when(pl.col("case_state").is_null())
        .then(pl.lit("none"))
        .when(pl.col("case_state") != OPEN)
        .then(pl.lit("ended"))
        .when(pl.col("due_at") < told.at)
        .then(pl.lit("overdue"))
        .otherwise(pl.lit("open"))
    )
    told_of = ("customer_id", "steps_done", "steps_total", "next_step", "assigned_version")
    return casework.followed(view, told.state).select(*told_of, state=state)


def beside(rows: pl.LazyFrame, view: View, told: Told) -> pl.LazyFrame:
    """Customers with their follow-up.

    Returns:
        The rows in their order with follow_up (of STATES), follow_up_told (what a sentence about
        it needs), and the owners of `casework.with_owner`.
    """
    known = followed(view, told).lazy().rename({"state": "follow_up"})
    joined = rows.join(
        known, on="customer_id", how="left", validate="m:1", maintain_order="left"
    ).with_columns(pl.col("follow_up").fill_null("none"))
    sentence = pl.struct("follow_up", "steps_done", "steps_total", "next_step")
    told_of = joined.with_columns(follow_up_told=sentence)
    return casework.with_owner(told_of, view, told.state)


def versions(view: View, told: Told, customers: Sequence[str]) -> dict[str, int]:
    """The version of each customer's assignment as it is shown; 0 where there is none."""
    known = followed(view, told).filter(pl.col("customer_id").is_in(customers))
    found = dict(known.select("customer_id", "assigned_version").iter_rows())
    return {customer: found.get(customer, 0) for customer in customers}


def warned(view: View, customers: Sequence[str]) -> pl.DataFrame:
    """The customers with what a plan begins from: their warning, its rules and its day."""
    mart = data.frame(view, "customer_mart")
    return mart.filter(pl.col("customer_id").is_in(customers)).select(_WARNING).collect()
