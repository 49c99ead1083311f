"""Campaigns: what they reached, cost and brought, and whether plan, log and reviews were kept."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_MEMBERS = ("campaigns.ends_at", "campaign_members.participated")
_FORMS = (*_MEMBERS, "campaign_members.form")
_BOUGHT = (*_MEMBERS, "orders.ordered_at")
_COMPLAINED = ("campaigns.ends_at", "campaign_members.customer_id", "tickets.created_at")
_SPENT = (*_MEMBERS, "campaigns.spent")
_TASKS = ("campaigns.ends_at", "campaign_tasks.planned_end_on")
_COURSE = ("campaigns.ends_at", "campaign_members.participated_at")
_EARLY = ("tickets.created_at", "campaign_members.contacted_at")


def _kpi(key: str, unit: Unit, better: Better, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, "campaigns", unit, better, needs, sources or ("S1",))


KPIS = (
    _kpi("campaign_participation", Unit.SHARE, Better.UP, _MEMBERS),
    _kpi("campaign_repurchase", Unit.SHARE, Better.UP, _BOUGHT),
    _kpi(
        "campaign_satisfaction",
        Unit.SCORE,
        Better.UP,
        (*_MEMBERS, "campaign_members.satisfaction"),
    ),
    _kpi("cost_per_participant", Unit.AMOUNT, Better.DOWN, _SPENT),
    _kpi("campaign_tasks_on_time", Unit.SHARE, Better.UP, _TASKS),
    _kpi("campaign_lift", Unit.GAP, Better.UP, ("campaign_members.is_control",)),
    _kpi("early_promotions", Unit.COUNT, Better.DOWN, _EARLY),
    _kpi("campaign_conversion", Unit.SHARE, Better.UP, ("campaign_members.converted",)),
    _kpi("campaign_reach", Unit.SHARE, Better.UP, ("campaign_members.contacted_at",)),
    _kpi("campaign_adjusted", Unit.SHARE, Better.UP, (*_COURSE, "campaign_days.adjustment")),
    _kpi("campaign_reviewed", Unit.SHARE, Better.UP, ("campaigns.reviewed_at",)),
    _kpi("campaign_plans_smart", Unit.SHARE, Better.UP, ("campaigns.objective",)),
    _kpi("campaign_scope_stated", Unit.SHARE, Better.UP, ("campaigns.target_group",)),
    _kpi("campaign_tasks_complete", Unit.SHARE, Better.UP, (*_TASKS, "campaign_tasks.owner")),
    _kpi("campaign_days_tracked", Unit.SHARE, Better.UP, ("campaign_days.tracked_on",)),
    _kpi("community_activity", Unit.SHARE, Better.UP, ("campaign_days.community_active",)),
    _kpi("call_connect", Unit.SHARE, Better.UP, ("campaign_days.calls",)),
    _kpi("complaint_change", Unit.SHARE, Better.DOWN, _COMPLAINED),
    _kpi("complaint_change_control", Unit.SHARE, Better.NEITHER, _COMPLAINED),
    _kpi("complaint_rate_before", Unit.SHARE, Better.NEITHER, _COMPLAINED),
    _kpi("complaint_rate_after", Unit.SHARE, Better.DOWN, _COMPLAINED),
    _kpi("campaign_form_fit", Unit.SHARE, Better.UP, _FORMS),
    _kpi("interaction_participation", Unit.SHARE, Better.UP, _FORMS, "S0"),
    _kpi("interactive_events", Unit.COUNT, Better.UP, _FORMS, "S4"),
    _kpi("campaigns_surveyed", Unit.SHARE, Better.UP, ("campaign_members.satisfaction",)),
    _kpi("cost_per_reached", Unit.AMOUNT, Better.DOWN, _SPENT),
    _kpi("budget_per_participant", Unit.AMOUNT, Better.DOWN, (*_MEMBERS, "campaigns.budget")),
)
