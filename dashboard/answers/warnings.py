"""How many customers are warned of, by level, and which rules cannot be asked."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard import data
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.churn.warnings import LEVELS
from metrics.measure import count


@data.answer
def counts(view: View) -> Mapping[str, int | None]:
    """The chosen customers by their level, the strongest first; None for a rule that is off."""
    levels = {level: count(pl.col("warning") == level) for level in LEVELS}
    found = data.customers(view).select(**levels).collect().row(0, named=True)
    off = switched_off(view)
    return {level: None if level in off else found[level] for level in LEVELS}


@data.answer
def warned(view: View) -> Reading:
    """The card: chosen customers with a warning, of those who can still leave."""
    can_leave = pl.col("churned").count() - count(pl.col("churned"))
    told = {"warned": count(pl.col("warning").is_not_null()), "can_leave": can_leave}
    found = data.customers(view).select(**told).collect().row(0, named=True)
    if not found["can_leave"]:
        return unavailable("no_customers" if view.selection.is_everything else "no_rows")
    return Reading(found["warned"], n=found["can_leave"])


def headline(view: View) -> dict[str, Reading]:
    """The reading of the card, by KPI."""
    return {"customers_warned": warned(view)}


@data.once
def switched_off(view: View) -> tuple[str, ...]:
    """The levels whose rule cannot be asked: red, where no answers to contacts are recorded."""
    streaks = pl.col("unanswered_streak").count()
    recorded = data.frame(view, "customer_mart").select(streaks).collect().item()
    return () if recorded else ("red",)
