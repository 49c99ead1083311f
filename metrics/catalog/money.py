"""Money: budgets."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_PLAN = ("budget_lines.planned",)
_SPENDING = (*_PLAN, "expenses.amount")

KPIS = (
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
)
