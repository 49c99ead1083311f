"""Why one customer has the tier it has: the rule that put it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics.tiers.scheme import Scheme


def tier_basis(tier: str, customer: Mapping[str, Any], *, scheme: Scheme, money_scale: int) -> str:
    """The field of the first condition of a tier that the customer meets.

    A condition that compares customers cannot be asked of one of them, so it is what remains when
    no band holds.

    Args:
        tier: Code of the customer's tier.
        customer: The fields of the scheme's conditions.
        scheme: The scheme that gave the tier.
        money_scale: Digits of money after the unit.

    Returns:
        Name of the field; empty for a tier the scheme does not have, and for the rest.
    """
    conditions = next((each.conditions for each in scheme.tiers if each.code == tier), ())
    fields = {name for each in conditions for name in each.read}
    lone = pl.DataFrame({name: [customer[name]] for name in fields})
    for each in conditions:
        if not each.is_relative and lone.select(each.holds(money_scale)).item():
            return each.field
    return next((each.field for each in conditions if each.is_relative), "")
