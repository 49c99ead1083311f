"""Versions on object storage (S3, GCS, Azure) or a shared folder, every table a Delta Lake table.

Below the address there are:

data/<table>/<part>/<sha256>.parquet       immutable; shared by all versions that have it
data/<table>/_delta_log/                   which files make up the table now: for Spark, Trino
                                           and whoever else reads Delta Lake
versions/<number>-<version>.json           the manifest; the highest number is the current one

Object storage has no rename and no lock. A version is published by creating the next number, which
only one writer can; Delta Lake does the same for one table, this does it for all together. So
our readers never see one table's new rows beside another's old ones. Those of the Delta Lake
tables may, for the second that the logs of a publication take.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import obstore
import polars as pl
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction
from obstore.exceptions import AlreadyExistsError
from obstore.store import from_url

from data_access import parquet
from data_access.errors import NoSnapshotError, RefreshRunningError
from data_access.manifest import DamageError, FileEntry, Manifest, load

_LONGEST_REFRESH = timedelta(days=1)


class DeltaStorage:
    """Versions below an address.

    Args:
        url: s3://bucket/folder, gs://, az:// or file:///folder.
        options: What opens it, by the names that object_store, Polars and Delta Lake share
            (`aws_region`, `aws_endpoint`, ...); keys of the environment (AWS_ACCESS_KEY_ID)
            are found without.
    """

    def __init__(self, url: str, options: Mapping[str, str] | None = None) -> None:
        self.root = url.rstrip("/")
        self._options = dict(options or {})
        self._objects = _opened(self.root, self._options)
        self._next = 0

    @contextmanager
    def writing(self) -> Generator[Path]:
        """Many may write; the first to publish is the only one who can."""
        self._next = max((number for number, _ in self._published()), default=0) + 1
        with TemporaryDirectory(prefix="stayline-") as directory:
            yield Path(directory)

    def adopt(self, table: str, part: str, path: Path) -> FileEntry:
        """Bring the file there, under the name of its content."""
        file = parquet.described(table, part, path)
        obstore.put(self._objects, f"data/{file.name}", path)
        path.unlink()
        return file

    def publish(self, manifest: Manifest) -> None:
        """Bring each table's log up to date, then create the next number."""
        if any(number >= self._next for number, _ in self._published()):
            raise RefreshRunningError(self.root)
        for name, entry in manifest.tables.items():
            self._log(name, entry.files, int(manifest.read_at.timestamp() * 1000))
        place = f"versions/{self._next:08}-{manifest.version}.json"
        try:
            obstore.put(self._objects, place, manifest.dump(), mode="create")
        except AlreadyExistsError:
            raise RefreshRunningError(self.root) from None

    def current_version(self) -> str:
        """The one with the highest number: one listing."""
        versions = self.versions()
        if not versions:
            raise NoSnapshotError(self.root)
        return versions[0]

    def versions(self) -> list[str]:
        """The versions whose manifests are there, the one published last first."""
        published = sorted(self._published().items(), reverse=True)
        return [_version(each) for _, each in published]

    def load(self, version: str) -> Manifest:
        """The manifest of a version, from its object."""
        for each in self._published().values():
            if _version(each) == version:
                return load(bytes(obstore.get(self._objects, each["path"]).bytes()), version)
        raise DamageError("the current version is not there")

    def verify(self, file: FileEntry) -> None:
        """Fetch a file and compare it with its checksum."""
        digest = hashlib.sha256()
        try:
            for chunk in obstore.get(self._objects, f"data/{file.name}").stream():
                digest.update(chunk)
        except FileNotFoundError:
            raise DamageError(f"{file.name} is missing") from None
        if digest.hexdigest() != file.sha256:
            raise DamageError(f"{file.name} fails its checksum")

    def paths(self, files: Sequence[FileEntry]) -> list[str]:
        """Their addresses."""
        return [f"{self.root}/data/{file.name}" for file in files]

    def scan(self, files: Sequence[FileEntry]) -> pl.LazyFrame:
        """Just these files, never a pattern."""
        return parquet.scan(self.paths(files), self._options)

    def forget(self, kept: int, grace: timedelta) -> None:
        """Remove old versions with the files that only they have, and what was never published.

        Another writer may be at work; what is not a day older than the newest version may be its.
        """
        published = [each for _, each in sorted(self._published().items(), reverse=True)]
        newest = published[0]["last_modified"] if published else None
        ours: set[str] = set()
        theirs: set[str] = set()
        for number, each in enumerate(published):
            newer = published[max(number - 1, 0)]
            old = number >= kept and newest - newer["last_modified"] >= grace
            with suppress(DamageError):  # it is served to nobody
                files = {f"data/{file.name}" for file in self.load(_version(each)).files}
                (theirs if old else ours).update(files)
            if old:
                obstore.delete(self._objects, each["path"])
        for each in self._list("data"):
            path, age = each["path"], newest - each["last_modified"]
            done_with = path in theirs or age > _LONGEST_REFRESH
            if done_with and path not in ours and "/_delta_log/" not in path:
                obstore.delete(self._objects, path)

    def _published(self) -> dict[tuple[int, str], Any]:
        return {
            (int(Path(each["path"]).name.partition("-")[0]), each["path"]): each
            for each in self._list("versions")
        }

    def _list(self, folder: str) -> list[Any]:
        return [each for batch in obstore.list(self._objects, folder) for each in batch]

    def _log(self, name: str, files: Sequence[FileEntry], when: int) -> None:
        """Make the Delta Lake table consist of these files, in one commit."""
        uri = f"{self.root}/data/{name}"
        schema = Schema.from_arrow(_plain(self.scan(files[:1]).collect_schema()))
        table = DeltaTable.create(uri, schema, mode="ignore", storage_options=self._options or None)
        wanted = {file.name.removeprefix(f"{name}/"): file for file in files}
        there = {
            row["path"]: row for row in pl.DataFrame(table.get_add_actions()).iter_rows(named=True)
        }
        added = [
            AddAction(
                path=path,
                size=file.bytes,
                partition_values={},
                modification_time=when,
                data_change=True,
                stats=json.dumps({"numRecords": file.rows}),
            )
            for path, file in wanted.items()
            if path not in there
        ]
        removed = [
            RemoveAction(path=path, data_change=True, deletion_timestamp=when)
            for path in there
            if path not in wanted
        ]
        if added or removed:
            table.create_write_transaction([*added, *removed], "append", schema)


def _plain(schema: pl.Schema) -> pl.Schema:
    """Delta Lake knows neither unsigned numbers nor codes of text.

    Spark reads them as the next wider type, and as text; so we say that.
    """
    wider: dict[pl.DataType, pl.DataType] = {
        pl.UInt8(): pl.Int16(),
        pl.UInt16(): pl.Int32(),
        pl.UInt32(): pl.Int64(),
    }
    told = {name: wider.get(dtype, dtype) for name, dtype in schema.items()}
    codes = [name for name, dtype in schema.items() if dtype == pl.Enum]
    return pl.Schema(told | dict.fromkeys(codes, pl.String()))


def _version(published: Mapping[str, Any]) -> str:
    return Path(published["path"]).stem.partition("-")[2]


def _opened(url: str, options: Mapping[str, str]) -> Any:
    make: Any = from_url  # its types know each cloud's options by name
    if url.startswith("file:"):
        return make(url, mkdir=True)
    config = {name: value for name, value in options.items() if name != "allow_http"}
    return make(
        url, config=config, client_options={"allow_http": options.get("allow_http") == "true"}
    )
