"""Published versions of the data: immutable, checksummed, guarded by the reader's row scope.

Pages read only these; no click reaches the CRM. A reader asks for the current version on every
rerun (one small file); what it then scans does not change under it. A version that fails its
checksums is never read: the last whole one is served instead, and says so.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from uuid import uuid4

import polars as pl

from data_access.contract import Power, Scope
from data_access.errors import DamagedSnapshotError, NoSnapshotError, RefreshRunningError
from data_access.manifest import FILE_NAME, DamageError, Manifest, load, verify
from data_access.principal import Principal
from data_access.staging import Staging, disk_errors_told, scan_files

_KEPT = 3
_LONGEST_NAME = 200  # bytes; what a damaged CURRENT may hold beyond is not read
_GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fallback:
    """Why the version served is not the newest one: the newest is damaged."""

    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published version, whole and verified.

    Attributes:
        warning: Set if a newer version exists but is damaged.
    """

    manifest: Manifest
    directory: Path
    warning: Fallback | None = None

    @property
    def version(self) -> str:
        """Name of the version; the first part of every cache key."""
        return self.manifest.version

    def scan(self, name: str, principal: Principal) -> pl.LazyFrame:
        """The rows of a table or mart that the principal may read.

        Limited principals get: of an open table, everything; of a table or mart about
        customers, the rows of their customers, by its own region and owner_id where it has
        both, else by customer_id; of anything else, nothing. Anonymous rows are nobody's.

        Raises:
            KeyError: This version has no such table or mart.
        """
        entry = self.manifest.tables[name]
        frame = scan_files(self.directory, entry)
        if principal.sees_everything or entry.scope == Scope.OPEN:
            return frame
        if entry.scope == Scope.CUSTOMER and {"region", "owner_id"} <= entry.schema.keys():
            return frame.filter(_within(principal))
        if entry.scope == Scope.CUSTOMER and "customer_id" in entry.schema:
            own = self.scan("customers", principal).select("customer_id")
            return frame.join(own, on="customer_id", how="semi")
        return pl.DataFrame(schema=frame.collect_schema()).lazy()

    def present(self, name: str) -> bool:
        """Whether the CRM has that contract table; a mart is present if it was built."""
        absent = self.manifest.facts.get("absent", [])
        return name in self.manifest.tables and name not in absent

    @property
    def switched_off(self) -> frozenset[Power]:
        """Views, or parts of one, that lack a table or column they need."""
        findings = self.manifest.facts.get("findings", [])
        return frozenset(Power(code) for found in findings for code in found["switches_off"])

    def as_of(self, name: str) -> datetime:
        """The moment to judge a table's figures at, UTC: its feed's end, else the read time."""
        ends = self.manifest.facts.get("complete_until", {})
        return datetime.fromisoformat(ends[name]) if name in ends else self.manifest.read_at


