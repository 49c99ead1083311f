"""What a published version says about itself: its files, their checksums, and where it is from.

One JSON file per version over all its tables, with a checksum over its own content, so that a
flipped bit is found wherever it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from data_access.findings import Rejection

FORMAT = 2
WHOLE = "all"  # the only part of a table that is not cut into several


class DamageError(ValueError):
    """A file is missing, cut or changed; caught in the store, which serves another version."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One Parquet file: a table, or the part of it that happened in one month.

    Attributes:
        name: Where it lies in its storage.
        part: The month as 2026-03, another part's name, or `WHOLE`.
    """

    name: str
    part: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table or mart of a version.

    Attributes:
        scope: customer, company or open; how rows are guarded (`data_access.contract.Scope`).
        schema: Column name to type, in order; that of every file.
    """

    scope: str
    schema: dict[str, str]
    files: tuple[FileEntry, ...]

    @property
    def rows(self) -> int:
        """Rows over all files."""
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        """Size on disk over all files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the door found in one part of a table, for the refresh that finds it unchanged.

    Attributes:
        read: Rows that the CRM has.
        limits: Largest amount let in, by column, where the table's sum would overflow.
        summed: Rows that passed the rules about single rows.
        sums: Of their absolute amounts, by column.
    """

    read: int = 0
    rejections: tuple[Rejection, ...] = ()
    limits: dict[str, int] = field(default_factory=dict[str, int])
    summed: int = 0
    sums: dict[str, float] = field(default_factory=dict[str, float])

    def caught(self, rule: str, column: str = "") -> bool:
        """Whether that rule caught a row, by that column if one is named."""
        return any(
            rejection.rule == rule and column in ("", rejection.column)
            for rejection in self.rejections
        )


@dataclass(frozen=True, slots=True)
class Source:
    """How a contract table was before the door: what the next refresh goes on from.

    Attributes:
        columns: Those of the contract that the CRM has.
        moment: The CRM's own clock when its rows were read, UTC; None where it cannot be asked.
        files: The rows that were mended or turned away, as they were, by part.
        verdicts: Of the door, by part.
    """

    columns: tuple[str, ...]
    moment: datetime | None
    files: tuple[FileEntry, ...]
    verdicts: dict[str, Verdict]

    @property
    def rows(self) -> int:
        """Rows that the CRM has."""
        return sum(verdict.read for verdict in self.verdicts.values())


@dataclass(frozen=True, slots=True)
class Manifest:
    """A version's table of contents.

    Attributes:
        version: Read time and a digest of the content; sorts by read time.
        read_at: When the CRM was read, UTC.
        facts: What the publisher says of it, JSON values: data_set, source, source_url,
            time_zone, currency, money_scale, complete_until (table to ISO time), absent
            (tables the CRM lacks), missing (table to optional columns it lacks), counts,
            rejections, findings.
        sources: What was read of the contract tables; nobody but a refresh looks at them.
    """

    version: str
    read_at: datetime
    tables: dict[str, TableEntry]
    facts: dict[str, Any]
    sources: dict[str, Source] = field(default_factory=dict[str, Source])

    @property
    def files(self) -> Iterator[FileEntry]:
        """Every file of the version; one that serves twice comes twice."""
        for entry in (*self.tables.values(), *self.sources.values()):
            yield from entry.files

    def dump(self) -> bytes:
        """The JSON text of the manifest, with its checksum."""
        body = json.loads(json.dumps(asdict(self) | {"format": FORMAT}, default=_text))
        content = {"sha256": _digest(body), "manifest": body}
        return json.dumps(content, ensure_ascii=False, indent=1).encode()


def load(content: bytes, version: str) -> Manifest:
    """The manifest of a version, from its JSON text.

    Raises:
        DamageError: It is cut, changed or of another format.
    """
    try:
        parsed = json.loads(content)
        body = parsed["manifest"]
        if parsed["sha256"] != _digest(body):
            raise DamageError(f"{version}.json fails its checksum")
        if body["format"] != FORMAT:
            raise DamageError(f"{version} is of format {body['format']}, not {FORMAT}")
        return Manifest(
            version=body["version"],
            read_at=datetime.fromisoformat(body["read_at"]),
            tables={name: _table(entry) for name, entry in body["tables"].items()},
            facts=body["facts"],
            sources={name: _source(entry) for name, entry in body["sources"].items()},
        )
    except DamageError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise DamageError(f"{version}.json cannot be read") from error


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _files(entries: list[dict[str, Any]]) -> tuple[FileEntry, ...]:
    return tuple(FileEntry(**entry) for entry in entries)


def _table(entry: dict[str, Any]) -> TableEntry:
    return TableEntry(entry["scope"], entry["schema"], _files(entry["files"]))


def _source(entry: dict[str, Any]) -> Source:
    moment = entry["moment"]
    return Source(
        columns=tuple(entry["columns"]),
        moment=datetime.fromisoformat(moment) if moment else None,
        files=_files(entry["files"]),
        verdicts={part: _verdict(verdict) for part, verdict in entry["verdicts"].items()},
    )


def _verdict(entry: dict[str, Any]) -> Verdict:
    rejections = (
        Rejection(**(each | {"examples": tuple(each["examples"])})) for each in entry["rejections"]
    )
    known: dict[str, Any] = entry | {"rejections": tuple(rejections)}
    return Verdict(**known)
