"""The rows that other rows refer to: their keys, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from data_access.contract import TABLES, Table
from data_access.manifest import FileEntry
from data_access.staging import Staging

_HELD = 5_000_000  # keys of one table that are held in memory
_PARENTS = {
    *(column.references for table in TABLES.values() for column in table.columns),
    *(table.parent for table in TABLES.values()),
}


Changes = tuple[pl.DataFrame, pl.DataFrame]


@dataclass(slots=True)
class Parents:
    """The tables already admitted to which others refer; those the CRM lacks are left out."""

    staging: Staging
    _rows: dict[str, pl.LazyFrame] = field(default_factory=dict[str, pl.LazyFrame])
    _changes: dict[str, Changes] = field(default_factory=dict[str, Changes])

    def add(self, table: Table, files: Sequence[FileEntry]) -> None:
        """Make an admitted table known to those that come after it."""
        if table.name not in _PARENTS:
            return
        rows = _identity(table, self.staging.rows(files))
        small = sum(file.rows for file in files) <= _HELD
        self._rows[table.name] = rows.collect().lazy() if small else rows
        if self._was_present(table.name):
            self._changes[table.name] = self._compared(table, files)

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def rows(self, name: str) -> pl.LazyFrame:
        """The key of every row of a table, with its customer_id if it has one."""
        return self._rows[name]

    def changes(self, name: str) -> Changes | None:
        """Keys that left since the base, and keys that came; both, if the customer is another.

        None if they cannot be compared, because the CRM had the table only then or only now.
        """
        if name not in self._rows and not self._was_present(name):
            nothing = pl.DataFrame(schema={key: pl.String() for key in TABLES[name].key})
            return nothing, nothing
        return self._changes.get(name)

    def _was_present(self, name: str) -> bool:
        base = self.staging.base
        return bool(base and name in base.sources and base.sources[name].columns)

    def _compared(self, table: Table, files: Sequence[FileEntry]) -> Changes:
        """Only parts that differ are looked at: what is in the others has not changed."""
        assert self.staging.base
        known = self.staging.base.tables[table.name].files
        old = _of(table, self.staging, [file for file in known if file not in files])
        new = _of(table, self.staging, [file for file in files if file not in known])
        keys, on = list(table.key), old.columns
        left = old.join(new, on=on, how="anti", nulls_equal=True).select(keys)
        came = new.join(old, on=on, how="anti", nulls_equal=True).select(keys)
        return left, came


def _of(table: Table, staging: Staging, files: Sequence[FileEntry]) -> pl.DataFrame:
    rows = staging.rows(files) if files else pl.LazyFrame(schema=table.schema)
    return _identity(table, rows).collect(engine="streaming")


def _identity(table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
    owner = ["customer_id"] if "customer_id" in table.schema else []
    return rows.select(*dict.fromkeys([*table.key, *owner]))
