"""Lifecycle: the purchase dates and the stage of every customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics.measure import measure, ratio
from metrics.revenue import earns, is_purchase, last_year, recorded, with_profit
from metrics.rules import load

STAGES = ("new", "existing", "mature", "warning", "churned", "won_back")
"""In the order in which a customer's life is told."""


def purchase_dates(orders: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """First, second, third and last purchase of every customer, and what they brought.

    The second order is the first purchase on a LATER day: an order split in two on one day is
    no repeat purchase. `purchases` counts orders, as every revenue figure does.

    Args:
        orders: Contract table orders with ordered_on; profit may be absent.
        as_of: Last day of the data, inclusive; later orders are not looked at.

    Returns:
        One row per customer with a completed or returned order, unordered: customer_id,
        first_order_on, second_order_on, third_order_on, last_order_on (null if there was no such
        purchase), purchases, revenue_total, revenue_12m, profit_12m (recorded profit; null if
        the company records none), purchases_12m. Revenue includes returns; the 12 months are
        those of `last_year`.
    """
    bought, year = is_purchase(), last_year(as_of).holds(pl.col("ordered_on"))
    days = pl.col("ordered_on").filter(bought).unique().sort()
    known = earns() & pl.col("customer_id").is_not_null() & (pl.col("ordered_on") <= as_of)
    return (
        with_profit(orders)
        .filter(known)
        .group_by("customer_id")
        .agg(
            first_order_on=days.get(0, null_on_oob=True),
            second_order_on=days.get(1, null_on_oob=True),
            third_order_on=days.get(2, null_on_oob=True),
            last_order_on=pl.col("ordered_on").filter(bought).max(),
            purchases=bought.sum().cast(pl.Int64),
            revenue_total=pl.col("amount").sum(),
            revenue_12m=pl.col("amount").filter(year).sum(),
            profit_12m=pl.col("profit").filter(year).sum(),
            purchases_12m=(bought & year).sum().cast(pl.Int64),
            _profits=pl.col("profit").count(),
        )
        .with_columns(profit_12m=recorded("profit_12m", "_profits"))
        .drop("_profits")
    )


def won_back_on(orders: pl.LazyFrame, rhythm: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """The day a churned customer bought again, if that was within the last 90 days.

    A come-back is a purchase after a silence of at least tau days. Pass the tau that was known
    before those 90 days: the broken silence itself has raised today's, by which hardly anybody
    would ever come back.

    Args:
        orders: Contract table orders with ordered_on.
        rhythm: customer_id (unique), tau_days.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per customer who came back: customer_id, won_back_on (the latest come-back),
        broken_silence_days (the silence it ended); sorted by customer_id.
    """
    since = as_of - timedelta(days=load("lifecycle")["won_back"]["within_days"])
    bought = orders.filter(is_purchase() & (pl.col("ordered_on") <= as_of)).select(
        "customer_id", day="ordered_on"
    )
    recent = bought.filter(pl.col("day") > since).unique()
    last_before = (
        bought.filter(pl.col("day") <= since).group_by("customer_id").agg(pl.col("day").max())
    )
    gap = (pl.col("day") - pl.col("day").shift(1).over("customer_id")).dt.total_days()
    return (
        pl.concat([last_before, recent])
        .sort("customer_id", "day")
        .with_columns(broken_silence_days=gap)
        .filter(pl.col("day") > since)
        .join(
            rhythm.select("customer_id", "tau_days"),
            on="customer_id",
            how="inner",
            validate="m:1",
        )
        .filter(pl.col("broken_silence_days") >= pl.col("tau_days"))
        .group_by("customer_id")
        .agg(
            won_back_on=pl.col("day").max(),
            broken_silence_days=pl.col("broken_silence_days").sort_by("day").last(),
        )
        .sort("customer_id")
    )


def still_open(tickets: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Tickets made up to `as_of` and neither resolved nor closed by then.

    Where the CRM records neither resolution nor closing, nothing can be called open: no rows.

    Args:
        tickets: Contract table tickets with its day columns; absent ones are null throughout.
        as_of: Last day of the data, inclusive.
    """
    ends = pl.col("resolved_on", "closed_on")
    recorded = pl.any_horizontal(ends.is_not_null().any())
    ended = pl.any_horizontal(ends <= as_of).fill_null(value=False)
    return (
        tickets.with_columns(_recorded=recorded)
        .filter(pl.col("_recorded") & (pl.col("created_on") <= as_of) & ~ended)
        .drop("_recorded")
    )


def open_complaints(tickets: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Complaints that are `still_open`, per customer.

    Returns:
        One row per customer with an open complaint: customer_id, open_complaints; sorted.
    """
    return measure(
        still_open(tickets, as_of=as_of).filter(
            pl.col("kind") == "complaint", pl.col("customer_id").is_not_null()
        ),
        "customer_id",
        open_complaints=pl.len().cast(pl.Int64),
    )


def stage(*, as_of: date) -> pl.Expr:
    """Lifecycle stage: where a customer stands today; exactly one for everyone who ever bought.

    The first that applies: churned (silence of tau days or more) · warning (silence of 2 usual
    gaps or more, or an open complaint) · won_back (came back within the last 90 days) · new
    [0, 3) months since the first purchase · existing [3, 12] · mature. Warning outranks won_back
    because it asks for action; churned outranks warning because a gone customer is not warned of.
    Months are calendar months: first bought on 30 November, existing from 28 February.

    Args:
        as_of: The day the stage is judged at.

    Returns:
        Expression `stage` (String, one of STAGES; null if the customer never bought) over
        first_order_on, silent_days, usual_gap_days, tau_days, won_back_on, open_complaints (null
        counts as 0; null silence or gap as no sign of churn or warning).

    References:
        S0 二(二); systems.md c03, c18.
    """
    rules: dict[str, Any] = load("lifecycle")
    first, ages, warning = pl.col("first_order_on"), rules["stages"], rules["warning"]
    today = pl.lit(as_of)
    usual = warning["silence_times"] * pl.col("usual_gap_days")
    quiet = (pl.col("silent_days") >= usual).fill_null(value=False)
    complains = (pl.col("open_complaints") > 0).fill_null(value=False) & warning["open_complaint"]
    return (
        pl.when(first.is_null() | (first > today))
        .then(None)
        .when(pl.col("silent_days") >= pl.col("tau_days"))
        .then(pl.lit("churned"))
        .when(quiet | complains)
        .then(pl.lit("warning"))
        .when(_came_back_lately(as_of, rules["won_back"]["within_days"]))
        .then(pl.lit("won_back"))
        .when(today < first.dt.offset_by(f"{ages['new_months']}mo"))
        .then(pl.lit("new"))
        .when(today <= first.dt.offset_by(f"{ages['existing_months']}mo"))
        .then(pl.lit("existing"))
        .otherwise(pl.lit("mature"))
        .alias("stage")
    )


def stage_mix(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Customers by stage today, with their share.

    Args:
        customers: One row per customer with `stage`; rows without stage are left out.

    Returns:
        One row per stage, also the empty ones: stage, customers, customers_total, share (0 to 1,
        null if there are no customers); in the order of STAGES.
    """
    counted = measure(customers, "stage", customers=pl.len().cast(pl.Int64))
    return (
        pl.LazyFrame({"stage": STAGES})
        .join(counted, on="stage", how="left", maintain_order="left", validate="1:1")
        .with_columns(customers=pl.col("customers").fill_null(0))
        .with_columns(customers_total=pl.col("customers").sum())
        .with_columns(share=ratio(pl.col("customers"), pl.col("customers_total")))
    )


def _came_back_lately(as_of: date, within_days: int) -> pl.Expr:
    since = pl.lit(as_of - timedelta(days=within_days))
    return ((pl.col("won_back_on") > since) & (pl.col("won_back_on") <= as_of)).fill_null(
        value=False
    )
