"""The plans of campaigns: complete, their tasks done in time, their reviews held."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from metrics import intervals
from metrics.campaigns.rule import Rule
from metrics.measure import count, ratio
from metrics.trends import Additive
from metrics.working_days import working_days_after

DONE, LATE, OVERDUE, RUNNING, AHEAD = "done", "late", "overdue", "running", "ahead"
ON_TIME, WAITING = "on_time", "waiting"


def goal_value(text: pl.Expr) -> pl.Expr:
    """A target or a result as a template writes it, as a number: `≥70%` is 0.7, `4.5分` is 4.5.

    Full-width digits and signs are read like the others; null where there is no number.
    """
    plain = text.str.normalize("NFKC").str.replace_all(",", "")
    number = plain.str.extract(r"(\d+(?:\.\d+)?)").cast(pl.Float64)
    percent = plain.str.contains(r"\d\s*%")
    return pl.when(percent).then(number / 100).otherwise(number)


def goals(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of an evaluation with numbers: campaign_id, measure, goal, reported, analysis."""
    return rows.select(
        "campaign_id",
        "measure",
        "analysis",
        goal=goal_value(pl.col("target")),
        reported=goal_value(pl.col("reported")),
    )


def plans(campaigns: pl.LazyFrame, goals: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
    """What each plan says of its objective.

    Returns:
        One row per campaign: campaign_id, name, starts_on, ends_on; specific, measurable,
        achievable, relevant, time_bound (whether all their fields are filled), complete (all
        five), scoped (whether the scope is stated), lacking (the fields that are empty, in the
        order of the rules).
    """
    set_ = goals.filter(pl.col("goal").is_not_null()).select("campaign_id").unique()
    set_ = set_.with_columns(goal=pl.lit(value=True))
    rows = campaigns.join(set_, on="campaign_id", how="left", validate="1:1")
    smart = {name: _filled(fields) for name, fields in rule.smart.items()}
    asked = dict.fromkeys([*(each for some in rule.smart.values() for each in some), *rule.scope])
    empty = [
        pl.when(~_there(name)).then(pl.lit(name)).otherwise(pl.lit(None, pl.String))
        for name in asked
    ]
    return rows.select(
        *("campaign_id", "name", "starts_on", "ends_on"),
        **smart,
        complete=pl.all_horizontal(*smart.values()),
        scoped=_filled(rule.scope),
        lacking=pl.concat_list(empty).list.drop_nulls(),
    )


def _filled(fields: tuple[str, ...]) -> pl.Expr:
    return pl.all_horizontal([_there(name) for name in fields])


def _there(name: str) -> pl.Expr:
    """Whether a field says something; blanks say nothing."""
    blank = pl.col(name).cast(pl.String).str.strip_chars() == ""
    return pl.col(name).is_not_null() & ~blank.fill_null(value=False)


def tasks(rows: pl.LazyFrame, campaigns: pl.LazyFrame, rule: Rule, *, as_of: date) -> pl.LazyFrame:
    """Every task with how it stands.

    done: by its last planned day; late: after it; overdue: open, and that day is over; running:
    begun, or its first planned day has come; ahead: neither. What its CRM does not tell of days
    has no state.

    Returns:
        One row per task of a known campaign: task_id, campaign_id, campaign, phase, name, owner,
        planned_start_on, planned_end_on, started_on, ended_on (null if later than as_of),
        criteria, state, late_days (days after the plan, up to as_of if open; 0 if in time),
        broken_down (all the rule asks for is named), judged (its last planned day is over:
        finishing early says nothing of those that still have time); sorted by campaign, place of
        the phase, planned_start_on, task_id.
    """
    end, plan = pl.col("ended_on"), pl.col("planned_end_on")
    begun = pl.min_horizontal("planned_start_on", "started_on") <= as_of
    phase = pl.col("phase").replace_strict(
        {code: place for place, code in enumerate(rule.phases)},
        default=len(rule.phases),
        return_dtype=pl.Int64,
    )
    over = (plan < as_of).fill_null(value=False)
    known = campaigns.select("campaign_id", campaign="name")
    return (
        rows.join(known, on="campaign_id", how="inner", validate="m:1")
        .with_columns(
            ended_on=pl.when(end <= as_of).then(end),
            started_on=pl.when(pl.col("started_on") <= as_of).then("started_on"),
        )
        .with_columns(
            judged=over,
            state=pl.when(plan.is_null())
            .then(pl.lit(None, pl.String))
            .when(end <= plan)
            .then(pl.lit(DONE))
            .when(end.is_not_null())
            .then(pl.lit(LATE))
            .when(over)
            .then(pl.lit(OVERDUE))
            .when(begun)
            .then(pl.lit(RUNNING))
            .otherwise(pl.lit(AHEAD)),
            late_days=(pl.coalesce(end, pl.lit(as_of)) - plan).dt.total_days().clip(0),
            broken_down=_filled(rule.task_fields),
        )
        .sort("campaign_id", phase, "planned_start_on", "task_id", nulls_last=True)
    )


def _task_figures(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {
        **intervals.share("on_time", counts["kept"], counts["due"]),
        "broken_down_share": ratio(counts["broken"], counts["tasks"]),
    }


TASKS = Additive(
    {
        "tasks": pl.len().cast(pl.Int64),
        "broken": count(pl.col("broken_down")),
        "due": count(pl.col("judged")),
        "kept": count(pl.col("judged") & (pl.col("state") == DONE)),
    },
    _task_figures,
)
"""Tasks done by their last planned day ÷ tasks whose last planned day is over, with Wilson's
interval; tasks with phase, owner, days and criteria ÷ tasks. Over `tasks`."""


def reviews(campaigns: pl.LazyFrame, rule: Rule, *, as_of: date) -> pl.LazyFrame:
    """The reviews of campaigns that have ended.

    Returns:
        One row per ended campaign: campaign_id, name, ends_on, due_on (so many working days after
        the end), reviewed_on, state (on_time; late: held after; overdue: not held, time is over;
        waiting), judged (its time is over).
    """
    held = pl.when(pl.col("reviewed_on") <= as_of).then("reviewed_on")
    due, done = pl.col("due_on"), pl.col("reviewed_on")
    return (
        campaigns.filter(pl.col("ends_on") <= as_of)
        .select(
            *("campaign_id", "name", "ends_on"),
            reviewed_on=held,
            due_on=working_days_after(pl.col("ends_on"), rule.review_days),
        )
        .with_columns(
            judged=due < as_of,
            state=pl.when(done <= due)
            .then(pl.lit(ON_TIME))
            .when(done.is_not_null())
            .then(pl.lit(LATE))
            .when(due < as_of)
            .then(pl.lit(OVERDUE))
            .otherwise(pl.lit(WAITING)),
        )
    )


def _kept(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return intervals.share("on_time", counts["kept"], counts["due"])


CLOCK = Additive(
    {
        "due": count(pl.col("judged")),
        "kept": count(pl.col("judged") & (pl.col("state") == ON_TIME)),
    },
    _kept,
)
"""What was done within its time ÷ what had a time that is over, with Wilson's interval. Over
`reviews`, and `course.triggers`."""


def _planned(counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {
        "smart_share": ratio(counts["smart"], counts["campaigns"]),
        "scoped_share": ratio(counts["scoped"], counts["campaigns"]),
    }


PLANS = Additive(
    {
        "campaigns": pl.len().cast(pl.Int64),
        "smart": count(pl.col("complete")),
        "scoped": count(pl.col("scoped")),
    },
    _planned,
)
"""Campaigns whose objective is SMART, and whose scope is stated, ÷ campaigns. Over `plans`."""
