"""Versions on a disk: immutable files named by their content, manifests, one name that is replaced.

LOCK                                    held by the one process that writes; freed by the
                                        kernel if it dies
staging/<n>/                            what is in the making; leftovers are removed by the
                                        next writer
data/<table>/<part>/<sha256>.parquet    immutable; shared by all versions that have it
versions/<version>.json                 the manifest: which files make up that version
CURRENT                                 name of the version to read; the only thing replaced
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import polars as pl

from data_access import parquet
from data_access.errors import NoSnapshotError, RefreshRunningError
from data_access.manifest import DamageError, FileEntry, Manifest, load, sha256

_LONGEST_NAME = 200  # bytes; what a damaged CURRENT may hold beyond is not read


class FileStorage:
    """Versions under one directory; it is made when first written to, for this user only."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._data, self._versions = root / "data", root / "versions"

    @contextmanager
    def writing(self) -> Generator[Path]:
        """Be the only writer; gives an empty directory that is removed in the end."""
        staging = self.root / "staging"
        for part in (self.root, staging, self._data, self._versions):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / "LOCK").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RefreshRunningError(self.root) from None
            for leftover in staging.iterdir():
                shutil.rmtree(leftover)
            directory = staging / uuid4().hex
            directory.mkdir()
            try:
                yield directory
            finally:
                shutil.rmtree(directory, ignore_errors=True)

    def adopt(self, table: str, part: str, path: Path) -> FileEntry:
        """Name the file by its content; one of that name is replaced, since it may be damaged."""
        _sync(path)
        file = parquet.described(table, part, path)
        target = self._data / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        _sync(target.parent)
        return file

    def publish(self, manifest: Manifest) -> None:
        """Write the manifest, then replace CURRENT; a reader sees the one version or the other."""
        self._write_durably(self._versions / f"{manifest.version}.json", manifest.dump())
        self._write_durably(self.root / "CURRENT", manifest.version.encode())

    def current_version(self) -> str:
        """What CURRENT holds: one small file, cheap enough for every rerun."""
        try:
            with (self.root / "CURRENT").open("rb") as file:
                return file.read(_LONGEST_NAME).decode(errors="replace").strip()
        except FileNotFoundError:
            raise NoSnapshotError(self.root) from None
        except OSError:  # a directory, or not ours to read: any whole version is better
            return ""

    def versions(self) -> list[str]:
        """The versions whose manifests are there, the one published last first."""
        published: list[tuple[int, str]] = []
        found: list[Path] = []
        with suppress(PermissionError):  # the folder is not ours to read
            found.extend(self._versions.glob("*.json"))
        for path in found:
            with suppress(FileNotFoundError, PermissionError):  # a refresh has just removed it
                published.append((path.stat().st_mtime_ns, path.stem))
        return [name for _, name in sorted(published, reverse=True)]

    def load(self, version: str) -> Manifest:
        """The manifest of a version, from its file."""
        if version not in self.versions():
            raise DamageError("the current version is not there")
        try:
            content = (self._versions / f"{version}.json").read_bytes()
        except OSError as error:
            raise DamageError(f"{version}.json cannot be read") from error
        return load(content, version)

    def verify(self, file: FileEntry) -> None:
        """Compare a file with its checksum; a second per gigabyte or so.

        Parquet has no checksums that Polars looks at: most single flipped bits read as wrong
        figures rather than as errors.
        """
        path = self._data / file.name
        if not path.is_file():
            raise DamageError(f"{file.name} is missing")
        try:
            whole = path.stat().st_size == file.bytes and sha256(path) == file.sha256
        except OSError as error:
            raise DamageError(f"{file.name} cannot be read") from error
        if not whole:
            raise DamageError(f"{file.name} fails its checksum")

    def paths(self, files: Sequence[FileEntry]) -> list[str]:
        """Below `data`."""
        return [str(self._data / file.name) for file in files]

    def scan(self, files: Sequence[FileEntry]) -> pl.LazyFrame:
        """Just these files, never a pattern."""
        return parquet.scan(self.paths(files))

    def forget(self, kept: int, grace: timedelta) -> None:
        """Remove old versions, then every file that no version has.

        The newest version's own file tells the time, so that no clock is needed.
        """
        if not (self.root / "CURRENT").exists():
            return
        versions = self.versions()
        published = [(self._versions / f"{version}.json").stat().st_mtime for version in versions]
        for number in range(kept, len(versions)):
            old = published[0] - published[number - 1] >= grace.total_seconds()
            if old and versions[number] != self.current_version():
                (self._versions / f"{versions[number]}.json").unlink()
        self._sweep()

    def _sweep(self) -> None:
        """Remove the files that no manifest lists: of versions removed, and of a killed writer."""
        listed: set[str] = set()
        for version in self.versions():
            try:
                listed.update(file.name for file in self.load(version).files)
            except DamageError:
                continue  # it is served to nobody
        for path in self._data.glob("*/*/*.parquet"):
            if str(path.relative_to(self._data)) not in listed:
                path.unlink()

    def _write_durably(self, path: Path, content: bytes) -> None:
        """Replace a file by one rename, after its content has reached the disk."""
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync(path.parent)


def _sync(path: Path) -> None:
    """Wait until a file, or a directory's list of names, has reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
