"""Experiments, scripts, rules and articles: what is tried, and what is made ready."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers.contact import by_topic, inside, of_contacts, topics
from dashboard.answers.deleted import beside
from dashboard.settings import settings
from dashboard.view import View
from metrics.contact.experiments import drawn, failure_cost, innovation_days, modes_tested
from metrics.contact.flags import text_fits
from metrics.contact.rule import fit
from metrics.contact.topics import COUPON, PURPOSE, SCRIPT
from metrics.measure import count


@data.once
def lifts(view: View, outcome: str) -> pl.DataFrame:
    """Every experiment with its lift by an outcome, the latest first; see `experiments.lifts`."""
    rows = data.frame(view, "experiment_lifts").filter(pl.col("outcome") == outcome)
    return rows.drop("outcome").collect()


@data.once
def modes(view: View) -> tuple[int, int]:
    """Experiments begun in the last year, and different modes among them."""
    rows = data.frame(view, "experiments")
    return modes_tested(rows, as_of=data.as_of(view, "experiments")).row(0)


@data.once
def failures(view: View) -> dict[str, float | None]:
    """What failed experiments cost, and the budget they are a share of; see `failure_cost`."""
    rows = failure_cost(
        data.frame(view, "experiments"),
        data.frame(view, "budget_months"),
        settings().currency,
        as_of=data.as_of(view, "experiments"),
    )
    return rows.row(0, named=True)


@data.once
def days_of_innovation(view: View) -> tuple[int, int]:
    """Innovation days held, and due, in the last year."""
    events = data.frame(view, "governance_events")
    return innovation_days(events, as_of=data.as_of(view, "governance_events")).row(0)


@data.answer
def scenarios(view: View) -> tuple[int, int]:
    """Purposes of our contacts in the period for which a rule asks, and all purposes."""
    told = by_topic(view, PURPOSE)
    return told.filter(pl.col("by_rule") > 0).height, told.height


@data.answer
def scripts(view: View) -> int:
    """Categories of scripts used in the period."""
    return by_topic(view, SCRIPT).height


@data.answer
def coupons(view: View) -> tuple[int, int]:
    """Coupons of the period that suit the tier, and those judged."""
    told = inside(view, topics(view, COUPON))
    return told.select(pl.col("fits", "fit_judged").sum()).row(0)


def coupons_by_fit(view: View, verdict: str) -> pl.LazyFrame:
    """Coupons of the period that suit the tier of their day (yes), or not (no), the latest first.

    Returns:
        Coupon facts with name (the customer's; null of who is unknown or deleted since).
    """
    period = topics(view, COUPON).period(view)
    given = data.selected(of_contacts(view), "coupon_facts").filter(
        period.holds(pl.col("issued_on"))
    )
    judged = ~pl.col("is_control").fill_null(value=False)
    told = text_fits("kind", judged, fit(view.scheme), "coupons")
    asked, suits = (each.fill_null(value=False) for each in told)
    which = suits if verdict == "yes" else asked & ~suits
    rows = given.filter(which).sort("issued_on", "coupon_id", descending=[True, False])
    names = data.frame(view, "customer_mart").select("customer_id", "name")
    return rows.join(names, on="customer_id", how="left", validate="m:1", maintain_order="left")


GROUPS = ("tried.yes", "tried.no", "control.yes", "control.no")
"""Members of an experiment: on whom something was tried, or not; who did what was hoped for."""


def _members(view: View, experiment: str, outcome: str) -> pl.LazyFrame:
    """The members that a lift counts, of those the reader may see, with their `group`."""
    rows = data.frame(view, "experiment_members").filter(pl.col("experiment_id") == experiment)
    known = drawn(rows, outcome, as_of=data.as_of(view, "experiment_members"))
    side = pl.when("held").then(pl.lit("control.")).otherwise(pl.lit("tried."))
    did = pl.when(outcome).then(pl.lit("yes")).otherwise(pl.lit("no"))
    return known.with_columns(group=side + did)


@data.once
def members_counted(view: View, experiment: str, outcome: str) -> dict[str, int]:
    """How many members of an experiment are in each of `GROUPS`."""
    groups = {name: count(pl.col("group") == name) for name in GROUPS}
    return _members(view, experiment, outcome).select(**groups).collect().row(0, named=True)


def members(view: View, experiment: str, outcome: str, group: str) -> pl.LazyFrame:
    """The members of an experiment in one of `GROUPS`, with what customer_mart knows.

    Not sorted; a row of nulls of who is deleted since.
    """
    mine = _members(view, experiment, outcome).filter(pl.col("group") == group)
    rows = mine.select("customer_id", "variant", "assigned_on", "engaged", "converted")
    return beside(rows, data.frame(view, "customer_mart"))


@data.answer
def articles(view: View) -> tuple[int, int]:
    """Articles published in the period, and all published by the end of it."""
    as_of = data.as_of(view, "articles")
    period = view.period(as_of, data.first_day(view, "articles", "published_on"))
    day = pl.col("published_on")
    told = data.frame(view, "articles").select(
        new=count(period.holds(day)), all=count(day < period.end)
    )
    return told.collect().row(0)
