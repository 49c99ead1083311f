"""What the churn risk page asks: who may leave, how many, what it costs, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from dashboard import churn_models, data
from dashboard.answers import gaps, survival
from dashboard.answers.over_time import SPARK_MONTHS, Topic, frozen, month_is_running
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.calendar import Grain, next_bucket
from metrics.churn.definitions import costs, rescored
from metrics.churn.effects import effects
from metrics.churn.history import COUNTS, baseline_days, last_days
from metrics.churn.model import ChurnModel
from metrics.churn.regime import PURCHASES, REGIMES, Regime
from metrics.churn.summary import RECENT_WIN_BACK, risk_figures, risk_measures
from metrics.measure import measure
from metrics.selection import Period

KEYS = (
    "customers_at_risk",
    "revenue_at_risk",
    "churned_customers",
    "win_back_rate",
    "recent_win_back",
    "year_survival",
)


def model(view: View, regime: Regime = PURCHASES) -> ChurnModel | None:
    """The model that scored this version's customers of a regime; None if there is none."""
    return churn_models.model(data.snapshot(view).manifest.facts, regime)


def is_scored(view: View) -> bool:
    """Whether there is a model of either regime: some companies live on contracts alone."""
    return any(model(view, regime) is not None for regime in REGIMES.values())


def refusal(view: View, regime: Regime = PURCHASES) -> tuple[str, Mapping[str, Any]]:
    """Why no model was fitted: code (empty if unknown, or if one was) and the values it names."""
    return churn_models.refusal(data.snapshot(view).manifest.facts, regime)


def customers(view: View) -> pl.LazyFrame:
    """The chosen customers of the mart, scored by the view's definition of churn.

    Another definition than that of the rules is applied to all 2 million once, in half a second,
    and kept with the version (`definitions.rescored`).
    """
    definition = view.definition
    if definition is None:
        return data.customers(view)
    fitted = model(view)
    return data.changed(
        view.as_assigned(),
        "customer_mart",
        definition,
        lambda rows: rescored(rows, fitted, definition),
    )


@data.answer
def summary(view: View) -> Mapping[str, Any]:
    """The measures of `risk_measures` over the chosen customers."""
    return customers(view).select(**risk_measures()).collect().row(0, named=True)


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Readings of the cards, by KPI: states of today, beside those of earlier month ends.

    Survival after a year has no earlier value: it would need everybody's threshold of that time.
    """
    if not data.present(view, "orders", "customers"):
        return dict.fromkeys(KEYS, unavailable("no_customers"))
    found = summary(view)
    if not found["buyers"]:
        reason = "no_customers" if view.selection.is_everything else "no_rows"
        return dict.fromkeys(KEYS, unavailable(reason))
    unscored = unavailable("not_scored")
    scored = found["scored"]
    return {
        "customers_at_risk": _state(view, "at_risk", n="scored") if scored else unscored,
        "revenue_at_risk": _state(view, "revenue_at_risk", n="scored") if scored else unscored,
        "churned_customers": _state(view, "churned", n="buyers"),
        "win_back_rate": _win_back(view),
        "recent_win_back": _recent_win_back(view),
        "year_survival": survival.after_a_year(view.by_the_rules()),
    }


def _state(view: View, figure: str, *, n: str) -> Reading:
    """A figure of today, with its past; without one if chosen by today's stage.

    Today's stage follows from what came after: who is churned today was not, a year ago.
    """
    found = summary(view)
    reading = Reading(found[figure], n=found[n])
    return _with_past(reading, view, figure) if has_past(view) else reading


def has_past(view: View) -> bool:
    """Whether figures can be held against earlier ones.

    Those are by the rules' definition and by the CRM's owner: beside the customers assigned to
    somebody today, those whom the CRM gave them then would be others.
    """
    return view.definition is None and view.moved is None and not by_stage(view)


def by_stage(view: View) -> bool:
    """Whether customers are chosen by today's stage; then there is no past to show."""
    return view != view.without("stage")


def _win_back(view: View) -> Reading:
    """By the tier before coming back, and whatever today's stage: both follow from it.

    Of 90 days ago, and so by the CRM's owner.
    """
    if view.definition is None:
        now = _past(view).row(-1, named=True)
    else:
        now = _come_backs(view.as_in_the_crm().whenever())
    if now["win_back_rate"] is None:
        return unavailable("nobody_lapsed")
    rate, low, high = (now[f"win_back_rate{end}"] for end in ("", "_low", "_high"))
    reading = Reading(rate, n=now["lapsed"], low=low, high=high)
    return reading if view.definition else _with_past(reading, view, "win_back_rate")


