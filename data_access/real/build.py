"""Puts the five sources together, as contract tables and as one SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from data_access import contract, schema
from data_access.bulk_load import write_sqlite
from data_access.real import bank_marketing, boost, incidents, online_retail, sfo_survey

_SOURCES = (online_retail, incidents, sfo_survey, bank_marketing, boost)


def frames() -> dict[str, pl.DataFrame]:
    """Contract tables of the real data, in contract order, with the columns that are recorded.

    Every column that the contract does not call optional is there, and of the optional ones
    those that the source records; no `_on` columns. `interactions` is the one table without a
    source. `feeds` says of each table when its source ends: the five end years apart, and each
    is to be judged as of its own last day.
    """
    found: dict[str, pl.DataFrame] = {}
    ends: list[tuple[str, object]] = []
    for source in _SOURCES:
        tables = source.tables()
        found |= tables
        ends += [(name, source.COMPLETE_UNTIL) for name in tables if name != "employees"]
    feeds = {"table_name": pl.String(), "complete_until": contract.TIME}
    found["feeds"] = pl.DataFrame(ends, schema=feeds, orient="row").sort("table_name")
    return {name: _in_order(name, found[name]) for name in contract.TABLES if name in found}


def build(path: Path) -> dict[str, int]:
    """Write the real-data CRM database to an SQLite file, replacing an older one whole.

    Returns:
        Rows per table.
    """
    tables = frames()
    return write_sqlite(path, [tables], tables=_recorded(tables))


def _in_order(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    columns = contract.TABLES[name].columns
    names = [column.name for column in columns if column.name in frame.columns]
    return frame.select(names)


def _recorded(tables: Mapping[str, pl.DataFrame]) -> sa.MetaData:
    """Our SQL schema without the tables and columns that no source records."""
    result = sa.MetaData()
    for whole in schema.metadata().sorted_tables:
        names = tables[whole.name].columns if whole.name in tables else []
        if not names:
            continue
        columns = [
            sa.Column(name, whole.c[name].type, nullable=whole.c[name].nullable) for name in names
        ]
        part = sa.Table(whole.name, result, *columns)
        for index in whole.indexes:
            if all(column.name in part.c for column in index.columns):
                sa.Index(index.name, *(part.c[column.name] for column in index.columns))
    return result
