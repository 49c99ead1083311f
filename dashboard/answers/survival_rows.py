"""The customers behind the survival curves."""

from __future__ import annotations

import polars as pl

from dashboard.answers.survival import lived, neutral
from dashboard.view import View


def customers(view: View, dimension: str, group: str | None) -> pl.LazyFrame:
    """The customers of a curve: the customer mart with duration (days) and event; not sorted."""
    lives, column = lived(neutral(view), dimension)
    return lives.filter(pl.col(column).cast(pl.String).eq_missing(pl.lit(group, pl.String)))
