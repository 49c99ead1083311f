"""What the campaign page asks: members, plans, tasks, days and reviews of all campaigns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers.over_time import Topic
from dashboard.settings import settings
from dashboard.view import View
from metrics.campaigns import course, evaluation, members, plan
from metrics.campaigns.rule import rule
from metrics.catalog import KPIS
from metrics.measure import measure
from metrics.selection import Period
from metrics.trends import Additive

CAMPAIGNS, MEMBERS = "campaigns", "member_facts"
_USUAL = {
    "participation": "campaign_participation",
    "repurchase": "campaign_repurchase",
    "satisfaction": "campaign_satisfaction",
    "cost": "cost_per_participant",
}


def outcomes(view: View) -> Additive:
    """The measures of members, forms judged by the tier scheme of the view."""
    return members.outcomes(rule().fit.get(view.scheme))


def facts(view: View) -> pl.LazyFrame:
    """Members of campaigns; whether they converted only where time for it is over.

    Before, all who have converted are known and nobody who has not: the share would be 100 %.
    """
    over = pl.col("ends_on") <= _closed(view)
    return data.counted(view, MEMBERS).with_columns(converted=pl.when(over).then("converted"))


def _closed(view: View) -> date:
    """The last end of a campaign whose window of purchases is over."""
    return data.as_of(view, "orders") - timedelta(days=rule().repurchase_days)


def ended(view: View) -> Topic:
    """Members of campaigns, by the day on which the campaign ended."""
    earliest = data.first_day(view, MEMBERS, "ends_on")
    rows = facts(view)
    return Topic(rows, "ends_on", data.as_of(view, CAMPAIGNS), earliest)


def bought(view: View) -> Topic:
    """The same of campaigns whose window of purchases has closed."""
    found = ended(view)
    return replace(found, rows=found.rows.filter(pl.col("ends_on") <= _closed(view)))


def interactive(view: View) -> Topic:
    """The same of those invited to something in which both sides take part."""
    found = ended(view)
    return replace(found, rows=found.rows.filter(pl.col("form").is_in(rule().forms["interactive"])))


def inside(topic: Topic, period: Period) -> pl.LazyFrame:
    """The rows of a topic in a period."""
    return topic.rows.filter(period.holds(pl.col(topic.day)))


def whole(view: View) -> View:
    """The view of everybody: plans, costs and the course of a campaign cannot be filtered."""
    return view.everything()


@data.once
def goals(view: View) -> pl.DataFrame:
    """The targets of campaigns as numbers; see `plan.goals`."""
    return plan.goals(data.frame(view, "campaign_goals")).collect()


@data.once
def plans(view: View) -> pl.DataFrame:
    """What the plan of each campaign says; see `plan.plans`."""
    rows = data.frame(view, CAMPAIGNS)
    return plan.plans(rows, goals(view).lazy(), rule()).collect()


@data.once
def planned(view: View, campaign_id: str) -> dict[str, Any]:
    """The row of one campaign in the CRM."""
    rows = data.frame(view, CAMPAIGNS).filter(pl.col("campaign_id") == campaign_id)
    return rows.collect().row(0, named=True)


@data.once
def tasks(view: View) -> pl.DataFrame:
    """Every task with how it stands; see `plan.tasks`."""
    as_of = data.as_of(view, "campaign_tasks")
    rows = data.frame(view, "campaign_tasks")
    return plan.tasks(rows, data.frame(view, CAMPAIGNS), rule(), as_of=as_of).collect()


@data.once
def reviews(view: View) -> pl.DataFrame:
    """The reviews of campaigns that have ended; see `plan.reviews`."""
    as_of = data.as_of(view, CAMPAIGNS)
    return plan.reviews(data.frame(view, CAMPAIGNS), rule(), as_of=as_of).collect()


@data.once
def days(view: View) -> pl.DataFrame:
    """Every day of every campaign; see `course.days`.

    Where the CRM tells of nobody when they took part, how many have joined is not known.
    """
    found = course.days(
        data.counted(view, MEMBERS),
        data.frame(view, CAMPAIGNS),
        data.frame(view, "campaign_days"),
        as_of=data.as_of(view, CAMPAIGNS),
    ).collect()
    if "participated_at" not in data.lacking(view, "campaign_members"):
        return found
    return found.with_columns(joined=pl.lit(None, pl.Int64), participation=pl.lit(None, pl.Float64))


@data.once
def triggers(view: View) -> pl.DataFrame:
    """When participation was too low, and what was done; see `course.triggers`.

    Of everybody: what only some customers did says nothing of a campaign, so who sees but a part of
    the company is told none.
    """
    found = course.triggers(
        days(view).lazy(),
        data.frame(view, CAMPAIGNS),
        goals(view).lazy(),
        rule(),
        as_of=data.as_of(view, CAMPAIGNS),
    ).collect()
    return found if view.principal.sees_everything else found.clear()


@data.answer
def results(view: View) -> pl.DataFrame:
    """Every campaign that has begun, whatever the period, with what came of it for those chosen.

    Returns:
        The latest first: campaign_id, name, scenario, channel, starts_on, ends_on, budget, spent,
        planned_reach, counts and figures of `outcomes` and `members.LIFT`, running.
    """
    as_of = data.as_of(view, CAMPAIGNS)
    what, lift = outcomes(view), members.LIFT
    counts = {**what.counts, **lift.counts}
    counted = measure(facts(view.whenever()), "campaign_id", **counts)
    known = ("name", "scenario", "channel", "starts_on", "ends_on", "budget", "spent")
    return (
        data.frame(view, CAMPAIGNS)
        .filter(pl.col("starts_on") <= as_of)
        .select("campaign_id", *known, "planned_reach")
        .join(counted, on="campaign_id", how="left", validate="1:1")
        .with_columns(pl.col(list(counts)).fill_null(0))
        .with_columns(
            **what.from_counts(),
            **lift.from_counts(),
            running=(pl.col("ends_on") > as_of).fill_null(value=True),
        )
        .sort("starts_on", "campaign_id", descending=[True, False])
        .collect()
    )


@data.once
def evaluations(view: View) -> pl.DataFrame:
    """The evaluation of every campaign, of everybody in it; see `evaluation.evaluate`.

    Who sees but a part of the company is told no costs: they were spent on all.
    """
    known = results(view)
    if not view.principal.sees_everything:
        known = known.with_columns(spent=pl.lit(None, known.schema["spent"]))
    usual = {
        name: target.value
        for name, key in _USUAL.items()
        if (target := KPIS[key].target) is not None
    }
    return evaluation.evaluate(
        known,
        goals(view),
        usual,
        rule(),
        money_scale=settings().money_scale,
        as_of=data.as_of(view, CAMPAIGNS),
        orders_as_of=data.as_of(view, "orders"),
    )


def costs(view: View) -> Topic:
    """One row per campaign with what it cost, by the day on which it ended; of everybody."""
    rows = results(whole(view)).lazy()
    earliest = data.first_day(view, MEMBERS, "ends_on")
    return Topic(rows, "ends_on", data.as_of(view, CAMPAIGNS), earliest)


GROUPS = ("tier", "form", "channels")


@data.answer
def breakdown(view: View, by: str, campaign_id: str) -> pl.DataFrame:
    """Participation and conversion by tier, form or contact combination.

    Args:
        view: The view.
        by: One of `GROUPS`.
        campaign_id: Of one campaign, or empty: of all that ended in the period.

    Returns:
        The highest participation first: group (null where unknown), counts and figures of
        `outcomes`.
    """
    topic = ended(view)
    if campaign_id:
        rows = facts(view.whenever()).filter(pl.col("campaign_id") == campaign_id)
    else:
        rows = inside(topic, topic.period(view))
    what, over = outcomes(view), pl.col("ends_on") <= _closed(view)
    mine = rows.filter(~pl.col("is_control").fill_null(value=False))
    return (
        measure(
            mine.with_columns(group=by, bought=pl.when(over).then("bought")),
            "group",
            **what.over_rows(),
        )
        .sort("participation", "group", descending=[True, False], nulls_last=True)
        .collect()
    )
