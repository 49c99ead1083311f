"""The KPIs: key, unit, direction, what they need, where they are asked for, their targets.

The catalogue drives the cards, the definitions page and "cannot be computed because". Its words
(label, definition, formula) are in the locale files under `kpi.<key>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from metrics import rules


class Unit(StrEnum):
    """What a value is counted in; it decides how the value is written."""

    SHARE = "share"
    POINTS = "points"
    SCORE = "score"
    COUNT = "count"
    MONEY = "money"
    DAYS = "days"
    HOURS = "hours"


class Better(StrEnum):
    """Which direction is good. `CLOSER`: closer to zero."""

    UP = "up"
    DOWN = "down"
    CLOSER = "closer"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a source plan: `at_least`, `at_most` or `within` plus or minus `value`."""

    value: float
    role: str
    kind: str
    source: str
    watch: float | None = None
    months_from: int | None = None
    months_to: int | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """One headline measure.

    Attributes:
        key: Stable name; words are under `kpi.<key>`.
        page: The page that explains it.
        needs: Contract columns without which it cannot be computed, as `table.column`, or
            `table.one/other` where either will do.
        sources: The plans that ask for it (S0..S4).
    """

    key: str
    page: str
    unit: Unit
    better: Better
    needs: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """Its targets, the base one first; empty where the plans give none."""
        entries = rules.load("targets").get(self.key, [])
        return tuple(
            sorted((Target(**entry) for entry in entries), key=lambda target: target.role != "base")
        )

    @property
    def target(self) -> Target | None:
        """The target it is judged against."""
        return next(iter(self.targets), None)

    def judge(self, value: float | None) -> str:
        """`good` (target met), `watch`, `bad` (missed), or `neutral` (no target or no value)."""
        target = self.target
        if target is None or value is None:
            return "neutral"
        if target.kind == "within":
            distance = abs(value)
            if distance > target.value:
                return "bad"
            return "watch" if target.watch is not None and distance > target.watch else "good"
        met = value >= target.value if target.kind == "at_least" else value <= target.value
        return "good" if met else "bad"


_PLAN = ("budget_lines.planned",)
_SPENDING = (*_PLAN, "expenses.amount")
_SOLVED = ("tickets.resolved_at/closed_at",)
_ORDERS = ("orders.ordered_at", "orders.amount", "orders.customer_id")

