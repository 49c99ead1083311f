"""Voice of the customer: whose score it is, single aspects, feedback, needs, and what follows."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_NPS = ("survey_responses.nps",)
_FEEDBACK = ("feedback.created_at",)


def _rating(key: str, unit: Unit, plan: str, *columns: str) -> Kpi:
    needs = tuple(f"survey_responses.{column}" for column in columns)
    return Kpi(key, "voice", unit, Better.UP, needs, (plan,))


KPIS = (
    Kpi("nps_customers", "voice", Unit.POINTS, Better.UP, _NPS, ("S0", "S3")),
    Kpi("nps_revenue", "voice", Unit.POINTS, Better.UP, (*_NPS, "orders.amount"), ("S0", "S3")),
    _rating("scenario_csat", Unit.SHARE, "S2", "scenario", "csat"),
    _rating("servqual_mean", Unit.SCORE, "S3", "responsiveness"),
    _rating("servqual_tangibles", Unit.SCORE, "S3", "tangibles"),
    _rating("servqual_reliability", Unit.SCORE, "S3", "reliability"),
    _rating("servqual_responsiveness", Unit.SCORE, "S3", "responsiveness"),
    _rating("servqual_assurance", Unit.SCORE, "S3", "assurance"),
    _rating("servqual_empathy", Unit.SCORE, "S3", "empathy"),
    Kpi(
        "responsiveness_weight",
        "voice",
        Unit.SCORE,
        Better.NEITHER,
        (*_NPS, "survey_responses.responsiveness"),
        ("S3",),
    ),
    _rating("csat_product", Unit.SHARE, "S4", "product"),
    _rating("csat_service", Unit.SHARE, "S4", "service"),
    _rating("csat_communication", Unit.SHARE, "S4", "communication"),
    _rating("survey_sample", Unit.COUNT, "S3", "invited_at"),
    Kpi("feedback_count", "voice", Unit.COUNT, Better.NEITHER, _FEEDBACK, ("S0",)),
    Kpi("feedback_sources", "voice", Unit.SHARE, Better.UP, ("feedback.source",), ("S0",)),
    Kpi("feedback_reach", "voice", Unit.SHARE, Better.UP, _FEEDBACK, ("S0",)),
    Kpi("suggestions_per_day", "voice", Unit.SCORE, Better.UP, ("feedback.valid",), ("S3",)),
    Kpi("suggestion_adoption", "voice", Unit.SHARE, Better.UP, ("feedback.adopted_at",), ("S3",)),
    Kpi("need_accuracy", "voice", Unit.SHARE, Better.UP, ("needs.confirmed_need",), ("S0",)),
    Kpi(
        "satisfaction_recovery",
        "voice",
        Unit.SHARE,
        Better.UP,
        ("incidents.ended_at", "survey_responses.csat"),
        ("S3",),
    ),
    Kpi("committee_held", "voice", Unit.COUNT, Better.UP, ("governance_events.held_on",), ("S3",)),
)
