"""One contract table on its way from the CRM to disk: typed batch by batch, losses counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from data_access.carriers import Columns
from data_access.contract import Table
from data_access.findings import Action, Rejection
from data_access.values import lost, typed

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ExtractedTable:
    """One contract table as the CRM has it.

    Attributes:
        frame: Exactly the contract's columns and day columns; an optional column that the CRM
            lacks is null throughout. Rows in reading order.
        rows: How many.
        present: False if the CRM has no such table; the frame is then empty.
        missing: Optional columns that the CRM lacks.
    """

    frame: pl.LazyFrame
    rows: int
    present: bool
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class TableReader:
    """Types one table's batches and writes each to its own file."""

    table: Table
    directory: Path
    time_zone: str
    present: bool = False
    columns: tuple[str, ...] = ()
    rows: int = 0
    files: list[Path] = field(default_factory=list[Path])
    unreadable: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def begin(self) -> None:
        """Read from the beginning, whatever was read before."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.rows, self.files = 0, []
        self.unreadable.clear()
        self.examples.clear()

    def take(self, raw: Columns) -> None:
        """Type some more rows and write them out."""
        read = {name: typed(raw[name], self.table.column(name).dtype) for name in self.columns}
        frame = pl.DataFrame(read)
        for name in self.columns:
            unread = lost(raw[name], frame[name])
            if unread is not None:
                self._note(frame, name, unread)
        self._write(self._complete(frame))

    def result(self) -> ExtractedTable:
        """The table, read lazily from its files; empty if it is not there or has no rows."""
        if not self.files:
            self.begin()
            self._write(pl.DataFrame(schema=self._schema()))
        optional = [column.name for column in self.table.columns if column.optional]
        missing = tuple(name for name in optional if self.present and name not in self.columns)
        return ExtractedTable(pl.scan_parquet(self.files), self.rows, self.present, missing)

    def rejections(self) -> list[Rejection]:
        """Columns that held values of another type; nothing more was done than nulling them."""
        return [
            Rejection(
                self.table.name,
                "unreadable",
                column,
                rows,
                Action.NULLED,
                tuple(self.examples[column]),
            )
            for column, rows in self.unreadable.items()
        ]

    def _schema(self) -> dict[str, pl.DataType]:
        """What the CRM can give: the contract's schema without the parent's customer."""
        own = {*(column.name for column in self.table.columns), *self.table.days.values()}
        return {name: dtype for name, dtype in self.table.schema.items() if name in own}

    def _complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add the columns the CRM lacks, as nulls, and the day of each time."""
        absent = [
            pl.lit(None, column.dtype).alias(column.name)
            for column in self.table.columns
            if column.name not in frame.columns
        ]
        days = [
            pl.col(moment).dt.convert_time_zone(self.time_zone).dt.date().alias(day)
            for moment, day in self.table.days.items()
        ]
        return frame.with_columns(absent).with_columns(days).select(list(self._schema()))

    def _note(self, frame: pl.DataFrame, column: str, unread: pl.Series) -> None:
        self.unreadable[column] += int(unread.sum())
        examples = self.examples.setdefault(column, [])
        keys = frame.select(pl.concat_str(self.table.key, separator="/", ignore_nulls=True))
        bad = keys.to_series().filter(unread)
        examples.extend(bad.head(_EXAMPLES - len(examples)).to_list())

    def _write(self, frame: pl.DataFrame) -> None:
        path = self.directory / f"{len(self.files):06d}.parquet"
        frame.write_parquet(path, compression="lz4", statistics=False)
        self.files.append(path)
        self.rows += frame.height
