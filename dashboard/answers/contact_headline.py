"""The readings of the contact page: its cards, and the table of all its measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard import data
from dashboard.answers import care, contact_cadence, contact_trials, gaps
from dashboard.answers.contact import PARTS, TABLE, as_of, contacts, inside
from dashboard.answers.contact_channels import WEEK, coverage
from dashboard.answers.contact_frequency import frequency
from dashboard.answers.over_time import Asked, readings
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.contact import measures
from metrics.contact.rule import fit

CARDS = (
    "cadence_compliance",
    "follow_up_coverage",
    "channel_fit",
    "content_fit",
    "positioning_fit",
    "personalised_coverage",
    "contact_response",
)
# By cadence, its KPI.
OF_RULES = {
    "high_exclusive": "cadence_high_exclusive",
    "high_online": "cadence_high_online",
    "mid_online": "cadence_mid_online",
    "basic_reminder": "cadence_basic_reminder",
    "executive": "cadence_executive",
    "gift": "cadence_gift",
    "gold": "cadence_gold",
    "silver": "cadence_silver",
    "bronze": "cadence_bronze",
}
_OF_CHANNEL = {
    "sms_open_rate": ("sms", "opened", "delivered"),
    "email_click_rate": ("email", "clicked", "delivered"),
    "visit_conversion": ("visit", "converted", "result_known"),
}


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of every measure of the page, those of the cards first."""
    told = {**_cadence(view), **_shares(view), **_amounts(view), **_others(view)}
    cards = {key: told[key] for key in CARDS}
    return cards | told


def _share(part: int | None, whole: int | None, reason: str = "no_rows") -> Reading:
    if not whole or part is None:
        return unavailable(reason)
    return Reading(part / whole, n=whole)


def _cadence(view: View) -> dict[str, Reading]:
    """Who is contacted as often as asked; today's state, so nothing to compare with."""
    told, reach = contact_cadence.ranges(view), contact_cadence.reach(view)
    bound = _whole(told["bound"])
    cards = {
        "cadence_compliance": _share(_whole(told["within"]), bound, "nobody_due"),
        "follow_up_coverage": _share(
            _whole(told["rules_met"]), _whole(told["rules_due"]), "nobody_due"
        ),
        "personalised_coverage": _share(reach["personal"], reach["present"]),
        "many_channels": _share(reach["many_channels"], reach["present"]),
        "app_active": _share(reach["app_active"], reach["app_members"], "no_app"),
    }
    for key, state in (("overdue_contacts", "under"), ("over_contacted", "over")):
        number = _whole(told[state])
        cards[key] = Reading(number, n=bound) if bound else unavailable("nobody_due")
    rules = {row["rule"]: row for row in contact_cadence.of_rules(view).iter_rows(named=True)}
    return cards | {key: _rule(rules.get(rule)) for rule, key in OF_RULES.items()}


def _rule(row: Mapping[str, Any] | None) -> Reading:
    """The share of the customers of a cadence who are contacted often enough."""
    if row is None:
        return unavailable("other_scheme")
    if row["met_share"] is None:
        return unavailable("nobody_due")
    return Reading(row["met_share"], n=row["bound"])


def _whole(value: float | None) -> int:
    return int(value or 0)


def _shares(view: View) -> dict[str, Reading]:
    topic = contacts(view)
    asked = {
        key: Asked(measures.share_of(key, part, whole), key, (whole,), "not_recorded")
        for key, (part, whole) in PARTS.items()
    }
    for key, (channel, part, whole) in _OF_CHANNEL.items():
        on_it = pl.col("channel") == channel
        what = measures.share_of(key, part, whole).rolled_up(where=on_it)
        asked[key] = Asked(what, key, (whole,), "not_recorded")
    told = readings(topic, view, asked)
    rule = fit(view.scheme)
    unsaid = {
        "content_fit": not rule.named("contents"),
        "positioning_fit": not rule.named("positionings"),
        "operation_fit": not rule.named("coupons") | rule.named("contents") & {*rule.offers},
    }
    told |= {"operation_fit": _operation(view, told["operation_fit"])}
    return told | {key: unavailable("no_fit_rule") for key, silent in unsaid.items() if silent}


