"""Lifecycle: the purchase dates and the stage of every customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from metrics.measure import measure, ratio
from metrics.revenue import earns, is_purchase, last_year, number, recorded, total, with_profit
from metrics.rules import load

STAGES = ("new", "existing", "mature", "warning", "churned", "won_back")
"""In the order in which a customer's life is told."""

_QUARTER = timedelta(days=90)


def order_totals(orders: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """What the orders of every customer brought, in all and in the last 12 months (portable).

    Args:
        orders: Contract table orders with ordered_on; profit may be absent.
        as_of: Last day of the data, inclusive; later orders are not looked at.

    Returns:
        One row per customer with a completed or returned order, unordered: customer_id, purchases
        (orders), revenue_total, revenue_12m, profit_12m, purchases_12m, purchases_90d (of the 90
        days up to as_of), _profits (orders with a recorded profit). Revenue includes returns; the
        12 months are those of `last_year`.
    """
    bought, year = is_purchase(nw.col), last_year(as_of).holds(nw.col("ordered_on"))
    known = ~nw.col("customer_id").is_null() & (nw.col("ordered_on") <= as_of)
    return (
        nw.from_native(with_profit(orders))
        .filter(earns(nw.col), known)
        .group_by("customer_id")
        .agg(
            purchases=number(bought),
            revenue_total=total(nw.col("amount")),
            revenue_12m=total(nw.when(year).then(nw.col("amount")).otherwise(nw.lit(0))),
            profit_12m=total(nw.when(year).then(nw.col("profit")).otherwise(nw.lit(0))),
            purchases_12m=number(bought & year),
            purchases_90d=number(bought & (nw.col("ordered_on") > as_of - _QUARTER)),
            _profits=nw.col("profit").count().cast(nw.Int64),
        )
        .to_native()
    )


def purchase_dates(totals: pl.LazyFrame, days: pl.DataFrame) -> pl.LazyFrame:
    """First, second, third and last purchase of every customer, and what they brought.

    The second order is the first purchase on a LATER day: an order split in two on one day is
    no repeat purchase. `purchases` counts orders, as every revenue figure does.

    Args:
        totals: Of `order_totals`.
        days: Of `purchase_days.bought_on`, `in_order`, at the same `as_of`.

    Returns:
        One row per customer with a completed or returned order, unordered: customer_id,
        first_order_on, second_order_on, third_order_on, last_order_on (null if there was no such
        purchase), purchase_days (days on which something was bought), purchases, revenue_total,
        revenue_12m, profit_12m (recorded profit; null if the company records none), purchases_12m,
        purchases_90d.
    """
    runs = days["customer_id"].rle().struct.unnest()
    size, begin = runs["len"].cast(pl.UInt32), runs["len"].cum_sum() - runs["len"]
    day = days["ordered_on"]
    dates = pl.LazyFrame(
        {
            "customer_id": runs["value"],
            "first_order_on": day.gather(begin),
            "second_order_on": day.gather((begin + 1).set(size < 2, None)),
            "third_order_on": day.gather((begin + 2).set(size < 3, None)),
            "last_order_on": day.gather(begin + size - 1),
            "purchase_days": size,
        }
    )
    amounts = totals.with_columns(profit_12m=recorded("profit_12m", "_profits")).drop("_profits")
    joined = amounts.join(dates, on="customer_id", how="left", validate="1:1")
    return joined.select(
        *dates.collect_schema().names(), pl.exclude(dates.collect_schema().names())
    )


def open_tickets(tickets: IntoLazyFrameT, *, as_of: date) -> IntoLazyFrameT:
    """Tickets made up to `as_of` and neither resolved nor closed by then, per customer (portable).

    Where the CRM records neither resolution nor closing, nothing can be called open: no rows.

    Args:
        tickets: Contract table tickets with its day columns; absent ones are null throughout.
        as_of: Last day of the data, inclusive.

    Returns:
        One row per customer with such a ticket, unordered: customer_id, open_tickets, and of
        these open_complaints (null if none).
    """
    rows = nw.from_native(tickets)
    ends = [nw.col("resolved_on"), nw.col("closed_on")]
    recorded = rows.select(_ends=ends[0].count() + ends[1].count())
    ended = nw.any_horizontal(*(end <= as_of for end in ends), ignore_nulls=True)
    known = ~nw.col("customer_id").is_null() & (nw.col("created_on") <= as_of)
    complaints = number(nw.col("kind") == "complaint")
    return (
        rows.filter(known, ~ended)
        .join(recorded.filter(nw.col("_ends") > 0), how="cross")
        .group_by("customer_id")
        .agg(open_tickets=nw.len().cast(nw.Int64), open_complaints=complaints)
        .with_columns(
            open_complaints=nw.when(nw.col("open_complaints") > 0).then(nw.col("open_complaints"))
        )
        .to_native()
    )


def stage(*, as_of: date) -> pl.Expr:
    """Lifecycle stage: where a customer stands today; exactly one for everyone who ever bought.

    The first that applies: churned (by silence, or since a contract ended, as the churn page judges
    it; also of who never bought) · warning (silence of 2 usual
    gaps or more, or an open complaint) · won_back (came back within the last 90 days) · new
    [0, 3) months since the first purchase · existing [3, 12] · mature. Warning outranks won_back
    because it asks for action; churned outranks warning because a gone customer is not warned of.
    Months are calendar months: first bought on 30 November, existing from 28 February.

    Args:
        as_of: The day the stage is judged at.

    Returns:
        Expression `stage` (String, one of STAGES; null if the customer never bought and has not
        left a contract) over first_order_on, churned, silent_days, usual_gap_days, won_back_on,
        open_complaints (null counts as 0; null silence or gap as no sign of churn or warning).

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
        pl.when(pl.col("churned"))
        .then(pl.lit("churned"))
        .when(first.is_null() | (first > today))
        .then(None)
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
