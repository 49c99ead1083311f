"""Why a customer is at risk, in words with the customer's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard import i18n
from dashboard.i18n import t
from metrics.churn.features import LEVELS

# Whether the driver's sentence has what it names; without it, the plain one is told.
_NEEDS = {"nps": "last_nps", "unanswered": "unanswered_streak", "complaints": "open_complaints"}
_LOW_NPS = 6


def reason(facts: Mapping[str, Any] | None) -> str:
    """The first driver of a customer in a few words: `silent 96 days, usually 21`.

    Of a contract that has ended, or whose end is known, it says that.

    Args:
        facts: The struct of `churn_risk.reasons`; driver null: the silence is told, if it is
            longer than usual.
    """
    if facts is None:
        return i18n.DASH
    if facts.get("contract_ended_on") is not None:
        return t("reason.contract_ended", day=i18n.day(facts["contract_ended_on"]))
    if facts.get("contract_ends_on") is not None:
        return t("reason.contract_ends", day=i18n.day(facts["contract_ends_on"]))
    driver = facts.get("driver")
    if driver is None:
        late = (facts.get("silent_days") or 0) > (facts.get("usual_gap_days") or 0)
        return sentence("silence", facts, raises=True) if late else t("reason.none")
    return sentence(driver, facts, raises=True)


def rhythm(facts: Mapping[str, Any] | None) -> str:
    """Days silent against the usual gap: `123 / 33`."""
    if facts is None or facts.get("silent_days") is None:
        return i18n.DASH
    return f"{i18n.number(facts['silent_days'])} / {i18n.number(facts['usual_gap_days'])}"


def sentence(driver: str, facts: Mapping[str, Any], *, raises: bool) -> str:
    """What a driver says of a customer, by whether it raises or lowers the risk."""
    if facts.get("silent_days") is None and facts.get("contract_days") is None:
        return t("reason.no_purchase")
    direction = "up" if raises else "down"
    key = f"reason.{direction}.{driver}"
    if facts.get("contract_days") is not None and driver in LEVELS:
        key = f"contract.{key}"  # nobody returns who has not left
    needed = _NEEDS.get(driver)
    if needed and raises and not _tells(driver, facts.get(needed)):
        key += "_plain"
    return t(
        key,
        silent=i18n.number(facts["silent_days"]),
        gap=i18n.number(facts["usual_gap_days"]),
        streak=i18n.number(facts.get("unanswered_streak")),
        nps=i18n.number(facts.get("last_nps")),
        orders=i18n.number(facts.get("purchases_12m")),
        complaints=i18n.number(facts.get("open_complaints")),
    )


def _tells(driver: str, value: int | None) -> bool:
    if driver == "nps":
        return value is not None and value <= _LOW_NPS
    return bool(value)
