"""Promises: what customers say, and how they are served."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_SOLVED = ("tickets.resolved_at/closed_at",)

KPIS = (
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
)
