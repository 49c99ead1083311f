"""The touches that the plans ask for, read from `rules/touches.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, cast

from metrics.rules import load


@dataclass(frozen=True, slots=True)
class Touch:
    """One touch.

    Attributes:
        code: Its name.
        trigger: What starts its clock: first_order, quarter, announcement or occasion.
        soon_hours: Due within so many hours is due now.
        open_days: So long after its limit it may still be made up for.
        source: The plan that asks for it.
        hours: From the trigger to the limit; None: until the day or quarter of the trigger ends.
        contents, purposes, rules: Of a contact any of which does it; none named: any contact.
        channels: On which it counts; none named: on all.
        answered: Whether only an answered contact does it.
        surveys: Whose answers do it, too; none named: any.
        announced, announced_on: Contents and channels of the message that starts the clock.
    """

    code: str
    trigger: str
    soon_hours: int
    open_days: int
    source: str
    hours: int | None = None
    contents: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    answered: bool = False
    surveys: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    announced_on: tuple[str, ...] = ()

    @property
    def told_by(self) -> dict[str, tuple[str, ...]]:
        """The columns of contacts that tell what does it, with their values."""
        named = {"content": self.contents, "purpose": self.purposes, "rule": self.rules}
        return {column: values for column, values in named.items() if values}


@cache
def touches(trigger: str = "") -> tuple[Touch, ...]:
    """The touches of a trigger, or all, in the order of the plans."""
    found = tuple(_touch(entry) for entry in load("touches")["touches"])
    return tuple(touch for touch in found if trigger in ("", touch.trigger))


def _touch(entry: dict[str, Any]) -> Touch:
    return Touch(**{name: _fixed(value) for name, value in entry.items()})


def _fixed(value: Any) -> Any:
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value


def since(as_of: date) -> date:
    """The first day whose triggers are looked at."""
    return as_of - timedelta(days=load("touches")["window_days"])
