"""Rows about customers that leave in a file: no file without its entry in the audit.

Whoever has the rows has them outside of every right that holds here, so the entry is written
first, by the click and not by the drawing of the button; without it there are no rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from html import escape

import polars as pl
import streamlit as st

from dashboard import address, i18n
from dashboard.i18n import t
from dashboard.view import View
from dashboard.workspace import workspace, writing
from data_access.workspace import WorkspaceError, downloads, new_id

_REFUSED = "download_refused"  # by the key of the button: why the last one was
_OF_SCREEN = frozenset({"language"})
MIMES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be asked for.

    Attributes:
        listed: Which list or chart it is of, a code.
        kind: A key of `MIMES`.
        name: Its name without the kind.
        rows: Gives the rows, up to those that the reader's role may take away.
        write: Makes the file of them.
    """

    listed: str
    kind: str
    name: str
    rows: Callable[[], pl.DataFrame]
    write: Callable[[pl.DataFrame], bytes]


def available() -> bool:
    """Whether downloads can be written down; if not, one sentence says that there are none."""
    try:
        workspace()
    except WorkspaceError:
        _closed()
        return False
    return True


def button(view: View, file: File, label: str, *, key: str, icon: str | None = None) -> None:
    """A button that gives the file, made when it is asked for, in the language of this run."""
    refused: dict[str, bool] = st.session_state.setdefault(_REFUSED, {})
    if refused.pop(key, False):
        _closed()
    st.download_button(
        label,
        data=audited(view, file, _query(), lambda: refused.update({key: True})),
        file_name=f"{file.name}.{file.kind}",
        mime=MIMES[file.kind],
        icon=icon,
        type="tertiary",
        key=key,
    )


def _closed() -> None:
    st.html(f'<div class="sl-sub" role="status">{escape(t("download.closed"))}</div>')


def _query() -> str:
    """What the reader has chosen, as the address tells it."""
    return address.query(*(name for name in st.query_params if name not in _OF_SCREEN))


def audited(view: View, file: File, query: str, refuse: Callable[[], None]) -> Callable[[], bytes]:
    """What makes the file: called by Streamlit on a thread of its own, once for each click."""
    language = i18n.language()

    def made() -> bytes:
        i18n.speak(language)
        rows = file.rows()
        content = file.write(rows)
        try:
            downloads.record_download(
                workspace(),
                writing(view, new_id()),
                file.listed,
                file.kind,
                query,
                rows.height,
                view.version,
            )
        except WorkspaceError as error:
            logging.getLogger(__name__).warning("download refused: %s", error)
            refuse()
            raise
        return content

    return lambda: copy_context().run(made)
