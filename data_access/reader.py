"""One contract table on its way from the CRM to disk: typed batch by batch, losses marked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from data_access.carriers import Columns
from data_access.contract import Table
from data_access.values import lost, typed

UNREADABLE = "_unreadable"  # names of the columns whose values were lost; null if none was


@dataclass(frozen=True, slots=True)
class ExtractedTable:
    """One contract table as the CRM has it.

    Attributes:
        frame: The contract's columns and day columns, and UNREADABLE; an optional column that
            the CRM lacks is null throughout. Rows in reading order.
        rows: How many.
        present: False if the CRM has no such table; the frame is then empty.
        columns: The contract's columns that the CRM has.
        missing: Its optional columns that the CRM lacks, if it has the table.
        since: If set, only the rows changed from then on were read.
        keys: If set, the keys of all rows that the CRM has; whatever else is known is deleted.
    """

    frame: pl.LazyFrame
    rows: int
    present: bool
    columns: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    since: datetime | None = None
    keys: pl.LazyFrame | None = None


@dataclass(slots=True)
class TableReader:
    """Types one table's batches and writes each to its own file.

    Attributes:
        columns: What is read of the table, by the contract's names.
        complete: Whether to add what the CRM does not give: the columns it lacks, as nulls, the
            day of each time, and UNREADABLE.
    """

    table: Table
    directory: Path
    time_zone: str
    columns: tuple[str, ...] = ()
    complete: bool = True
    rows: int = 0
    files: list[Path] = field(default_factory=list[Path])
    unreadable: Counter[str] = field(default_factory=Counter[str])

    @property
    def illegible(self) -> set[str]:
        """Columns of which no row had a value that could be read, though all had one."""
        return {name for name, rows in self.unreadable.items() if rows == self.rows}

    def begin(self) -> None:
        """Read from the beginning, whatever was read before."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.rows, self.files = 0, []
        self.unreadable.clear()

    def take(self, raw: Columns) -> None:
        """Type some more rows and write them out."""
        read = {name: typed(raw[name], self.table.column(name).dtype) for name in self.columns}
        marks = {name: lost(raw[name], values) for name, values in read.items()}
        unread = {name: rows for name, rows in marks.items() if rows is not None}
        self.unreadable.update({name: int(rows.sum()) for name, rows in unread.items()})
        self._write(pl.DataFrame(read), unread)

    def result(self) -> pl.LazyFrame:
        """The rows, read lazily from their files."""
        if not self.files:
            self.begin()
            read = {name: self.table.column(name).dtype for name in self.columns}
            self._write(pl.DataFrame(schema=read), {})
        return pl.scan_ipc(self.files)

    def _write(self, read: pl.DataFrame, unread: dict[str, pl.Series]) -> None:
        frame = self._completed(read, unread) if self.complete else read
        path = self.directory / f"{len(self.files):06d}.arrow"
        frame.write_ipc(path)  # as it is in memory: packing it would take longer than reading it
        self.files.append(path)
        self.rows += frame.height

    def _completed(self, read: pl.DataFrame, unread: dict[str, pl.Series]) -> pl.DataFrame:
        absent = [
            pl.lit(None, column.dtype).alias(column.name)
            for column in self.table.columns
            if column.name not in read.columns
        ]
        days = [
            pl.col(moment).dt.convert_time_zone(self.time_zone).dt.date().alias(day)
            for moment, day in self.table.days.items()
        ]
        names = [pl.when(rows).then(pl.lit(name)) for name, rows in unread.items()]
        lost_here = pl.concat_list(*names).list.drop_nulls() if names else pl.lit(None)
        told = pl.when(lost_here.list.len() > 0).then(lost_here) if names else lost_here
        return (
            read.with_columns(absent)
            .with_columns(*days, told.cast(pl.List(pl.String)).alias(UNREADABLE))
            .select(*self.table.own_schema, UNREADABLE)
        )
