"""What a tier asks of a customer: a band, a place among the best, or to be above the median."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from metrics.rules import load

POPULATION = "revenue_12m"
"""The field that everybody has who was a customer on the day, and nobody else."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something known of a customer; `low_first`: the smallest value ranks first."""

    money: bool = False
    low_first: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a band, in currency units if the field is money."""

    value: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about a customer.

    Attributes:
        fields: What is looked at: one, or several that are ranked together.
        lower, upper: The ends of a band.
        top_percent: The best so many percent, everyone who ties with the last of them included.
        positive: Only customers with a positive value count towards these percent.
        above_median: Strictly above the median of everybody.
        instead: What is looked at where nothing of a field is recorded.
    """

    fields: tuple[str, ...]
    lower: Bound | None = None
    upper: Bound | None = None
    top_percent: int | None = None
    positive: bool = False
    above_median: bool = False
    instead: tuple[tuple[str, str], ...] = ()

    @property
    def field(self) -> str:
        """The field, of several the first."""
        return self.fields[0]

    @property
    def is_relative(self) -> bool:
        """Whether it compares customers, so that it cannot be asked of one alone."""
        return self.top_percent is not None or self.above_median

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that it reads."""
        other = dict(self.instead)
        return tuple(dict.fromkeys(n for f in self.fields for n in (f, other.get(f, f))))

    def holds(self, money_scale: int) -> pl.Expr:
        """Whether a customer meets it; false where the field is null."""
        value = self._value(self.field)
        if self.top_percent is not None:
            return self._among_best(self.top_percent).fill_null(value=False)
        if self.above_median:
            return (value > value.median()).fill_null(value=False)
        scale = 10**money_scale if known_fields()[self.field].money else 1
        met = value.is_not_null()
        if self.lower is not None:
            met &= _above(value, self.lower, scale)
        if self.upper is not None:
            met &= ~_above(value, Bound(self.upper.value, not self.upper.inclusive), scale)
        return met.fill_null(value=False)

    def _value(self, name: str) -> pl.Expr:
        other = dict(self.instead).get(name)
        value = pl.col(name)
        return value if other is None else pl.when(value.count() > 0).then(value).otherwise(other)

    def _among_best(self, percent: int) -> pl.Expr:
        if len(self.fields) > 1:
            best, low_first = self._mean_rank(), True
        else:
            best, low_first = self._value(self.field), known_fields()[self.field].low_first

        def among(values: pl.Series) -> pl.Series:
            counted = values.filter(values > 0) if self.positive else values.drop_nulls()
            places = (len(counted) * percent + 99) // 100  # ceil, in integers
            if not places:
                return values.is_null() & values.is_not_null()
            if low_first:
                return values <= counted.bottom_k(places).max()
            return values >= counted.top_k(places).min()

        return best.map_batches(among, return_dtype=pl.Boolean)  # ranks are asked for once

    def _mean_rank(self) -> pl.Expr:
        """The sum of the ranks, which orders as their mean does; equal customers share the best."""
        ranks = (
            self._value(name)
            .rank("min", descending=not known_fields()[name].low_first)
            .cast(pl.Int64)
            for name in self.fields
        )
        return pl.sum_horizontal(ranks, ignore_nulls=False)


@cache
def known_fields() -> Mapping[str, Field]:
    """What conditions can ask about, by name (`tiers.toml`)."""
    return {
        name: Field(rule.get("money", False), rule.get("better") == "low")
        for name, rule in load("tiers")["fields"].items()
    }


def condition(rule: Mapping[str, Any], instead: Mapping[str, str]) -> Condition:
    """A condition from its TOML table.

    Raises:
        KeyError: It asks about a field that is not known.
    """
    fields = tuple(rule["fields"]) if "fields" in rule else (rule["field"],)
    for name in fields:
        known_fields()[name]
    return Condition(
        fields,
        _bound(rule, "lower"),
        _bound(rule, "upper"),
        rule.get("top_percent"),
        rule.get("of") == "positive",
        rule.get("above") == "median",
        tuple((name, instead[name]) for name in fields if name in instead),
    )


def _bound(rule: Mapping[str, Any], side: str) -> Bound | None:
    return Bound(rule[side], rule[f"{side}_inclusive"]) if side in rule else None


def _above(value: pl.Expr, bound: Bound, scale: int) -> pl.Expr:
    limit = bound.value * scale
    return value >= limit if bound.inclusive else value > limit
