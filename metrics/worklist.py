"""The worklist: whom to follow up this week, and why it is not the list of the last review."""

from __future__ import annotations

import math

import polars as pl

from metrics import reactivation
from metrics.churn.warnings import LEVELS
from metrics.measure import ratio
from metrics.rules import load

NO_WARNING = "none"
KINDS = (*LEVELS, NO_WARNING)
FIGURES = ("p90", "revenue_at_risk", "warning")
"""What puts a customer on the list, as a review keeps it."""


def saving_chances(starts: pl.DataFrame) -> pl.DataFrame:
    """The share of the revenue at risk that following up keeps, by level of the warning.

    Of the customers who would not have come back by themselves, the share who do after a plan:
    (r1 - r0) ÷ (1 - r0), at least 0, with r1 reactivated ÷ started of those with a plan, r0 the
    same of those without. Until many have been seen it leans on the assumption of
    `rules/worklist.toml`: weight n ÷ (n + prior), n the smaller of both groups, of all levels
    against the assumption, and of one level against all. Who gets a plan is not drawn by lot: it
    goes with the plan and need not come from it. Customers under contract are not measured on:
    nearly all of them stay whatever is done, and mixed in they would hide what a plan does.

    Args:
        starts: Of `reactivation.reactivations`, both groups: warning (null: none), planned,
            reactivated, kept.

    Returns:
        One row per level, in the order of `KINDS`: warning, chance (0 to 1), plans and unhelped
        (customers it was measured on).
    """
    rules = load("worklist")["saving"]
    level = pl.col("warning").fill_null(NO_WARNING)
    of_all = _rescued(starts, leaning_on=rules["assumed"], prior=rules["prior"])
    rows = [
        _rescued(starts.filter(level == kind), leaning_on=of_all["chance"], prior=rules["prior"])
        for kind in KINDS
    ]
    return pl.DataFrame(rows).select(pl.Series("warning", KINDS), "chance", "plans", "unhelped")


def _rescued(starts: pl.DataFrame, *, leaning_on: float, prior: float) -> dict[str, float]:
    found = starts.select(**reactivation.reactivation_measures()).row(0, named=True)
    plans, unhelped = found["reactivation_n"], found["unhelped_n"]
    seen, weight = 0.0, 0.0
    if plans and unhelped and found["unhelped"] < 1:
        seen = max(found["advantage"] / (1 - found["unhelped"]), 0.0)
        weight = min(plans, unhelped) / (min(plans, unhelped) + prior)
    chance = weight * seen + (1 - weight) * leaning_on
    return {"chance": chance, "plans": plans, "unhelped": unhelped}


def with_saving(customers: pl.LazyFrame, chances: pl.DataFrame) -> pl.LazyFrame:
    """Customers with expected_saved: revenue at risk × the chance that following up keeps it.

    Int64 minor units; null where the revenue at risk is.
    """
    by_level = dict(chances.select("warning", "chance").iter_rows())
    level = pl.col("warning").cast(pl.String).fill_null(NO_WARNING)
    chance = level.replace_strict(by_level, return_dtype=pl.Float64)
    saved = (pl.col("revenue_at_risk") * chance).round()
    return customers.with_columns(expected_saved=saved.cast(pl.Int64))


def worklist(customers: pl.LazyFrame, *, capacity: int) -> pl.LazyFrame:
    """The customers that each owner can take up in a week, what saves most first.

    Args:
        customers: `with_saving`, of those nobody is following up: customer_id, owner_id (null: of
            nobody, a list of its own) and whatever else is shown.
        capacity: New cases of one owner.

    Returns:
        Rows of customers of whom something is expected to be saved, with rank (from 1, over all
        owners; ties by id): at most `capacity` of each owner.
    """
    best = _best_first(customers)
    chosen = best.filter(_PLACE.over("owner_id") <= capacity)
    return chosen.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))


def following(customers: pl.LazyFrame, listed: pl.LazyFrame) -> pl.LazyFrame:
    """Who comes next: the first of each owner, then the second of each, and so on.

    Not what saves most of all: of an owner with small customers nobody would be among them.

    Args:
        customers: As of `worklist`.
        listed: Rows of the worklist.
    """
    rest = _best_first(customers).join(
        listed.select("customer_id"), on="customer_id", how="anti", maintain_order="left"
    )
    return rest.sort(_PLACE.over("owner_id"), maintain_order=True)


def _best_first(customers: pl.LazyFrame) -> pl.LazyFrame:
    return customers.filter(pl.col("expected_saved") > 0).sort(
        "expected_saved", "customer_id", descending=[True, False]
    )


