"""What the page of one customer asks: who it is, what happened, and how likely it is to stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import casework, churn_list, churn_risk, ticket_clock
from dashboard.view import View
from metrics import sla
from metrics.churn.history import last_days
from metrics.churn.past import one_customer
from metrics.churn.regime import CONTRACTS, PURCHASES
from metrics.churn.score import survival_curve
from metrics.churn.tables import CrmTables
from metrics.customer_timeline import Records, spending_months, timeline

_FOUND = 20
_SUGGESTED = 6
_EVENTS = ("orders", "interactions", "tickets", "survey_responses")
_SHOWN = ("customer_id", "name", "tier", "stage", "region", "owner_id", "owner", "last_order_on")


@data.answer
def profile(view: View, customer_id: str) -> Mapping[str, Any] | None:
    """The customer's row of the mart; None if there is none in the reader's scope."""
    rows = data.frame(view, "customer_mart").filter(pl.col("customer_id") == customer_id)
    return next(rows.head(1).collect().iter_rows(named=True), None)


@data.answer
def deleted_on(view: View, customer_id: str) -> date | None:
    """When the CRM deleted a customer of the reader's scope; None if it did not."""
    rows = _own(view, "customers", customer_id).select("deleted_on").head(1).collect()
    return rows["deleted_on"].item() if rows.height else None


@data.answer
def find(view: View, search: str) -> pl.DataFrame:
    """Customers by part of the name or beginning of the id, those with most revenue first."""
    rows = data.frame(view, "customer_mart").filter(churn_list.named(search))
    return (
        rows.sort("revenue_12m", "customer_id", descending=[True, False], nulls_last=True)
        .head(_FOUND)
        .select(*_SHOWN, "revenue_12m", "revenue_at_risk")
        .collect()
    )


@data.answer
def suggestions(view: View) -> pl.DataFrame:
    """A few customers worth a look: most revenue at risk, or most revenue without a model."""
    rows = data.frame(view, "customer_mart")
    best = ["revenue_at_risk", "revenue_12m", "customer_id"]
    return (
        rows.sort(best, descending=[True, True, False], nulls_last=True)
        .head(_SUGGESTED)
        .select(*_SHOWN, "revenue_12m", "revenue_at_risk")
        .collect()
    )


def with_owner(view: View, found: pl.DataFrame) -> pl.DataFrame:
    """Customers found, with whose they are as lists of follow-ups name them."""
    state = casework.readable_state()
    if state is None:
        return found
    return casework.with_owner(found.lazy(), view, state).collect()


def _own(view: View, table: str, customer_id: str) -> pl.LazyFrame:
    """One customer's rows of a contract table; tables are sorted by customer, so few are read."""
    return data.frame(view, table).filter(pl.col("customer_id") == customer_id)


@data.answer
def events(view: View, customer_id: str) -> pl.DataFrame:
    """Orders, contacts, tickets, surveys and campaigns, latest first; see `timeline`.

    Adds person: the name of the employee, null if unknown.
    """
    own = {name: _own(view, name, customer_id) for name in (*_EVENTS, "campaign_members")}
    records = Records(
        **{**own, "tickets": _judged(view, own["tickets"])},
        campaigns=data.frame(view, "campaigns"),
    )
    people = data.frame(view, "employees").select(person_id="employee_id", person="name")
    return (
        timeline(records)
        .join(people, on="person_id", how="left", validate="m:1", maintain_order="left")
        .collect()
    )


def _judged(view: View, tickets: pl.LazyFrame) -> pl.LazyFrame:
    """One customer's tickets with the outcome of every promise, as the service page judges them."""
    return ticket_clock.judged(view, tickets)


@data.once
def _mean_gaps(view: View) -> Mapping[date, float | None]:
    """The usual gap of everybody on the past days that are told of."""
    rows = data.frame(view, "risk_months").select("day", "mean_gap_days").unique("day")
    told = rows.filter(pl.col("day").is_in(last_days(data.as_of(view, "orders"))))
    return dict(told.sort("day").collect().iter_rows())


@data.answer
def risk_history(view: View, customer_id: str) -> pl.DataFrame:
    """The risk at the close of the last month ends and today, by today's model; see `past`.

    A few thousand rows of one customer are read, whatever the size of the company.
    """
    own = {name: _own(view, name, customer_id) for name in _EVENTS}
    events: dict[str, Any] = {**own, "missed": sla.missed(_judged(view, own["tickets"]))}
    if data.present(view, "contracts"):
        events["contracts"] = _own(view, "contracts", customer_id)
    tables = CrmTables.read(_own(view, "customers", customer_id), **events)
    means = _mean_gaps(view)
    if not means:
        return pl.DataFrame()
    contracts = churn_risk.model(view, CONTRACTS)
    return one_customer(tables, churn_risk.model(view), means, contracts=contracts)


@data.answer
def spending(view: View, customer_id: str) -> pl.DataFrame:
    """Revenue by month, at most 24; see `spending_months`."""
    as_of = data.as_of(view, "orders")
    return spending_months(_own(view, "orders", customer_id), as_of=as_of).collect()


@data.answer
def outlook(view: View, customer_id: str) -> pl.DataFrame:
    """The next 90 days: day, silent, survival; no rows if there is no model or no score."""
    row = profile(view, customer_id)
    regime = CONTRACTS if row and row["contract_days"] is not None else PURCHASES
    fitted = churn_risk.model(view, regime)
    if fitted is None or row is None:
        return pl.DataFrame(schema={"day": pl.Int32, "silent": pl.Float64, "survival": pl.Float64})
    return survival_curve(fitted, row)
