"""Whether following up helps: who orders again within 90 days, with a plan and without one.

S3 4.4 (63 % of red warnings were reactivated) and S0 (win-back rate); `rules/follow_up.toml`.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics import intervals
from metrics.measure import count, ratio
from metrics.rules import load


def reactivation_time() -> timedelta:
    """How long a followed-up customer has to order (90 days)."""
    return timedelta(days=load("follow_up")["reactivation"]["days"])


def reactivation_reference() -> float:
    """The share of red warnings that were reactivated elsewhere (63 %): no target."""
    return load("follow_up")["reactivation"]["reference"]


def reactivations(starts: pl.LazyFrame, bought: pl.LazyFrame, *, as_of: date) -> pl.LazyFrame:
    """Which followed-up customers ordered within 90 days of the start.

    Only starts whose 90 days are over count, also where an order has come already: early successes
    without the failures of the same weeks would raise the share. An order on the day of the start
    may have come before it and does not count.

    Args:
        starts: One row per start: customer_id, from_on.
        bought: customer_id, ordered_on; purchases, any number a day.
        as_of: Last day of the orders, inclusive.

    Returns:
        One row per start whose 90 days are over, in their order: its columns, reactivated.
    """
    within = reactivation_time()
    over = starts.filter(pl.col("from_on") + within <= as_of).with_row_index("_start")
    in_time = pl.col("ordered_on").is_between(
        pl.col("from_on"), pl.col("from_on") + within, closed="right"
    )
    back = over.join(bought, on="customer_id").filter(in_time).select("_start").unique()
    found = over.join(
        back.with_columns(reactivated=True), on="_start", how="left", maintain_order="left"
    )
    return found.drop("_start").with_columns(pl.col("reactivated").fill_null(value=False))


def without_plan(warned: pl.LazyFrame, planned: pl.LazyFrame) -> pl.LazyFrame:
    """The warned customers to compare with: nobody began a plan for them around that time.

    They must have been written down when they were warned (`reviews`): who is still warned today
    has, by that alone, not come back.

    Args:
        warned: customer_id, from_on (the day they were written down).
        planned: customer_id, from_on (the day a plan began).

    Returns:
        The rows of `warned`, in order, without those of customers for whom a plan began within 90
        days before or after.
    """
    numbered = warned.with_row_index("_start")
    began = planned.select("customer_id", _began="from_on")
    apart = (pl.col("_began") - pl.col("from_on")).abs()
    helped = numbered.join(began, on="customer_id").filter(apart <= reactivation_time())
    rest = numbered.join(helped, on="_start", how="anti", maintain_order="left")
    return rest.drop("_start")


def reactivation_measures() -> dict[str, pl.Expr]:
    """Whether following up helps, over `reactivations` of both groups.

    reactivation = customers who ordered within 90 days ÷ starts whose 90 days are over, of those
    with a plan (S3 4.4 bm_red_alert_reactivation, S0 winback_rate); unhelped is the same of those
    without; advantage = reactivation − unhelped, with Newcombe's interval. Who is followed up was
    not drawn by lot, so the difference goes with the plan and need not come from it.

    Returns:
        Over rows with `reactivated` and `planned`: reactivation and unhelped, each with _low, _high
        (Wilson) and _n; advantage with _low and _high (-1 to 1); null where a group is empty.
    """
    back, planned = pl.col("reactivated"), pl.col("planned")
    parts = count(planned & back), count(planned), count(~planned & back), count(~planned)
    low, high = intervals.difference(*parts)
    return {
        **intervals.share("reactivation", *parts[:2]),
        "reactivation_n": parts[1],
        **intervals.share("unhelped", *parts[2:]),
        "unhelped_n": parts[3],
        "advantage": ratio(parts[0], parts[1]) - ratio(parts[2], parts[3]),
        "advantage_low": low,
        "advantage_high": high,
    }
