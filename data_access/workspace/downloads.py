"""Downloads: who took which rows away, when, chosen how; kept before the rows leave."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import sqlalchemy as sa

from data_access.principal import Principal
from data_access.workspace import entry
from data_access.workspace.audit import AuditedSession
from data_access.workspace.frames import frame
from data_access.workspace.models import AuditEntry, Download
from data_access.workspace.workspace import Workspace
from data_access.workspace.write import Saved, Write


def record_download(
    workspace: Workspace, write: Write, listed: str, file: str, query: str, rows: int, snapshot: str
) -> Saved:
    """Keep that rows about customers are taken away.

    Args:
        workspace: Where.
        write: Who, when, under which key.
        listed: Which list or chart, a code.
        file: The kind of file: csv, xlsx.
        query: Of the address: filters, order, customer; codes, and what was searched for.
        rows: How many.
        snapshot: Version of the data.

    Returns:
        The id of the download.

    Raises:
        WorkspaceError: It cannot be kept.
    """

    def change(session: AuditedSession) -> Saved:
        download = Download(
            download_id=entry.new_id(),
            listed=entry.code("listed", listed),
            file=entry.code("file", file),
            query=entry.text("query", query) or "",
            rows=rows,
            snapshot=entry.line("snapshot", snapshot),
            taken_at=write.at,
            taken_by=write.principal.name,
        )
        session.add(download)
        return Saved({download.download_id: 1})

    said = {"rows": [listed, file, query, rows, snapshot]}
    return workspace.save(write, "download", said, change, about_customers=False)


def taken(workspace: Workspace, principal: Principal, since: datetime) -> pl.DataFrame:
    """What was taken away from a moment on: all of it for who reads the audit, else one's own.

    Returns:
        One row per file, the latest first: download_id, taken_at (UTC), taken_by, role (then),
        listed, file, query, rows, snapshot.

    Raises:
        WorkspaceError: The database fails.
    """
    columns = (
        Download.download_id,
        Download.taken_at,
        Download.taken_by,
        AuditEntry.role,
        Download.listed,
        Download.file,
        Download.query,
        Download.rows,
        Download.snapshot,
    )
    same = (AuditEntry.about == Download.__tablename__) & (
        AuditEntry.row_id == Download.download_id
    )
    wanted = sa.select(*columns).join(AuditEntry, same).where(Download.taken_at >= since)
    if not principal.reads_audit:
        wanted = wanted.where(Download.taken_by == principal.name)
    latest = wanted.order_by(Download.taken_at.desc(), Download.download_id)
    with workspace.reading() as session:
        return frame(session, latest)
