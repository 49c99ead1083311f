"""The scorecard's own measures: value of a customer, and what an assessment says of the company."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_ORDERS = ("orders.ordered_at", "orders.amount", "orders.customer_id")

KPIS = (
    Kpi("customer_value_growth", "scorecard", Unit.SHARE, Better.UP, _ORDERS, ("S3",)),
    Kpi("clv_formula", "scorecard", Unit.MONEY, Better.UP, _ORDERS, ("S2", "S3")),
    Kpi("clv_formula_core", "scorecard", Unit.MONEY, Better.UP, _ORDERS, ("S0",)),
    Kpi(
        "crm_rank",
        "scorecard",
        Unit.SHARE,
        Better.DOWN,
        ("assessments.rank_percent",),
        ("S0",),
    ),
)
