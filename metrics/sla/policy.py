"""The promises to customers, and which of them hold for a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import narwhals as nw

from metrics.rules import load
from metrics.selection import Column, Expr

KINDS = ("inquiry", "complaint", "after_sales", "feedback")


class Clock(StrEnum):
    """What a promise measures, from the moment the customer asked."""

    RESPONSE = "first_response"
    ROUTING = "routing"
    RESOLUTION = "resolution"

    @property
    def prefix(self) -> str:
        """How the columns of this clock begin: `<prefix>_due_at`, `<prefix>_state`."""
        return "response" if self is Clock.RESPONSE else self.value


class Precedence(StrEnum):
    """Which promise wins where grade and channel both have one on the same clock."""

    STRICTEST = "strictest_of_grade_and_channel"
    CHANNEL_OVERRIDES = "channel_overrides_grade"


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: for which tickets, on which clock, within how many minutes.

    Raises:
        ValueError: It names an unknown kind or calendar, no grade and no channel, or no limit.
    """

    key: str
    source: str
    kinds: tuple[str, ...]
    clock: Clock
    limit_minutes: int
    grade: str | None = None
    channel: str | None = None
    calendar: str = "24x7"

    def __post_init__(self) -> None:
        if not self.kinds or not set(self.kinds) <= set(KINDS):
            raise ValueError(f"promise {self.key}: kinds must be among {KINDS}")
        if self.grade is None and self.channel is None:
            raise ValueError(f"promise {self.key}: name a grade, a channel or both")
        if self.limit_minutes <= 0:
            raise ValueError(f"promise {self.key}: limit_minutes must be positive")
        if self.calendar != "24x7":
            raise ValueError(f"promise {self.key}: unknown calendar {self.calendar!r}")

    def holds(self, column: Column[Expr]) -> Expr:
        """Whether a ticket is under this promise."""
        held = column("kind").is_in(self.kinds)
        if self.grade is not None:
            held &= column("grade") == self.grade
        if self.channel is not None:
            held &= column("channel") == self.channel
        return held

    def due_at(self) -> nw.Expr:
        """When it must be kept at the latest; null where it does not hold."""
        due = nw.col("created_at") + timedelta(minutes=self.limit_minutes)
        return nw.when(self.holds(nw.col)).then(due)


@dataclass(frozen=True, slots=True)
class Policies:
    """All promises, and what happens where two of them hold."""

    promises: tuple[Promise, ...]
    precedence: Precedence = Precedence.STRICTEST

    def due_at(self, clock: Clock) -> nw.Expr:
        """When a clock must have stopped for each ticket; null where nothing is promised.

        By the shortest of all promises that hold, or, if the channel overrides, the shortest of
        those that name the channel where there is one.
        """
        own = [promise for promise in self.promises if promise.clock is clock]
        by_grade = [promise.due_at() for promise in own if promise.channel is None]
        by_channel = [promise.due_at() for promise in own if promise.channel is not None]
        if self.precedence is Precedence.STRICTEST:
            return _earliest([*by_grade, *by_channel])
        return nw.coalesce(_earliest(by_channel), _earliest(by_grade))


def _earliest(moments: list[nw.Expr]) -> nw.Expr:
    never = nw.lit(None, nw.Datetime("us", "UTC"))
    return nw.min_horizontal(never, never, *moments)


def policies(rules: Mapping[str, Any] | None = None) -> Policies:
    """The promises as written in `rules/sla.toml`, or in a mapping of the same form.

    Raises:
        ValueError: A promise is malformed, or two have the same key.
    """
    rules = load("sla") if rules is None else rules
    promises = tuple(_promise(row) for row in rules["promises"])
    if len({promise.key for promise in promises}) < len(promises):
        raise ValueError("two promises have the same key")
    return Policies(promises, Precedence(rules["precedence"]))


def _promise(row: Mapping[str, Any]) -> Promise:
    typed: dict[str, Any] = {"kinds": tuple(row["kinds"]), "clock": Clock(row["clock"])}
    return Promise(**{**row, **typed})
