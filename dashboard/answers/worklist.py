"""What the worklist page asks: whom to follow up this week, and what has changed since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import casework, churn_list, churn_risk
from dashboard.answers.casework import State
from dashboard.settings import now
from dashboard.view import View
from dashboard.workspace import workspace
from data_access.workspace import Saved, Write, reviews
from data_access.workspace.records import OPEN
from metrics import worklist
from metrics.rules import load

_NEXT = 2_000  # customers that a review keeps beside those of the list: who came next


@dataclass(frozen=True, slots=True)
class Choice:
    """What decides the list beside the view.

    Attributes:
        state: Of the workspace, see `casework.state`.
        capacity: New cases of one owner in a week.
        today: The business day.
    """

    state: State
    capacity: int
    today: date


def choose(capacity: int) -> Choice:
    """What decides the list now.

    Raises:
        WorkspaceError: The workspace cannot be read.
    """
    return Choice(casework.state(), capacity, now().astimezone(data.time_zone()).date())


@data.answer
def chances(view: View, state: State) -> pl.DataFrame:
    """How much of what is at risk following up keeps; see `worklist.saving_chances`."""
    return worklist.saving_chances(casework.reactivations(view, state))


@data.answer
def listed(view: View, choice: Choice) -> pl.DataFrame:
    """The worklist of the chosen customers.

    Nobody is on it whose case is open, or ended less than 30 days ago (`rules/worklist.toml`).

    Returns:
        Rows of the customer mart by rank, with rank, expected_saved, reason (struct, for words),
        owner_id and owner (of the assignment, else of the CRM), case_state (of the last case,
        null without one).
    """
    rows = worklist.worklist(candidates(view, choice), capacity=choice.capacity)
    return churn_list.with_reasons(rows).collect()


def candidates(view: View, choice: Choice) -> pl.LazyFrame:
    """Everybody with revenue at risk who waits to be followed up, with what that may save.

    Returns:
        Rows of the customer mart, unordered, with expected_saved, case_state, owner_id and owner.
    """
    state = choice.state
    rested = choice.today - timedelta(days=load("worklist")["capacity"]["rest_days"])
    resting = casework.cases(view, state).lazy().filter(casework.day_of("closed_at") > rested)
    at_risk = churn_risk.customers(view).filter(pl.col("revenue_at_risk") > 0)
    states = casework.followed(view, state).lazy().select("customer_id", "case_state")
    free = (
        at_risk.join(states, on="customer_id", how="left", validate="m:1")
        .filter(pl.col("case_state").ne_missing(OPEN))
        .join(resting, on="customer_id", how="anti")
    )
    return worklist.with_saving(casework.with_owner(free, view, state), chances(view, state))


@dataclass(frozen=True, slots=True)
class Totals:
    """The list in a few numbers; money in minor units."""

    customers: int
    owners: int
    saved: int
    at_risk: int
    all_at_risk: int
    open_cases: int


@data.answer
def totals(view: View, choice: Choice) -> Totals:
    """How many are on the list, what it may save, and of how much."""
    rows = listed(view, choice)
    return Totals(
        customers=rows.height,
        owners=rows["owner_id"].n_unique(),
        saved=int(rows["expected_saved"].sum()),
        at_risk=int(rows["revenue_at_risk"].sum()),
        all_at_risk=churn_risk.summary(view)["revenue_at_risk"],
        open_cases=casework.chosen(view, casework.being_followed(view, choice.state)).height,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What has changed since the last review of this list.

    Attributes:
        held_at, held_by: That review.
        entered, left: Of `worklist.entered` and `worklist.left`, with name and owner.
    """

    held_at: datetime
    held_by: str
    entered: pl.DataFrame
    left: pl.DataFrame


@data.answer
def changes(view: View, choice: Choice) -> Changes | None:
    """Who has come and gone since the last review, and why; None if there was none."""
    found = reviews.last_review(workspace(), view.principal, _code(view))
    if found is None:
        return None
    review, then = found
    rows, known = listed(view, choice), chances(view, choice.state)
    members = then.filter(pl.col("rank") <= review.members)
    came = rows.join(members, on="customer_id", how="anti", maintain_order="left")
    went = members.join(rows, on="customer_id", how="anti", maintain_order="left")
    held_on = review.held_at.astimezone(data.time_zone()).date()
    entered = came.with_columns(
        fresh=pl.col("first_order_on") > held_on,
        closed=_closed_since(view, choice.state, review.held_at),
    )
    left = worklist.left(went, _today(view, choice.state, went, held_on), known)
    people = casework.of(data.frame(view, "customer_mart"), left)
    named = casework.with_owner(people, view, choice.state).select("customer_id", "name", "owner")
    return Changes(
        review.held_at,
        review.held_by,
        worklist.entered(entered, then, known),
        left.lazy().join(named, on="customer_id", how="left", maintain_order="left").collect(),
    )


def _closed_since(view: View, state: State, held_at: datetime) -> pl.Expr:
    ended = casework.cases(view, state).filter(pl.col("closed_at") > held_at)
    return pl.col("customer_id").is_in(ended["customer_id"].implode())


def _today(view: View, state: State, went: pl.DataFrame, held_on: date) -> pl.DataFrame:
    """What has become of customers who are no longer on the list, chosen still or not."""
    open_cases = casework.being_followed(view, state)
    members = went.lazy().select("customer_id", _silent="silent_days")
    everybody = data.frame(view, "customer_mart").join(members, on="customer_id").collect()
    of_the_list = view.as_assigned().selection.of(everybody.lazy())
    chosen = of_the_list.select("customer_id").collect().to_series()
    # a silence only grows, unless there was a purchase; under contract it says nothing
    broken = (pl.col("silent_days") < pl.col("_silent")) | (pl.col("last_order_on") > held_on)
    return everybody.select(
        "customer_id",
        *worklist.FIGURES,
        "churned",
        chosen=pl.col("customer_id").is_in(chosen.implode()),
        bought=broken & pl.col("contract_days").is_null(),
        followed=pl.col("customer_id").is_in(open_cases["customer_id"].implode()),
    )


def hold(view: View, choice: Choice, write: Write) -> Saved:
    """Keep the list as this review's, and who came next.

    Raises:
        WorkspaceError: It could not be kept.
    """
    rows = listed(view, choice)
    following = worklist.following(candidates(view, choice), rows.lazy())
    others = following.head(min(_NEXT, reviews.MOST_MEMBERS - rows.height)).collect()
    members = pl.concat([rows.select(_KEPT), others.select(_KEPT)])
    ranked = members.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    return reviews.record_review(
        workspace(), write, _code(view), ranked, listed=rows.height, snapshot=view.version
    )


_KEPT = (
    pl.col("customer_id", "p90"),
    pl.col("warning").cast(pl.String),
    pl.col("remaining_days", "revenue_at_risk", "silent_days").cast(pl.Int64),
)


def _code(view: View) -> str:
    """One list per choice of customers and scope of the reader: others are not to be compared.

    Beside the list of a region that of the company would seem to have grown by all the others.
    """
    reader = view.principal
    if view.selection.is_everything and reader.sees_everything:
        return "all"
    chosen = repr((view.selection.filters, reader.regions, reader.owner_id))
    return hashlib.sha256(chosen.encode()).hexdigest()[:16]
