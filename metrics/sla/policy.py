"""The promises to customers, and which of them hold for a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from metrics.rules import load

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

    def limit(self) -> pl.Expr:
        """The limit of each ticket under this promise alone; null where it does not hold."""
        holds = pl.col("kind").is_in(self.kinds)
        if self.grade is not None:
            holds &= pl.col("grade") == self.grade
        if self.channel is not None:
            holds &= pl.col("channel") == self.channel
        return pl.when(holds).then(pl.duration(minutes=self.limit_minutes, time_unit="us"))


@dataclass(frozen=True, slots=True)
class Policies:
    """All promises, and what happens where two of them hold."""

    promises: tuple[Promise, ...]
    precedence: Precedence = Precedence.STRICTEST

    def limit(self, clock: Clock) -> pl.Expr:
        """The limit of each ticket on a clock; null where nothing is promised.

        The shortest of all promises that hold, or, if the channel overrides, the shortest of
        those that name the channel where there is one.
        """
        by_grade = [p.limit() for p in self.promises if p.clock is clock and p.channel is None]
        by_channel = [p.limit() for p in self.promises if p.clock is clock and p.channel]
        if self.precedence is Precedence.STRICTEST:
            return _shortest([*by_grade, *by_channel])
        return pl.coalesce(_shortest(by_channel), _shortest(by_grade))


def _shortest(limits: list[pl.Expr]) -> pl.Expr:
    return pl.min_horizontal(pl.lit(None, dtype=pl.Duration("us")), *limits)


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
