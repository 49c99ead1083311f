"""What the forms of a follow-up have in common: whom they are about, how they open, send, end.

Each lies behind its button and is drawn when that is open. What it sends it was drawn with
(`saving.submit`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from dashboard import saving
from dashboard.i18n import t
from dashboard.panels import follow_up_words as words
from dashboard.view import View
from data_access.workspace import Conflict, Saved, Write
from data_access.workspace.records import Folder

LONGEST = 1_000  # characters, as the field says; the workspace takes more


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies before the reader: the customer, their folder, and who there is."""

    view: View
    row: Mapping[str, Any]
    folder: Folder
    people: Mapping[str, str]

    @property
    def customer_id(self) -> str:
        """The customer."""
        return self.row["customer_id"]

    @property
    def owner_id(self) -> str | None:
        """Who looks after the customer: whom they are assigned to, else whom the CRM names."""
        return self.folder.owner_id or self.row["owner_id"]

    @property
    def is_open(self) -> bool:
        """Whether a case is open."""
        return self.folder.case is not None and self.folder.case.closed_at is None


@contextmanager
def behind(form: str, desk: Desk, label: str, icon: str) -> Generator[bool]:
    """A button that opens a form; gives whether it is open, for the form to be drawn inside."""
    opened = st.popover(label, icon=icon, key=_opener(form), on_change="rerun", width="content")
    if not opened.open:
        yield False
        return
    with opened, st.form(form, border=False):
        saving.tell(form, conflict=lambda found: _show(found, desk))
        yield True


def _opener(form: str) -> str:
    return f"{form}_open"


def send(
    form: str,
    desk: Desk,
    label: str,
    save: Callable[[Write], Saved],
    drawn: Mapping[str, object] | None = None,
    name: str = "",
) -> None:
    """The form's button; once it is saved the form closes."""
    then = {_opener(form): False}
    saving.submit(form, label, desk.view, save, then=then, drawn=drawn, name=name, primary=not name)


def _show(found: Conflict, desk: Desk) -> None:
    """What somebody else has changed, above what the reader has typed."""
    lines = "".join(
        f"<li>{escape(line)}</li>" for line in words.changes(found.changes, desk.people)
    )
    st.html(f'<ul class="sl-changes">{lines}</ul><div class="sl-sub">{t("follow_up.yours")}</div>')


def tell(desk: Desk, *names: str) -> None:
    """How the last save of one of these forms ended, where its button is no longer open."""
    for name in names:
        saving.tell(form_of(name, desk))


def form_of(name: str, desk: Desk) -> str:
    """Of one customer: what is typed about them is not found with another."""
    return f"follow_up_{name}_{desk.customer_id}"


def value_of(key: str) -> Any:
    """What a field of the form that is being saved holds."""
    return st.session_state.get(key)


def choose_owner(
    label: str, nobody: str, people: Mapping[str, str], present: str | None, key: str
) -> None:
    """A choice of an employee; "" in the session is nobody of them.

    Args:
        label: What they are chosen for.
        nobody: The words for nobody.
        people: Names by id.
        present: Who it is now; one who has left the CRM can stay.
        key: Of the widget.
    """
    named = {"": nobody, **people}
    if present is not None:
        named.setdefault(present, present)
    st.selectbox(
        label,
        tuple(named),
        index=tuple(named).index(present or ""),
        format_func=named.__getitem__,
        key=key,
    )
