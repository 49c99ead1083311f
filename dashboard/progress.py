"""How far a refresh is: on the command line, in a small file that the pages read, to its watch."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dashboard import notes

if TYPE_CHECKING:  # it brings SQLAlchemy, which the process that only waits does without
    from data_access.progress import Progress

Stage = Literal["reading", "preparing"]
Heard = Callable[[Stage], None]

_EVERY_SECONDS = 0.5
log = logging.getLogger("stayline")


class Report:
    """Tells how far a refresh is.

    On a terminal one line is written over and over; elsewhere there is a line per table. The
    file is renewed twice a second at most. `heard` is called every time.
    """

    def __init__(self, file: Path, heard: Heard | None = None) -> None:
        self._file = file
        self._heard: Heard = heard or (lambda _: None)
        self._last: Progress | None = None
        self._told = 0.0

    def reading(self, progress: Progress) -> None:
        """So much of the CRM is read."""
        self._heard("reading")
        last, self._last = self._last, progress
        if last and last.table != progress.table:
            self._line_of(last)
        if time.monotonic() - self._told < _EVERY_SECONDS:
            return
        self._told = time.monotonic()
        _over(_sentence(progress))
        self._note("reading", share=progress.share, seconds_left=progress.seconds_left)

    def preparing(self) -> None:
        """The CRM is read; its rows are checked and the marts computed."""
        self._heard("preparing")
        if self._last:
            self._line_of(self._last)
        _over("The rows are read; checking and computing …")
        self._note("preparing")

    def close(self) -> None:
        """The refresh has ended; what is said next begins on a clean line."""
        _over("")
        self._file.unlink(missing_ok=True)

    def _line_of(self, progress: Progress) -> None:
        if not sys.stdout.isatty():
            log.info("%s", _sentence(progress))

    def _note(self, stage: str, **more: float | None) -> None:
        rows = self._last.rows if self._last else 0
        notes.leave(self._file, {"pid": os.getpid(), "stage": stage, "rows": rows, **more})


@contextmanager
def reported(file: Path, heard: Heard | None = None) -> Generator[Report]:
    """A report that ends with the refresh, however that ends."""
    report = Report(file, heard)
    try:
        yield report
    finally:
        report.close()


def close_for(pid: int, file: Path) -> None:
    """Do what a process that was killed could not: clean its line, remove its file."""
    _over("")
    noted = notes.left(file)
    if noted and noted["pid"] == pid:
        file.unlink(missing_ok=True)


def running(file: Path) -> Mapping[str, Any] | None:
    """How far the refresh is that runs now on this machine: stage, rows, share, seconds_left.

    Share and seconds_left are null, or absent, where nobody knows. None if none runs; one that
    was killed leaves its file, but not its process.
    """
    noted = notes.left(file)
    if noted is None:
        return None
    with suppress(PermissionError):  # it lives, as somebody else's
        try:
            os.kill(noted["pid"], 0)
        except ProcessLookupError:
            return None
    return noted


def _over(text: str) -> None:
    """Replace the line of the terminal that the cursor is on."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K{text}")
        sys.stdout.flush()


def _sentence(progress: Progress) -> str:
    """`orders: 1,234,567 rows read so far, 45 %, about 12 s left`."""
    parts = [f"{progress.table}: {progress.rows:,} rows read so far"]
    if progress.share is not None:
        parts.append(f"{progress.share:.0%}")
    if progress.seconds_left is not None:
        parts.append(f"about {progress.seconds_left:.0f} s left")
    return ", ".join(parts)
