"""The names of what is kept once for each scheme: of the default one the bare name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from metrics.tiers.scheme import default_code, scheme_codes

Histories = Mapping[str, pl.LazyFrame]
"""tier_history of each scheme, by its code, the default one first."""

_MARK = "__"
COLUMNS = ("tier", "first_tier", "tier_then", "tier_since", "recorded", "review_correct")
"""The columns about customers that are there once for each scheme."""


def named(name: str, code: str) -> str:
    """The name of a column or a mart that tells it by a scheme."""
    return name if code == default_code() else f"{name}{_MARK}{code}"


def columns(name: str = "tier") -> tuple[str, ...]:
    """The column of every scheme, the default one first."""
    return tuple(named(name, code) for code in scheme_codes())


def by(code: str, names: Iterable[str]) -> dict[str, str] | None:
    """Which columns of a table tell it by a scheme, and what they are called then.

    Args:
        code: The scheme.
        names: The columns of the table.

    Returns:
        By name as stored, in the order of the table without those of other schemes; None if it
        has a tier, and none of that scheme.
    """
    names = dict.fromkeys(names)
    counts = {
        name for name in names if any(named(name, each) in names for each in scheme_codes()[1:])
    }
    told = {*COLUMNS, *counts}
    own = {name: named(name, code) for name in names if name in told}
    if not set(own.values()) <= names.keys():
        return None
    others = {named(name, each) for name in told for each in scheme_codes()} - told
    return {own.get(name, name): name for name in names if name not in others}
