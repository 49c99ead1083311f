"""How far a refresh is: on the command line, and in a small file that the pages read."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from data_access.progress import Progress

_EVERY_SECONDS = 0.5
log = logging.getLogger("stayline")


class Report:
    """Tells how far a refresh is.

    On a terminal one line is written over and over; elsewhere there is a line per table. The
    file is renewed twice a second at most.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._on_terminal = sys.stdout.isatty()
        self._last: Progress | None = None
        self._told = 0.0

    def reading(self, progress: Progress) -> None:
        """So much of the CRM is read."""
        last, self._last = self._last, progress
        if last and last.table != progress.table:
            self._line_of(last)
        if time.monotonic() - self._told < _EVERY_SECONDS:
            return
        self._told = time.monotonic()
        self._over(_sentence(progress))
        self._note("reading", share=progress.share, seconds_left=progress.seconds_left)

    def preparing(self) -> None:
        """The CRM is read; its rows are checked and the marts computed."""
        if self._last:
            self._line_of(self._last)
        self._over("The rows are read; checking and computing …")
        self._note("preparing")

    def close(self) -> None:
        """The refresh has ended; what is said next begins on a clean line."""
        self._over("")
        self._file.unlink(missing_ok=True)

    def _line_of(self, progress: Progress) -> None:
        if not self._on_terminal:
            log.info("%s", _sentence(progress))

    def _over(self, text: str) -> None:
        """Replace the line of the terminal that the cursor is on."""
        if self._on_terminal:
            sys.stdout.write(f"\r\x1b[K{text}")
            sys.stdout.flush()

    def _note(self, stage: str, **more: float | None) -> None:
        rows = self._last.rows if self._last else 0
        noted = {"pid": os.getpid(), "stage": stage, "rows": rows, **more}
        part = self._file.with_suffix(".part")
        with suppress(OSError):  # the refresh itself will say that the disk is full
            part.write_text(json.dumps(noted), "utf-8")
            part.replace(self._file)


@contextmanager
def reported(file: Path) -> Generator[Report]:
    """A report that ends with the refresh, however that ends."""
    report = Report(file)
    try:
        yield report
    finally:
        report.close()


def running(file: Path) -> Mapping[str, Any] | None:
    """How far the refresh is that runs now on this machine: stage, rows, share, seconds_left.

    Share and seconds_left are null, or absent, where nobody knows. None if none runs; one that
    was killed leaves its file, but not its process.
    """
    try:
        noted = json.loads(file.read_bytes())
        with suppress(PermissionError):  # it lives, as somebody else's
            os.kill(noted["pid"], 0)
    except (OSError, ValueError):
        return None
    return noted


def _sentence(progress: Progress) -> str:
    """`orders: 1,234,567 rows read so far, 45 %, about 12 s left`."""
    parts = [f"{progress.table}: {progress.rows:,} rows read so far"]
    if progress.share is not None:
        parts.append(f"{progress.share:.0%}")
    if progress.seconds_left is not None:
        parts.append(f"about {progress.seconds_left:.0f} s left")
    return ", ".join(parts)