def _operation(view: View, offers: Reading) -> Reading:
    """Offers and coupons together; without coupons, offers alone with their past."""
    fits, judged = contact_trials.coupons(view)
    if not judged:
        return offers
    period = inside(view, contacts(view))
    part, whole = period.select(pl.col(PARTS["operation_fit"]).sum()).row(0)
    return _share(part + fits, whole + judged, "not_recorded")


def _amounts(view: View) -> dict[str, Reading]:
    topic = contacts(view)

    asked = {
        "proactive_share": (measures.PROACTIVE, ("outbound", "inbound")),
        "call_minutes": (measures.CALL_MINUTES, ("calls",)),
        "contact_cost": (measures.CONTACT_COST, ("costed",)),
    }
    wanted = {key: Asked(what, key, n, "not_recorded") for key, (what, n) in asked.items()}
    return {
        **readings(topic, view, wanted),
        "phone_weekly": _volume(view, "phone", WEEK),
        "wechat_daily": _volume(view, "wechat", 1),
        "interaction_frequency": frequency(view),
    }


def _volume(view: View, channel: str, days: int) -> Reading:
    """Contacts on a channel in so many days, over the days of the period that have passed."""
    topic = contacts(view, channel)
    period = topic.period(view)
    rows = inside(view, topic)
    total = int(rows.select((pl.col("outbound") + pl.col("inbound")).sum()).item())
    if not total:
        return unavailable("no_rows")
    return Reading(total * days / max(period.days, 1), n=total)


def _others(view: View) -> dict[str, Reading]:
    """What is counted in small tables: touchpoints, experiments, scripts, articles."""
    asked: dict[str, Callable[[View], Reading]] = {
        "touchpoint_coverage": _touchpoints,
        "touchpoints_connected": lambda each: _number(coverage(each, as_of(each))),
        "wechat_care_on_time": lambda each: care.headline(each)["wechat_care_on_time"],
        "automation_coverage": lambda each: _share(*contact_trials.scenarios(each)),
        "script_categories": lambda each: _some(contact_trials.scripts(each)),
        "modes_tested": _modes,
        "failed_experiment_cost": _failures,
        "innovation_days": lambda each: _number(contact_trials.days_of_innovation(each)),
        "articles_published": lambda each: _number(contact_trials.articles(each)),
    }
    return {key: gaps.gap(view, key) or ask(view) for key, ask in asked.items()}


def _number(told: tuple[int, int]) -> Reading:
    return Reading(told[0], n=told[1]) if told[1] else unavailable("no_rows")


def _some(number: int) -> Reading:
    return Reading(number) if number else unavailable("not_recorded")


def _modes(view: View) -> Reading:
    began, modes = contact_trials.modes(view)
    return Reading(modes, n=began)


def _failures(view: View) -> Reading:
    told = contact_trials.failures(view)
    if told["share"] is None:
        return unavailable("no_plan_of_year")
    return Reading(told["share"], n=_whole(told["failed"]))


def _touchpoints(view: View) -> Reading:
    """Connected ÷ planned, against the day before the programme began."""
    connected, planned = coverage(view, as_of(view))
    if not planned:
        return unavailable("no_rows")
    start = settings().programme_start
    before = None if start is None else _then(view, start)
    return Reading(connected / planned, n=planned, baseline=before)


def _then(view: View, start: date) -> float | None:
    connected, planned = coverage(view, start - timedelta(days=1))
    return connected / planned if connected else None


def nothing(view: View) -> bool:
    """Whether the CRM has no contact at all."""
    if not data.present(view, TABLE):
        return True
    return data.frame(view, "contact_months").limit(1).collect().is_empty()
