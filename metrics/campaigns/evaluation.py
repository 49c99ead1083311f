"""The evaluation of a campaign: each target beside what was reached (S1, template 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from metrics import intervals
from metrics.campaigns.rule import Rule
from metrics.measure import count, ratio
from metrics.trends import Additive

MEASURES = ("participation", "repurchase", "satisfaction", "cost", "conversion")
_LESS_IS_BETTER = ("cost",)
MISSED, MET, EXCEEDED, UNKNOWN = "missed", "met", "exceeded", "unknown"


def evaluate(
    found: pl.DataFrame,
    goals: pl.DataFrame,
    usual: Mapping[str, float],
    rule: Rule,
    *,
    money_scale: int,
    as_of: date,
    orders_as_of: date,
) -> pl.DataFrame:
    """The evaluation of every campaign.

    Args:
        found: One row per campaign: campaign_id, ends_on, spent, counts and figures of
            `members.outcomes`.
        goals: Of `plan.goals`: its own targets and what was written down.
        usual: The target by measure where a campaign has none of its own.
        rule: The rules.
        money_scale: Digits of money after the unit.
        as_of: Last day of the campaigns.
        orders_as_of: Last day of the orders.

    Returns:
        One row per campaign and measure of `MEASURES` that has a target, in their order:
        campaign_id, measure, goal, own (the campaign's own target), actual (share, score, or money
        in whole units; null where unknown), n, attainment (missed, met; exceeded: better by a part
        of the target that the rules name; unknown without an actual), provisional (the campaign is
        running, or the window of its purchases), reported, differs (what was written down is
        another value than ours, rounded as it is written), analysis.
    """
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") > as_of)
    last = pl.col("ends_on") + timedelta(days=rule.repurchase_days)
    open_ = running | (last > orders_as_of)
    spent = pl.col("spent") / 10**money_scale
    told: dict[str, tuple[pl.Expr, pl.Expr, pl.Expr]] = {
        "participation": (pl.col("participation"), pl.col("invited"), running),
        "repurchase": (pl.col("repurchase"), pl.col("joined"), open_),
        "satisfaction": (pl.col("satisfaction"), pl.col("scores"), running),
        "cost": (ratio(spent, pl.col("participants")), pl.col("participants"), running),
        "conversion": (pl.col("conversion"), pl.col("conversion_known"), open_),
    }
    rows = [
        found.select(
            "campaign_id",
            measure=pl.lit(name),
            actual=actual.cast(pl.Float64),
            n=n.cast(pl.Int64),
            provisional=pending,
            usual=pl.lit(usual.get(name), pl.Float64),
            place=pl.lit(place),
        )
        for place, (name, (actual, n, pending)) in enumerate(told.items())
    ]
    if not rows[0].height:
        rows = [row.clear() for row in rows]
    less = pl.col("measure").is_in(_LESS_IS_BETTER)
    gain = pl.when(less).then(pl.col("goal") - pl.col("actual"))
    gain = gain.otherwise(pl.col("actual") - pl.col("goal"))
    margin = pl.col("goal") * rule.exceeded
    return (
        pl.concat(rows)
        .join(goals, on=["campaign_id", "measure"], how="left", validate="1:1")
        .with_columns(own=pl.col("goal").is_not_null(), goal=pl.coalesce("goal", "usual"))
        .drop_nulls("goal")
        .with_columns(
            attainment=pl.when(gain.is_null())
            .then(pl.lit(UNKNOWN))
            .when(gain < -_ROUNDING)
            .then(pl.lit(MISSED))
            .when((gain >= margin - _ROUNDING) & (margin > 0))
            .then(pl.lit(EXCEEDED))
            .otherwise(pl.lit(MET)),
            differs=(pl.col("reported") - pl.col("actual")).abs() > _written_to("measure"),
        )
        .sort("campaign_id", "place")
        .select(
            *("campaign_id", "measure", "goal", "own", "actual", "n", "attainment"),
            *("provisional", "reported", "differs", "analysis"),
        )
    )


_ROUNDING = 1e-9


def _written_to(measure: str) -> pl.Expr:
    """Half of the last digit that a template writes: a per cent, a tenth of a score, a unit."""
    halves = {"satisfaction": 0.05, "cost": 0.5}
    found = pl.col(measure).replace_strict(halves, default=0.005, return_dtype=pl.Float64)
    return found + _ROUNDING


def _costs(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {
        "per_participant": ratio(counts["spent"], counts["paid_participants"]),
        "per_reached": ratio(counts["spent"], counts["paid_reached"]),
        "budget_per_participant": ratio(counts["budget"], counts["budgeted_participants"]),
    }


def _of(part: str, whole: str) -> pl.Expr:
    """The sum of a column over campaigns of which the other is known, too."""
    there = pl.col(part).is_not_null() & pl.col(whole).is_not_null()
    return pl.col(part).cast(pl.Int64).filter(there).sum()


COSTS = Additive(
    {
        "spent": _of("spent", "participants"),
        "paid_participants": _of("participants", "spent"),
        "paid_reached": _of("contacted", "spent"),
        "budget": _of("budget", "participants"),
        "budgeted_participants": _of("participants", "budget"),
    },
    _costs,
)
"""Spent, and budgeted, ÷ participants; spent ÷ customers reached: minor units, over campaigns whose
cost is known (S1 divides the budget; what was spent is what a participant cost, c25)."""


def surveyed(rule: Rule) -> Additive:
    """Campaigns with enough valid answers to their survey ÷ campaigns; over rows of campaigns."""

    def figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
        return intervals.share("surveyed", counts["enough"], counts["ended"])

    enough = count(pl.col("scores") >= rule.answers)
    return Additive({"enough": enough, "ended": pl.len().cast(pl.Int64)}, figures)
