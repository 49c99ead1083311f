"""What the workspace says of all follow-ups; kept until somebody writes into it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard import data
from dashboard.settings import settings
from dashboard.view import View
from dashboard.workspace import readable, workspace
from data_access.workspace import reading, reviews
from data_access.workspace.records import OPEN
from metrics import reactivation
from metrics.churn import readers
from metrics.churn.warnings import LEVELS
from metrics.purchase_days import days_of
from metrics.selection import Moved

State = tuple[str, int]
"""Which workspace, and how much had been written into it."""


def state() -> State:
    """What changes with every write: an argument of whatever is kept.

    Raises:
        WorkspaceError: The workspace cannot be read.
    """
    return settings().workspace, workspace().state()


def readable_state() -> State | None:
    """The `state`, or None where the workspace cannot be read: then owners are the CRM's."""
    written = readable()
    return None if written is None else (settings().workspace, written)


@data.once
def cases(view: View, _: State) -> pl.DataFrame:
    """Every case; see `reading.cases`. 0.3 s for 100,000."""
    return reading.cases(workspace(), view.principal)


@data.once
def steps(view: View, _: State) -> pl.DataFrame:
    """Every step of their plans; see `reading.steps`."""
    return reading.steps(workspace(), view.principal)


@data.once
def followed(view: View, _: State) -> pl.DataFrame:
    """Each customer's case, next step and assignment; see `reading.followed`."""
    return reading.followed(workspace(), view.principal)


def being_followed(view: View, state: State) -> pl.DataFrame:
    """The rows of `followed` whose case is open."""
    return followed(view, state).filter(pl.col("case_state") == OPEN)


@data.once
def reactivations(view: View, state: State) -> pl.DataFrame:
    """Who ordered, or kept a contract, within 90 days of a plan or of being listed without one.

    Customers whom the CRM has no longer are left out: nobody has seen them stay away.

    Returns:
        `reactivations` of both groups: customer_id, warning (then; null: none), from_on,
        planned, reactivated, kept.
    """
    level = pl.when(pl.col("reason").is_in(LEVELS)).then("reason")
    begun = cases(view, state).lazy().drop_nulls("plan_started_at")
    planned = begun.select("customer_id", warning=level, from_on=day_of("plan_started_at"))
    written = reviews.reviewed(workspace(), view.principal).lazy()
    listed = written.select("customer_id", "warning", from_on=day_of("held_at"))
    starts = pl.concat(
        [
            planned.with_columns(planned=True),
            reactivation.without_plan(listed, planned).with_columns(planned=False),
        ]
    )
    known = data.frame(view, "purchase_days").join(starts, on="customer_id", how="semi")
    there = starts.join(known.select("customer_id"), on="customer_id", how="semi")
    as_of, held = data.as_of(view, "orders"), None
    if data.present(view, "contracts"):
        as_of = min(as_of, data.as_of(view, "contracts"))
        held = readers.contracts(data.frame(view, "contracts"))
    bought = days_of(known)
    return reactivation.reactivations(there, bought, as_of=as_of, contracts=held).collect()


def chosen(view: View, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of the customers that the reader chose, in their order."""
    if view.selection.is_everything:
        return rows
    known = of(data.customers(view), rows).select("customer_id").collect()
    return rows.join(known, on="customer_id", how="semi", maintain_order="left")


def of(customers: pl.LazyFrame, rows: pl.DataFrame) -> pl.LazyFrame:
    """The customers whom some rows are about, to be joined to them.

    A join that checks keys or keeps an order makes a table of the whole mart first: with 20,000
    rows and 2 million customers 130 to 170 ms; looked up before, 20.
    """
    return customers.filter(pl.col("customer_id").is_in(rows["customer_id"].unique().implode()))


@data.once
def assigned(view: View, _: State) -> pl.DataFrame:
    """Who looks after customers whom the CRM may give to others; see `reading.assigned`."""
    return reading.assigned(workspace(), view.principal).drop_nulls("assigned_to")


@data.once
def owners(view: View, state: State | None) -> Mapping[str, str | None]:
    """The names of those who look after somebody in scope, by id, in the order of the names."""
    found = _crm_owners(view)
    if state is not None:
        people = data.frame(view, "employees").select(owner_id="employee_id", owner="name")
        here = assigned(view, state).lazy().select(owner_id="assigned_to").unique()
        named = here.join(people, on="owner_id", how="left", validate="m:1").collect()
        found = pl.concat([found, named]).unique("owner_id", keep="any")
    return dict(found.sort("owner", "owner_id", nulls_last=True).rows())


@data.once
def _crm_owners(view: View) -> pl.DataFrame:
    known = data.frame(view, "customer_mart").select("owner_id", "owner")
    return known.drop_nulls("owner_id").unique().collect()


@data.once
def moved(view: View, state: State, owners: tuple[str, ...]) -> Moved | None:
    """Where a choice of owners means other customers than the CRM says; None if it does not.

    One look-up in the assignments, which are few; kept until somebody writes.
    """
    rows = assigned(view, state)
    here = rows["assigned_to"].is_in(owners)
    crm = of(data.frame(view, "customer_mart"), rows).select("customer_id", "owner_id").collect()
    theirs = set(crm.filter(pl.col("owner_id").is_in(owners))["customer_id"])
    gained = set(rows.filter(here)["customer_id"]) - theirs
    lost = theirs & set(rows.filter(~here)["customer_id"])
    return Moved(frozenset(gained), frozenset(lost)) if gained or lost else None


def with_owner(customers: pl.LazyFrame, view: View, state: State) -> pl.LazyFrame:
    """Customers with whose they are: whom they are assigned to here, else whom the CRM names.

    Returns:
        The rows in their order; owner_id, and for owner the name, or the id of an employee whom
        the CRM has no longer.
    """
    people = data.frame(view, "employees").select(_owner_id="employee_id", _owner="name")
    here = (
        assigned(view, state)
        .lazy()
        .select("customer_id", _owner_id="assigned_to")
        .join(people, on="_owner_id", how="left", validate="m:1")
        .with_columns(pl.coalesce("_owner", "_owner_id").alias("_owner"))
    )
    joined = customers.join(
        here, on="customer_id", how="left", validate="m:1", maintain_order="left"
    )
    theirs = {name: pl.coalesce(f"_{name}", name) for name in ("owner_id", "owner")}
    return joined.with_columns(**theirs).drop("_owner_id", "_owner")


def day_of(moment: str) -> pl.Expr:
    """The business day of a moment."""
    return pl.col(moment).dt.convert_time_zone(str(data.time_zone())).dt.date()
