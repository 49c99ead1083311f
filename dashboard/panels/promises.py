"""Service promises in words: for whom, how fast, on which clock."""

from __future__ import annotations

from dashboard import i18n
from dashboard.i18n import t
from metrics.catalog import KPIS, Target
from metrics.sla import Promise, policies

# A clock without a KPI of its own is judged by the target of all promises together.
KPI_OF = {
    "overall": "sla_attainment",
    "first_response": "first_response_attainment",
    "routing": "sla_attainment",
    "resolution": "resolution_attainment",
    "source": "source_sla",
}


def target(clock: str) -> Target | None:
    """The target of a clock."""
    return KPIS[KPI_OF[clock]].target


def limit(minutes: int) -> str:
    """A limit: `10 min`, `24 h`; in hours as the plans write it, also from two days on."""
    if minutes % 60:
        return t("unit.minutes", n=i18n.number(minutes))
    return t("unit.hours", n=i18n.number(minutes // 60))


def whom(promise: Promise) -> str:
    """Whom a promise binds: `General feedback`, `Urgent tickets`, `Phone`, `Complaint`."""
    parts: list[str] = []
    if promise.grade is not None:
        kind = "feedback" if promise.kinds == ("feedback",) else "tickets"
        parts.append(t(f"service.whom.{kind}", grade=i18n.code("grade", promise.grade)))
    if promise.channel is not None:
        parts.append(i18n.code("channel", promise.channel))
    if not parts:
        parts.extend(i18n.code("kind", kind) for kind in promise.kinds)
    return " · ".join(parts)


def by_key() -> dict[str, Promise]:
    """The promises in force by their key."""
    return {promise.key: promise for promise in policies().promises}


def of_channel(channel: str | None, clock: str) -> str:
    """The limit a channel promises on a clock, in words; empty without one."""
    found = [
        promise.limit_minutes
        for promise in policies().promises
        if promise.channel == channel
        and promise.grade is None
        and clock in ("overall", promise.clock.value)
    ]
    return limit(min(found)) if found and channel is not None else ""
