"""The rules of contact: cadence and what suits whom, from `rules/cadence.toml`, `contact.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from metrics.rules import load
from metrics.tiers.scheme import scheme


@dataclass(frozen=True, slots=True)
class Cadence:
    """At least `minimum` and at most `maximum` of our contacts within the last `days`.

    Attributes:
        key: Its name, unique over all schemes.
        scheme, tier: Whom it is about.
        channels, contents: Which contacts count; empty: all.
        personalised: Whether only contacts made for the customer count.
        source: The plan and its section.

    Raises:
        ValueError: The range is empty.
    """

    key: str
    scheme: str
    tier: str
    minimum: int
    maximum: int
    days: int
    source: str
    channels: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    personalised: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.minimum <= self.maximum or self.days <= 0:
            raise ValueError(f"cadence {self.key}: no contact lies in its range")


@cache
def cadences(scheme: str | None = None) -> tuple[Cadence, ...]:
    """The cadence of a tier scheme, or of all of them, in the order of the file.

    Raises:
        ValueError: A rule is malformed, or two have the same key.
    """
    rules = load("cadence")
    every = tuple(_cadence(row, rules) for row in rules["rules"])
    if len({each.key for each in every}) < len(every):
        raise ValueError("two cadences have the same key")
    return tuple(each for each in every if scheme in (None, each.scheme))


def _cadence(row: Mapping[str, Any], rules: Mapping[str, Any]) -> Cadence:
    named = row.get("channels", ())
    channels = (rules["online"] if name == "online" else [name] for name in named)
    told: dict[str, Any] = {
        "channels": tuple(each for group in channels for each in group),
        "contents": tuple(row.get("contents", ())),
        "maximum": row.get("maximum", rules["cap"] * row["minimum"]),
    }
    return Cadence(**{**row, **told})


@dataclass(frozen=True, slots=True)
class Suits:
    """What suits a tier."""

    contents: tuple[str, ...] = ()
    positionings: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """What suits the customers of a tier scheme.

    Attributes:
        tiers: What suits each tier, by its code.
        channels: By `top_tier`, `company` and `young` the channels that suit, in this order.
        young_under: Age below which a customer is young.
        offers: The contents that are offers.
        top: The best tier, whose channels go before kind and age.
    """

    tiers: Mapping[str, Suits] = field(default_factory=dict[str, Suits])
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    young_under: int = 0
    offers: tuple[str, ...] = ()
    top: str = ""

    def named(self, among: str) -> frozenset[str]:
        """What some tier is to get, of `contents`, `positionings` or `coupons`."""
        return frozenset(each for suits in self.tiers.values() for each in getattr(suits, among))


@cache
def fit(code: str) -> Fit:
    """What suits the tiers of a scheme; what its plan says nothing of is not judged."""
    rules = load("contact")
    channels = rules["channel_fit"]
    tiers = rules["fit"].get(code, {})
    return Fit(
        {code: Suits(**_tuples(row)) for code, row in tiers.items()},
        {name: tuple(channels[name]) for name in ("top_tier", "company", "young")},
        channels["young_under"],
        tuple(rules["offers"]["contents"]),
        scheme(code).codes[0],
    )


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) for name, value in row.items()}


def window(name: str) -> int:
    """Days of a window of `contact.toml`."""
    return int(load("contact")["windows"][name])


def level(channel: str, figure: str) -> float | None:
    """The reference level that a plan tells of a channel; None if it tells none."""
    rows = load("contact")["levels"]
    found = (row["value"] for row in rows if (row["channel"], row["figure"]) == (channel, figure))
    return next(found, None)
