"""The customer mart: everything the pages say of one customer today, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.churn.win_back import win_back_days
from metrics.lifecycle import stage
from metrics.tiers.history import first_tiers, last_changes, tiers_at, tiers_known
from metrics.tiers.requests import Requests, tenure_months
from metrics.tiers.versions import Histories, named


@dataclass(frozen=True, slots=True)
class Parts:
    """What is joined per customer; each frame has a unique customer_id.

    Attributes:
        customers: Contract table customers.
        employees: Contract table employees, for the owner's name.
        purchases: Of `lifecycle.purchase_dates`.
        risk: Of `churn.customer_risk`, with the columns of `churn.warnings` (null for who cannot
            leave) and of `win_back.lapsed` (churned 90 days ago).
        won_back, open_tickets, last_contacts, last_scores: Of the functions of that name.
        requests: Of `tiers.requests.requests`.
    """

    customers: pl.LazyFrame
    employees: pl.LazyFrame
    purchases: pl.LazyFrame
    risk: pl.LazyFrame
    won_back: pl.LazyFrame
    open_tickets: pl.LazyFrame
    last_contacts: pl.LazyFrame
    last_scores: pl.LazyFrame
    requests: pl.LazyFrame


def customers_today(parts: Parts, *, as_of: date) -> pl.LazyFrame:
    """Every customer with what is known today, tier excepted; deleted ones included.

    Returns:
        One row per customer, sorted by customer_id: name, owner, segment, region, owner_id,
        acquisition_channel, registered_on, deleted_on; the columns of `purchase_dates` (null
        without a purchase), of `customer_risk` (null if deleted) and of `warnings` (null for who
        cannot leave: churned, deleted, or never bought); stage; last_contact_on,
        last_contact_channel, open_tickets, last_nps, won_back_on, open_complaints; tenure_months
        (since the first purchase, a begun one counts; null without), complaints_12m and
        inquiries_12m.
    """
    owners = parts.employees.select(owner_id="employee_id", owner="name")
    joined = (
        parts.customers.sort("customer_id")
        .select(
            "customer_id",
            "name",
            "segment",
            "region",
            "acquisition_channel",
            "owner_id",
            "registered_on",
            "deleted_on",
        )
        .join(owners, on="owner_id", how="left", validate="m:1", maintain_order="left")
    )
    for part in (
        parts.purchases,
        parts.risk,
        parts.won_back,
        parts.open_tickets,
        parts.last_contacts,
        parts.last_scores,
    ):
        joined = _beside(joined, part)
    return joined.with_columns(
        stage(as_of=as_of),
        pl.col("open_tickets").fill_null(0),
        pl.col(_COUNTED).fill_null(0),
        tenure_months(pl.col("first_order_on"), as_of).cast(pl.Int16).alias("tenure_months"),
        *_requests(parts, as_of),
    )


_COUNTED = ("purchases", "purchases_12m", "purchases_90d", "revenue_total", "revenue_12m")


def _requests(parts: Parts, as_of: date) -> list[pl.Series]:
    """Complaints and inquiries of everybody, in the order of the ids."""
    ids = parts.customers.select("customer_id").sort("customer_id").collect().to_series()
    counts = Requests.of(parts.requests, ids).within_year(as_of)
    return [pl.Series(name, count).cast(pl.Int32) for name, count in counts.items()]


def _beside(customers: pl.LazyFrame, part: pl.LazyFrame) -> pl.LazyFrame:
    return customers.join(part, on="customer_id", how="left", validate="1:1", maintain_order="left")


def customer_mart(
    customers: pl.LazyFrame,
    histories: Histories,
    worth: pl.LazyFrame,
    kept: pl.LazyFrame,
    *,
    as_of: date,
) -> pl.LazyFrame:
    """The customers of today's lists: `customers_today` with tier and value, without deleted ones.

    Args:
        customers: Of `customers_today`, in their order.
        histories: tier_history of each scheme.
        worth: Of `clv.worth`.
        kept: Of `tiers.records.kept`.
        as_of: Last day of the data.

    Returns:
        One row per customer who is not deleted, sorted by customer_id, with tier (today's),
        first_tier (at the end of the month of the first purchase) and tier_then (known 90 days
        ago, when it was judged who had lapsed) and tier_since (the month at whose end today's
        tier was there first) of each scheme, clv, clv_formula, clv_second; all null without a
        purchase; and the columns of `kept`. Who has left a contract counts as churned
        (contract_ended_on), also without a purchase.
    """
    joined = customers.filter(pl.col("deleted_on").is_null())
    lapse = as_of - timedelta(days=win_back_days())
    for code, history in histories.items():
        then = tiers_known(history, lapse).rename({"tier": "tier_then"})
        for part in (tiers_at(history, as_of), first_tiers(history), then, last_changes(history)):
            own = {name: named(name, code) for name in part.collect_schema().names()[1:]}
            joined = _beside(joined, part.rename(own))
    joined = _beside(_beside(joined, worth), kept)
    return joined.drop("deleted_on", "tau_then_days")


def last_contacts(interactions: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """The latest contact of each customer, whoever started it (portable).

    Returns:
        One row per customer with a contact up to `as_of`, unordered: customer_id,
        last_contact_on, last_contact_channel (of two at one moment the later in the alphabet).
    """
    known = ~nw.col("customer_id").is_null() & (nw.col("occurred_on") <= as_of)
    rows = nw.from_native(interactions).filter(known)
    latest = rows.group_by("customer_id").agg(_latest=nw.col("occurred_at").max())
    return (
        rows.join(latest, on="customer_id", how="inner")
        .filter(nw.col("occurred_at") == nw.col("_latest"))
        .group_by("customer_id")
        .agg(
            last_contact_on=nw.col("occurred_on").max(),
            last_contact_channel=nw.col("channel").max(),
        )
        .to_native()
    )


def last_scores(responses: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """The latest recommendation score of each customer (portable).

    Returns:
        One row per customer who ever gave one, unordered: customer_id, last_nps (0 to 10),
        last_nps_on.
    """
    scored = ~nw.col("customer_id").is_null() & ~nw.col("nps").is_null()
    return (
        nw.from_native(responses)
        .filter(scored, nw.col("answered_on") <= as_of)
        .unique("customer_id", keep="last", order_by=["answered_at", "response_id"])
        .select("customer_id", last_nps=nw.col("nps"), last_nps_on=nw.col("answered_on"))
        .to_native()
    )
