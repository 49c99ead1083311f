"""What a carrier is asked for and what it brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from data_access.contract import Table

BATCH_ROWS = 50_000

Columns = Mapping[str, Sequence[Any] | pl.Series]


@dataclass(frozen=True, slots=True)
class Query:
    """One contract table to be read, or a part of it.

    Attributes:
        select: Its columns labelled by their contract names, without any parameter.
        kinds: The type of each column as the database declares it.
        name: What its batches are called; the table's own unless it is read twice.
    """

    table: Table
    select: sa.Select[Any]
    kinds: Mapping[str, sa.types.TypeEngine[Any]]
    name: str

    def recast(
        self, cast: Callable[[sa.ColumnElement[Any], str], sa.ColumnElement[Any]]
    ) -> sa.Select[Any]:
        """The select with each of its columns changed, names kept."""
        columns = [
            cast(column, name).label(name) for name, column in self.select.selected_columns.items()
        ]
        return self.select.with_only_columns(*columns, maintain_column_froms=True)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a query, raw: as the driver gave them, or as Arrow did.

    Attributes:
        query: Its name.
        columns: By contract name; None begins it, whatever was brought of it before.
    """

    query: str
    columns: Columns | None = None


Carrier = Callable[[sa.Connection, Mapping[str, Query]], Iterator[Batch]]


def frames(batches: Iterable[Any]) -> Iterator[pl.DataFrame]:
    """Arrow record batches, one by one, without copying."""
    for batch in batches:
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        yield frame