_PLACE = pl.int_range(1, pl.len() + 1)


def entered(listed: pl.DataFrame, before: pl.DataFrame, chances: pl.DataFrame) -> pl.DataFrame:
    """Why customers are on the list who were not at the last review.

    Args:
        listed: Today's rows of those customers: customer_id, `FIGURES`, fresh (their first purchase
            came after the review) and closed (a case of theirs has ended since).
        before: Their figures at the review; no row for who had next to nothing to save then.
        chances: Of `saving_chances`, for both days.

    Returns:
        The rows of `listed`, in order, with reason (the first that holds of `fresh`, `closed`; else
        `warning`, `p90`, `value`: the figure that raised what is expected to be saved most;
        `others`: their own figures hardly rose, places became free), and each figure as it was,
        named `was_`.
    """
    reason = (
        pl.when("fresh")
        .then(pl.lit("fresh"))
        .when("closed")
        .then(pl.lit("closed"))
        .otherwise(_leading(chances, sign=1))
    )
    return _beside(listed, before).with_columns(reason=reason).drop("fresh", "closed")


def left(members: pl.DataFrame, today: pl.DataFrame, chances: pl.DataFrame) -> pl.DataFrame:
    """Why customers are no longer on the list who were at the last review.

    Args:
        members: Of the review, not on the list today: customer_id and `FIGURES`.
        today: Everybody of them whom the CRM still has: customer_id, `FIGURES`, chosen (among the
            customers that the list is of), churned (null: neither has bought nor has a contract),
            bought (since the review) and followed (a case of theirs is open).
        chances: Of `saving_chances`, for both days.

    Returns:
        Customers in the order of `members`, with reason (the first that holds of `followed`,
        `gone`: deleted in the CRM, `bought`, `churned`: also without a purchase, once the
        contract has ended, `elsewhere`: no longer chosen; else `warning`, `p90`, `value`: the
        figure that lowered what is expected to be saved most; `others`: their own figures hardly
        fell, others have more to save), the figures of today, and those of the review with `was_`.
    """
    joined = members.select("customer_id").join(
        today, on="customer_id", how="left", maintain_order="left"
    )
    reason = (
        pl.when(pl.col("followed").fill_null(value=False))
        .then(pl.lit("followed"))
        .when(pl.col("chosen").is_null())
        .then(pl.lit("gone"))
        .when("bought")
        .then(pl.lit("bought"))
        .when(pl.col("churned").fill_null(value=True))
        .then(pl.lit("churned"))
        .when(~pl.col("chosen"))
        .then(pl.lit("elsewhere"))
        .otherwise(_leading(chances, sign=-1))
    )
    told = _beside(joined, members).with_columns(reason=reason)
    return told.drop("chosen", "churned", "bought", "followed")


def _beside(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    was = then.select("customer_id", *(pl.col(name).alias(f"was_{name}") for name in FIGURES))
    return now.join(was, on="customer_id", how="left", maintain_order="left")


def _leading(chances: pl.DataFrame, *, sign: int) -> pl.Expr:
    """The figure that moved what is expected to be saved most in that direction.

    It is a product of three (risk, yearly revenue, chance of saving), so their logarithms add up.
    """
    by_level = dict(chances.select("warning", "chance").iter_rows())

    def chance(level: str) -> pl.Expr:
        known = pl.col(level).cast(pl.String).fill_null(NO_WARNING)
        return known.replace_strict(by_level, return_dtype=pl.Float64)

    moved = {
        "p90": _log(pl.col("p90")) - _log(pl.col("was_p90")),
        "value": (_value("").log() - _value("was_").log()).fill_null(0.0),
        "warning": chance("warning").log() - chance("was_warning").log(),
    }
    steps = [sign * each for each in moved.values()]
    whole = pl.sum_horizontal(steps)
    largest = pl.max_horizontal(steps)
    reason = pl.lit("others")
    for name, step in zip(moved, steps, strict=True):
        reason = pl.when(step == largest).then(pl.lit(name)).otherwise(reason)
    return (
        pl.when(whole < math.log1p(load("worklist")["changes"]["least"]))
        .then(pl.lit("others"))
        .otherwise(reason)
    )


def _value(before: str) -> pl.Expr:
    """Yearly revenue, as the revenue at risk implies it; null where it implies none."""
    value = ratio(pl.col(f"{before}revenue_at_risk"), pl.col(f"{before}p90"))
    return pl.when(value > 0).then(value)


def _log(risk: pl.Expr) -> pl.Expr:
    """Its logarithm; of no risk at all that of a very small one, so that it can be compared."""
    return risk.fill_null(0.0).clip(lower_bound=1e-9).log()
