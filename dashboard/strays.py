"""The few of whom a breakdown does not know the group: told in words, not as a row of its own."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dashboard import i18n
from dashboard.i18n import t

_FEW = 5  # customers; so many of an unknown group are a finding about the data


def set_aside(frame: pl.DataFrame, by: Sequence[str], customers: str) -> tuple[pl.DataFrame, str]:
    """A breakdown without the rows of an unknown group that hold fewer than five customers.

    Args:
        frame: A row per group.
        by: The columns of the group; null is unknown.
        customers: The column with how many each holds.

    Returns:
        The other rows, and a sentence with how many customers are left out; empty if none are, or
        if nothing else would be left.
    """
    stray = pl.any_horizontal(pl.col(*by).is_null()) & (pl.col(customers) < _FEW)
    kept = frame.filter(~stray)
    if kept.height in (0, frame.height):
        return frame, ""
    n: int = frame.filter(stray).select(pl.col(customers).sum()).item()
    return kept, t("panel.strays", n=i18n.number(n))
