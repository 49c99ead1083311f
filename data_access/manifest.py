"""What a published version says about itself: its files, their checksums, and where it is from.

One JSON file per version, with a checksum over its own content, so that a flipped bit is found
wherever it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FORMAT = 1
FILE_NAME = "manifest.json"


class DamageError(ValueError):
    """A file is missing, cut or changed; caught in the store, which serves another version."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One Parquet file of a table."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table or mart of a version.

    Attributes:
        scope: customer, company or open; how rows are guarded (`data_access.contract.Scope`).
        schema: Column name to type, in order.
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
class Manifest:
    """A version's table of contents.

    Attributes:
        version: Read time and a digest of the content; sorts by read time.
        read_at: When the CRM was read, UTC.
        facts: What the publisher says of it, JSON values: data_set, source, source_url,
            time_zone, currency, money_scale, complete_until (table to ISO time), absent
            (tables the CRM lacks), missing (table to optional columns it lacks), counts,
            rejections, findings.
    """

    version: str
    read_at: datetime
    tables: dict[str, TableEntry]
    facts: dict[str, Any]

    def dump(self) -> bytes:
        """The JSON text of the manifest, with its checksum."""
        body = asdict(self) | {"format": FORMAT, "read_at": self.read_at.isoformat()}
        content = {"sha256": _digest(body), "manifest": body}
        return json.dumps(content, ensure_ascii=False, indent=1).encode()


def load(directory: Path) -> Manifest:
    """The manifest in a version's directory.

    Raises:
        DamageError: It is missing, unreadable, of another format, or fails its checksum.
    """
    try:
        content = json.loads((directory / FILE_NAME).read_bytes())
        body = content["manifest"]
        if content["sha256"] != _digest(body):
            raise DamageError(f"{directory.name}/{FILE_NAME} fails its checksum")
        if body["format"] != FORMAT:
            raise DamageError(f"{directory.name} is of format {body['format']}, not {FORMAT}")
        tables = {name: _table(entry) for name, entry in body["tables"].items()}
        read_at = datetime.fromisoformat(body["read_at"])
        return Manifest(body["version"], read_at, tables, body["facts"])
    except DamageError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamageError(f"{directory.name}/{FILE_NAME} cannot be read") from error


def verify(manifest: Manifest, directory: Path) -> None:
    """Compare every file with its checksum; a second per gigabyte or so.

    Parquet has no checksums that Polars looks at: most single flipped bits read as wrong
    figures rather than as errors.

    Raises:
        DamageError: A file is missing, cut or changed.
    """
    for table in manifest.tables.values():
        for entry in table.files:
            path = directory / entry.name
            if not path.is_file():
                raise DamageError(f"{directory.name}/{entry.name} is missing")
            try:
                whole = path.stat().st_size == entry.bytes and sha256(path) == entry.sha256
            except OSError as error:
                raise DamageError(f"{directory.name}/{entry.name} cannot be read") from error
            if not whole:
                raise DamageError(f"{directory.name}/{entry.name} fails its checksum")


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _table(entry: dict[str, Any]) -> TableEntry:
    files = tuple(FileEntry(**file) for file in entry["files"])
    return TableEntry(entry["scope"], entry["schema"], files)
