"""The open snapshot: marts, dates and cached figures; the only door to `data_access`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Hashable, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from dashboard import chosen, notes, progress
from dashboard.kept import Kept
from dashboard.resident import COUNTED, HELD, SCANNED, as_text
from dashboard.serving import Opened, Serving
from dashboard.settings import settings
from dashboard.store import store
from dashboard.view import View
from data_access.errors import DataAccessError
from data_access.snapshot import Snapshot

_ANSWERS = 256  # results of each question that are kept


@functools.cache
def serving() -> Serving:
    """The versions of this installation that this process has open."""
    return Serving(store(settings()))


@contextmanager
def reading() -> Generator[str]:
    """The version to show now, held in memory while the block runs, whatever is published.

    Raises:
        NoSnapshotError: Nothing has been published yet.
        DamagedSnapshotError: No published version is readable.
    """
    opened = serving().current()
    yield opened.snapshot.version


def current_version() -> str:
    """As `reading`, of a version that nobody publishes over meanwhile."""
    return serving().current().snapshot.version


def close() -> None:
    """Forget what is open; the next read opens what the settings then name."""
    serving.cache_clear()


def _opened(view: View) -> Opened:
    return serving().opened(view.version)


def snapshot(view: View) -> Snapshot:
    """The snapshot of a view."""
    return _opened(view).snapshot


def frame(view: View, name: str) -> pl.LazyFrame:
    """A contract table or mart, only the rows the reader may see; filters not applied.

    A `tier` is one of the scheme of the view, here and everywhere below. A roll-up of `OWNED` has
    `owner_id` only where a filter or the reader's rights ask for it.
    """
    return as_text(chosen.stored(_opened(view), view, name))


def selected(view: View, name: str) -> pl.LazyFrame:
    """A mart with dimension columns, narrowed to the customers the reader chose."""
    return as_text(chosen.narrowed(_opened(view), view, name))


def customers(view: View) -> pl.LazyFrame:
    """The customers that the reader chose, by who looks after them today.

    `owner_id` and `owner` of the rows are the CRM's (`casework.with_owner` names the others).
    """
    return selected(view.as_assigned(), "customer_mart")


def changed(
    view: View, name: str, by: Hashable, change: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> pl.LazyFrame:
    """A mart as something else would have it, narrowed to the customers the reader chose.

    What is held in memory is changed whole, once, and kept with its version: then a filter or a
    page costs what it costs of the mart itself. Columns that stay are shared with it.

    Args:
        view: The view.
        name: Of a mart held whole (`RESIDENT`).
        by: Names the change.
        change: Gives the same rows with other values; dimensions stay as they are.
    """
    held, picked = chosen.held(_opened(view), view, name, ()), view.selection
    if held is None:
        return as_text(change(picked.of(chosen.stored(_opened(view), view, name))))
    kept = _opened(view).changed.get((name, by, view.scheme), lambda: change(held.lazy()).collect())
    return as_text(picked.of(kept.lazy()))


def counted(view: View, name: str) -> pl.LazyFrame:
    """Of chosen facts the columns that figures are counted from (`COUNTED`), held in memory.

    At 2 million customers (6 million answers) a filter on three dimensions takes 15 ms, from disk
    110 ms. Of longer ones (`SCANNED`) only the chosen rows are, while they are not many.
    """
    return as_text(chosen.narrowed(_opened(view), view, name, COUNTED.get(name) or SCANNED[name]))


def tally(view: View, name: str, *by: str, **sums: pl.Expr) -> pl.LazyFrame:
    """How many of the chosen rows of a mart of `HELD` there are by columns of few values.

    Text is grouped as the number it is held as, a third of the time; `sums` of numbers alone.

    Returns:
        One row per combination that occurs, unordered: `by`, rows (Int64), `sums`.
    """
    found = chosen.narrowed(_opened(view), view, name, HELD[name]).group_by(by)
    return as_text(found.agg(rows=pl.len().cast(pl.Int64), **sums))


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
    kept = Kept[R](_ANSWERS)

    @functools.wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (args, tuple(sorted(kwargs.items())))
        return kept.get(key, lambda: function(*args, **kwargs))

    return ask


def once(function: Callable[Concatenate[View, P], R]) -> Callable[Concatenate[View, P], R]:
    """An `answer` that is the same whatever the reader chose, kept once per version and reader."""
    kept = answer(function)

    @functools.wraps(function)
    def ask(view: View, *args: P.args, **kwargs: P.kwargs) -> R:
        return kept(view.everything(), *args, **kwargs)

    return ask


def refresh_failure() -> Mapping[str, Any] | None:
    """Why the last refresh failed: code, fields and sentence; None if it did not."""
    return notes.left(settings().failure)


def refresh_running() -> Mapping[str, Any] | None:
    """How far a running refresh is: stage, rows, share, seconds_left; None if none runs."""
    return progress.running(settings().running)


def warm() -> None:
    """Load the current version before the first reader comes; harmless if there is none."""
    with suppress(DataAccessError):
        serving().current()


def watch(wait: Callable[[float], bool]) -> None:
    """Load what is published from now on beside what is shown, until `wait` is true."""
    serving().watch(wait)


def time_zone() -> ZoneInfo:
    """The business time zone."""
    return ZoneInfo(settings().time_zone)


@once
def first_day(view: View, name: str, day: str) -> date:
    """The first day on which a mart has a row, for the period "all"; as of, if it has none."""
    first = frame(view, name).select(pl.col(day).min()).collect().item()
    return first or date(2000, 1, 1)
