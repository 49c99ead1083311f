"""Which version readers get: the next one is verified and loaded beside it, then swapped in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakValueDictionary

import polars as pl

from dashboard.kept import Kept
from dashboard.resident import HELD, by_scheme, columns_held, compact
from data_access.errors import DataAccessError
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import Snapshot, SnapshotStore

_POLL = 1.0  # seconds between two looks; each reads one small file
_LONGEST_PAUSE = 60.0  # after failures: a version that cannot be loaded is gigabytes read in vain
_SNAPSHOTS = 4  # versions a dialog may still show; opened anew they would be verified anew
_CHOICES = 24  # chosen rows that are kept, up to 10 MB each; the scorecard asks 15 tables
_CHANGES = 3  # marts as something else would have them, 100 MB each at 2 million customers

log = logging.getLogger(__name__)

Held = tuple[str, str]
"""What is held: the name of a table, and the tier scheme that it is told by."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Opened:
    """A version with what of it is held in memory: of each name in `HELD` the compact rows.

    They are told once for each tier scheme, by the columns that they share.

    Those of an older version that a dialog still shows hold nothing; they are read from disk.

    Attributes:
        chosen: The rows of choices that leave few, by choice and name; None where they are many.
        changed: Marts as something else would have them, by name and what that is.
    """

    snapshot: Snapshot
    frames: Mapping[Held, pl.DataFrame]
    chosen: Kept[pl.DataFrame | None] = field(default_factory=lambda: Kept(_CHOICES))
    changed: Kept[pl.DataFrame] = field(default_factory=lambda: Kept(_CHANGES))


class Serving:
    """The version served now, complete in memory, and those that somebody still reads.

    Readers take one reference; only the first ever waits for a version to be loaded. An older
    version leaves the memory when the last page that holds it has run.
    """

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store
        self._looking = Lock()
        self._served: Opened | None = None
        self._held: WeakValueDictionary[str, Opened] = WeakValueDictionary()
        self._snapshots: dict[str, Snapshot] = {}

    def current(self) -> Opened:
        """The version to show now; hold on to it as long as its frames are needed.

        Raises:
            NoSnapshotError: Nothing has been published yet.
            DamagedSnapshotError: No published version is readable.
        """
        return self._served or self.look()

    def opened(self, version: str) -> Opened:
        """A version that was current: with its frames while somebody holds it, else from disk.

        Raises:
            NoSnapshotError: That version is not kept any more.
            DamagedSnapshotError: It fails its checksums.
        """
        held = self._held.get(version)
        if held is not None:
            return held
        snapshot = self._snapshots.get(version)
        return Opened(snapshot or self._store.open(version), {})

    def look(self) -> Opened:
        """Serve what is published now, once it is verified and loaded; return it.

        Readers get the version before until then, and keep it if anything but the data fails.

        Raises:
            DataAccessError: As `current`; nothing is served until a version is whole again.
        """
        with self._looking:
            try:
                newest = self._store.current()
            except DataAccessError:
                self._served = None
                raise
            served = self._served
            if served is None or served.snapshot != newest:
                served = Opened(newest, _frames(newest, served))
                self._serve(served)
            return served

    def watch(self, wait: Callable[[float], bool]) -> None:
        """Look again and again; what fails is logged once, and tried again ever less often.

        Args:
            wait: Waits so many seconds; true ends the watch.
        """
        pause, told = _POLL, ""
        while not wait(pause):
            try:
                self.look()
                pause, told = _POLL, ""
            except Exception as error:  # noqa: BLE001 - the old version is still served
                pause = min(2 * pause, _LONGEST_PAUSE)
                if told != (told := str(error)):
                    log.warning("The version published last is not shown: %s", error)

    def _serve(self, opened: Opened) -> None:
        version = opened.snapshot.version
        self._snapshots[version] = opened.snapshot
        while len(self._snapshots) > _SNAPSHOTS:
            self._snapshots.pop(next(iter(self._snapshots)))
        self._held[version] = opened
        self._served = opened


def _frames(snapshot: Snapshot, before: Opened | None) -> dict[Held, pl.DataFrame]:
    """What is held of a version; what has not changed since the one before is shared with it."""
    frames: dict[Held, pl.DataFrame] = {}
    for name in HELD:
        if before is not None and _content(before.snapshot, name) == _content(snapshot, name):
            frames |= {held: rows for held, rows in before.frames.items() if held[0] == name}
        else:
            rows = snapshot.scan(name, LOCAL_ADMINISTRATOR)
            columns = columns_held(name, rows.collect_schema().names())
            told = by_scheme(compact(rows.select(columns)), name, snapshot.manifest.tables)
            frames |= {(name, code): rows for code, rows in told.items()}
    return frames


def _content(snapshot: Snapshot, name: str) -> tuple[str, ...]:
    return tuple(file.sha256 for file in snapshot.manifest.tables[name].files)
