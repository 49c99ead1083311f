"""Customers: tiers, lifecycle, churn risk, the work on it and the quality of forecasts."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_ORDERS = ("orders.ordered_at", "orders.amount", "orders.customer_id")

KPIS = (
    Kpi("annual_retention", "lifecycle", Unit.SHARE, Better.UP, _ORDERS, ("S0", "S2")),
    Kpi("second_order_conversion", "lifecycle", Unit.SHARE, Better.UP, _ORDERS, ("S0", "S3")),
    Kpi("active_customers", "lifecycle", Unit.COUNT, Better.UP, _ORDERS, ("S3",)),
    Kpi("new_customers", "lifecycle", Unit.COUNT, Better.UP, _ORDERS, ("S0",)),
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
    Kpi("recent_win_back", "lifecycle", Unit.SHARE, Better.UP, _ORDERS, ("S0",)),
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
)
