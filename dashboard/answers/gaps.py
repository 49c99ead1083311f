"""Which readings the CRM cannot give at all: the table or column that it does not have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from dashboard import data
from dashboard.reading import Reading, unavailable
from dashboard.view import View
from metrics.catalog import KPIS

P = ParamSpec("P")
Headline = Callable[Concatenate[View, P], dict[str, Reading]]


def named(headline: Headline[P]) -> Headline[P]:
    """A headline in which a KPI that needs what the CRM lacks says so, whatever else was found."""

    @functools.wraps(headline)
    def explained(view: View, *args: P.args, **kwargs: P.kwargs) -> dict[str, Reading]:
        readings = headline(view, *args, **kwargs)
        return {key: gap(view, key) or reading for key, reading in readings.items()}

    return explained


def gap(view: View, key: str) -> Reading | None:
    """A reading that names the first table or column that the CRM lacks for a KPI; else None."""
    for need in KPIS[key].needs:
        table, _, columns = need.partition(".")
        lacking = data.lacking(view, table)
        if set(columns.split("/")) <= set(lacking):
            return unavailable("no_column", need)
        if not data.present(view, table):
            broken = ", ".join(f"{table}.{name}" for name in lacking)
            return unavailable("no_column", broken) if broken else unavailable("no_table", table)
    return None
