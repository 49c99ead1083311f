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

from data_access import changes
from data_access.carriers import Query, carrier
from data_access.check import compare, illegible, usable
from data_access.connection import read_transaction, shown_url
from data_access.contract import TABLES
from data_access.errors import SchemaMismatchError, UnreadableColumnError
from data_access.findings import Finding, Severity
from data_access.manifest import Source
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
        moment: The CRM's own clock at the read, UTC; None where it cannot be asked.
    """

    url: str
    source: str
    time_zone: str
    read_at: datetime
    tables: dict[str, ExtractedTable]
    findings: list[Finding]
    moment: datetime | None = None


def extract(
    url: str,
    *,
    spool: Path,
    read_at: datetime,
    source: str = "stayline",
    time_zone: str = "Asia/Shanghai",
    told: Listener | None = None,
    known: Mapping[str, Source] | None = None,
    deletions: bool = False,
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
        known: The tables of an earlier read: of those that tell when a row was changed, only
            what has changed since is read again.
        deletions: Whether to read all keys of such a table too, to find rows that are gone.

    Raises:
        SourceUnavailableError: The database cannot be reached or fails while being read.
        SchemaMismatchError: A table or column without which there is nothing to show is missing.
        UnreadableColumnError: Such a column is there, and none of its values can be read.
        UnknownChangesError: A large table that is known does not tell what has changed.
        UnsupportedSourceError: Of another database or CRM schema.
    """
    crm = source_named(source)
    with read_transaction(url) as connection:
        present = crm.columns(sa.inspect(connection))
        findings = compare(present)
        _require(findings, url)
        moment = changes.moment(connection)
        selects = crm.queries(usable(present))
        queries = [Query(TABLES[name], selects[name], present[name], name) for name in selects]
        plan = _Plan.of(connection, queries, known or {}, deletions=deletions)
        readers = {
            query.name: TableReader(
                query.table,
                spool / query.name,
                time_zone,
                tuple(query.select.selected_columns.keys()),
                complete=query.name in TABLES,
            )
            for query in plan.queries
        }
        _read(connection, plan, readers, told)
    if lost := illegible(findings, {name: reader.illegible for name, reader in readers.items()}):
        raise UnreadableColumnError(shown_url(url), lost)
    tables = {
        name: _extracted(readers[name], readers.get(changes.keys_of(name)), plan.since.get(name))
        if name in readers
        else _absent(TableReader(TABLES[name], spool / name, time_zone))
        for name in TABLES
    }
    return Extraction(shown_url(url), source, time_zone, read_at, tables, findings, moment)


def _require(findings: Sequence[Finding], url: str) -> None:
    missing = [
        f"{finding.table}.{finding.column}".rstrip(".")
        for finding in findings
        if finding.severity is Severity.ERROR
    ]
    if missing:
        raise SchemaMismatchError(shown_url(url), missing)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to ask the CRM for; `since` names the tables of which only changes are read."""

    queries: list[Query]
    since: dict[str, datetime]

    @classmethod
    def of(
        cls,
        connection: sa.Connection,
        queries: Sequence[Query],
        known: Mapping[str, Source],
        *,
        deletions: bool,
    ) -> _Plan:
        since: dict[str, datetime] = {}
        asked: list[Query] = []
        for query in queries:
            start = changes.since(connection, query, known.get(query.name))
            if start is None:
                asked.append(query)
                continue
            since[query.name] = start
            asked.append(changes.changed(query, start))
            if deletions:
                asked.append(changes.keys(query))
        return cls(asked, since)


def _read(
    connection: sa.Connection,
    plan: _Plan,
    readers: Mapping[str, TableReader],
    told: Listener | None,
) -> None:
    began = time.monotonic()
    queries = {query.name: query for query in plan.queries}
    expected = expected_rows(connection, queries.keys()) if told and not plan.since else None
    for batch in carrier(connection.dialect.name)(connection, queries):
        reader = readers[batch.query]
        if batch.columns is None:
            reader.begin()
            continue
        reader.take(batch.columns)
        if told:
            rows = sum(each.rows for each in readers.values())
            told(Progress(batch.query, rows, expected, time.monotonic() - began))


def _extracted(
    rows: TableReader, keys: TableReader | None, since: datetime | None
) -> ExtractedTable:
    optional = [column.name for column in rows.table.columns if column.optional]
    return ExtractedTable(
        rows.result(),
        rows.rows,
        present=True,
        columns=rows.columns,
        missing=tuple(name for name in optional if name not in rows.columns),
        since=since,
        keys=keys.result() if keys else None,
    )


def _absent(reader: TableReader) -> ExtractedTable:
    return ExtractedTable(reader.result(), 0, present=False)
