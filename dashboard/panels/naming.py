"""Lists of which only the page that is shown is told with names."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial

import polars as pl

from dashboard.answers import customer_names
from dashboard.drilldown import Rows
from dashboard.view import View


def named(view: View, rows: pl.LazyFrame, decided_by: Hashable, columns: Mapping[str, str]) -> Rows:
    """A list with columns of its customers, by their names in the list.

    Joining a whole list to 2 million customers, only to count it, takes 0.3 s.
    """
    beside = partial(customer_names.told, view, few=True, columns=columns)
    return Rows(rows, decided_by, beside, ("customer_id",), tuple(columns))
