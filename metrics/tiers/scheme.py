"""Tier schemes: the rules that say what a customer is worth, read from `rules/tiers.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl

from metrics.rules import load
from metrics.tiers.condition import POPULATION, Condition, condition


@dataclass(frozen=True, slots=True)
class Level:
    """A step of a scale: every condition of `all` holds, and any of `any`; without both, the rest.

    Attributes:
        code: Its code.
        any, all: The conditions.
    """

    code: str
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of its conditions, those first that must hold together."""
        return (*self.all, *self.any)

    @property
    def is_rest(self) -> bool:
        """Whether it holds whoever is left."""
        return not self.conditions

    def holds(self, money_scale: int) -> pl.Expr:
        """Whether a customer belongs to it, if to none before."""
        if self.is_rest:
            return pl.col(POPULATION).is_not_null()
        met = [each.holds(money_scale) for each in self.all]
        if self.any:
            met.append(pl.any_horizontal(each.holds(money_scale) for each in self.any))
        return pl.all_horizontal(met)


@dataclass(frozen=True, slots=True)
class Tier(Level):
    """One tier of a scheme.

    Attributes:
        rank: 1 is best.
        source: Where the plans say it.
        mix: The share of customers that the plan's example expects; null if it gives none.
    """

    rank: int = 0
    source: str = ""
    mix: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """Another scale that lies over the tiers, told of today."""

    code: str
    source: str
    levels: tuple[Level, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the levels, best first."""
        return tuple(each.code for each in self.levels)

    def level(self, *, money_scale: int) -> pl.Expr:
        """The level of each customer, as `Scheme.tier`."""
        return _first(self.levels, money_scale)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A complete set of tiers, best first."""

    code: str
    source: str
    tiers: tuple[Tier, ...]
    axes: tuple[Axis, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The tier codes, best first."""
        return tuple(tier.code for tier in self.tiers)

    @property
    def fields(self) -> tuple[str, ...]:
        """The customer columns that the conditions of the tiers read."""
        return _fields(self.tiers)

    def tier(self, *, money_scale: int) -> pl.Expr:
        """The tier of each customer of a frame that holds exactly the population of one day.

        Tiers are asked from rank 1 down, the first that fits wins. "Best 10 %" are the
        ceil(10 %) customers with the highest value, and everyone who ties with the last of them:
        equal customers never get different tiers. Customers of no revenue are in the lowest band,
        not left out.

        Args:
            money_scale: Digits of the money columns after the unit (2: fen).

        Returns:
            Expression over the scheme's fields and revenue_12m: Enum of the codes; null where the
            fields are.
        """
        return _first(self.tiers, money_scale)

    def rank(self, tier: str) -> pl.Expr:
        """The rank of the tier code in column `tier`, 1 is best."""
        ranks = {tier.code: tier.rank for tier in self.tiers}
        return pl.col(tier).cast(pl.String).replace_strict(ranks, return_dtype=pl.Int32)


@cache
def scheme(code: str | None = None) -> Scheme:
    """A scheme of `rules/tiers.toml`, the default one without a code.

    Raises:
        KeyError: There is no such scheme.
        ValueError: Its bands leave a gap or overlap.
    """
    code = code or default_code()
    read = parse(code, load("tiers")["schemes"][code])
    _check_cover_of(read)
    return read


def default_code() -> str:
    """The scheme that holds where nobody chose another."""
    return str(load("tiers")["default"])


def scheme_codes() -> tuple[str, ...]:
    """The schemes one can choose, the default one first, the others in the order of the file."""
    return tuple(dict.fromkeys((default_code(), *load("tiers")["schemes"])))


def schemes() -> tuple[Scheme, ...]:
    """Every scheme, the default one first."""
    return tuple(scheme(code) for code in scheme_codes())


def parse(code: str, rule: Mapping[str, Any]) -> Scheme:
    """A scheme from its TOML table, tiers sorted by rank."""
    instead = rule.get("instead", {})

    def read(each: Mapping[str, Any], of: str) -> tuple[Condition, ...]:
        return tuple(condition(asked, instead) for asked in each.get(of, ()))

    tiers = (
        Tier(
            each["code"],
            read(each, "any"),
            read(each, "all"),
            each["rank"],
            each["source"],
            each.get("mix"),
        )
        for each in rule["tiers"]
    )
    axes = (
        Axis(
            axis["code"],
            axis["source"],
            tuple(Level(each["code"], read(each, "any")) for each in axis["levels"]),
        )
        for axis in rule.get("axes", ())
    )
    ranked = tuple(sorted(tiers, key=lambda tier: tier.rank))
    return Scheme(code, rule["source"], ranked, tuple(axes))


def _fields(levels: Iterable[Level]) -> tuple[str, ...]:
    return tuple(sorted({name for level in levels for c in level.conditions for name in c.read}))


def _first(levels: Sequence[Level], money_scale: int) -> pl.Expr:
    codes = pl.Enum([level.code for level in levels])
    chain = pl.lit(None, codes)
    for level in reversed(levels):
        met = level.holds(money_scale)
        chain = pl.when(met).then(pl.lit(level.code, codes)).otherwise(chain)
    return chain


def _check_cover_of(scheme: Scheme) -> None:
    """Every customer must be in a tier: the rest, if it is the last, or by bands without a gap."""
    rest = [tier.is_rest for tier in scheme.tiers]
    if any(rest[:-1]):
        raise ValueError(f"tier scheme {scheme.code}: only the last tier can be the rest")
    if not rest[-1]:
        bands = [each for tier in scheme.tiers for each in tier.any if not each.is_relative]
        for name in {band.field for band in bands}:
            _check_cover(scheme.code, [band for band in bands if band.field == name])


def _check_cover(code: str, bands: list[Condition]) -> None:
    for better, worse in pairwise(bands):
        low, high = better.lower, worse.upper
        if (
            low is None
            or high is None
            or low.value != high.value
            or low.inclusive is high.inclusive
        ):
            msg = f"tier scheme {code}: bands of {better.field} leave a gap or overlap"
            raise ValueError(msg)
    if bands[0].upper is not None or bands[-1].lower is not None:
        msg = f"tier scheme {code}: bands of {bands[0].field} do not cover the whole line"
        raise ValueError(msg)
