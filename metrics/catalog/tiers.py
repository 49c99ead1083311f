"""Tiers as the CRM keeps them: how many customers have one, and how many of these are right."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_RECORDS = ("tier_records.tier", "orders.ordered_at")
_REVIEWS = ("tier_records.review_correct",)

KPIS = (
    Kpi("tier_coverage", "tiers", Unit.SHARE, Better.UP, _RECORDS, ("S0",)),
    Kpi("segmentation_accuracy", "tiers", Unit.SHARE, Better.UP, _REVIEWS, ("S0",)),
    Kpi("tier_records_agree", "tiers", Unit.SHARE, Better.UP, _RECORDS, ("S0",)),
    Kpi("segmentation_accuracy_s2", "tiers", Unit.SHARE, Better.UP, _REVIEWS, ("S2",)),
    Kpi("tier_records_agree_s2", "tiers", Unit.SHARE, Better.UP, _RECORDS, ("S2",)),
)
