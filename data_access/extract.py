"""One consistent read of the CRM: every contract table, typed, batch by batch, onto disk.

All tables are read in one read-only transaction, so that an order and its customer are of the
same moment however long the read takes. Each batch is typed and written out before the next is
fetched; memory does not grow with the table.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from data_access.carriers import Query, carrier
from data_access.check import compare, usable
from data_access.connection import read_transaction, shown_url
from data_access.contract import TABLES
from data_access.errors import SchemaMismatchError
from data_access.findings import Finding, Rejection, Severity
from data_access.progress import Listener, Progress, expected_rows
from data_access.reader import ExtractedTable, TableReader
from data_access.sources import source as source_named

__all__ = ["ExtractedTable", "Extraction", "extract"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one read of the CRM brought.

    Attributes:
        url: The address, without its password.
        read_at: When the read began, UTC.
        tables: Every table of the contract, in its order.
        findings: How the database differs from the contract.
        unreadable: Values that do not fit their column's type; they are null in the frames.
    """

    url: str
    source: str
    time_zone: str
    read_at: datetime
    tables: dict[str, ExtractedTable]
    findings: list[Finding]
    unreadable: list[Rejection]


def extract(
    url: str,
    *,
    spool: Path,
    read_at: datetime,
    source: str = "stayline",
    time_zone: str = "Asia/Shanghai",
    told: Listener | None = None,
) -> Extraction:
    """Read every contract table that the CRM has, in one transaction.

    Args:
        url: SQLAlchemy address of the CRM.
        spool: An empty directory for the batches; the frames read from it, so it must outlive
            them.
        read_at: Now, UTC.
        source: The CRM's schema, a key of `data_access.sources.SOURCES`.
        time_zone: The business time zone, in which a day begins.
        told: Called after every batch with how far the read is.

    Raises:
        SourceUnavailableError: The database cannot be reached or fails while being read.
        SchemaMismatchError: A table or column without which there is nothing to show is missing.
        UnsupportedSourceError: Of another database or CRM schema.
    """
    crm = source_named(source)
    with read_transaction(url) as connection:
        present = crm.columns(sa.inspect(connection))
        findings = compare(present)
        _require(findings, url)
        queries = {
            name: Query(TABLES[name], select, present[name])
            for name, select in crm.queries(usable(present)).items()
        }
        readers = _readers(queries, spool, time_zone)
        _read(connection, queries, readers, told)
    return Extraction(
        url=shown_url(url),
        source=source,
        time_zone=time_zone,
        read_at=read_at,
        tables={name: reader.result() for name, reader in readers.items()},
        findings=findings,
        unreadable=[rejection for reader in readers.values() for rejection in reader.rejections()],
    )


def _require(findings: Sequence[Finding], url: str) -> None:
    missing = [
        f"{finding.table}.{finding.column}".rstrip(".")
        for finding in findings
        if finding.severity is Severity.ERROR
    ]
    if missing:
        raise SchemaMismatchError(shown_url(url), missing)


def _read(
    connection: sa.Connection,
    queries: Mapping[str, Query],
    readers: Mapping[str, TableReader],
    told: Listener | None,
) -> None:
    began = time.monotonic()
    expected = expected_rows(connection, queries.keys()) if told else None
    for batch in carrier(connection.dialect.name)(connection, queries):
        reader = readers[batch.table]
        if batch.columns is None:
            reader.begin()
            continue
        reader.take(batch.columns)
        if told:
            rows = sum(each.rows for each in readers.values())
            told(Progress(batch.table, rows, expected, time.monotonic() - began))


def _readers(queries: Mapping[str, Query], spool: Path, time_zone: str) -> dict[str, TableReader]:
    """One per table of the contract, also for those that are not there."""
    readers: dict[str, TableReader] = {}
    for name, table in TABLES.items():
        query = queries.get(name)
        columns = tuple(query.select.selected_columns.keys()) if query else ()
        readers[name] = TableReader(table, spool / name, time_zone, query is not None, columns)
    return readers