class SnapshotStore:
    """The published versions under one directory.

    Args:
        root: Where; created when first written to, for this user only.
        kept: How many versions to keep.
        grace: A version stays at least so long after its successor was published, however
            many there are, because a page may be reading it.
    """

    def __init__(self, root: Path, *, kept: int = _KEPT, grace: timedelta = _GRACE) -> None:
        self.root = root
        self._kept = kept
        self._grace = grace
        self._opening = Lock()
        self._opened: tuple[str, Snapshot] | None = None

    def current_version(self) -> str:
        """Name of the version published last: one small file, cheap enough for every rerun.

        No version's name if the file holds none, or cannot be read.

        Raises:
            NoSnapshotError: Nothing is published yet.
        """
        try:
            with (self.root / "CURRENT").open("rb") as file:
                return file.read(_LONGEST_NAME).decode(errors="replace").strip()
        except FileNotFoundError:
            raise NoSnapshotError(self.root) from None
        except OSError:  # a directory, or not ours to read: any whole version is better
            return ""

    def current(self) -> Snapshot:
        """The version published last, or the newest whole one if that is damaged.

        Checksums are verified once per version and process; after that this costs one small
        file. The snapshot's own version, not `current_version()`, belongs into cache keys.

        Raises:
            NoSnapshotError: Nothing is published yet.
            DamagedSnapshotError: No version is whole.
        """
        with self._opening:
            version = self.current_version()
            if self._opened is None or self._opened[0] != version:
                self._opened = (version, self._open_newest(version))
            return self._opened[1]

    def open(self, version: str) -> Snapshot:
        """A certain version, for a link that keeps its figures.

        Raises:
            NoSnapshotError: That version is not kept any more.
            DamagedSnapshotError: It fails its checksums.
        """
        if version not in self.versions():
            raise NoSnapshotError(self.root)
        try:
            return self._open(version)
        except DamageError as error:
            raise DamagedSnapshotError(self.root, str(error)) from error

    def versions(self) -> list[str]:
        """Versions on disk, the one published last first."""
        published: list[tuple[int, str]] = []
        found: list[Path] = []
        with suppress(PermissionError):  # the folder is not ours to read
            found.extend((self.root / "versions").glob(f"*/{FILE_NAME}"))
        for path in found:
            with suppress(FileNotFoundError, PermissionError):  # a refresh has just removed it
                published.append((path.stat().st_mtime_ns, path.parent.name))
        return [name for _, name in sorted(published, reverse=True)]

    @contextmanager
    def staging(self) -> Generator[Staging]:
        """Begin a new version; without `publish` inside, nothing changes.

        Raises:
            RefreshRunningError: Another process is writing.
            UnwritableSnapshotError: The disk is full, or may not be written to.
        """
        with disk_errors_told(self.root), self._locked() as staging:
            yield staging

    @contextmanager
    def _locked(self) -> Generator[Staging]:
        for part in (self.root, self.root / "staging", self.root / "versions"):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / "LOCK").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RefreshRunningError(self.root) from None
            for leftover in (self.root / "staging").iterdir():
                shutil.rmtree(leftover)
            staging = Staging(self.root, self.root / "staging" / uuid4().hex)
            try:
                yield staging
            finally:
                staging.discard()
            self._forget_old_versions()

    def _open(self, version: str) -> Snapshot:
        if version not in self.versions():
            raise DamageError("the current version is not there")
        directory = self.root / "versions" / version
        manifest = load(directory)
        verify(manifest, directory)
        return Snapshot(manifest, directory)

    def _open_newest(self, version: str) -> Snapshot:
        try:
            return self._open(version)
        except DamageError as error:
            damage = Fallback(version, str(error))
        for earlier in self.versions():
            try:
                whole = self._open(earlier)
            except DamageError:
                continue
            return Snapshot(whole.manifest, whole.directory, damage)
        raise DamagedSnapshotError(self.root, damage.reason)

    def _forget_old_versions(self) -> None:
        """Remove versions beyond the last few, once their readers have surely moved on.

        The newest version's own file tells the time, so that no clock is needed.
        """
        if not (self.root / "CURRENT").exists():
            return
        versions = self.versions()
        files = [self.root / "versions" / version / FILE_NAME for version in versions]
        published = [path.stat().st_mtime for path in files]
        for number in range(self._kept, len(versions)):
            superseded = published[number - 1]
            old = published[0] - superseded >= self._grace.total_seconds()
            if old and versions[number] != self.current_version():
                leaving = self.root / "staging" / versions[number]
                files[number].parent.rename(leaving)  # so that a kill leaves no half version
                shutil.rmtree(leaving, ignore_errors=True)


def _within(principal: Principal) -> pl.Expr:
    """True for the customers in scope; an unknown region or owner is in nobody's."""
    conditions: list[pl.Expr] = []
    if principal.regions is not None:
        conditions.append(pl.col("region").is_in(list(principal.regions)))
    if principal.owner_id is not None:
        conditions.append(pl.col("owner_id") == principal.owner_id)
    return pl.all_horizontal(conditions).fill_null(value=False)
