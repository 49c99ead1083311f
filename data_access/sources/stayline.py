"""Our own schema: tables and columns named as the contract names them; views will do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from data_access.contract import TABLES
from data_access.schema import metadata


def columns(inspector: sa.Inspector) -> dict[str, dict[str, sa.types.TypeEngine[Any]]]:
    """Contract tables and columns that the database has, with their SQL types."""
    existing = {*inspector.get_table_names(), *inspector.get_view_names()}
    found: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {}
    for table in TABLES.values():
        if table.name in existing:
            types = {column["name"]: column["type"] for column in inspector.get_columns(table.name)}
            wanted = (column.name for column in table.columns)
            found[table.name] = {name: types[name] for name in wanted if name in types}
    return found


def queries(present: Mapping[str, Collection[str]]) -> dict[str, sa.Select[Any]]:
    """One select per table over the columns it has, in contract order."""
    tables = metadata().tables
    return {
        name: sa.select(*(column for column in tables[name].c if column.name in available))
        for name, available in present.items()
    }