def _recent_win_back(view: View) -> Reading:
    """Of those who left lately, by the definition of the rules, and as `_win_back` else."""
    now = _past(view).row(-1, named=True)
    if now["recent_win_back"] is None:
        return unavailable("nobody_lapsed")
    rate, low, high = (now[f"recent_win_back{end}"] for end in ("", "_low", "_high"))
    reading = Reading(rate, n=now["lapsed_lately"], low=low, high=high)
    return replace(
        _with_past(reading, view, "recent_win_back"), baseline=_recent_win_back_before(view)
    )


def _recent_win_back_before(view: View) -> float | None:
    """Who came back in the four quarters of the year before the programme, taken together."""
    days = baseline_days(settings().programme_start)
    if not set(days) <= set(_stored(view.whenever().without("stage"))["day"]):
        return None
    rows = data.selected(view.whenever().without("stage"), "risk_months")
    quarters = rows.filter(pl.col("day").is_in(days))
    topic = Topic(quarters, "day", data.as_of(view, "orders"), earliest=date.min)
    return frozen(topic, RECENT_WIN_BACK, "recent_win_back")


@data.answer
def _come_backs(view: View) -> Mapping[str, Any]:
    return _then(view, customers).select(**risk_measures()).collect().row(0, named=True)


def _then(view: View, read: Callable[[View], pl.LazyFrame]) -> pl.LazyFrame:
    """The customers chosen by the tier that they had 90 days ago, whatever today's stage."""
    rows, tiers = read(view.without("stage", "tier")), dict(view.selection.filters).get("tier")
    return rows if tiers is None else rows.filter(pl.col("tier_then").is_in(tiers))


def _past(view: View) -> pl.DataFrame:
    """The measures of `risk_figures` at the last month ends, ascending, the last row today's."""
    days = last_days(data.as_of(view, "orders"))  # a programme's baseline has days of its own
    return _stored(view.whenever().without("stage")).filter(pl.col("day").is_in(days))


@data.answer
def _stored(view: View) -> pl.DataFrame:
    counts = {name: pl.col(name).sum() for name in COUNTS}
    figures = {**risk_figures(counts), **RECENT_WIN_BACK.figures(counts)}
    rows = measure(data.selected(view, "risk_months"), "day", **figures)
    days = data.frame(view, "risk_months").select(pl.col("day").unique())
    return days.join(rows, on="day", how="left", validate="1:1").sort("day").collect()


def _with_past(reading: Reading, view: View, figure: str) -> Reading:
    rows, as_of = _past(view), data.as_of(view, "orders")
    before, year_ago = view.earlier_states(as_of)
    return replace(
        reading,
        previous=_at(rows, figure, before),
        last_year=_at(rows, figure, year_ago),
        trend=tuple(rows[figure].tail(SPARK_MONTHS)),
        running=month_is_running(as_of),
    )


def _at(rows: pl.DataFrame, figure: str, days: Period | None) -> float | None:
    """The figure at the end of the month in which these days end, as tiers are told."""
    if days is None:
        return None
    end = next_bucket(days.last_month, Grain.MONTH)
    known = rows.filter(pl.col("day") < end)
    return known[figure][-1] if known.height else None


@data.answer
def definitions(view: View) -> pl.DataFrame:
    """What each definition of churn would say and cost; see `definitions.costs`.

    Of all stages: they follow from coming back, as the tier does. So who came back is told by the
    tier of 90 days ago, as on the card.
    """
    back = _then(view.as_in_the_crm(), data.customers)
    return costs(data.customers(view.without("stage")), back)


@data.answer
def drivers(view: View, regime: str = PURCHASES.name) -> pl.DataFrame:
    """The model's effects in readable steps; see `metrics.churn.effects`; no rows without one.

    They belong to the whole company: filters do not change the model.
    """
    fitted = model(view, REGIMES[regime])
    return effects(fitted) if fitted else pl.DataFrame(schema={"feature": pl.String})


@data.once
def group_drivers(view: View) -> pl.DataFrame:
    """How segments, regions and channels differ from all, driver by driver; of `group_drivers`.

    Of the whole company, by the definition of the rules; no rows without a model.
    """
    return data.frame(view, "driver_groups").collect()
