"""Data health: customer files, their accuracy, accounts, consent, and what keeps them so."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_PAGE = "data_health"
_FILE = ("customers.phone/email/address",)
_RUNS = "sync_runs.started_at"
_HELD = ("governance_events.due_on",)
_PREFERENCE = ("customers.preferred_channel/preferred_product/service_need",)
_CONSENT = ("customers.marketing_consent", "interactions.direction")
_LOADED = (_RUNS, "sync_runs.records_in")
_REFUSED = (_RUNS, "sync_runs.records_rejected")

KPIS = (
    Kpi("complete_core", _PAGE, Unit.SHARE, Better.UP, _FILE, ("S2", "S4")),
    Kpi("one_file", _PAGE, Unit.SHARE, Better.UP, _FILE, ("S2",)),
    Kpi("connectivity", _PAGE, Unit.SHARE, Better.UP, ("identities.channel",), ("S2",)),
    Kpi("data_accuracy", _PAGE, Unit.SHARE, Better.UP, ("profile_audits.accurate",), ("S3", "S4")),
    Kpi("profile_accuracy", _PAGE, Unit.SHARE, Better.UP, ("profile_audits.accurate",), ("S2",)),
    Kpi("consent_kept", _PAGE, Unit.SHARE, Better.UP, _CONSENT, ("S1",)),
    Kpi("fresh_files", _PAGE, Unit.SHARE, Better.UP, ("orders.ordered_at",), ("S1", "S4")),
    Kpi("complete_preferences", _PAGE, Unit.SHARE, Better.UP, _PREFERENCE, ("S4",)),
    Kpi("orders_named", _PAGE, Unit.SHARE, Better.UP, ("orders.customer_id",), ("S2", "S4")),
    Kpi("valid_details", _PAGE, Unit.SHARE, Better.UP, ("customers.phone/email",), ("S4",)),
    Kpi(
        "data_consistency",
        _PAGE,
        Unit.SHARE,
        Better.UP,
        ("profile_audits.consistent",),
        ("S3", "S4"),
    ),
    Kpi("stale_files", _PAGE, Unit.SHARE, Better.DOWN, ("customers.profile_updated_at",), ("S4",)),
    Kpi("churned_as_potential", _PAGE, Unit.SHARE, Better.DOWN, ("tier_records.tier",), ("S1",)),
    Kpi("data_updates", _PAGE, Unit.COUNT, Better.UP, (_RUNS,), ("S1", "S4")),
    Kpi("consolidated_records", _PAGE, Unit.COUNT, Better.UP, _LOADED, ("S3",)),
    Kpi("refused_records", _PAGE, Unit.SHARE, Better.DOWN, _REFUSED, ("S3",)),
    Kpi("run_hours", _PAGE, Unit.HOURS, Better.DOWN, (_RUNS,), ("S3",)),
    Kpi("breach_hours", _PAGE, Unit.HOURS, Better.DOWN, ("incidents.notified_at",), ("S3",)),
    Kpi("privacy_audits", _PAGE, Unit.COUNT, Better.UP, _HELD, ("S3",)),
    Kpi("governance_on_time", _PAGE, Unit.SHARE, Better.UP, _HELD, ("S3", "S4")),
)
