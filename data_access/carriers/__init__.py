"""What brings the rows of a query, fast, exactly and all of one moment: one way per database.

SQLAlchemy defines every query; a carrier may change how a column is written on the way (a numeric
as text), never which rows or which values. Whatever a fast carrier cannot carry comes as plain
rows, so that each gives what the others would.
"""

from __future__ import annotations

from importlib import import_module

from data_access.carriers.query import Batch, Carrier, Columns, Query

__all__ = ["Batch", "Carrier", "Columns", "Query", "carrier"]

_MODULES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "mariadb": "mysql",
    "mysql": "mysql",
}


def carrier(dialect: str) -> Carrier:
    """The fastest safe carrier for a dialect of SQLAlchemy; plain rows for one not known here.

    Its module is loaded only now: connectorx has a SQLite library in it, and no process that
    reads an SQLite file shall hold a second one.
    """
    module = import_module(f"{__name__}.{_MODULES.get(dialect, 'rows')}")
    return module.carry
