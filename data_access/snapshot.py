"""Published versions of the data: immutable, checksummed, guarded by the reader's row scope.

Pages read only these; no click reaches the CRM. A reader asks for the current version on every
rerun (one small file); what it then scans does not change under it. A version that fails its
checksums is never read: the last whole one is served instead, and says so.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

import polars as pl

from data_access.contract import Power, Scope
from data_access.errors import DamagedSnapshotError, NoSnapshotError
from data_access.manifest import DamageError, FileEntry, Manifest
from data_access.principal import Principal
from data_access.staging import Staging, disk_errors_told
from data_access.storage import Storage
from data_access.storage.files import FileStorage

_KEPT = 3
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
    storage: Storage
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
        frame = self.storage.scan(entry.files)
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
    """The published versions in one place.

    Args:
        place: A directory, or another storage.
        kept: How many versions to keep.
        grace: A version stays at least so long after its successor was published, however
            many there are, because a page may be reading it.
    """

    def __init__(
        self, place: Path | Storage, *, kept: int = _KEPT, grace: timedelta = _GRACE
    ) -> None:
        self._storage = FileStorage(place) if isinstance(place, Path) else place
        self.root = self._storage.root
        self._kept = kept
        self._grace = grace
        self._opening = Lock()
        self._opened: tuple[str, Snapshot] | None = None
        self._verified: set[FileEntry] = set()

    def current_version(self) -> str:
        """Name of the version published last: one small file, cheap enough for every rerun.

        No version's name if the file holds none, or cannot be read.

        Raises:
            NoSnapshotError: Nothing is published yet.
        """
        return self._storage.current_version()

    def current(self) -> Snapshot:
        """The version published last, or the newest whole one if that is damaged.

        Checksums are verified once per file and process; after that this costs one small
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
        """Versions kept, the one published last first."""
        return self._storage.versions()

    @contextmanager
    def staging(self) -> Generator[Staging]:
        """Begin a new version; without `publish` inside, nothing changes.

        Raises:
            RefreshRunningError: Another process is writing.
            UnwritableSnapshotError: The disk is full, or may not be written to.
        """
        with disk_errors_told(self.root), self._storage.writing() as directory:
            yield Staging(self._storage, directory, self._base())
            self._storage.forget(self._kept, self._grace)

    def _base(self) -> Manifest | None:
        """The version to go on from, if all of it is whole."""
        try:
            manifest = self._storage.load(self.current_version())
            self._verify(*manifest.files)
        except (NoSnapshotError, DamageError):
            return None
        return manifest

    def _open(self, version: str) -> Snapshot:
        manifest = self._storage.load(version)
        self._verify(*(file for table in manifest.tables.values() for file in table.files))
        return Snapshot(manifest, self._storage)

    def _verify(self, *files: FileEntry) -> None:
        """Compare every file with its checksum that was not yet; they never change."""
        unverified = [file for file in dict.fromkeys(files) if file not in self._verified]
        with ThreadPoolExecutor() as threads:
            for _ in threads.map(self._storage.verify, unverified):
                pass
        self._verified = set(files)

    def _open_newest(self, version: str) -> Snapshot:
        try:
            return self._open(version)
        except DamageError as error:
            damage = Fallback(version, str(error))
        self._verified = set()  # what was whole once may not be any more
        for earlier in self.versions():
            try:
                whole = self._open(earlier)
            except DamageError:
                continue
            return Snapshot(whole.manifest, whole.storage, damage)
        raise DamagedSnapshotError(self.root, damage.reason)


def _within(principal: Principal) -> pl.Expr:
    """True for the customers in scope; an unknown region or owner is in nobody's."""
    conditions: list[pl.Expr] = []
    if principal.regions is not None:
        conditions.append(pl.col("region").is_in(list(principal.regions)))
    if principal.owner_id is not None:
        conditions.append(pl.col("owner_id") == principal.owner_id)
    return pl.all_horizontal(conditions).fill_null(value=False)
