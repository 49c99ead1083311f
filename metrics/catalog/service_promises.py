"""Service: every promise of the plans by its own limit, and the times that they want shorter."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit


def _promise(key: str, source: str, needs: str = "tickets.first_response_at") -> Kpi:
    return Kpi(f"sla_{key}", "service", Unit.SHARE, Better.UP, (needs,), (source,))


KPIS = (
    _promise("feedback_general", "S0"),
    _promise("feedback_complex", "S0", "tickets.routed_at"),
    _promise("feedback_major", "S0", "tickets.resolved_at/closed_at"),
    _promise("ticket_urgent", "S2"),
    _promise("ticket_general", "S2"),
    _promise("ticket_consultation", "S2"),
    _promise("phone", "S4"),
    _promise("email", "S4"),
    _promise("social", "S3"),
    _promise("complaint", "S3"),
    Kpi(
        "first_response_p90",
        "service",
        Unit.HOURS,
        Better.DOWN,
        ("tickets.first_response_at",),
        ("S0", "S2"),
    ),
)
