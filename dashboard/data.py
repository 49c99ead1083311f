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

from dashboard import progress
from dashboard.resident import COUNTED, RESIDENT, as_text, compact
from dashboard.settings import settings
from dashboard.view import View
from data_access.errors import DataAccessError
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import Snapshot, SnapshotStore
from metrics.selection import Selection

_SMALL = 100_000  # rows of a choice that are kept, so that a page filters each mart once
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
            for older in _open.values():
                older.resident.clear()  # two versions in memory would be twice the memory
            _small.cache_clear()  # rows that share the text of an older version
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
    return as_text(_stored(view, name))


def selected(view: View, name: str) -> pl.LazyFrame:
    """A mart with dimension columns, narrowed to the customers the reader chose."""
    return as_text(_narrowed(view, name))


def counted(view: View, name: str) -> pl.LazyFrame:
    """Of chosen facts the columns that figures are counted from (`COUNTED`), held in memory.

    At 2 million customers (6 million answers) a filter on three dimensions takes 15 ms, from disk
    110 ms.
    """
    return as_text(_narrowed(view, name, COUNTED[name]))


def _narrowed(view: View, name: str, columns: tuple[str, ...] = ()) -> pl.LazyFrame:
    if not view.selection.is_everything and _is_held(view, name, columns):
        small = _small(view.whenever(), name, columns)
        if small is not None:
            return small.lazy()
    return view.selection.of(_stored(view, name, columns))


@functools.lru_cache(maxsize=12)
def _small(view: View, name: str, columns: tuple[str, ...]) -> pl.DataFrame | None:
    """The chosen rows of what is held in memory, if they are not many.

    They are fetched by their numbers, which takes a tenth of filtering every column.
    """
    held = _stored(view, name, columns)
    rows = view.selection.of(held.with_row_index("_row")).select("_row").collect()["_row"]
    return held.collect()[rows] if len(rows) <= _SMALL else None


def _is_held(view: View, name: str, columns: tuple[str, ...]) -> bool:
    return view.principal.sees_everything and bool(columns or name in RESIDENT)


def _stored(view: View, name: str, columns: tuple[str, ...] = ()) -> pl.LazyFrame:
    """The rows in scope as they are held: in memory and compact, or on disk."""
    opened = _opened(view.version)
    rows = opened.snapshot.scan(name, view.principal)
    if columns:
        rows = rows.select(columns)
    if not _is_held(view, name, columns):
        return rows
    held = opened.resident.get(name)  # another thread may clear it at any time
    if held is None:
        held = opened.resident[name] = compact(rows.collect())
    return held.lazy()


def as_of(view: View, table: str) -> date:
    """The last day, in the business time zone, until which a table is complete (inclusive)."""
    moment = snapshot(view).as_of(table)
    return moment.astimezone(time_zone()).date()


def present(view: View, *tables: str) -> bool:
    """Whether the CRM has these tables at all."""
    return all(snapshot(view).present(table) for table in tables)


def lacking(view: View, table: str) -> tuple[str, ...]:
    """The columns of the contract that a table of the CRM does not have; optional ones are null.

    A table that lacks one it must have is not read at all: it is not `present`.
    """
    findings = snapshot(view).manifest.facts["findings"]
    missing = (each for each in findings if each["code"] == "missing_column")
    return tuple(each["column"] for each in missing if each["table"] == table)


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


def refresh_running() -> Mapping[str, Any] | None:
    """How far a running refresh is: stage, rows, share, seconds_left; None if none runs."""
    return progress.running(settings().running)


def warm() -> None:
    """Open the current version before the first reader comes; harmless if there is none."""
    try:
        view = View(current_version(), LOCAL_ADMINISTRATOR, "year", "previous", Selection())
    except DataAccessError:
        return
    for name in RESIDENT:
        _stored(view, name)
    for name, columns in COUNTED.items():
        _stored(view, name, columns)


def time_zone() -> ZoneInfo:
    """The business time zone."""
    return ZoneInfo(settings().time_zone)


@once
def first_day(view: View, name: str, day: str) -> date:
    """The first day on which a mart has a row, for the period "all"; as of, if it has none."""
    first = frame(view, name).select(pl.col(day).min()).collect().item()
    return first or date(2000, 1, 1)
