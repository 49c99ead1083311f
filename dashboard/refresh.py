"""The command that renews the data, once or for ever.

    python -m dashboard.refresh               read the CRM and publish a snapshot
    python -m dashboard.refresh --every 5m    the same every five minutes, until stopped
    python -m dashboard.refresh --whole       the same, and reads rows again that have not changed

An open dashboard loads a new snapshot and then shows it. A refresh that fails leaves the old
version in place and says what failed in one sentence, here and on the pages. It runs in a
process of its own (`dashboard.worker`); this one waits, small, and tells how it ended.
"""

from __future__ import annotations

import argparse
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import TextIO
from zoneinfo import ZoneInfo

from dashboard import notes, progress
from dashboard.extent import Extent
from dashboard.schedule import LONGEST_DEAFNESS, keep_fresh
from dashboard.settings import ONE_THREAD, ROOT, Settings, duration, settings
from dashboard.verdict import Verdict
from data_access.errors import KilledRefreshError, RefreshRunningError

log = logging.getLogger("stayline")


def attempt(own: Settings, extent: Extent = Extent.DELETIONS) -> Verdict:
    """Refresh once and tell how it went, here and to the pages.

    Args:
        own: The settings of this process, which are the worker's too.
        extent: How much of the CRM to read.
    """
    began = time.monotonic()
    try:
        verdict = _worked(own, extent)
    except OSError as error:  # the system grants no process, or no pipe
        verdict = Verdict.of(KilledRefreshError(str(error.strerror)))
    if verdict.version:
        own.failure.unlink(missing_ok=True)
        log.info("Published %s in %.1f s", verdict.version, time.monotonic() - began)
        return verdict
    older = (own.snapshots / "CURRENT").exists()
    said = "Refresh failed, the old version stays" if older else "Nothing was published"
    log.error("%s: %s", said, verdict.sentence)
    if verdict.code != RefreshRunningError.code:  # of that the other one will say how it went
        told = {"code": verdict.code, "fields": verdict.fields, "sentence": verdict.sentence}
        notes.leave(own.failure, told)
    return verdict


def _worked(own: Settings, extent: Extent) -> Verdict:
    """Let a worker refresh; whatever happens to either of us, it does not stay."""
    listening, telling = os.pipe()
    with open(listening) as pipe, open(telling, "wb") as its_end:
        worker = subprocess.Popen(
            [sys.executable, "-m", "dashboard.worker", str(telling), extent],
            cwd=ROOT,
            env=ONE_THREAD | os.environ,
            stdin=subprocess.DEVNULL,
            pass_fds=[telling],
            process_group=0,  # Ctrl+C is ours to hear
        )
        try:
            its_end.close()
            said = [line for line in _heard(pipe).splitlines() if line]
            status = worker.wait()
        finally:
            worker.kill()
            worker.wait()
            progress.close_for(worker.pid, own.running)
    return _believed(said, status)


def _heard(pipe: TextIO) -> str:
    """All that is said until the end; a signal that comes just before a wait is heard after it."""
    said = b""
    while True:
        ready, _, _ = select.select([pipe], [], [], LONGEST_DEAFNESS)
        if ready:
            more = os.read(pipe.fileno(), 65_536)
            if not more:
                return said.decode()
            said += more


def _believed(said: Sequence[str], status: int) -> Verdict:
    """The last verdict, unless the worker was stopped by something else than its own clock."""
    verdict = Verdict.load(said[-1]) if said else Verdict()
    if verdict.version or (said and status >= 0):
        return verdict
    how = signal.Signals(-status).name if status < 0 else f"exit code {status}"
    return Verdict.of(KilledRefreshError(how))


def _obey_signals() -> None:
    """Let whoever ends this process end it as Ctrl+C does; nohup stays as it is."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def main(arguments: Sequence[str] = ()) -> int:
    """Refresh once, 0 if published and 1 if not; or at an interval, 0 when stopped."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    parser = argparse.ArgumentParser("python -m dashboard.refresh", description="Renew the data.")
    parser.add_argument("--every", help="refresh for ever, so often: 90s, 5m, 1h", metavar="TIME")
    parser.add_argument(
        "--whole", help="read rows again that have not changed", action="store_true"
    )
    asked = parser.parse_args(arguments)
    thorough = Extent.WHOLE if asked.whole else Extent.DELETIONS
    try:
        own = settings()
        every = duration("--every", asked.every) if asked.every is not None else None
    except ValueError as error:
        raise SystemExit(f"{error}.") from None
    _obey_signals()
    try:
        if every is None:
            return 0 if attempt(own, thorough).version else 1
        zone = ZoneInfo(own.time_zone)
        keep_fresh(lambda night: attempt(own, thorough if night else Extent.CHANGES), every, zone)
    except KeyboardInterrupt:
        log.info("Stopped; what was published stays.")
        return 1 if every is None else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
