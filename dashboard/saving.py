"""Saving from a form: once, said so only when it is kept, the reader's entry kept when it is not.

A form is sent with what it was drawn with: the version that the reader has seen, and the key of
the write. So a form that is sent twice is saved once, and somebody else's change in between is a
conflict that the reader is shown, beside what they have typed themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

import streamlit as st

from dashboard import i18n
from dashboard.i18n import t
from dashboard.view import View
from dashboard.workspace import writing
from data_access.workspace import Conflict, Saved, WorkspaceError, Write, new_id
from data_access.workspace.errors import NotChosenError

_BUTTON = "_send"  # in the keys of buttons, which the session cannot be told to hold
_LEFT = "saving_left"  # fields the reader had not touched when a save was refused
_TYPED = object()  # what no field is drawn with
_ENDED = "saving_ended"  # how the last save of each form ended, until it has been said


@dataclass(frozen=True, slots=True)
class Ended:
    """How the last save of a form ended.

    Attributes:
        saved: What was kept; None if nothing was.
        error: Why nothing was; a `Conflict` if somebody else was first.
    """

    saved: Saved | None = None
    error: WorkspaceError | None = None


def allowed(view: View) -> bool:
    """Whether the reader's role writes about customers; if not, says so in the place of the forms.

    Only a courtesy: the workspace itself refuses such a write.
    """
    if not view.principal.may_write:
        st.html(f'<div class="sl-sub">{escape(t("saving.read_only"))}</div>')
    return view.principal.may_write


def submit(
    form: str,
    label: str,
    view: View,
    save: Callable[[Write], Saved],
    *,
    then: Mapping[str, object] | None = None,
    drawn: Mapping[str, object] | None = None,
    name: str = "",
    icon: str | None = None,
    primary: bool = False,
    disabled: bool = False,
) -> None:
    """The button that sends a form.

    Args:
        form: Name of the form, with which the keys of its widgets begin: what they hold is kept if
            it is not saved.
        label: What it does.
        view: Whose write it is.
        save: Does it; called once the button is pressed, with the values of the widgets in the
            session. What it closes over, such as a version, is what was drawn.
        then: What widgets hold once it is saved, by their keys: "" empties a text, False closes a
            popover.
        drawn: Of `begin`.
        name: Of the button, where a form has several.
        icon: Before the label.
        primary: Whether it is what the reader most likely wants.
        disabled: Whether it cannot be pressed.
    """
    st.form_submit_button(
        label,
        key=f"{form}{_BUTTON}{name}",
        on_click=_save,
        args=(form, view, new_id(), save, dict(then or {}), dict(drawn or {})),
        icon=icon,
        type="primary" if primary else "secondary",
        disabled=disabled,
    )


def _save(
    form: str,
    view: View,
    key: str,
    save: Callable[[Write], Saved],
    then: Mapping[str, object],
    drawn: Mapping[str, object],
) -> None:
    try:
        ended = Ended(saved=save(writing(view, key)))
    except WorkspaceError as error:
        logging.getLogger(__name__).info("save %s: %s", form, type(error).__name__)
        ended = Ended(error=error)
    typed = {} if ended.error is None else _typed(form)
    left = [widget for widget, value in typed.items() if drawn.get(widget, _TYPED) == value]
    for widget, value in (then if ended.error is None else typed).items():
        st.session_state[widget] = value
    st.session_state[_LEFT] = {form: left}
    st.session_state[_ENDED] = {form: ended}


def chosen(field: str, widget: str) -> str:
    """What the reader has chosen in a widget of the form that is being saved.

    Raises:
        NotChosenError: Nothing.
    """
    found = st.session_state.get(widget)
    if not found:
        raise NotChosenError(field)
    return str(found)


def begin(form: str, **fields: object) -> dict[str, object]:
    """Before the fields of a form are drawn: what they hold now, by their keys, for `submit`.

    A field that the reader had left as it was when a save was refused takes over what somebody else
    has saved meanwhile, so that saving again does not wipe it out.
    """
    drawn = {f"{form}_{field}": value for field, value in fields.items()}
    for widget in st.session_state.get(_LEFT, {}).pop(form, ()):
        if widget in drawn:
            st.session_state[widget] = drawn[widget]
    return drawn


def _typed(form: str) -> dict[str, object]:
    """What the reader has typed into a form: said again, it outlives another drawing of it.

    Streamlit begins a widget anew whose label or default has changed, with somebody else's entry.
    """
    own = (str(key) for key in st.session_state if str(key).startswith(f"{form}_"))
    return {key: st.session_state[key] for key in own if not key.startswith(f"{form}{_BUTTON}")}


def ended(form: str) -> Ended | None:
    """How the last save of a form ended, told once; None if it was not sent."""
    return st.session_state.get(_ENDED, {}).pop(form, None)


def tell(form: str, saved: str = "", conflict: Callable[[Conflict], None] | None = None) -> None:
    """Say in place how the last save of a form ended, if it was sent.

    Args:
        form: Its name.
        saved: The words when it is kept; "saved" by default.
        conflict: Shows what somebody else has changed, under the sentence that they have.
    """
    found = ended(form)
    if found is None:
        return
    if found.error is None:
        said = escape(saved or t("saving.saved"))
        st.html(f'<div class="sl-saved" role="status">✓ {said}</div>')
        return
    if not isinstance(found.error, Conflict):
        st.warning(i18n.failure(found.error.code, found.error.fields))
        return
    st.warning(i18n.failure(found.error.code, {"by": _by(found.error)}))
    if conflict is not None:
        conflict(found.error)


def _by(conflict: Conflict) -> str:
    names = dict.fromkeys(change.by for change in conflict.changes) or ("somebody",)
    return t("saving.and").join(i18n.code("writer", name) for name in names)
