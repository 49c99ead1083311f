"""The programme: milestones, meetings, drills, risks, suppliers and the innovation fund."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_PAGE = "programme"
_TASKS = ("programme_tasks.planned_end_on",)
_HELD = ("governance_events.held_on",)
_RISKS = ("risks.loss",)
_PAYS = ("risks.loss", "risks.measure_cost")
_SCORES = ("supplier_scores.performance",)
_FUND = ("experiments.cost", "budget_lines.planned")


def _share(key: str, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, _PAGE, Unit.SHARE, Better.UP, needs, sources)


def _few(key: str, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, _PAGE, Unit.COUNT, Better.DOWN, needs, sources)


def _many(key: str, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, _PAGE, Unit.COUNT, Better.UP, needs, sources)


KPIS = (
    _share("milestones_on_time", _TASKS, "S0", "S3"),
    _few("tasks_overdue", _TASKS, "S3"),
    _share("meetings_on_time", _HELD, "S3"),
    _few("meetings_overdue", _HELD, "S3"),
    Kpi("drill_recovery", _PAGE, Unit.MINUTES, Better.DOWN, ("drills.recovery_minutes",), ("S3",)),
    _few("risks_unreviewed", ("risks.reviewed_on",), "S3"),
    _few("suppliers_to_go", _SCORES, "S3"),
    _share("rollout_on_time", _TASKS, "S3"),
    _few("tasks_unowned", ("programme_tasks.owner",), "S3"),
    _many("programme_team", ("programme_tasks.reached", "programme_tasks.milestone"), "S3"),
    _few("programme_months", _TASKS, "S3"),
    _share("weekly_meetings", _HELD, "S3"),
    _share("monthly_reports", _HELD, "S3"),
    _share("strategy_meetings", _HELD, "S3"),
    _share("drill_quarters", _HELD, "S3"),
    _share("training_months", _HELD, "S3"),
    _share("stand_ups", _HELD, "S3"),
    _share("dashboard_checks", _HELD, "S3"),
    _share("quality_weeks", _HELD, "S3"),
    _many("star_awards", _HELD, "S3"),
    _many("risk_reviews", _HELD, "S3"),
    _many("outside_assessments", _HELD, "S3"),
    Kpi("drill_notice", _PAGE, Unit.HOURS, Better.DOWN, ("drills.notice_hours",), ("S3",)),
    _share("drill_satisfaction", ("drills.satisfaction",), "S3"),
    _share("findings_solved", ("drills.finding", "drills.solved_on"), "S3"),
    Kpi("longest_outage", _PAGE, Unit.HOURS, Better.DOWN, ("incidents.ended_at",), ("S3",)),
    Kpi("risks_expected", _PAGE, Unit.MONEY, Better.DOWN, _RISKS, ("S3",)),
    _few("risks_to_protect", _PAYS, "S3"),
    _many("risk_classes", ("risks.risk_class",), "S3"),
    _share("risks_planned", ("risks.measure",), "S3"),
    _share("risks_transferred", ("risks.response",), "S3"),
    _share("suppliers_scored", _SCORES, "S3"),
    Kpi("innovation_fund_used", _PAGE, Unit.SHARE, Better.NEITHER, _FUND, ("S3",)),
)
