"""The cards of the campaign page, and every other measure of its area."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import campaigns, gaps
from dashboard.answers.over_time import Topic, now_and_earlier, reading
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

    def told(figure: str, n: str, topic: Topic = over, reason: str = "no_campaigns") -> Reading:
        return reading(topic, what, view, figure=figure, n=(n,), reason=reason)

    complained = "complaints_known"
    return {
        "campaign_participation": told("participation", "invited"),
        "campaign_repurchase": told("repurchase", "joined", closed, "campaign_window_open"),
        "campaign_satisfaction": told("satisfaction", "scores", reason="no_campaign_scores"),
        "campaign_conversion": told(
            "conversion", "conversion_known", reason="campaign_window_open"
        ),
        "campaign_reach": told("reach", "targets"),
        "campaign_form_fit": told("fit", "formed", reason="no_campaign_form_rule"),
        "complaint_change": told("complaint_change", complained, reason="no_campaign_complaints"),
        "complaint_rate_before": told(
            "complaint_rate_before", complained, reason="campaign_window_open"
        ),
        "complaint_rate_after": told(
            "complaint_rate_after", complained, reason="campaign_window_open"
        ),
        "complaint_change_control": reading(
            over,
            members.CONTROL_COMPLAINTS,
            view,
            figure="complaint_change",
            n=(complained,),
            reason="no_campaign_complaints",
        ),
        "interaction_participation": told(
            "participation", "invited", campaigns.interactive(view), "no_campaign_forms"
        ),
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
    topic = campaigns.costs(view)
    told = {
        "cost_per_participant": ("per_participant", "paid_participants"),
        "cost_per_reached": ("per_reached", "paid_reached"),
        "budget_per_participant": ("budget_per_participant", "budgeted_participants"),
    }
    found = {
        key: _in_units(
            reading(
                topic, evaluation.COSTS, view, figure=figure, n=(n,), reason="no_campaign_costs"
            )
        )
        for key, (figure, n) in told.items()
    }
    asked = evaluation.surveyed(rule())
    found["campaigns_surveyed"] = reading(
        topic, asked, view, figure="surveyed", n=("ended",), reason="no_campaigns"
    )
    return found


def _in_units(found: Reading) -> Reading:
    """Money in whole units, as its target is written."""
    return found.divided(10 ** settings().money_scale)


def _kept(view: View) -> dict[str, Reading]:
    """What is told of campaigns as a whole, whatever customers are chosen."""

    def told(
        rows: Callable[[View], pl.DataFrame],
        table: str,
        day: str,
        what: Additive,
        figure: str,
        n: str,
        reason: str = "no_campaigns",
    ) -> Reading:
        found = rows(view)
        first: Any = found[day].min() if found.height else None
        as_of = data.as_of(view, table)
        topic = Topic(found.lazy(), day, as_of, first or as_of)
        return reading(topic, what, view, figure=figure, n=(n,), reason=reason)

    log = (campaigns.days, "campaigns", "day", course.LOG)
    done = (campaigns.tasks, "campaign_tasks", "planned_end_on", plan.TASKS)
    made = (campaigns.plans, "campaigns", "starts_on", plan.PLANS)
    return {
        "campaign_tasks_on_time": told(*done, "on_time", "due", "no_campaign_tasks"),
        "campaign_tasks_complete": told(*done, "broken_down_share", "tasks", "no_campaign_tasks"),
        "campaign_plans_smart": told(*made, "smart_share", "campaigns"),
        "campaign_scope_stated": told(*made, "scoped_share", "campaigns"),
        "campaign_reviewed": told(
            *(campaigns.reviews, "campaigns", "due_on", plan.CLOCK, "on_time", "due"),
            "no_campaign_reviews",
        ),
        "campaign_adjusted": told(
            *(campaigns.triggers, "campaigns", "due_on", plan.CLOCK, "on_time", "due"),
            "no_campaign_triggers",
        ),
        "campaign_days_tracked": told(*log, "tracked_share", "days"),
        "community_activity": told(*log, "community", "members", "no_campaign_log"),
        "call_connect": told(*log, "connect", "calls", "no_campaign_log"),
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
