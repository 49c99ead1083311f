"""The rules of service, from `rules/service.toml`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from metrics.rules import load


def words(topic: str) -> dict[str, Any]:
    """The rules of one topic: bot, complaints, calls, checks, team, agents, costs and so on."""
    return load("service")[topic]


def days(window: str) -> timedelta:
    """A window of so many days."""
    return timedelta(days=load("service")["windows"][f"{window}_days"])


def pick_up() -> timedelta:
    """How long a hand-over may wait until it counts as failed."""
    return timedelta(hours=load("service")["windows"]["pick_up_hours"])
