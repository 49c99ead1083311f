"""Where published versions are kept: what any such place must be able to do.

`files` keeps them on a disk, `delta` on an object storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import polars as pl

from data_access.manifest import FileEntry, Manifest


class Storage(Protocol):
    """A place for the files and the manifests of published versions.

    Attributes:
        root: The place, as sentences name it.
    """

    @property
    def root(self) -> Path | str:
        """See the class."""
        ...

    def writing(self) -> AbstractContextManager[Path]:
        """Be the only writer; gives an empty directory of this machine for what is in the making.

        Raises:
            RefreshRunningError: Another process is writing.
        """
        ...

    def adopt(self, table: str, part: str, path: Path) -> FileEntry:
        """Take over a Parquet file from that directory; no version has it yet."""
        ...

    def publish(self, manifest: Manifest) -> None:
        """Make this the version that readers get, or leave everything as it was."""
        ...

    def current_version(self) -> str:
        """Name of the version published last; no version's name if that cannot be read.

        Raises:
            NoSnapshotError: Nothing is published yet.
        """
        ...

    def versions(self) -> list[str]:
        """The versions kept, the one published last first."""
        ...

    def load(self, version: str) -> Manifest:
        """The manifest of a version.

        Raises:
            DamageError: It is missing, cut or changed.
        """
        ...

    def verify(self, file: FileEntry) -> None:
        """Compare a file with its checksum.

        Raises:
            DamageError: It is missing, cut or changed.
        """
        ...

    def paths(self, files: Sequence[FileEntry]) -> list[str]:
        """Where these files are, for another engine to read them."""
        ...

    def scan(self, files: Sequence[FileEntry]) -> pl.LazyFrame:
        """The rows of these files, in their order."""
        ...

    def forget(self, kept: int, grace: timedelta) -> None:
        """Remove versions beyond the last few, once their readers have surely moved on."""
        ...
