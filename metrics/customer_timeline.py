"""Everything that happened between one customer and the company, in one list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.calendar import Grain, first_day, shift_months
from metrics.nps import DETRACTOR, is_in
from metrics.revenue import earns
from metrics.selection import Period
from metrics.sla.facts import MISSED
from metrics.sla.policy import Clock
from metrics.trends import Additive, Buckets, trend

KINDS = ("order", "contact", "ticket", "survey", "campaign")
_SCHEMA = {
    "kind": pl.String,
    "id": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "on": pl.Date,
    "what": pl.String,
    "state": pl.String,
    "channel": pl.String,
    "direction": pl.String,
    "text": pl.String,
    "amount": pl.Int64,
    "nps": pl.Int16,
    "csat": pl.Int16,
    "hours": pl.Float64,
    "person_id": pl.String,
    "broken": pl.List(pl.String),
    "warns": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Records:
    """The contract tables, already narrowed to one customer (campaigns: all of them).

    Tickets may be `sla.judged`: then broken promises are told.
    """

    orders: pl.LazyFrame
    interactions: pl.LazyFrame
    tickets: pl.LazyFrame
    survey_responses: pl.LazyFrame
    campaign_members: pl.LazyFrame
    campaigns: pl.LazyFrame


def timeline(records: Records) -> pl.LazyFrame:
    """The events of one customer, latest first.

    A survey is dated by its answer, else by its invitation; a campaign by the first contact, else
    by its start.

    Returns:
        One row per event, sorted by time (latest first), kind, id: kind (one of KINDS), id, at,
        on, what (status, purpose, kind of ticket, survey, scenario), state (order: null;
        contact: answered, unanswered or null; ticket: open, answered, resolved; survey: answered,
        unanswered; campaign: converted, joined, reached, control, planned), channel, direction
        (contacts), text (untrusted: subject, comment, campaign name), amount (orders, minor
        units), nps, csat, hours (ticket: to the first answer), person_id, broken (ticket:
        clocks of the promises broken; empty if none, null if not judged), warns (a return, a
        complaint, a detractor, a broken promise); what a kind does not have is null.
    """
    parts = [
        _orders(records.orders),
        _contacts(records.interactions),
        _tickets(records.tickets),
        _surveys(records.survey_responses),
        _campaigns(records.campaign_members, records.campaigns),
    ]
    empty = pl.LazyFrame(schema=_SCHEMA)
    return pl.concat([empty, *parts], how="diagonal").sort(
        "at", "kind", "id", descending=[True, False, False], nulls_last=True
    )


def _kind(name: str) -> pl.Expr:
    return pl.lit(name).alias("kind")


def _orders(orders: pl.LazyFrame) -> pl.LazyFrame:
    return orders.select(
        _kind("order"),
        "channel",
        "amount",
        id="order_id",
        at="ordered_at",
        on="ordered_on",
        what="status",
        warns=pl.col("status") == "returned",
    )


def _contacts(interactions: pl.LazyFrame) -> pl.LazyFrame:
    outbound = pl.col("direction") == "outbound"
    return interactions.select(
        _kind("contact"),
        "channel",
        "direction",
        id="interaction_id",
        at="occurred_at",
        on="occurred_on",
        what="purpose",
        state=pl.when(outbound & pl.col("responded"))
        .then(pl.lit("answered"))
        .when(outbound & ~pl.col("responded"))
        .then(pl.lit("unanswered")),
        person_id="employee_id",
        warns=pl.lit(value=False),
    )


def _tickets(tickets: pl.LazyFrame) -> pl.LazyFrame:
    ended = pl.col("resolved_at").is_not_null() | pl.col("closed_at").is_not_null()
    broken = _broken(tickets)
    waited = (pl.col("first_response_at") - pl.col("created_at")).dt.total_minutes() / 60
    return tickets.select(
        _kind("ticket"),
        "channel",
        id="ticket_id",
        at="created_at",
        on="created_on",
        what="kind",
        state=pl.when(ended)
        .then(pl.lit("resolved"))
        .when(pl.col("first_response_at").is_not_null())
        .then(pl.lit("answered"))
        .otherwise(pl.lit("open")),
        text="category",
        hours=waited,
        person_id="agent_id",
        broken=broken,
        warns=(pl.col("kind") == "complaint") | (broken.list.len() > 0).fill_null(value=False),
    )


def _broken(tickets: pl.LazyFrame) -> pl.Expr:
    """The clocks of the promises broken, in the order of a ticket's life; null if not judged."""
    states = [f"{clock.prefix}_state" for clock in Clock]
    if not set(states) <= set(tickets.collect_schema().names()):
        return pl.lit(None, dtype=pl.List(pl.String))
    missed = [
        pl.when(pl.col(state) == MISSED).then(pl.lit(clock.value))
        for state, clock in zip(states, Clock, strict=True)
    ]
    return pl.concat_list(missed).list.drop_nulls()


