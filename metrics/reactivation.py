"""Whether following up helps: who orders again, or stays under contract, within 90 days.

S3 4.4 (63 % of red warnings were reactivated) and S0 (win-back rate); `rules/follow_up.toml`.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from metrics import intervals
from metrics.churn.contracts import NEVER
from metrics.measure import count, ratio
from metrics.rules import load


def reactivation_time() -> timedelta:
    """After how long success is judged: an order until then, or a contract then (90 days)."""
    return timedelta(days=load("follow_up")["reactivation"]["days"])


def reactivation_reference() -> float:
    """The share of red warnings that were reactivated elsewhere (63 %): no target."""
    return load("follow_up")["reactivation"]["reference"]


def reactivations(
    starts: pl.LazyFrame,
    bought: pl.LazyFrame,
    *,
    as_of: date,
    contracts: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """What came of each start within 90 days: an order, or a contract that still runs.

    The unit is the start, and an order counts for one alone: of a customer's starts that it follows
    within 90 days the latest, of two on one day the later row. An order on the day of the start may
    have come before it and does not count. Who was under contract at the start need not order: of
    them it is asked whether they are under contract 90 days later, and nothing else.

    Only starts whose 90 days are over count, also where an order has come already: early successes
    without the failures of the same weeks would raise the share.

    Args:
        starts: One row per start: customer_id, from_on.
        bought: customer_id, ordered_on; purchases, any number a day.
        as_of: Last day of the orders and contracts, inclusive.
        contracts: Of `readers.contracts`; None where there are none.

    Returns:
        One row per start whose 90 days are over, in their order: its columns, reactivated (null
        under contract at the start), kept (null without a contract then).
    """
    end = pl.col("from_on") + reactivation_time()
    rows = starts.with_row_index("_start")
    held = _under_contract(rows, contracts, pl.col("from_on"))
    free = rows.join(held, on="_start", how="anti")
    in_time = (pl.col("ordered_on") > pl.col("from_on")) & (pl.col("ordered_on") <= end)
    back = (
        free.join(bought, on="customer_id")
        .filter(in_time)
        .group_by("customer_id", "ordered_on")
        .agg(pl.col("_start").sort_by("from_on", "_start").last())
    )
    outcomes = {
        "_held": held,
        "_back": back.select("_start").unique(),
        "_kept": _under_contract(rows, contracts, end),
    }
    found = rows.filter(end <= as_of)
    for name, those in outcomes.items():
        marked = those.with_columns(pl.lit(value=True).alias(name))
        found = found.join(marked, on="_start", how="left", maintain_order="left")
    yes = {name: pl.col(name).fill_null(value=False) for name in outcomes}
    return found.with_columns(
        reactivated=pl.when(~yes["_held"]).then(yes["_back"]),
        kept=pl.when(yes["_held"]).then(yes["_kept"]),
    ).drop("_start", *outcomes)


def _under_contract(
    rows: pl.LazyFrame, contracts: pl.LazyFrame | None, day: pl.Expr
) -> pl.LazyFrame:
    """The starts whose customer has an open contract at the close of a day: _start, unique."""
    if contracts is None:
        return rows.select("_start").clear()
    there = (pl.col("started_on") <= day) & (pl.col("ended_on").fill_null(NEVER) > day)
    return rows.join(contracts, on="customer_id").filter(there).select("_start").unique()


def without_plan(warned: pl.LazyFrame, planned: pl.LazyFrame) -> pl.LazyFrame:
    """The warned customers to compare with: nobody began a plan for them around that time.

    They must have been written down when they were warned (`reviews`): who is still warned today
    has, by that alone, not come back.

    Args:
        warned: customer_id, from_on (the day they were written down).
        planned: customer_id, from_on (the day a plan began).

    Returns:
        The rows of `warned`, in order, without those of customers for whom a plan began within 90
        days before or after; of each customer the earliest left, whatever other warnings followed.
    """
    numbered = warned.with_row_index("_start")
    began = planned.select("customer_id", _began="from_on")
    apart = (pl.col("_began") - pl.col("from_on")).abs()
    helped = numbered.join(began, on="customer_id").filter(apart <= reactivation_time())
    rest = numbered.join(helped, on="_start", how="anti", maintain_order="left")
    first = pl.col("_start").sort_by("from_on", "_start").first().over("customer_id")
    return rest.filter(pl.col("_start") == first).drop("_start")


def reactivation_measures() -> dict[str, pl.Expr]:
    """Whether following up helps, over `reactivations` of both groups.

    reactivation = starts with an order within 90 days ÷ starts whose 90 days are over, of those
    with a plan and without a contract (S3 4.4 bm_red_alert_reactivation, S0 winback_rate); unhelped
    is the same of those without a plan; advantage = reactivation - unhelped, with Newcombe's
    interval. kept = starts still under contract after 90 days ÷ starts under contract, of those
    with a plan; unhelped_kept the same without. Who is followed up was not drawn by lot, so a
    difference goes with the plan and need not come from it.

    Returns:
        Over rows with `reactivated`, `kept` and `planned`: reactivation, unhelped, kept and
        unhelped_kept, each with _low, _high (Wilson) and _n; advantage with _low and _high (-1 to
        1); null where a group is empty.
    """
    planned = pl.col("planned")
    groups = {
        "reactivation": (planned, pl.col("reactivated")),
        "unhelped": (~planned, pl.col("reactivated")),
        "kept": (planned, pl.col("kept")),
        "unhelped_kept": (~planned, pl.col("kept")),
    }
    parts = {
        name: (
            count(group & outcome.fill_null(value=False)),
            count(group & outcome.is_not_null()),
        )
        for name, (group, outcome) in groups.items()
    }
    found: dict[str, pl.Expr] = {}
    for name, (well, whole) in parts.items():
        found |= {**intervals.share(name, well, whole), f"{name}_n": whole}
    helped, others = parts["reactivation"], parts["unhelped"]
    low, high = intervals.difference(*helped, *others)
    return {
        **found,
        "advantage": ratio(*helped) - ratio(*others),
        "advantage_low": low,
        "advantage_high": high,
    }
