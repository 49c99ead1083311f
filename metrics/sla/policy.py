"""The promises to customers, and which of them hold for a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import polars as pl

from metrics.business_time import ALWAYS, Hours, Times, times
from metrics.rules import load
from metrics.selection import Column, Expr
from metrics.sla.desks import Opening, opening

AROUND_THE_CLOCK = "24x7"
_REACH = timedelta(days=800)  # how far after the data a calendar is known

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
    """One promise: for which tickets, on which clock, within how many minutes that are open.

    Without a grade and a channel it binds all tickets of its kinds.

    Raises:
        ValueError: It names an unknown kind, or no limit.
    """

    key: str
    source: str
    kinds: tuple[str, ...]
    clock: Clock
    limit_minutes: int
    grade: str | None = None
    channel: str | None = None
    calendar: str = AROUND_THE_CLOCK

    def __post_init__(self) -> None:
        if not self.kinds or not set(self.kinds) <= set(KINDS):
            raise ValueError(f"promise {self.key}: kinds must be among {KINDS}")
        if self.limit_minutes <= 0:
            raise ValueError(f"promise {self.key}: limit_minutes must be positive")

    @property
    def limit(self) -> int:
        """The limit in microseconds."""
        return self.limit_minutes * 60_000_000

    def holds(self, column: Column[Expr]) -> Expr:
        """Whether a ticket is under this promise."""
        held = column("kind").is_in(self.kinds)
        if self.grade is not None:
            held &= column("grade") == self.grade
        if self.channel is not None:
            held &= column("channel") == self.channel
        return held

    def due_at(self, calendar: Opening) -> pl.Expr:
        """When it must be kept at the latest, if nothing stops its clock; null where not held."""
        spent = calendar.elapsed(pl.col("created_at")) + self.limit
        return calendar.moment(pl.when(self.holds(pl.col)).then(spent))  # others cost no look-up


@dataclass(frozen=True, slots=True)
class States:
    """What the states of `ticket_events` mean to the clocks.

    Attributes:
        waiting: The customer, or somebody outside, is to act.
        solved: Nobody is, unless the ticket is opened again.
        pausing: The clocks that stop while a ticket waits.
    """

    waiting: frozenset[str] = frozenset()
    solved: frozenset[str] = frozenset()
    pausing: frozenset[Clock] = frozenset()


@dataclass(frozen=True, slots=True)
class Policies:
    """All promises, what happens where two of them hold, their calendars and waiting states.

    Of a ticket that a desk in `desks` handles the clocks run by the calendar named there, whatever
    the promise says.
    """

    promises: tuple[Promise, ...]
    precedence: Precedence = Precedence.STRICTEST
    calendars: Mapping[str, tuple[Hours, ...]] = field(default_factory=dict[str, tuple[Hours, ...]])
    states: States = field(default_factory=States)
    desks: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        named = {f"promise {promise.key}": promise.calendar for promise in self.promises}
        named |= {f"desk {code}": calendar for code, calendar in self.desks.items()}
        for whose, calendar in named.items():
            if calendar not in (AROUND_THE_CLOCK, *self.calendars):
                raise ValueError(f"{whose}: unknown calendar {calendar!r}")

    def calendar(self, promise: Promise | None, desk: str | None) -> str:
        """By which calendar the clock of a promise runs for a ticket of a desk."""
        usual = promise.calendar if promise else AROUND_THE_CLOCK
        return self.desks.get(desk, usual) if desk is not None else usual

    def times(self, *, zone: str, as_of: datetime) -> dict[str, Opening]:
        """The calendars that promises name, to be looked up around the moment of the data."""
        named = {AROUND_THE_CLOCK, *(promise.calendar for promise in self.promises)}
        known = {key: self._known(key, zone, as_of) for key in {*named, *self.desks.values()}}
        desks = {code: known[calendar] for code, calendar in self.desks.items()}
        return {key: opening(known[key], desks) for key in named}

    def _known(self, key: str, zone: str, as_of: datetime) -> Times:
        if key not in self.calendars:
            return ALWAYS
        return times(self.calendars[key], zone=zone, until=as_of + _REACH)

    def earliest(self, clock: Clock, due: Mapping[str, pl.Expr]) -> pl.Expr:
        """When a clock must have stopped for each ticket; null where nothing is promised.

        By the shortest of all promises that hold, or, if the channel overrides, the shortest of
        those that name the channel where there is one.

        Args:
            clock: The clock.
            due: When each promise is due, by key.
        """
        own = [promise for promise in self.promises if promise.clock is clock]
        by_grade = [due[promise.key] for promise in own if promise.channel is None]
        by_channel = [due[promise.key] for promise in own if promise.channel is not None]
        if self.precedence is Precedence.STRICTEST:
            return _earliest([*by_grade, *by_channel])
        return pl.coalesce(_earliest(by_channel), _earliest(by_grade))


def _earliest(moments: list[pl.Expr]) -> pl.Expr:
    never = pl.lit(None, pl.Datetime("us", "UTC"))
    return pl.min_horizontal(never, *moments)


def policies(rules: Mapping[str, Any] | None = None) -> Policies:
    """The promises as written in `rules/sla.toml`, or in a mapping of the same form.

    Raises:
        ValueError: A promise or a calendar is malformed, or two have the same key.
    """
    rules = load("sla") if rules is None else rules
    promises = tuple(_promise(row) for row in rules["promises"])
    if len({promise.key for promise in promises}) < len(promises):
        raise ValueError("two promises have the same key")
    calendars = {
        key: tuple(Hours.read(hours) for hours in versions)
        for key, versions in rules.get("calendars", {}).items()
    }
    return Policies(
        promises,
        Precedence(rules["precedence"]),
        calendars,
        _states(rules.get("states", {})),
        rules.get("desks", {}),
    )


def _states(rules: Mapping[str, list[str]]) -> States:
    return States(
        frozenset(rules.get("waiting", ())),
        frozenset(rules.get("solved", ())),
        frozenset(Clock(name) for name in rules.get("pausing", ())),
    )


def _promise(row: Mapping[str, Any]) -> Promise:
    typed: dict[str, Any] = {"kinds": tuple(row["kinds"]), "clock": Clock(row["clock"])}
    return Promise(**{**row, **typed})
