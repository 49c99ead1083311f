"""Money under control, and what it brings: checks of the budget, return, payback, unit costs."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_PLAN = ("budget_lines.planned",)
_SPENT = (*_PLAN, "expenses.amount")
_GAIN = (*_SPENT, "benefits.amount")
_HELD = ("governance_events.held_on",)
_COSTS = ("service_costs.labour",)
_UNIT_COSTS = (*_COSTS, "service_costs.contacts")
_UP, _DOWN, _NEITHER = Better.UP, Better.DOWN, Better.NEITHER


def _control(key: str, unit: Unit, better: Better, *needs: str) -> Kpi:
    return Kpi(key, "budget", unit, better, needs, ("S3",))


def _return(key: str, unit: Unit, better: Better, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, "returns", unit, better, needs, sources or ("S3",))


KPIS = (
    _control("budget_pace", Unit.MONEY, _NEITHER, *_SPENT),
    _control("blocks_exceeded", Unit.COUNT, _DOWN, *_PLAN, "budget_blocks.approved"),
    _control("deviations_investigated", Unit.SHARE, _UP, *_SPENT, "investigations.opened_on"),
    _control("approval_kept", Unit.SHARE, _UP, "expenses.approved_by"),
    _control("operating_month", Unit.AMOUNT, _DOWN, *_SPENT),
    _control("committee_kept", Unit.SHARE, _UP, "budget_decisions.approved"),
    _control("triple_check", Unit.SHARE, _UP, *_HELD),
    _control("fund_reports", Unit.SHARE, _UP, *_HELD),
    _control("rolling_versions", Unit.SHARE, _UP, *_PLAN, "budget_revisions.approved_on"),
    _control("fixed_month", Unit.AMOUNT, _DOWN, "budget_lines.fixed", "expenses.amount"),
    _control("competition_reserve", Unit.SHARE, _UP, *_PLAN, "earmarks.amount"),
    _control("innovation_fund", Unit.SHARE, _UP, *_PLAN, "earmarks.amount"),
    _control("operations_increase", Unit.SHARE, _UP, *_PLAN),
    _control("insurance_cover", Unit.SHARE, _UP, "insurance_policies.insured"),
    _control("premium_share", Unit.SHARE, _DOWN, *_PLAN, "insurance_policies.premium"),
    _control("risks_to_insure", Unit.COUNT, _DOWN, "insurance_policies.retained_cost"),
    _return("return_five_years", Unit.RATIO, _UP, _GAIN),
    _return("return_to_date", Unit.RATIO, _UP, _GAIN),
    _return("payback_technology", Unit.YEARS, _DOWN, _GAIN),
    _return("payback_labour", Unit.YEARS, _DOWN, _GAIN),
    _return("payback_marketing", Unit.YEARS, _DOWN, _GAIN),
    _return("payback_total", Unit.YEARS, _DOWN, _GAIN),
    _return("returns_investigated", Unit.SHARE, _UP, (*_GAIN, "investigations.opened_on")),
    _return("benefit_traced", Unit.SHARE, _UP, ("benefits.driver",)),
    _return("bot_unit_cost", Unit.AMOUNT, _DOWN, _UNIT_COSTS),
    _return("human_unit_cost", Unit.AMOUNT, _DOWN, _UNIT_COSTS),
    _return("bot_saving", Unit.SHARE, _UP, _UNIT_COSTS),
    _return("labour_month", Unit.MONEY, _DOWN, _COSTS, "S2"),
    _return("value_added_coverage", Unit.SHARE, _UP, (*_COSTS, "service_costs.value_added"), "S3"),
    _return("maintenance_cost", Unit.AMOUNT, _DOWN, ("interactions.cost",)),
    _return("acquisition_cost", Unit.AMOUNT, _DOWN, ("customers.acquisition_cost",)),
)
