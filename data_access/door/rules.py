"""What the contract implies about each value of a row, as conditions that are never null."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from data_access.contract import LATEST, TIME, Column, Table
from data_access.findings import Action

_CLOCK_SLACK = timedelta(days=1)

# Control characters and those that turn the direction of what follows them: they would disturb
# the text beside them wherever it is drawn. Tabs and line breaks are ordinary in a comment.
HIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
# Of the 9.22 · 10¹⁸ that 64 bits hold; the rest is for the rounding of the sum that is compared.
MOST_TOGETHER = 9 * 10**18
INSTEAD = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that `broken` is true for; `nulled` names the column to null, "" to exclude the row."""

    name: str
    column: str
    broken: pl.Expr
    nulled: str

    @property
    def action(self) -> Action:
        """What happens to a row that breaks it."""
        return Action.NULLED if self.nulled else Action.EXCLUDED


def free_texts(table: Table) -> list[Column]:
    """The columns that hold text or codes of the source's own, but no keys: these must match."""
    return [
        column
        for column in table.columns
        if column.dtype == pl.String
        and column.name not in table.key
        and not (column.references or column.values)
    ]


def row_rules(table: Table, read_at: datetime) -> Iterator[Rule]:
    """The rules about single rows, in the order of the contract's columns."""
    for column in table.columns:
        value = pl.col(column.name)
        nulled = column.name if column.nullable else ""
        if not column.nullable:
            yield Rule("required_null", column.name, value.is_null(), "")
        if column.values:
            unknown = ~value.is_in(list(column.values))
            yield Rule("unknown_value", column.name, unknown.fill_null(value=False), nulled)
        if column.minimum is not None or column.maximum is not None:
            yield Rule("out_of_range", column.name, _outside(column), nulled)
        if column.dtype in (TIME, pl.Date):
            day, happened = value.dt.date(), _happened(table, column)
            first = column.earliest
            unlikely = (day < first) if happened else ~day.is_between(first, LATEST)
            yield Rule("out_of_range", column.name, unlikely.fill_null(value=False), nulled)
        if _happened(table, column):
            future = (value > read_at + _CLOCK_SLACK).fill_null(value=False)
            yield Rule("future", column.name, future, nulled)
        if column.not_before:
            start = table.column(column.not_before)
            negative = (value < pl.col(start.name)).fill_null(value=False)
            beginning = start.name if start.nullable else ""
            yield Rule("negative_duration", column.name, negative, beginning)


def summed(table: Table) -> list[Column]:
    """The columns whose values are added up in 64 bits."""
    return [column for column in table.columns if column.dtype == pl.Int64]


def limits(table: Table, rows: int, sums: Mapping[str, float]) -> dict[str, int]:
    """The most an amount may be where those of the table together exceed what 64 bits hold.

    An equal share for each row: without the values above it no sum wraps around.
    """
    return {
        column.name: MOST_TOGETHER // rows
        for column in summed(table)
        if sums.get(column.name, 0) > MOST_TOGETHER
    }


def too_much(column: Column, most: int) -> Rule:
    """Values above such a limit."""
    beyond = (pl.col(column.name).abs() > most).fill_null(value=False)
    return Rule("out_of_range", column.name, beyond, column.name if column.nullable else "")


def _happened(table: Table, column: Column) -> bool:
    """Whether a time is of something that has happened, so that it cannot lie in the future."""
    is_event = bool(table.event_time) or column.name == "complete_until"
    happened = column.name != "updated_at" and not column.announced
    return is_event and column.dtype == TIME and happened


def orphan_action(column: Column) -> Action:
    """What happens to a row whose reference in that column leads nowhere."""
    if column.references == "employees":
        return Action.KEPT
    return Action.NULLED if column.nullable else Action.EXCLUDED


def _outside(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    low = -float("inf") if column.minimum is None else column.minimum
    high = float("inf") if column.maximum is None else column.maximum
    return (~value.is_between(low, high)).fill_null(value=False)
