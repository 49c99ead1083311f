"""The customer mart: everything the pages say of one customer today, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.lifecycle import open_complaints, stage, still_open, won_back_on
from metrics.tiers.history import first_tiers, tiers_at


@dataclass(frozen=True, slots=True)
class Parts:
    """What is joined per customer; each frame has a unique customer_id.

    Attributes:
        customers: Contract table customers.
        employees: Contract table employees, for the owner's name.
        purchases: Of `lifecycle.purchase_dates`.
        risk: Of `churn.customer_risk`, and `lapsed` (churned 90 days ago) with tau_then_days.
        orders, interactions, tickets, survey_responses: Contract tables; empty if absent.
    """

    customers: pl.LazyFrame
    employees: pl.LazyFrame
    purchases: pl.LazyFrame
    risk: pl.LazyFrame
    orders: pl.LazyFrame
    interactions: pl.LazyFrame
    tickets: pl.LazyFrame
    survey_responses: pl.LazyFrame


def customers_today(parts: Parts, *, as_of: date) -> pl.LazyFrame:
    """Every customer with what is known today, tier excepted; deleted ones included.

    Returns:
        One row per customer, sorted by customer_id: name, owner, segment, region, owner_id,
        acquisition_channel, registered_on, deleted_on; the columns of `purchase_dates` (null
        without a purchase) and of `customer_risk` (null if deleted); stage; last_contact_on,
        last_contact_channel, open_tickets, last_nps, won_back_on, open_complaints.
    """
    # by the threshold known before the come-back: the broken silence itself has raised today's
    known_then = parts.risk.select("customer_id", tau_days="tau_then_days").drop_nulls()
    owners = parts.employees.select(owner_id="employee_id", owner="name")
    joined = parts.customers.select(
        "customer_id",
        "name",
        "segment",
        "region",
        "acquisition_channel",
        "owner_id",
        "registered_on",
        "deleted_on",
    ).join(owners, on="owner_id", how="left", validate="m:1")
    for part in (
        parts.purchases,
        parts.risk,
        won_back_on(parts.orders, known_then, as_of=as_of),
        open_complaints(parts.tickets, as_of=as_of),
        last_contacts(parts.interactions, as_of=as_of),
        open_tickets(parts.tickets, as_of=as_of),
        last_scores(parts.survey_responses, as_of=as_of),
    ):
        joined = joined.join(part, on="customer_id", how="left", validate="1:1")
    return joined.with_columns(
        stage(as_of=as_of),
        pl.col("open_tickets").fill_null(0),
        pl.col("purchases", "purchases_12m", "revenue_total", "revenue_12m").fill_null(0),
    ).sort("customer_id")


def customer_mart(customers: pl.LazyFrame, history: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The customers of today's lists: `customers_today` with the tier, without deleted ones.

    Args:
        customers: Of `customers_today`.
        history: tier_history.
        as_of: Last day of the data.

    Returns:
        One row per customer who is not deleted, sorted by customer_id, with tier (today's) and
        first_tier (at the end of the month of the first purchase); both null without a purchase.
    """
    joined = customers.filter(pl.col("deleted_on").is_null())
    for tiers in (tiers_at(history, as_of), first_tiers(history)):
        joined = joined.join(tiers, on="customer_id", how="left", validate="1:1")
    return joined.drop("deleted_on", "tau_then_days").sort("customer_id")


def last_contacts(interactions: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The latest contact of each customer, whoever started it.

    Returns:
        One row per customer with a contact up to `as_of`: customer_id, last_contact_on,
        last_contact_channel.
    """
    known = pl.col("customer_id").is_not_null() & (pl.col("occurred_on") <= as_of)
    latest = pl.struct("occurred_at", "interaction_id", "occurred_on", "channel")
    return (
        interactions.filter(known)
        .group_by("customer_id")
        .agg(_last=latest.max_by("occurred_at"))
        .select(
            "customer_id",
            last_contact_on=pl.col("_last").struct.field("occurred_on"),
            last_contact_channel=pl.col("_last").struct.field("channel"),
        )
    )


def open_tickets(tickets: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Tickets that are `still_open`, per customer.

    Returns:
        One row per customer with such a ticket: customer_id, open_tickets.
    """
    known = still_open(tickets, as_of=as_of).filter(pl.col("customer_id").is_not_null())
    return known.group_by("customer_id").agg(open_tickets=pl.len().cast(pl.Int64))


def last_scores(responses: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The latest recommendation score of each customer.

    Returns:
        One row per customer who ever gave one: customer_id, last_nps (0 to 10), last_nps_on.
    """
    scored = pl.col("customer_id").is_not_null() & pl.col("nps").is_not_null()
    return (
        responses.filter(scored & (pl.col("answered_on") <= as_of))
        .group_by("customer_id")
        .agg(
            last_nps=pl.col("nps").sort_by("answered_at", "response_id").last(),
            last_nps_on=pl.col("answered_on").max(),
        )
    )
