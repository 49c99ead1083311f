"""The rows of a mart that a view asks for: from memory, from disk, or kept since the last question.

What a reader chose is a part of every key, and whoever may not see everything reads from disk,
within their scope.
"""

from __future__ import annotations

import polars as pl

from dashboard.resident import HELD, OWNED, by_code, by_owner, compacted
from dashboard.serving import Opened
from dashboard.view import View
from metrics.selection import Selection

_FEW = 100_000  # rows of a choice that are kept, so that a page filters each mart once


def narrowed(opened: Opened, view: View, name: str, columns: tuple[str, ...] = ()) -> pl.LazyFrame:
    """The chosen rows of a mart, some of its columns or all; text as it is held."""
    there, chosen = held(opened, view, name, columns), view.selection
    rows = stored(opened, view, name, columns)
    everybody = chosen.is_everything and view.principal.sees_everything
    if everybody or (there is None and not columns):
        return chosen.of(rows)
    key = (chosen, name, view.scheme, view.principal if there is None else None)
    few = opened.chosen.get(key, lambda: _few(there, rows, chosen))
    return chosen.of(rows) if few is None else few.lazy()


def _few(there: pl.DataFrame | None, scan: pl.LazyFrame, chosen: Selection) -> pl.DataFrame | None:
    """The chosen rows of what is held in memory or scanned, if they are not many.

    Held ones are fetched by their numbers, which takes a tenth of filtering every column.
    """
    if there is None:
        found = chosen.of(scan).head(_FEW + 1).collect()
        return compacted(found) if len(found) <= _FEW else None
    rows = chosen.of(there.lazy().with_row_index("_row")).select("_row").collect()["_row"]
    return there[rows] if len(rows) <= _FEW else None


def held(opened: Opened, view: View, name: str, columns: tuple[str, ...]) -> pl.DataFrame | None:
    """What is held in memory, compact; only whoever may see everything reads from there."""
    asked = view.principal.sees_everything and HELD.get(name) == columns
    return opened.frames.get((name, view.scheme)) if asked else None


def stored(opened: Opened, view: View, name: str, columns: tuple[str, ...] = ()) -> pl.LazyFrame:
    """The rows in scope as they are held: in memory and compact, or on disk."""
    there = held(opened, view, name, columns)
    if there is not None:
        return there.lazy()
    tables = opened.snapshot.manifest.tables
    table, told = by_code(tables, _with_owners(view, name), view.scheme)
    rows = opened.snapshot.scan(table, view.principal)
    chosen = {column: name for column, name in told.items() if not columns or name in columns}
    return rows.select(pl.col(column).alias(name) for column, name in chosen.items())


def _with_owners(view: View, name: str) -> str:
    """Of a roll-up that is there with owners and without, the one that a view is answered from.

    That with owners is four times as long, and says the same of everybody together.
    """
    asked = any(dimension == "owner_id" for dimension, _ in view.selection.filters)
    owned = name in OWNED and (asked or not view.principal.sees_everything)
    return by_owner(name) if owned else name
