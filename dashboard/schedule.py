"""When to refresh: at an interval, less often while it fails, once a night thoroughly."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from dashboard.settings import now
from dashboard.verdict import Verdict
from data_access.errors import RefreshRunningError

# Seconds; a CRM that is down is asked once an hour at least, unless the interval is longer.
_LONGEST_BACK_OFF = 3600
_DOUBLINGS = 12
LONGEST_DEAFNESS = 0.5  # to a signal that comes just before a wait
_THOROUGH_FROM = 2  # o'clock, business time
log = logging.getLogger("stayline")


def _sleep(seconds: float) -> None:
    """In short stretches: a signal that comes just before one is heard after it."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, LONGEST_DEAFNESS))


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the schedule sees it; a test drives its own.

    Attributes:
        ticks: Seconds since some moment; they never jump.
        now: The present moment.
        sleep: Let so many seconds pass.
    """

    ticks: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = now
    sleep: Callable[[float], None] = _sleep


def pause(every: int, took: float, failures: int) -> float:
    """Seconds from the end of one refresh to the beginning of the next.

    From start to start it is the interval, or a multiple of it: a refresh that takes longer
    leaves turns out instead of reading the CRM without a break. Each failure in a row doubles
    the interval, to an hour at most. No chance is in it: one process per store refreshes.
    """
    interval = min(every * 2 ** min(failures, _DOUBLINGS), max(every, _LONGEST_BACK_OFF))
    return interval - took % interval


def is_thorough_due(moment: datetime, last_thorough: datetime | None, zone: ZoneInfo) -> bool:
    """Whether deletions are to be looked for again: not done since two at night, business time.

    Args:
        moment: Now.
        last_thorough: When the last refresh began that looked for them and succeeded.
        zone: The business time zone.
    """
    local = moment.astimezone(zone)
    night = local.replace(hour=_THOROUGH_FROM, minute=0, second=0, microsecond=0)
    if night > local:
        night -= timedelta(days=1)
    return last_thorough is None or last_thorough < night


def keep_fresh(
    attempt: Callable[[bool], Verdict], every: int, zone: ZoneInfo, clock: Clock | None = None
) -> NoReturn:
    """Refresh for ever.

    Args:
        attempt: Refreshes once, tells how it went; the argument asks it to look for
            deletions too.
        every: Seconds from start to start.
        zone: The business time zone.
        clock: Another than the machine's.
    """
    clock = clock or Clock()
    failures, last_thorough = 0, None
    while True:
        began, moment = clock.ticks(), clock.now()
        thorough = is_thorough_due(moment, last_thorough, zone)
        verdict = attempt(thorough)
        if thorough and verdict.version:
            last_thorough = moment
        failed = not verdict.version and verdict.code != RefreshRunningError.code
        failures = failures + 1 if failed else 0
        seconds = pause(every, clock.ticks() - began, failures)
        if failures:
            log.info("Failures in a row: %d; the next try is in %.0f s.", failures, seconds)
        clock.sleep(seconds)
