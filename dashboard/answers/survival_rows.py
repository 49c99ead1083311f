"""The customers behind the survival curves."""

from __future__ import annotations

import polars as pl

from dashboard.answers import casework
from dashboard.answers.casework import State
from dashboard.answers.survival import lived, neutral
from dashboard.view import View


def customers(
    view: View, dimension: str, group: str | None, state: State | None = None
) -> pl.LazyFrame:
    """The customers of a curve: the customer mart with duration (days) and event; not sorted.

    The owners are of that state of the workspace, by which those chosen were found.
    """
    lives, column = lived(neutral(view), dimension)
    rows = lives.filter(pl.col(column).cast(pl.String).eq_missing(pl.lit(group, pl.String)))
    return rows if state is None else casework.with_owner(rows, view, state)
