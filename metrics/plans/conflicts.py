"""Where the plans disagree, and what holds here: chosen in the rules, each choice told."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Position:
    """What one plan says, by language."""

    plan: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One point on which the plans, or parts of one plan, disagree.

    Attributes:
        key: Its number, c01 to c50.
        topic, chosen: What it is about, and what holds here, by language.
        said: What each plan says.
        rule: Where the choice is set: `topic`, or `topic.key`, of `metrics/rules`.
    """

    key: str
    topic: Mapping[str, str]
    said: tuple[Position, ...]
    chosen: Mapping[str, str]
    rule: str


@cache
def conflicts() -> tuple[Conflict, ...]:
    """All of them, in the order of their numbers."""
    text = resources.files("metrics").joinpath("plans", "conflicts.toml").read_text("utf-8")
    return tuple(_conflict(key, entry) for key, entry in tomllib.loads(text).items())


def _conflict(key: str, entry: Mapping[str, Any]) -> Conflict:
    said = tuple(Position(each["plan"], each) for each in entry["said"])
    return Conflict(key, entry, said, entry["chosen"], entry["rule"])
