"""Panels of the churn risk page: the sentence, the cards, the drivers."""

from __future__ import annotations

from dataclasses import replace

from dashboard import i18n, kpi
from dashboard.answers import churn_risk, model_quality, warnings
from dashboard.i18n import t
from dashboard.panels import untold
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.churn.regime import PURCHASES, Regime
from metrics.churn.summary import at_risk_probability

_CARDS = (
    "customers_at_risk",
    "revenue_at_risk",
    "customers_warned",
    "churned_customers",
    "win_back_rate",
    "year_survival",
)


def cards(view: View) -> None:
    """The headline figures; what keeps the rules' definition says so beside another one."""
    found = churn_risk.headline(view) | warnings.headline(view.by_the_rules())
    readings = {key: found[key] for key in _CARDS}
    at_risk = readings["revenue_at_risk"].value
    range_ = model_quality.expected(view, at_risk) if at_risk else None
    if range_ is not None and view.definition is None:
        low, high = (kpi.money(bound) for bound in range_)
        told = t("risk.realised", low=low, high=high)
        readings["revenue_at_risk"] = replace(readings["revenue_at_risk"], note=told)
    if view.definition is not None:
        for key in ("year_survival", "customers_warned"):
            readings[key] = replace(readings[key], note=t("risk.by_the_rules"))
    kpi.row([(KPIS[key], reading) for key, reading in readings.items()])


def lead(view: View) -> str:
    """The first sentence: how many may leave, and what would go with them."""
    readings = churn_risk.headline(view)
    if readings["churned_customers"].value is None:
        return untold.sentence("churned_customers", readings["churned_customers"])
    found = churn_risk.summary(view)
    if not found["scored"]:
        return t(
            "risk.lead.no_model",
            churned=i18n.number(found["churned"]),
            buyers=i18n.number(found["buyers"]),
        )
    return t(
        "risk.lead.model",
        at_risk=i18n.number(found["at_risk"]),
        scored=i18n.number(found["scored"]),
        may_churn=i18n.number(found["may_churn"]),
        share=_share(found["revenue_at_risk"], found["revenue_scored"]),
        money=kpi.money(found["revenue_at_risk"]),
        p=i18n.share(at_risk_probability(), 0),
    )


def _share(part: float, whole: float) -> str:
    return i18n.share(part / whole) if whole > 0 else i18n.DASH


def refusal(view: View, regime: Regime = PURCHASES) -> str:
    """Why there is no model, in one sentence."""
    code, details = churn_risk.refusal(view, regime)
    words = "risk.refusal" if regime is PURCHASES else "contract.refusal"
    key = f"{words}.{code or 'unknown'}"
    known = i18n.words(i18n.language())
    return t(key if key in known else f"{words}.unknown", **details)
