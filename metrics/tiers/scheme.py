"""Tier schemes: the rules that say what a customer is worth, read from `rules/tiers.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl

from metrics.rules import load


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a band, in currency units."""

    value: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A band of a field, or the best `top_percent` of the customers with a positive value."""

    field: str
    lower: Bound | None = None
    upper: Bound | None = None
    top_percent: int | None = None

    def holds(self, money_scale: int) -> pl.Expr:
        """Whether a customer meets it; false where the field is null."""
        if self.top_percent is not None:
            return _among_best(pl.col(self.field), self.top_percent).fill_null(value=False)
        met = pl.col(self.field).is_not_null()
        if self.lower is not None:
            met &= _above(pl.col(self.field), self.lower, money_scale)
        if self.upper is not None:
            below = Bound(self.upper.value, not self.upper.inclusive)
            met &= ~_above(pl.col(self.field), below, money_scale)
        return met.fill_null(value=False)


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier: its conditions, of which any is enough."""

    code: str
    rank: int
    source: str
    any: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A complete set of tiers, best first."""

    code: str
    source: str
    tiers: tuple[Tier, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The tier codes, best first."""
        return tuple(tier.code for tier in self.tiers)

    @property
    def fields(self) -> tuple[str, ...]:
        """The customer columns that the conditions read."""
        return tuple(sorted({each.field for tier in self.tiers for each in tier.any}))

    def tier(self, *, money_scale: int) -> pl.Expr:
        """The tier of each customer of a frame that holds exactly the population of one day.

        Tiers are asked from rank 1 down, the first that fits wins. "Best 10 %" are the
        ceil(10 %) customers with the highest positive profit, and everyone who ties with the
        last of them: equal customers never get different tiers. Customers of no revenue are
        in the lowest band, not left out.

        Args:
            money_scale: Digits of the money columns after the unit (2: fen).

        Returns:
            Expression over the scheme's fields: Enum of the codes; null where the fields are.
        """
        codes = pl.Enum(self.codes)
        chain = pl.lit(None, codes)
        for tier in reversed(self.tiers):
            met = pl.any_horizontal(each.holds(money_scale) for each in tier.any)
            chain = pl.when(met).then(pl.lit(tier.code, codes)).otherwise(chain)
        return chain

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
    rules = load("tiers")
    code = code or str(rules["default"])
    read = parse(code, rules["schemes"][code])
    _check_bands(read)
    return read


def scheme_codes() -> tuple[str, ...]:
    """The schemes one can choose, in the order of the file."""
    return tuple(load("tiers")["schemes"])


def parse(code: str, rule: Mapping[str, Any]) -> Scheme:
    """A scheme from its TOML table, tiers sorted by rank."""
    tiers = (
        Tier(
            tier["code"],
            tier["rank"],
            tier["source"],
            tuple(_condition(each) for each in tier["any"]),
        )
        for tier in rule["tiers"]
    )
    return Scheme(code, rule["source"], tuple(sorted(tiers, key=lambda tier: tier.rank)))


def _condition(rule: Mapping[str, Any]) -> Condition:
    return Condition(
        rule["field"], _bound(rule, "lower"), _bound(rule, "upper"), rule.get("top_percent")
    )


def _bound(rule: Mapping[str, Any], side: str) -> Bound | None:
    return Bound(rule[side], rule[f"{side}_inclusive"]) if side in rule else None


def _above(value: pl.Expr, bound: Bound, money_scale: int) -> pl.Expr:
    limit = bound.value * 10**money_scale
    return value >= limit if bound.inclusive else value > limit


def _among_best(value: pl.Expr, percent: int) -> pl.Expr:
    positive = value.filter(value > 0)
    places = (positive.len() * percent + 99) // 100  # ceil, in integers
    return value >= positive.top_k(places).min()


def _check_bands(scheme: Scheme) -> None:
    bands = [each for tier in scheme.tiers for each in tier.any if each.top_percent is None]
    for field in {band.field for band in bands}:
        _check_cover(scheme.code, [band for band in bands if band.field == field])


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
