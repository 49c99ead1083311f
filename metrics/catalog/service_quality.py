"""Service quality: solved at once and for good, handed over well, mended, checked, trained."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_TICKET = ("tickets.created_at",)
_SAME = ("tickets.customer_id", "tickets.category")
_SOLVED = ("tickets.resolved_at/closed_at",)
_HANDED = ("hand_overs.handed_at", "hand_overs.picked_up_at")
_CALLS = ("interactions.answered",)
_BOT = ("tickets.bot",)
_STAFF = ("employees.role",)
_LEDGER = ("rectifications.raised_at",)
_CHECKS = ("quality_checks.checked_at",)
_REVIEWS = ("governance_events.due_on",)
_COMPLAINTS = ("tickets.kind",)


def _good(key: str, unit: Unit, better: Better, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, "service_quality", unit, better, needs, sources)


def _mended(key: str, unit: Unit, better: Better, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, "rectification", unit, better, needs, sources)


KPIS = (
    _good(
        "first_contact_resolution",
        Unit.SHARE,
        Better.UP,
        ("tickets.first_contact", *_SOLVED, *_SAME),
        "S2",
    ),
    _good("resolution_30d", Unit.SHARE, Better.UP, _SOLVED, "S2"),
    _good("recurrence", Unit.SHARE, Better.DOWN, (*_SOLVED, *_SAME), "S2"),
    _good("repeat_contact", Unit.SHARE, Better.DOWN, _SAME, "S2"),
    _good("reopen_rate", Unit.SHARE, Better.DOWN, ("tickets.reopened",), "S2"),
    _good("resolution_hours", Unit.HOURS, Better.DOWN, _SOLVED, "S2"),
    _good(
        "hand_over_continuity",
        Unit.SHARE,
        Better.UP,
        (*_HANDED, "hand_overs.history_carried"),
        "S2",
    ),
    _good("hand_over_minutes", Unit.MINUTES, Better.DOWN, _HANDED, "S2"),
    _good("peak_answer_rate", Unit.SHARE, Better.UP, _CALLS, "S2"),
    _good("calls_answered", Unit.SHARE, Better.UP, _CALLS, "S2"),
    _good("calls_in_time", Unit.SHARE, Better.UP, (*_CALLS, "interactions.waited_seconds"), "S4"),
    _good("voice_hours", Unit.COUNT, Better.UP, _CALLS, "S3"),
    _good("bot_containment", Unit.SHARE, Better.UP, _BOT, "S2", "S4"),
    _good("consult_bot_first", Unit.SHARE, Better.UP, _BOT, "S2"),
    _good("ticket_owned", Unit.SHARE, Better.UP, ("tickets.agent_id",), "S2", "S4"),
    _good("knowledge_accuracy", Unit.SHARE, Better.UP, ("knowledge_queries.correct",), "S2"),
    _good(
        "knowledge_push",
        Unit.SHARE,
        Better.UP,
        ("knowledge_queries.pushed", "knowledge_queries.ticket_id"),
        "S3",
    ),
    _good("agent_competency", Unit.SHARE, Better.UP, ("trainings.passed", *_STAFF), "S2", "S3"),
    _good("training_passed", Unit.SHARE, Better.UP, ("trainings.passed",), "S3"),
    _good("success_manager_share", Unit.SHARE, Better.UP, _STAFF, "S3"),
    _mended("rectification_overdue", Unit.COUNT, Better.DOWN, _LEDGER, "S0"),
    _mended("rectification_on_time", Unit.SHARE, Better.UP, _LEDGER, "S0"),
    _mended("customers_informed", Unit.SHARE, Better.UP, ("rectifications.informed_at",), "S0"),
    _mended("ledger_complete", Unit.SHARE, Better.UP, _LEDGER, "S0"),
    _mended("loop_verified", Unit.SHARE, Better.UP, _TICKET, "S0", "S3"),
    _mended(
        "communication_complaints",
        Unit.SCORE,
        Better.DOWN,
        (*_COMPLAINTS, "tickets.cause"),
        "S0",
    ),
    _mended("complaint_rate", Unit.SCORE, Better.DOWN, _COMPLAINTS, "S0", "S3"),
    _mended("qa_compliance", Unit.SHARE, Better.UP, ("quality_checks.compliant",), "S2"),
    _mended("operation_consistency", Unit.SHARE, Better.UP, ("quality_checks.consistent",), "S3"),
    _mended("qa_sample", Unit.SHARE, Better.UP, _CHECKS, "S3"),
    _mended("qa_record_complete", Unit.SHARE, Better.UP, _CHECKS, "S3"),
    _mended("mystery_visits", Unit.COUNT, Better.UP, _CHECKS, "S3"),
    _mended("service_analyses", Unit.COUNT, Better.UP, _REVIEWS, "S2"),
    _mended("sop_assessments", Unit.COUNT, Better.UP, _REVIEWS, "S3"),
    _mended("service_awards", Unit.COUNT, Better.UP, _REVIEWS, "S3"),
    _mended("vendor_meetings", Unit.SHARE, Better.UP, _REVIEWS, "S3"),
    _mended("service_reviews", Unit.SHARE, Better.UP, _REVIEWS, "S3", "S4"),
)