KPIS: dict[str, Kpi] = {
    kpi.key: kpi
    for kpi in (
        Kpi("nps", "voice", Unit.POINTS, Better.UP, ("survey_responses.nps",), ("S0", "S3")),
        Kpi("csat", "voice", Unit.SHARE, Better.UP, ("survey_responses.csat",), ("S0", "S1", "S3")),
        Kpi("csat_mean", "voice", Unit.SCORE, Better.UP, ("survey_responses.csat",), ("S1",)),
        Kpi(
            "response_rate",
            "voice",
            Unit.SHARE,
            Better.UP,
            ("survey_responses.invited_at",),
            ("S1",),
        ),
        Kpi("annual_retention", "lifecycle", Unit.SHARE, Better.UP, _ORDERS, ("S0", "S2")),
        Kpi("second_order_conversion", "lifecycle", Unit.SHARE, Better.UP, _ORDERS, ("S0", "S3")),
        Kpi("active_customers", "lifecycle", Unit.COUNT, Better.UP, _ORDERS, ("S3",)),
        Kpi("new_customers", "lifecycle", Unit.COUNT, Better.UP, _ORDERS, ("S0",)),
        Kpi("sla_attainment", "service", Unit.SHARE, Better.UP, ("tickets.created_at",), ("S2",)),
        Kpi(
            "first_response_attainment",
            "service",
            Unit.SHARE,
            Better.UP,
            ("tickets.first_response_at",),
            ("S0", "S2", "S3", "S4"),
        ),
        Kpi("resolution_attainment", "service", Unit.SHARE, Better.UP, _SOLVED, ("S0",)),
        Kpi(
            "feedback_response",
            "service",
            Unit.SHARE,
            Better.UP,
            ("tickets.first_response_at",),
            ("S0",),
        ),
        Kpi("source_sla", "service", Unit.SHARE, Better.UP, ("tickets.source_sla_met",), ("S2",)),
        Kpi("backlog", "service", Unit.COUNT, Better.DOWN, _SOLVED, ("S2",)),
        Kpi("overdue_tickets", "service", Unit.COUNT, Better.DOWN, _SOLVED, ("S2",)),
        Kpi(
            "first_response_hours",
            "service",
            Unit.HOURS,
            Better.DOWN,
            ("tickets.first_response_at",),
            ("S0", "S2"),
        ),
        Kpi(
            "tickets_created",
            "service",
            Unit.COUNT,
            Better.NEITHER,
            ("tickets.created_at",),
            ("S2",),
        ),
        Kpi(
            "budget_variance",
            "budget",
            Unit.SHARE,
            Better.CLOSER,
            ("budget_lines.planned", "expenses.amount"),
            ("S1", "S3"),
        ),
        Kpi("budget_planned", "budget", Unit.MONEY, Better.NEITHER, _PLAN, ("S3",)),
        Kpi("budget_actual", "budget", Unit.MONEY, Better.NEITHER, _SPENDING, ("S3",)),
        Kpi("budget_forecast", "budget", Unit.MONEY, Better.NEITHER, _SPENDING, ("S3",)),
        Kpi("budget_forecast_variance", "budget", Unit.SHARE, Better.CLOSER, _SPENDING, ("S3",)),
        Kpi("budget_lines_red", "budget", Unit.COUNT, Better.DOWN, _SPENDING, ("S3",)),
        Kpi("revenue", "tiers", Unit.MONEY, Better.UP, _ORDERS, ("S0", "S3")),
        Kpi("top_tier_revenue", "tiers", Unit.SHARE, Better.NEITHER, _ORDERS, ("S0", "S3")),
        Kpi("revenue_12m", "tiers", Unit.MONEY, Better.UP, _ORDERS, ("S0",)),
        Kpi("profit_12m", "tiers", Unit.MONEY, Better.UP, ("orders.profit",), ("S0",)),
        Kpi("clv", "tiers", Unit.MONEY, Better.UP, _ORDERS, ("S0", "S2", "S3")),
        Kpi("top_tier_customers", "tiers", Unit.COUNT, Better.UP, _ORDERS, ("S0",)),
        Kpi("net_tier_moves", "tiers", Unit.COUNT, Better.UP, _ORDERS, ("S0",)),
        Kpi("customers_at_risk", "churn_risk", Unit.COUNT, Better.DOWN, _ORDERS, ("S3",)),
        Kpi("revenue_at_risk", "churn_risk", Unit.MONEY, Better.DOWN, _ORDERS, ("S3",)),
        Kpi("churned_customers", "churn_risk", Unit.COUNT, Better.DOWN, _ORDERS, ("S0", "S1")),
        Kpi("customers_warned", "churn_risk", Unit.COUNT, Better.DOWN, _ORDERS, ("S3",)),
        Kpi("win_back_rate", "churn_risk", Unit.SHARE, Better.UP, _ORDERS, ("S0",)),
        Kpi("year_survival", "churn_risk", Unit.SHARE, Better.UP, _ORDERS, ("S1",)),
        Kpi("forecast_ratio", "model_quality", Unit.SCORE, Better.NEITHER, _ORDERS, ("S3",)),
        Kpi("forecast_order", "model_quality", Unit.SCORE, Better.UP, _ORDERS, ("S3",)),
        Kpi("forecast_skill", "model_quality", Unit.SCORE, Better.UP, _ORDERS, ("S3",)),
        Kpi("list_precision", "model_quality", Unit.SHARE, Better.UP, _ORDERS, ("S3",)),
        Kpi("list_recall", "model_quality", Unit.SHARE, Better.UP, _ORDERS, ("S3",)),
        Kpi("warning_lead", "model_quality", Unit.DAYS, Better.UP, _ORDERS, ("S3",)),
        Kpi("open_plans", "follow_ups", Unit.COUNT, Better.NEITHER, (), ("S3",)),
        Kpi("overdue_plans", "follow_ups", Unit.COUNT, Better.DOWN, (), ("S0", "S3")),
        Kpi("win_back_on_time", "follow_ups", Unit.SHARE, Better.UP, (), ("S0",)),
        Kpi("recheck_on_time", "follow_ups", Unit.SHARE, Better.UP, (), ("S0",)),
        Kpi("plan_completion", "follow_ups", Unit.SHARE, Better.UP, (), ("S3",)),
        Kpi("reactivation", "follow_ups", Unit.SHARE, Better.UP, _ORDERS, ("S0", "S3")),
        Kpi(
            "campaign_conversion",
            "definitions",
            Unit.SHARE,
            Better.UP,
            ("campaign_members.converted",),
            ("S1",),
        ),
    )
}
