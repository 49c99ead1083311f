"""The cards of the return page, and every other measure of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from dashboard import data
from dashboard.answers import gaps, returns, unit_costs
from dashboard.answers.over_time import reading
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics.measure import ratio
from metrics.returns import discounted, payback, returned
from metrics.service_cost import SERVICE_COST

CARDS = (
    "return_five_years",
    "return_to_date",
    "payback_technology",
    "payback_labour",
    "payback_marketing",
    "bot_unit_cost",
    "value_added_coverage",
)
_COSTS: dict[str, tuple[str, str]] = {  # figure, and what it rests on
    "bot_unit_cost": ("bot_unit_cost", "bot_contacts"),
    "human_unit_cost": ("human_unit_cost", "human_contacts"),
    "bot_saving": ("saving", "bot_contacts"),
    "labour_month": ("labour_month", "months"),
    "value_added_coverage": ("coverage", "months"),
}
_IN_WHOLE_UNITS = ("bot_unit_cost", "human_unit_cost")


@data.answer
def headline(view: View) -> dict[str, Reading]:
    """Every measure of the page, those of the cards first."""
    asked = {key: gaps.gap(view, key) or ask(view) for key, ask in _ASKED.items()}
    return {key: asked[key] for key in (*CARDS, *(key for key in asked if key not in CARDS))}


def cards(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The readings of the cards."""
    return {key: readings[key] for key in CARDS}


def _five_years(view: View) -> Reading:
    found = discounted(returns.flow(view))
    months = len(returns.flow(view).cost)
    return Reading(found.ratio, n=months) if found.cost else unavailable("no_benefits")


def _to_date(view: View) -> Reading:
    """Cumulative benefit ÷ cost; its trend month by month."""
    rows = returns.flows(view)
    if rows.is_empty():
        return unavailable("no_benefits")
    months = rows.group_by("month").agg(pl.col("cost", "benefit").sum()).sort("month")
    so_far = ratio(pl.col("benefit").cum_sum(), pl.col("cost").cum_sum())
    trend = months.select(so_far).to_series().tail(13).to_list()
    return Reading(returned(rows)["ratio"].item(), n=months.height, trend=tuple(trend))


def _paid_back(subject: str | None) -> Callable[[View], Reading]:
    def read(view: View) -> Reading:
        flow = returns.flow(view, subject)
        if not any(flow.benefit):
            return unavailable("no_benefits")
        found = payback(flow)
        return unavailable("never_back") if found.years is None else Reading(found.years)

    return read


def _investigated(view: View) -> Reading:
    rows = returns.inquiries(view).filter("off")
    if rows.is_empty():
        return unavailable("nothing_deviates")
    return Reading(rows.filter(pl.col("inquiry") != "none").height / rows.height, n=rows.height)


def _traced(view: View) -> Reading:
    """Benefit whose driver is recorded ÷ all benefit, by amount."""
    rows = returns.drivers(view)
    whole = int(rows["amount"].sum())
    if whole <= 0:
        return unavailable("no_benefits")
    return Reading(int(rows.drop_nulls("driver")["amount"].sum()) / whole)


def _cost(key: str) -> Callable[[View], Reading]:
    figure, n = _COSTS[key]

    def read(view: View) -> Reading:
        topic = unit_costs.costs(view)
        found = reading(topic, SERVICE_COST, view, figure=figure, n=(n,), reason="none_recorded")
        return _whole_units(found) if key in _IN_WHOLE_UNITS else found

    return read


def _whole_units(found: Reading) -> Reading:
    return found.divided(10 ** settings().money_scale)


def _maintenance(view: View) -> Reading:
    """Recorded cost of our contacts in twelve months ÷ customers, on average of the month ends."""
    rows = unit_costs.to_serve(view)
    customers, contacts = float(rows["customers"].sum()), int(rows["contacts"].sum())
    if not customers or not contacts:
        return unavailable("none_recorded")
    return _whole_units(Reading(int(rows["cost"].sum()) / customers, n=round(customers)))


def _acquisition(view: View) -> Reading:
    cost, n = unit_costs.won(view)
    return unavailable("none_recorded") if cost is None else _whole_units(Reading(cost, n=n))


_ASKED: dict[str, Callable[[View], Reading]] = {
    "return_five_years": _five_years,
    "return_to_date": _to_date,
    "payback_technology": _paid_back("technology"),
    "payback_labour": _paid_back("labour"),
    "payback_marketing": _paid_back("marketing"),
    "payback_total": _paid_back(None),
    "returns_investigated": _investigated,
    "benefit_traced": _traced,
    **{key: _cost(key) for key in _COSTS},
    "maintenance_cost": _maintenance,
    "acquisition_cost": _acquisition,
}
