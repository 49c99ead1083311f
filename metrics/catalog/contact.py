"""Contact: how often, on which channel, with what, and what is tried."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_PAGE = "engagement"
_CONTACTS = ("interactions.direction",)


def _share(key: str, needs: tuple[str, ...], *sources: str, better: Better = Better.UP) -> Kpi:
    return Kpi(key, _PAGE, Unit.SHARE, better, needs, sources)


def _count(key: str, needs: tuple[str, ...], *sources: str, better: Better = Better.UP) -> Kpi:
    return Kpi(key, _PAGE, Unit.COUNT, better, needs, sources)


def _of_contacts(*columns: str) -> tuple[str, ...]:
    return (*_CONTACTS, *(f"interactions.{column}" for column in columns))


KPIS = (
    _share("cadence_compliance", _CONTACTS, "S0"),
    _share("follow_up_coverage", _CONTACTS, "S3"),
    _count("overdue_contacts", _CONTACTS, "S0", better=Better.DOWN),
    _count("over_contacted", _CONTACTS, "S0", better=Better.DOWN),
    _share("cadence_high_exclusive", _CONTACTS, "S0"),
    _share("cadence_high_online", _CONTACTS, "S0"),
    _share("cadence_mid_online", _CONTACTS, "S0"),
    _share("cadence_basic_reminder", _CONTACTS, "S0"),
    _share("cadence_executive", _of_contacts("content"), "S1"),
    _share("cadence_gift", _of_contacts("content"), "S1"),
    _share("cadence_gold", _of_contacts("personalised"), "S3"),
    _share("cadence_silver", _CONTACTS, "S3"),
    _share("cadence_bronze", _CONTACTS, "S3"),
    _share("channel_fit", _CONTACTS, "S0"),
    _share("content_fit", _of_contacts("content"), "S0"),
    _share("positioning_fit", _of_contacts("positioning"), "S0"),
    _share("operation_fit", _of_contacts("content"), "S2"),
    _share("personalised_coverage", _of_contacts("personalised"), "S2", "S4"),
    _share("personalised_share", _of_contacts("personalised"), "S2"),
    _share("contact_standard", _of_contacts("standard_met"), "S0"),
    _share("contact_response", _of_contacts("responded"), "S0"),
    _share("contact_conversion", _of_contacts("converted"), "S3"),
    _share(
        "unwanted_contacts",
        (*_CONTACTS, "customers.marketing_consent"),
        "S2",
        better=Better.DOWN,
    ),
    Kpi(
        "interaction_frequency",
        _PAGE,
        Unit.SCORE,
        Better.UP,
        _of_contacts("responded"),
        ("S0",),
    ),
    _share("proactive_share", _CONTACTS, "S2", "S3", better=Better.NEITHER),
    _share("touchpoint_coverage", ("channels.planned",), "S2"),
    _count("touchpoints_connected", ("channels.planned",), "S3"),
    _share("many_channels", _of_contacts("responded"), "S2"),
    _share("app_active", ("activity_days.active_on",), "S3"),
    _count("phone_weekly", _CONTACTS, "S3", better=Better.NEITHER),
    _count("wechat_daily", _CONTACTS, "S3", better=Better.NEITHER),
    _share("sms_open_rate", _of_contacts("opened"), "S3"),
    _share("email_click_rate", _of_contacts("clicked"), "S3"),
    _share("visit_conversion", _of_contacts("converted"), "S3"),
    Kpi(
        "call_minutes",
        _PAGE,
        Unit.MINUTES,
        Better.DOWN,
        _of_contacts("talk_seconds"),
        ("S3",),
    ),
    Kpi("contact_cost", _PAGE, Unit.MONEY, Better.DOWN, _of_contacts("cost"), ("S3",)),
    _share("automation_coverage", _of_contacts("rule", "purpose"), "S3"),
    _share("automated_share", _of_contacts("rule"), "S3"),
    _count("script_categories", _of_contacts("script"), "S3"),
    _count("modes_tested", ("experiments.started_at",), "S3"),
    _share(
        "failed_experiment_cost",
        ("experiments.cost", "budget_lines.planned"),
        "S3",
        better=Better.DOWN,
    ),
    _count("innovation_days", ("governance_events.held_on",), "S3"),
    _count("articles_published", ("articles.published_at",), "S3"),
)
