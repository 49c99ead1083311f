"""Follow-ups that have ended: how, at what cost, and whether the customer ordered again."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.measure import count
from metrics.reactivation import reactivation_time
from metrics.selection import Period

YES, NO, RUNNING = "yes", "no", "running"
KEPT, LEFT = "kept", "left"  # of customers who were under contract when the plan began


def closed_cases(
    cases: pl.LazyFrame, steps: pl.LazyFrame, back: pl.LazyFrame, *, period: Period, as_of: date
) -> pl.LazyFrame:
    """The follow-ups closed in a period.

    A reopened one is open, and closed on the day on which it is closed again. Whether a customer
    ordered again is judged as `reactivations` does, by the plan and its 90 days, whatever outcome
    was written down: the two can differ, and that is worth seeing.

    Args:
        cases: case_id, customer_id, state, began_on (null without a plan), closed_on (null: open).
        steps: case_id, cost (minor units; null: none recorded).
        back: `reactivations` of plans: customer_id, from_on, reactivated, kept.
        period: The days of closing.
        as_of: Last day of the orders, inclusive.

    Returns:
        The rows of `cases` closed then, in order, with cost (of all steps; null where none was
        recorded) and came_back: yes, no, or, of who was under contract when the plan began, kept
        or left; running (its 90 days are not over), null without a plan and where the CRM has the
        customer no longer. Of two plans of a customer that began on one day both have the better
        answer.
    """
    recorded = steps.drop_nulls("cost").group_by("case_id").agg(pl.col("cost").sum())
    judged = back.group_by("customer_id", began_on="from_on").agg(
        _back=pl.col("reactivated").max(), _kept=pl.col("kept").max()
    )
    running = pl.col("began_on") + reactivation_time() > as_of
    came_back = (
        pl.when(running)
        .then(pl.lit(RUNNING))
        .when(pl.col("_back"))
        .then(pl.lit(YES))
        .when(~pl.col("_back"))
        .then(pl.lit(NO))
        .when(pl.col("_kept"))
        .then(pl.lit(KEPT))
        .when(~pl.col("_kept"))
        .then(pl.lit(LEFT))
    )
    ended = cases.filter(period.holds(pl.col("closed_on")))
    priced = ended.join(recorded, on="case_id", how="left", validate="1:1", maintain_order="left")
    plan = ["customer_id", "began_on"]
    told = priced.join(judged, on=plan, how="left", validate="m:1", maintain_order="left")
    return told.with_columns(came_back=came_back).drop("_back", "_kept")


def closed_measures() -> dict[str, pl.Expr]:
    """Over `closed_cases`: cost (null where none was recorded), judged (yes or no), came_back."""
    back = count(pl.col("came_back") == YES)
    return {
        "cost": pl.when(pl.col("cost").count() > 0).then(pl.col("cost").sum()),
        "judged": back + count(pl.col("came_back") == NO),
        "came_back": back,
    }
