"""The open snapshot: marts, dates and cached figures; the only door to `data_access`."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.settings import settings
from dashboard.view import View
from data_access.errors import DataAccessError
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import Snapshot, SnapshotStore
from metrics.selection import Selection

# Small enough to stay in memory and read by nearly every page; facts are scanned from disk.
RESIDENT = (
    "customer_mart",
    "tier_months",
    "cohort_months",
    "retention_months",
    "order_months",
    "budget_months",
    "employees",
)


_KEPT_OPEN = 4  # versions; the newest, and those a running page may still hold


@dataclass
class _Open:
    """One opened version with the frames that stay in memory."""

    snapshot: Snapshot
    resident: dict[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])


_lock = threading.Lock()
_open: dict[str, _Open] = {}


@functools.cache
def store() -> SnapshotStore:
    """The snapshot store of this installation."""
    return SnapshotStore(settings().snapshots)


def current_version() -> str:
    """The version to show now; a refresh that has just published is picked up here.

    Raises:
        NoSnapshotError: Nothing has been published yet.
        DamagedSnapshotError: No published version is readable.
    """
    newest = store().current()
    with _lock:
        if newest.version not in _open:
            _open[newest.version] = _Open(newest)
            while len(_open) > _KEPT_OPEN:
                _open.pop(next(iter(_open)))
    return newest.version


def _opened(version: str) -> _Open:
    opened = _open.get(version)
    return opened if opened is not None else _Open(store().open(version))


def close() -> None:
    """Forget every open version; the next read opens what is then current."""
    with _lock:
        _open.clear()


def snapshot(view: View) -> Snapshot:
    """The snapshot of a view."""
    return _opened(view.version).snapshot


def frame(view: View, name: str) -> pl.LazyFrame:
    """A contract table or mart, only the rows the reader may see; filters not applied."""
    opened = _opened(view.version)
    if name in RESIDENT and view.principal.sees_everything:
        if name not in opened.resident:
            opened.resident[name] = opened.snapshot.scan(name, view.principal).collect()
        return opened.resident[name].lazy()
    return opened.snapshot.scan(name, view.principal)


def selected(view: View, name: str) -> pl.LazyFrame:
    """A mart with dimension columns, narrowed to the customers the reader chose."""
    return view.selection.of(frame(view, name))


def as_of(view: View, table: str) -> date:
    """The last day, in the business time zone, until which a table is complete (inclusive)."""
    moment = snapshot(view).as_of(table)
    return moment.astimezone(time_zone()).date()


def present(view: View, *tables: str) -> bool:
    """Whether the CRM has these tables at all."""
    return all(snapshot(view).present(table) for table in tables)


P = ParamSpec("P")
R = TypeVar("R")


def answer(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of a function of a `View` and other hashable arguments.

    The view carries version, reader and filters, so nothing is shared that should not be, and a
    frame is never part of a key. Results are small and must not be changed.
    """
    return functools.lru_cache(maxsize=256)(function)  # pyright: ignore[reportReturnType]


def once(function: Callable[Concatenate[View, P], R]) -> Callable[Concatenate[View, P], R]:
    """An `answer` that is the same whatever the reader chose, kept once per version and reader."""
    kept = answer(function)

    @functools.wraps(function)
    def ask(view: View, *args: P.args, **kwargs: P.kwargs) -> R:
        return kept(view.everything(), *args, **kwargs)

    return ask


def refresh_failure() -> Mapping[str, Any] | None:
    """Why the last refresh failed: code, fields and sentence; None if it did not."""
    try:
        return json.loads(settings().failure.read_text("utf-8"))
    except (OSError, ValueError):  # there is none, or it was cut off
        return None


def warm() -> None:
    """Open the current version before the first reader comes; harmless if there is none."""
    try:
        view = View(current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    except DataAccessError:
        return
    for name in RESIDENT:
        frame(view, name)


def time_zone() -> ZoneInfo:
    """The business time zone."""
    return ZoneInfo(settings().time_zone)


@once
def first_day(view: View, name: str, day: str) -> date:
    """The first day on which a mart has a row, for the period "all"; as of, if it has none."""
    first = frame(view, name).select(pl.col(day).min()).collect().item()
    return first or date(2000, 1, 1)
