"""The rules of campaigns, from `rules/campaigns.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from metrics.rules import load

_DAY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Rule:
    """How campaigns are judged.

    Attributes:
        smart: Fields by letter of SMART; `goal` is a target that can be read.
        scope: Fields that a campaign must state besides.
        task_fields: Fields that a task must name.
        phases: Of a plan, in their order.
        trigger: Participation below which a running campaign must be adjusted (0 to 1).
        first_day: The day of the campaign, from 1, on which that is first asked.
        adjust_days: Days within which the adjustment must begin.
        review_days: Working days after the end within which it is reviewed.
        repurchase_days, complaint_days: Lengths of the windows.
        exceeded: How much of its target a result must beat it by to exceed it.
        answers: Valid answers to the survey after it.
        forms: Codes of forms by group: online, offline, interactive, events.
        fit: Forms that suit a tier, by scheme and tier.
        purposes, scenarios: What is a promotion.
    """

    smart: Mapping[str, tuple[str, ...]]
    scope: tuple[str, ...]
    task_fields: tuple[str, ...]
    phases: tuple[str, ...]
    trigger: float
    first_day: int
    adjust_days: int
    review_days: int
    repurchase_days: int
    complaint_days: int
    exceeded: float
    answers: int
    forms: Mapping[str, tuple[str, ...]]
    fit: Mapping[str, Mapping[str, tuple[str, ...]]]
    purposes: tuple[str, ...]
    scenarios: tuple[str, ...]


@cache
def rule() -> Rule:
    """The rules as written.

    Raises:
        ValueError: Hours of an adjustment that are not whole days: the log is by the day.
    """
    told = load("campaigns")
    hours = int(told["monitoring"]["adjust_hours"])
    if hours % _DAY_HOURS:
        raise ValueError(f"adjust_hours is {hours}; the log of campaigns is by the day")
    return Rule(
        smart=_tuples(told["smart"]),
        scope=tuple(told["scope"]["fields"]),
        task_fields=tuple(told["tasks"]["fields"]),
        phases=tuple(told["tasks"]["phases"]),
        trigger=float(told["monitoring"]["trigger"]),
        first_day=int(told["monitoring"]["first_day"]),
        adjust_days=hours // _DAY_HOURS,
        review_days=int(told["review"]["working_days"]),
        repurchase_days=int(told["repurchase"]["window_days"]),
        complaint_days=int(told["complaints"]["window_days"]),
        exceeded=float(told["evaluation"]["exceeded"]),
        answers=int(told["survey"]["answers"]),
        forms=_tuples(told["forms"]),
        fit={code: _tuples(tiers) for code, tiers in told["fit"].items()},
        purposes=tuple(told["promotion"]["purposes"]),
        scenarios=tuple(told["promotion"]["scenarios"]),
    )


def _tuples(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in table.items()}
