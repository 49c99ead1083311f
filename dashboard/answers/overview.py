"""What the overview asks: the headline promises, worst first."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.answers import (
    budget_choice,
    budget_headline,
    churn_list,
    churn_risk,
    gaps,
    lifecycle,
    lifecycle_headline,
    service_headline,
    voice,
    worklist,
)
from dashboard.answers.worklist import Choice
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from data_access.workspace import WorkspaceError
from metrics.catalog import KPIS

_LISTED = 8  # whom to contact first
_RANK = {"bad": 0, "watch": 1, "neutral": 2, "good": 3}


@data.answer
@gaps.named
def promises(view: View) -> dict[str, Reading]:
    """The seven headline readings: missed ones first, those without a value last."""
    voices, services = voice.headline(view), service_headline.promises(view)
    sla = "source_sla" if "source_sla" in services else "sla_attainment"
    readings = {
        "nps": voices["nps"],
        "csat": voices["csat"],
        "annual_retention": _retention(view),
        sla: services[sla],
        "budget_variance": budget_headline.headline(view, budget_choice.default(view))[
            "budget_variance"
        ],
        "revenue_at_risk": churn_risk.headline(view)["revenue_at_risk"],
    }
    if "feedback_response" in services:
        readings["feedback_response"] = services["feedback_response"]
    order = sorted(readings, key=lambda key: _order(key, readings[key]))
    return {key: readings[key] for key in order}


def contact_first(view: View) -> tuple[pl.LazyFrame, Choice | None]:
    """Whom to contact first: most revenue at risk, nobody following them up.

    Without a workspace, whoever has most revenue at risk.

    Returns:
        Rows as of `worklist.candidates`, with reason; and what decides them beside the view.
    """
    try:
        choice = worklist.choose(capacity=0)
    except WorkspaceError:
        choice = None
    rows = churn_risk.customers(view) if choice is None else worklist.candidates(view, choice)
    best = rows.filter(pl.col("revenue_at_risk") > 0).sort(
        "revenue_at_risk", "customer_id", descending=[True, False]
    )
    return churn_list.with_reasons(best.head(_LISTED)), choice


def _retention(view: View) -> Reading:
    if lifecycle.stages(view)["customers"].sum() == 0:
        return unavailable("no_customers")
    return lifecycle_headline.annual_retention(view)


def _order(key: str, reading: Reading) -> int:
    return 9 if reading.value is None else _RANK[KPIS[key].judge(reading.value, reading.baseline)]