def _surveys(responses: pl.LazyFrame) -> pl.LazyFrame:
    answered = pl.col("answered_at").is_not_null()
    return responses.select(
        _kind("survey"),
        "channel",
        "nps",
        "csat",
        id="response_id",
        at=pl.coalesce("answered_at", "invited_at"),
        on=pl.coalesce("answered_on", "invited_on"),
        what="survey",
        state=pl.when(answered).then(pl.lit("answered")).otherwise(pl.lit("unanswered")),
        text="comment",
        warns=is_in(DETRACTOR, pl.col("nps")).fill_null(value=False),
    )


def _campaigns(members: pl.LazyFrame, campaigns: pl.LazyFrame) -> pl.LazyFrame:
    known = campaigns.select("campaign_id", "name", "scenario", "starts_at", "starts_on", "channel")
    states = {"control": "is_control", "converted": "converted", "joined": "participated"}
    state = (
        pl.when(pl.col("contacted_at").is_not_null())
        .then(pl.lit("reached"))
        .otherwise(pl.lit("planned"))
    )
    for name, flag in reversed(states.items()):
        state = pl.when(pl.col(flag).fill_null(value=False)).then(pl.lit(name)).otherwise(state)
    return members.join(known, on="campaign_id", how="left", validate="m:1").select(
        _kind("campaign"),
        "channel",
        id="member_id",
        at=pl.coalesce("contacted_at", "starts_at"),
        on=pl.coalesce("contacted_on", "starts_on"),
        what="scenario",
        state=state,
        text="name",
        warns=pl.lit(value=False),
    )


SPENDING = Additive(
    {"revenue": pl.col("amount").sum(), "orders": (pl.col("amount") > 0).sum().cast(pl.Int64)},
    lambda _: {},
)


def spending_months(orders: pl.LazyFrame, *, as_of: date, months: int = 24) -> pl.LazyFrame:
    """Revenue of one customer by month, at most the last `months`, from the first order on.

    Completed orders and (negative) returns; cancelled ones count nowhere.

    Args:
        orders: The customer's orders.
        as_of: Last day of the data, inclusive.
        months: Most months to tell.

    Returns:
        One row per month, none missing: bucket (Date, first day), revenue (minor units), orders
        (of positive amount), complete (false for the running month); ascending. No rows without
        orders.
    """
    rows = orders.filter(earns() & (pl.col("ordered_on") <= as_of))
    first = rows.select(pl.col("ordered_on").min()).collect().item()
    start = first_day(shift_months(as_of, 1 - months), Grain.MONTH)
    if first is not None:
        start = max(start, first_day(first, Grain.MONTH))
    end = first_day(shift_months(as_of, 1), Grain.MONTH)
    cut = Buckets("ordered_on", Grain.MONTH, Period(start, end))
    frame = trend(rows, SPENDING, cut, as_of=as_of)
    return frame if first is not None else frame.clear()
