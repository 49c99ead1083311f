"""The workspace of this installation: opened when first asked for, with the rights of the data."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from threading import Lock

import polars as pl

from dashboard import data
from dashboard.settings import now, settings
from dashboard.view import View
from data_access.principal import Principal
from data_access.workspace import Workspace, WorkspaceError, Write

_AGAIN = 15.0  # seconds until one that could not be opened is tried again: a server may not answer
_opening = Lock()
_opened: dict[str, Workspace] = {}
_failed: dict[str, tuple[float, WorkspaceError]] = {}
_unread: dict[str, float] = {}


def workspace() -> Workspace:
    """What the functions of `data_access.workspace` take.

    Raises:
        WorkspaceError: It cannot be opened, or could not be a moment ago.
    """
    url = settings().workspace
    with _opening:
        if url not in _opened:
            _opened[url] = _open(url)
        return _opened[url]


def _open(url: str) -> Workspace:
    until, error = _failed.get(url, (0.0, None))
    if error is not None and time.monotonic() < until:
        raise error
    try:
        made = Workspace(url, _customers)
        made.open()
    except WorkspaceError as error:
        _failed[url] = (time.monotonic() + _AGAIN, error)
        raise
    return made


def readable() -> int | None:
    """Its `state`, for pages that can do without; None where it cannot be read.

    Where it could not a moment ago it is not asked: no page shall wait for a server that hangs only
    to learn whose customers are whose.
    """
    url = settings().workspace
    if time.monotonic() < _unread.get(url, 0.0):
        return None
    try:
        return workspace().state()
    except WorkspaceError as error:
        logging.getLogger(__name__).info("pages go on without the workspace: %s", error)
        _unread[url] = time.monotonic() + _AGAIN
        return None


def _customers(principal: Principal) -> pl.LazyFrame:
    """Who is in a reader's scope now, whatever version their page still shows."""
    return data.serving().current().snapshot.scan("customers", principal)


def writing(view: View, key: str) -> Write:
    """A write of the reader, now, under the key that was made when their form was drawn."""
    return Write(view.principal, now(), key)


def warm() -> None:
    """Open it before the first reader comes; who asks for what cannot be opened is told."""
    with suppress(WorkspaceError):
        workspace()


def close() -> None:
    """Let go of all workspaces; the next read opens what the settings then name."""
    with _opening:
        for each in _opened.values():
            each.close()
        _opened.clear()
        _failed.clear()
        _unread.clear()
