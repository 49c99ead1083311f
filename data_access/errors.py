"""What can go wrong between the CRM and a page; one sentence each: what, where, cure.

    DataAccessError
    ├── SourceError                  the CRM database; the published snapshot is untouched
    │   ├── SourceUnavailableError     cannot be reached, opened or read to the end
    │   ├── SilentSourceError          it has fallen silent in the middle
    │   ├── UnsupportedSourceError     a database or a CRM schema that no module here reads
    │   ├── SchemaMismatchError        a required table or column is missing
    │   ├── UnknownChangesError        a large table does not tell which rows have changed
    │   └── UnreadableColumnError      a required column holds another type now
    ├── SnapshotError                the published data on this machine
    │   ├── NoSnapshotError            nothing published yet
    │   ├── DamagedSnapshotError       no version passes its checksums
    │   ├── UnwritableSnapshotError    the disk is full, or may not be written to
    │   └── RefreshRunningError        another process is publishing
    ├── WorkspaceError               what people keep: data_access/workspace/errors.py
    ├── MissingEngineError           what is to build the marts is not installed
    └── RefreshError                 the process that refreshes; the old version stays
        ├── BrokenRefreshError         a defect of ours met this CRM
        ├── StuckRefreshError          checking and computing does not end
        └── KilledRefreshError         something else ended it

The sentence is the fallback; a page takes its words from the locale files by `code` and fills
them with `fields`. Neither ever holds a password: addresses come from `connection.shown_url`.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar


class DataAccessError(Exception):
    """Anything the shell's one error boundary shows in words instead of a traceback.

    Attributes:
        code: Stable name of the kind of error; the locale files key on it.
        fields: What the sentence is filled with, safe to show.
    """

    code: ClassVar[str] = "data_access"

    def __init__(self, sentence: str, **fields: str) -> None:
        super().__init__(sentence)
        self.fields = fields


class SourceError(DataAccessError):
    """The CRM database; the published snapshot is untouched."""

    code = "source"


class SourceUnavailableError(SourceError):
    """The database cannot be reached, opened or read to the end."""

    code = "source_unavailable"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"Cannot read the CRM database at {url}: {reason}; "
            "check STAYLINE_CRM_URL and that the database is running.",
            url=url,
            reason=reason,
        )


class SilentSourceError(SourceError):
    """It accepts or has accepted the connection, and nothing comes: frozen, or cut off."""

    code = "source_silent"

    def __init__(self, url: str, seconds: int) -> None:
        super().__init__(
            f"Nothing came from the CRM database at {url} for {seconds} s, so the read was given "
            "up; check that the database and the network to it are well, and if they are only "
            "slow, raise STAYLINE_PATIENCE.",
            url=url,
            seconds=str(seconds),
        )


class UnsupportedSourceError(SourceError):
    """The address names a database, or the setting a CRM schema, that no module here reads."""

    code = "source_unsupported"

    def __init__(self, name: str, supported: Sequence[str]) -> None:
        known = ", ".join(supported)
        sentence = f"Stayline cannot read {name}; it reads {known}."
        super().__init__(sentence, name=name, supported=known)


class SchemaMismatchError(SourceError):
    """A required table or column is missing; without it no view has anything to show."""

    code = "schema_mismatch"

    def __init__(self, url: str, missing: Sequence[str]) -> None:
        names = ", ".join(missing)
        super().__init__(
            f"The CRM database at {url} lacks {names}; "
            "add it, or a view of that name, or choose the source that fits this CRM.",
            url=url,
            missing=names,
        )


class UnknownChangesError(SourceError):
    """A table too large to be read every time does not tell which of its rows have changed."""

    code = "changes_unknown"

    def __init__(self, table: str, column: str, rows: int) -> None:
        sentence = (
            f"The table {table} has {rows:,} rows and no time {column} of their last change, so "
            "that every refresh would read all of it; add that column, or refresh once a day "
            "with --whole."
        )
        super().__init__(sentence, table=table, column=column, rows=f"{rows:,}")


class UnreadableColumnError(SourceError):
    """A required column of which no value can be read; its figures would all be empty."""

    code = "column_unreadable"

    def __init__(self, url: str, columns: Sequence[str]) -> None:
        names = ", ".join(columns)
        super().__init__(
            f"No value of {names} in the CRM database at {url} can be read, for its type is "
            "another than the contract's; change it back, or give a view that converts it.",
            url=url,
            columns=names,
        )


class SnapshotError(DataAccessError):
    """The published data on this machine."""

    code = "snapshot"


class NoSnapshotError(SnapshotError):
    """Nothing has been published yet."""

    code = "no_snapshot"

    def __init__(self, root: Path | str) -> None:
        sentence = f"No data has been published in {root} yet; run `make refresh`."
        super().__init__(sentence, root=str(root))


class DamagedSnapshotError(SnapshotError):
    """No version passes its checksums, so no figure can be trusted."""

    code = "snapshot_damaged"

    def __init__(self, root: Path | str, reason: str) -> None:
        super().__init__(
            f"The published data in {root} is damaged ({reason}) and no earlier version is whole; "
            "run `make refresh`.",
            root=str(root),
            reason=reason,
        )


class UnwritableSnapshotError(SnapshotError):
    """The disk is full, or may not be written to; what was published stays as it was."""

    code = "snapshot_unwritable"

    def __init__(self, root: Path | str, reason: str) -> None:
        sentence = f"Cannot write to {root}: {reason}; make room or give the right to write there."
        super().__init__(sentence, root=str(root), reason=reason)


class RefreshRunningError(SnapshotError):
    """Another process is publishing."""

    code = "refresh_running"

    def __init__(self, root: Path | str) -> None:
        sentence = f"Another refresh is writing to {root}; wait for it to end."
        super().__init__(sentence, root=str(root))


class MissingEngineError(DataAccessError):
    """What is to build the marts is not installed."""

    code = "engine_missing"

    def __init__(self, engine: str, package: str) -> None:
        super().__init__(
            f"The marts are to be built by {engine}, but {package} is not installed; install it, "
            "or leave STAYLINE_ENGINE away.",
            engine=engine,
            package=package,
        )


class RefreshError(DataAccessError):
    """The process that refreshes ended without a version; what was published stays."""

    code = "refresh"


class BrokenRefreshError(RefreshError):
    """A defect of ours met this CRM; told by its place, because its text may quote a customer."""

    code = "refresh_broken"

    def __init__(self, error: BaseException) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename]
        line = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
        where = f"{type(error).__name__}, {line}"
        super().__init__(
            f"The refresh stopped at a defect of Stayline ({where}); please report it.",
            where=where,
        )


class StuckRefreshError(RefreshError):
    """Checking the rows and computing the marts takes longer than it ever should."""

    code = "refresh_stuck"

    def __init__(self, seconds: int) -> None:
        minutes = f"{seconds / 60:.0f}"
        super().__init__(
            f"Checking and computing was given up after {minutes} min; check that the disk "
            "answers and the machine is not overloaded, or raise STAYLINE_PATIENCE.",
            minutes=minutes,
        )


class KilledRefreshError(RefreshError):
    """Something else ended the process: a signal, or the system for want of memory."""

    code = "refresh_killed"

    def __init__(self, how: str) -> None:
        super().__init__(
            f"The refresh was ended before its time ({how}), perhaps because memory ran out; "
            "refresh again, with more memory if it comes back.",
            how=how,
        )
