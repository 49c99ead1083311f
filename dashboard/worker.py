"""The process in which a refresh runs, and which ends itself when the refresh hangs.

No time-out of a driver helps when a server is frozen or the network swallows its packets, and a
thread that waits inside C or Rust cannot be interrupted. So a clock runs beside it, wound up
again at every sign of life: that of `faulthandler`, a thread which needs no Python to run and
ends the process on the spot. The kernel then closes the connections and frees the store's lock.

`dashboard.refresh` starts it with a pipe, which gets a line at every sign of life. The last line
that is not empty is the verdict; until the end it is the one to believe if no other comes.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import os
import sys
from typing import TextIO

from dashboard.extent import Extent
from dashboard.pipeline import refresh
from dashboard.progress import Stage
from dashboard.settings import Settings, settings
from dashboard.verdict import Verdict
from data_access.connection import shown_url
from data_access.errors import (
    BrokenRefreshError,
    DataAccessError,
    SilentSourceError,
    StuckRefreshError,
)

# Checking and computing say nothing until they end.
_TIMES_AS_PATIENT = 12


class Watch:
    """Ends this process once a stage has shown no sign of life for too long.

    Args:
        pipe: Where the verdicts go. If nobody listens any more, there is a BrokenPipeError.
        nowhere: Where the clock may write what it has to.
    """

    def __init__(self, own: Settings, pipe: int, nowhere: TextIO) -> None:
        url, silence, long = shown_url(own.crm_url), own.patience, own.patience * _TIMES_AS_PATIENT
        self._limits: dict[Stage, tuple[int, DataAccessError]] = {
            "reading": (silence, SilentSourceError(url, silence)),
            "preparing": (long, StuckRefreshError(long)),
        }
        self._pipe = pipe
        self._nowhere = nowhere
        self._stage: Stage | None = None

    def heard(self, stage: Stage) -> None:
        """Something moves: wait as long again."""
        seconds, error = self._limits[stage]
        faulthandler.dump_traceback_later(seconds, exit=True, file=self._nowhere)
        if stage == self._stage:
            self._write("")
        else:
            self._stage = stage
            self.tell(Verdict.of(error))

    def tell(self, verdict: Verdict) -> None:
        """The verdict, until there is another."""
        self._write(verdict.dump())

    def _write(self, line: str) -> None:
        os.write(self._pipe, f"{line}\n".encode())


def _verdict(own: Settings, extent: Extent, watch: Watch) -> Verdict:
    try:
        return Verdict(refresh(own, extent, heard=watch.heard))
    except DataAccessError as error:
        return Verdict.of(error)
    except BaseException as error:  # noqa: BLE001 - Rust's too; a traceback would quote customers
        return Verdict.of(BrokenRefreshError(error))


def main() -> int:
    """Refresh once and tell the verdict; 1 if nobody waits for it."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    parser = argparse.ArgumentParser()
    parser.add_argument("pipe", type=int)
    parser.add_argument("extent", type=Extent)
    asked = parser.parse_args()
    own = settings()
    try:
        with open(os.devnull, "w") as nowhere:
            watch = Watch(own, asked.pipe, nowhere)
            watch.heard("reading")
            watch.tell(_verdict(own, asked.extent, watch))
            faulthandler.cancel_dump_traceback_later()
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
