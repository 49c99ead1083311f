"""Where this installation's snapshots are: a folder, or an object storage."""

from __future__ import annotations

from dashboard.settings import Settings
from data_access.snapshot import SnapshotStore


def store(own: Settings) -> SnapshotStore:
    """The store of the snapshots; nothing is opened yet."""
    if not own.lake:
        return SnapshotStore(own.snapshots)
    from data_access.storage.delta import DeltaStorage  # its packages are there only if wanted

    return SnapshotStore(DeltaStorage(f"{own.lake}/{own.snapshots.relative_to(own.home)}"))
