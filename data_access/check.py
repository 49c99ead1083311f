"""Does a live database keep the contract? Every difference, with what it switches off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from data_access.contract import TABLES, TIME, Column, Power, Table
from data_access.findings import Finding, Severity
from data_access.sources import source as source_named

Present = Mapping[str, Mapping[str, "sa.types.TypeEngine[Any]"]]

_NUMBERS = (sa.Integer, sa.Numeric)
_READABLE: dict[pl.DataType, tuple[type[sa.types.TypeEngine[Any]], ...]] = {
    TIME: (sa.DateTime, sa.String),
    pl.Date(): (sa.Date, sa.DateTime, sa.String),
    pl.Boolean(): (sa.Boolean, sa.Integer),
    pl.Int16(): _NUMBERS,
    pl.Int32(): _NUMBERS,
    pl.Int64(): _NUMBERS,
}  # text is made of anything


def check(bind: sa.Engine | sa.Connection, source: str = "stayline") -> list[Finding]:
    """Compare a database with the contract.

    A table that lacks a column which is not optional counts as missing altogether: half a
    table would give wrong figures rather than none. Types are compared where the database
    declares them; a type that cannot hold exact values (a float for money) is a finding too.

    Returns:
        Findings in contract order; empty if the database has everything.

    Raises:
        UnsupportedSourceError: No module reads that CRM.
    """
    return compare(source_named(source).columns(sa.inspect(bind)))


def compare(present: Present) -> list[Finding]:
    """Findings about the tables and columns that a source offers, in contract order."""
    findings: list[Finding] = []
    for table in TABLES.values():
        if table.name not in present:
            findings.append(_missing_table(table))
            continue
        columns = present[table.name]
        for column in table.columns:
            if column.name not in columns:
                findings.append(_missing_column(table, column))
            elif not _is_readable(column, columns[column.name]):
                findings.append(_wrong_type(table, column, columns[column.name]))
    return findings


def usable(present: Present) -> dict[str, tuple[str, ...]]:
    """Tables that can be read, with their columns: those lacking no column but optional ones."""
    return {
        name: tuple(columns)
        for name, columns in present.items()
        if all(column.optional or column.name in columns for column in TABLES[name].columns)
    }


def illegible(findings: Iterable[Finding], lost: Mapping[str, Collection[str]]) -> list[str]:
    """Columns that no figure can do without, of another type, without one readable value.

    A type that only looks wrong (digits in a text) is read; one that has changed for good (a
    time kept as a number) would publish a company without a single order.

    Args:
        findings: Of `compare`.
        lost: By table, the columns of which no value that was read fitted the contract's type.
    """
    return [
        f"{finding.table}.{finding.column}"
        for finding in findings
        if finding.code == "wrong_type"
        and finding.column in lost.get(finding.table, ())
        and TABLES[finding.table].required
        and not TABLES[finding.table].column(finding.column).optional
    ]


def _missing_table(table: Table) -> Finding:
    severity = Severity.ERROR if table.required else Severity.OFF
    sentence = f"There is no table {table.name}; off: {', '.join(table.powers)}."
    return Finding("missing_table", severity, table.name, "", table.powers, sentence)


def _missing_column(table: Table, column: Column) -> Finding:
    powers: tuple[Power, ...] = column.powers
    severity = Severity.OFF if powers else Severity.NOTE
    if not column.optional:
        powers = table.powers
        severity = Severity.ERROR if table.required else Severity.OFF
    off = f"; off: {', '.join(powers)}" if powers else ""
    sentence = f"Table {table.name} has no column {column.name}{off}."
    return Finding("missing_column", severity, table.name, column.name, powers, sentence)


def _wrong_type(table: Table, column: Column, kind: sa.types.TypeEngine[Any]) -> Finding:
    sentence = (
        f"Column {table.name}.{column.name} is {kind}, read as {column.dtype}; "
        "values that do not fit exactly are counted as unreadable."
    )
    return Finding("wrong_type", Severity.NOTE, table.name, column.name, (), sentence)


def _is_readable(column: Column, kind: sa.types.TypeEngine[Any]) -> bool:
    readable = _READABLE.get(column.dtype)
    if readable is None or isinstance(kind, sa.types.NullType):
        return True
    return isinstance(kind, readable) and not isinstance(kind, sa.Float)
