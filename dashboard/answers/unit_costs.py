"""What serving, keeping and winning customers costs, and what another retention is worth."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboard import data
from dashboard.answers import clv
from dashboard.answers.over_time import Topic, by_grain
from dashboard.view import View
from metrics import what_if
from metrics.calendar import Grain, is_complete, shift_months
from metrics.measure import ratio
from metrics.service_cost import SERVICE_COST, ready
from metrics.tiers.scheme import scheme
from metrics.what_if import Raised

COSTS = "service_costs"
CONTACTS = "contact_months"
_YEAR = 12


def costs(view: View) -> Topic:
    """The months of service costs that are over."""
    as_of = data.as_of(view, COSTS)
    rows = ready(data.frame(view, COSTS)).filter(
        is_complete(pl.col("month"), Grain.MONTH, as_of=as_of)
    )
    return Topic(rows, "month", as_of, data.first_day(view, COSTS, "month"))


@data.answer
def cost_months(view: View) -> pl.DataFrame:
    """Unit costs, labour and coverage by month; see `SERVICE_COST`."""
    found = by_grain(costs(view), SERVICE_COST, view, Grain.MONTH)
    return found.filter(pl.col("months") > 0)


@data.answer
def to_serve(view: View) -> pl.DataFrame:
    """What a customer of each tier costs us in contacts, in the twelve months up to as of.

    Recorded cost of our contacts by the tier at the time ÷ the customers who were in the tier at
    the ends of these months, on average; beside a year's revenue of a customer.

    Returns:
        One row per tier, the best first: tier, cost (minor units), contacts (whose cost is known),
        customers (average), per_customer, revenue (a year, of a customer; the average of the month
        ends), share (cost ÷ revenue; null without revenue).
    """
    as_of = data.as_of(view, "interactions")
    since = shift_months(as_of + timedelta(days=1), -_YEAR)
    spent = (
        data.frame(view, CONTACTS)
        .filter(pl.col("day") >= since, pl.col("tier").is_not_null())
        .group_by("tier")
        .agg(pl.col("cost", "costed").sum())
    )
    months = data.frame(view, "tier_months").filter(
        pl.col("month") >= since.replace(day=1), pl.col("month") <= as_of
    )
    ends = months.group_by("tier").agg(
        customers=pl.col("customers").sum(), revenue=pl.col("revenue_12m").sum()
    )
    count = months.select(pl.col("month").n_unique()).collect().item() or 1
    order = pl.LazyFrame({"tier": scheme(view.scheme).codes})
    return (
        order.join(ends, on="tier", how="inner", validate="1:1", maintain_order="left")
        .join(spent, on="tier", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("cost", "costed").fill_null(0))
        .select(
            "tier",
            "cost",
            contacts="costed",
            customers=pl.col("customers") / count,
            per_customer=ratio(pl.col("cost") * count, pl.col("customers")),
            revenue=ratio(pl.col("revenue"), pl.col("customers")),
            share=ratio(pl.col("cost") * count, pl.col("revenue")),
        )
        .collect()
    )


@data.once
def won(view: View) -> tuple[int | None, int]:
    """Average recorded cost of winning a customer of the last twelve months; how many told it."""
    as_of: date = data.as_of(view, "customers")
    since = shift_months(as_of + timedelta(days=1), -_YEAR)
    cost = pl.col("acquisition_cost")
    rows = data.frame(view, "customers").filter(pl.col("registered_on").is_between(since, as_of))
    total, n = rows.select(total=cost.sum(), n=cost.count()).collect().row(0)
    return (total / n if n else None), n


@data.once
def raised(view: View, before: int, after: int) -> tuple[Raised, float | None, int]:
    """What another retention (per cent) is worth, a customer's yearly margin, how many there are.

    Margin is that of the lifetime value: revenue of the last twelve months of those who are still
    customers × the share that is gross profit.
    """
    found = what_if.retention(before / 100, after / 100)
    rows = data.frame(view, "customer_mart").filter(pl.col("revenue_12m") > 0)
    revenue, n = rows.select(pl.col("revenue_12m").sum(), pl.len()).collect().row(0)
    margin: float = clv.facts(view)["terms"]["margin"]
    return found, (revenue * margin / n if n else None), n
