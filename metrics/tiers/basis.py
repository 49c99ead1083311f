"""Why one customer has the tier it has: the rule that put it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from metrics.tiers.scheme import Scheme


def tier_basis(tier: str, customer: Mapping[str, Any], *, scheme: Scheme, money_scale: int) -> str:
    """The field of the first condition of a tier that the customer meets.

    A condition that ranks customers cannot be asked of one of them, so it is what remains when no
    band holds.

    Args:
        tier: Code of the customer's tier.
        customer: The fields of the scheme's conditions.
        scheme: The scheme that gave the tier.
        money_scale: Digits of money after the unit.

    Returns:
        Name of the field; empty for a tier the scheme does not have.
    """
    conditions = next((each.any for each in scheme.tiers if each.code == tier), ())
    lone = pl.DataFrame({each.field: [customer[each.field]] for each in conditions})
    for each in conditions:
        if each.top_percent is None and lone.select(each.holds(money_scale)).item():
            return each.field
    return next((each.field for each in conditions if each.top_percent is not None), "")
