"""The cards of the campaign page, and every other measure of its area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import campaigns, gaps
from dashboard.answers.over_time import Asked, Topic, now_and_earlier, reading, readings
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.campaigns import course, evaluation, members, plan
from metrics.campaigns.rule import rule
from metrics.measure import count
from metrics.selection import Period
from metrics.standardised import Difference, difference
from metrics.trends import Additive

CARDS = (
    *("campaign_participation", "campaign_repurchase", "campaign_satisfaction"),
    *("cost_per_participant", "campaign_tasks_on_time", "campaign_lift", "early_promotions"),
)
_HUNDRED = 100


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Every measure of the area, those of the cards first."""
    found = _results(view) | _costs(view) | _kept(view) | _others(view)
    return {key: found[key] for key in (*CARDS, *(key for key in found if key not in CARDS))}


def cards(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The readings of the cards."""
    return {key: readings[key] for key in CARDS}


def _results(view: View) -> dict[str, Reading]:
    what, over, closed = campaigns.outcomes(view), campaigns.ended(view), campaigns.bought(view)

    def told(figure: str, n: str, reason: str = "no_campaigns", what: Additive = what) -> Asked:
        return Asked(what, figure, (n,), reason)

    complained, still = "complaints_known", "campaign_window_open"
    change, nobody = "complaint_change", "no_campaign_complaints"
    asked = {
        "campaign_participation": told("participation", "invited"),
        "campaign_satisfaction": told("satisfaction", "scores", "no_campaign_scores"),
        "campaign_conversion": told("conversion", "conversion_known", still),
        "campaign_reach": told("reach", "targets"),
        "campaign_form_fit": told("fit", "formed", "no_campaign_form_rule"),
        "complaint_change": told(change, complained, nobody),
        "complaint_rate_before": told("complaint_rate_before", complained, still),
        "complaint_rate_after": told("complaint_rate_after", complained, still),
        "complaint_change_control": told(change, complained, nobody, members.CONTROL_COMPLAINTS),
    }
    bought = {"campaign_repurchase": told("repurchase", "joined", still)}
    joined = {"interaction_participation": told("participation", "invited", "no_campaign_forms")}
    return {
        **readings(over, view, asked),
        **readings(closed, view, bought),
        **readings(campaigns.interactive(view), view, joined),
        "campaign_lift": _lift(view),
    }


def lift(rows: pl.LazyFrame) -> Difference:
    """Conversion of all targets minus that of those held out, within campaigns."""
    treated = ~pl.col("is_control").fill_null(value=False)
    return difference(rows, pl.col("converted"), treated, ("campaign_id",))


def _lift(view: View) -> Reading:
    topic = campaigns.bought(view)
    period = topic.period(view)
    found = lift(campaigns.inside(topic, period))
    if found.value is None:
        return unavailable("no_campaign_control")
    before, year_ago = (_earlier(topic, days) for days in view.earlier(period))
    low, high = (None if each is None else _HUNDRED * each for each in (found.low, found.high))
    n = found.n + found.n_control
    return Reading(_HUNDRED * found.value, before, year_ago, n=n, low=low, high=high)


def _earlier(topic: Topic, days: Period | None) -> float | None:
    known = topic.known(days)
    value = None if known is None else lift(campaigns.inside(topic, known)).value
    return None if value is None else _HUNDRED * value


def _costs(view: View) -> dict[str, Reading]:
    """What campaigns cost for each of everybody in them: not of a part, which the reader sees."""
    topic = campaigns.costs(view)
    told = {
        "cost_per_participant": ("per_participant", "paid_participants"),
        "cost_per_reached": ("per_reached", "paid_reached"),
        "budget_per_participant": ("budget_per_participant", "budgeted_participants"),
    }
    asked = {
        key: Asked(evaluation.COSTS, figure, (n,), "no_campaign_costs")
        for key, (figure, n) in told.items()
    }
    surveyed = evaluation.surveyed(rule())
    also = {"campaigns_surveyed": Asked(surveyed, "surveyed", ("ended",), "no_campaigns")}
    if not view.principal.sees_everything:
        return dict.fromkeys(asked | also, unavailable("whole_company"))
    found = readings(topic, view, asked | also)
    return found | {key: _in_units(found[key]) for key in asked}


def _in_units(found: Reading) -> Reading:
    """Money in whole units, as its target is written."""
    return found.divided(10 ** settings().money_scale)


def _kept(view: View) -> dict[str, Reading]:
    """What is told of campaigns as a whole, whatever customers are chosen."""

    def told(
        rows: pl.DataFrame, table: str, day: str, asked: dict[str, Asked]
    ) -> dict[str, Reading]:
        first: Any = rows[day].min() if rows.height else None
        as_of = data.as_of(view, table)
        return readings(Topic(rows.lazy(), day, as_of, first or as_of), view, asked)

    def of(what: Additive, figure: str, n: str, reason: str = "no_campaigns") -> Asked:
        return Asked(what, figure, (n,), reason)

    log, clock = "no_campaign_log", plan.CLOCK
    tasks = {
        "campaign_tasks_on_time": of(plan.TASKS, "on_time", "due", "no_campaign_tasks"),
        "campaign_tasks_complete": of(
            plan.TASKS, "broken_down_share", "tasks", "no_campaign_tasks"
        ),
    }
    plans = {
        "campaign_plans_smart": of(plan.PLANS, "smart_share", "campaigns"),
        "campaign_scope_stated": of(plan.PLANS, "scoped_share", "campaigns"),
    }
    days = {
        "campaign_days_tracked": of(course.LOG, "tracked_share", "days"),
        "community_activity": of(course.LOG, "community", "members", log),
        "call_connect": of(course.LOG, "connect", "calls", log),
    }
    reviewed = {"campaign_reviewed": of(clock, "on_time", "due", "no_campaign_reviews")}
    adjusted = {"campaign_adjusted": of(clock, "on_time", "due", "no_campaign_triggers")}
    triggers = told(campaigns.triggers(view), "campaigns", "due_on", adjusted)
    if not view.principal.sees_everything:
        triggers = {"campaign_adjusted": unavailable("whole_company")}
    return {
        **told(campaigns.tasks(view), "campaign_tasks", "planned_end_on", tasks),
        **told(campaigns.plans(view), "campaigns", "starts_on", plans),
        **told(campaigns.reviews(view), "campaigns", "due_on", reviewed),
        **triggers,
        **told(campaigns.days(view), "campaigns", "day", days),
    }


def _no_figures(_counts: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    return {}


_EARLY = Additive({"early": pl.len().cast(pl.Int64)}, _no_figures)
_EVENTS = Additive(
    {
        "events": pl.struct("campaign_id", "form").n_unique().cast(pl.Int64),
        "invited": count(pl.col("form").is_not_null()),
    },
    _no_figures,
)


def early(view: View) -> Topic:
    """Promotions that reached a customer with an open complaint, by their day."""
    earliest = data.first_day(view, "early_promotions", "sent_on")
    rows = data.selected(view, "early_promotions")
    return Topic(rows, "sent_on", data.as_of(view, "interactions"), earliest)


def events(view: View) -> Topic:
    """Those invited to the company's own events."""
    found = campaigns.ended(view)
    return replace(found, rows=found.rows.filter(pl.col("form").is_in(rule().forms["events"])))


def _others(view: View) -> dict[str, Reading]:
    held = now_and_earlier(events(view), _EVENTS, view)
    now, before, year_ago = ({**each}.get("events") for each in held)
    return {
        "early_promotions": reading(early(view), _EARLY, view, figure="early", n=("early",)),
        "interactive_events": Reading(now, before, year_ago, n=held[0]["invited"]),
    }
