"""Early warnings in words: what each level says of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard import i18n
from dashboard.i18n import t
from metrics.churn.events import FeatureRule
from metrics.rules import load


def rule(level: str) -> str:
    """The rule of a level: `3 contacts in a row without an answer within 72 h`."""
    limits: Mapping[str, Any] = load("warnings")[level]
    return t(
        f"warnings.rule.{level}",
        n=i18n.number(limits.get("unanswered")),
        hours=i18n.number(24 * FeatureRule.standard().answer_days),
        days=i18n.number(limits.get("days")),
        drop=i18n.share(limits.get("drop"), 0),
    )


def of_customer(row: Mapping[str, Any]) -> list[str]:
    """The warnings of a customer, the strongest first, that one with the day it was raised."""
    rules: list[str] = row.get("warning_rules") or []
    return [
        t(
            "customer.warning.since" if level == row["warning"] else "customer.warning.also",
            level=i18n.code("warning", level),
            rule=rule(level),
            day=i18n.day(row["warned_on"]),
        )
        for level in rules
    ]
