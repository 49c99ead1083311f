"""Experiments, scripts, rules and articles: what is tried, and what is made ready."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers.contact import by_topic, inside, topics
from dashboard.settings import settings
from dashboard.view import View
from metrics.contact.experiments import failure_cost, innovation_days, modes_tested
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
