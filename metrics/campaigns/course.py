"""The course of campaigns, day by day: participation so far, the log, and when to adjust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from metrics.campaigns.plan import LATE, ON_TIME, OVERDUE, WAITING
from metrics.campaigns.rule import Rule
from metrics.measure import count, ratio
from metrics.trends import Additive


def days(
    members: pl.LazyFrame, campaigns: pl.LazyFrame, log: pl.LazyFrame, *, as_of: date
) -> pl.LazyFrame:
    """Every day of every campaign, from its first to its last planned contact, up to as_of.

    participation is of those invited so far: took part by the end of the day ÷ contacted by then.
    Targets that are invited later are not late. Null before the first contact.

    Args:
        members: member_facts with contacted_on, participated_on, is_control.
        campaigns: Contract table campaigns; one without both days has no course.
        log: Contract table campaign_days.
        as_of: Last day.

    Returns:
        Sorted by campaign_id, day: campaign_id, day, day_number (from 1), invited, joined (so far),
        participation (0 to 1), tracked (there is a log of the day), community_members,
        community_active, calls, calls_connected, adjustment (null where not logged).
    """
    last = pl.min_horizontal(pl.col("ends_on"), pl.lit(as_of))
    spans = campaigns.filter(pl.col("starts_on") <= last).select(
        "campaign_id", "starts_on", day=pl.date_ranges("starts_on", last)
    )
    grid = spans.explode("day", empty_as_null=True).with_columns(
        day_number=(pl.col("day") - pl.col("starts_on")).dt.total_days() + 1
    )
    targets = members.filter(~pl.col("is_control").fill_null(value=False))
    begun = campaigns.select("campaign_id", "starts_on")
    for name, column in (("invited", "contacted_on"), ("joined", "participated_on")):
        # whoever was contacted, or came, before the first planned day counts on that day
        dated = targets.drop_nulls(["contacted_on", column]).select("campaign_id", day=column)
        dated = dated.join(begun, on="campaign_id").with_columns(
            day=pl.max_horizontal("day", "starts_on")
        )
        counted = dated.group_by("campaign_id", "day").agg(pl.len().cast(pl.Int64).alias(name))
        grid = grid.join(counted, on=["campaign_id", "day"], how="left", validate="1:1")
    so_far = pl.col("invited", "joined").fill_null(0).cum_sum().over("campaign_id", order_by="day")
    noted = log.select(
        *("campaign_id", "community_members", "community_active", "calls", "calls_connected"),
        "adjustment",
        day="tracked_on",
        tracked=pl.lit(value=True),
    )
    return (
        grid.drop("starts_on")
        .sort("campaign_id", "day")
        .with_columns(so_far)
        .join(noted, on=["campaign_id", "day"], how="left", validate="1:1")
        .with_columns(
            participation=ratio(pl.col("joined"), pl.col("invited")),
            tracked=pl.col("tracked").fill_null(value=False),
        )
        .sort("campaign_id", "day")
    )


def triggers(
    course: pl.LazyFrame, campaigns: pl.LazyFrame, goals: pl.LazyFrame, rule: Rule, *, as_of: date
) -> pl.LazyFrame:
    """When participation fell below the trigger, and whether the campaign was adjusted in time.

    Raised at the end of the first day, not before the day of the rule, on which participation is
    below the trigger, or below the campaign's own target where that is lower; again only after it
    has been at or above it in between. Adjusted in time: the log notes a change on that day or
    within the days of the rule after it.

    Args:
        course: Of `days`.
        campaigns: Contract table campaigns.
        goals: Of `plan.goals`.
        rule: The rules.
        as_of: Last day.

    Returns:
        Sorted by raised_on, campaign_id: campaign_id, name, raised_on, participation, threshold,
        due_on, adjusted_on (the first change from then on; null if none),
        adjustment, state (on_time, late, overdue, waiting), judged (the time is over).
    """
    own = goals.filter(pl.col("measure") == "participation").select("campaign_id", "goal")
    named = campaigns.select("campaign_id", "name")
    limit = pl.min_horizontal(pl.lit(rule.trigger), pl.col("goal"))
    asked = course.filter(pl.col("day_number") >= rule.first_day).drop_nulls("participation")
    marked = (
        asked.join(own, on="campaign_id", how="left", validate="m:1")
        .with_columns(threshold=limit)
        .with_columns(below=pl.col("participation") < pl.col("threshold"))
        .sort("campaign_id", "day")
    )
    before = pl.col("below").shift(1).over("campaign_id", order_by="day").fill_null(value=False)
    raised = marked.filter(pl.col("below") & ~before).select(
        *("campaign_id", "participation", "threshold"), raised_on="day"
    )
    changes = course.drop_nulls("adjustment").select("campaign_id", "adjustment", adjusted_on="day")
    due = pl.col("raised_on") + timedelta(days=rule.adjust_days)
    done = pl.col("adjusted_on")
    return (
        raised.sort("raised_on")
        .join_asof(
            changes.sort("adjusted_on"),
            left_on="raised_on",
            right_on="adjusted_on",
            by="campaign_id",
            strategy="forward",
            check_sortedness=False,
        )
        .join(named, on="campaign_id", how="left", validate="m:1")
        .with_columns(due_on=due)
        .with_columns(
            judged=pl.col("due_on") < as_of,
            state=pl.when(done <= pl.col("due_on"))
            .then(pl.lit(ON_TIME))
            .when(done.is_not_null())
            .then(pl.lit(LATE))
            .when(pl.col("due_on") < as_of)
            .then(pl.lit(OVERDUE))
            .otherwise(pl.lit(WAITING)),
        )
        .sort("raised_on", "campaign_id")
    )


def _logged(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {
        "tracked_share": ratio(counts["tracked"], counts["days"]),
        "community": ratio(counts["active"], counts["members"]),
        "connect": ratio(counts["connected"], counts["calls"]),
    }


def _both(part: str, whole: str) -> pl.Expr:
    """The sum of a column over the days on which the other is known, too."""
    there = pl.col(part).is_not_null() & pl.col(whole).is_not_null()
    return pl.col(part).cast(pl.Int64).filter(there).sum()


LOG = Additive(
    {
        "days": pl.len().cast(pl.Int64),
        "tracked": count(pl.col("tracked")),
        "members": _both("community_members", "community_active"),
        "active": _both("community_active", "community_members"),
        "calls": _both("calls", "calls_connected"),
        "connected": _both("calls_connected", "calls"),
    },
    _logged,
)
"""Days with a log ÷ days of campaigns; active ÷ members of the groups, member days; calls answered
÷ calls tried. Over `days`; 0 to 1, null where there is nothing to divide by."""
