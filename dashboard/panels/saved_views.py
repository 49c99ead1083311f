"""Saved views of a page: filters, columns and order under a name, private or for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import cast

import streamlit as st

from dashboard import address, i18n, saving
from dashboard.i18n import t
from dashboard.view import View
from dashboard.workspace import workspace
from data_access.workspace import Saved, WorkspaceError, Write, saved_views
from data_access.workspace.records import SavedView

_OPENED = "saved"  # parameter: the view that was opened last
_NAME, _SHARED = "view_save_name", "view_save_shared"
_SAVE, _CHANGE, _DELETE = "view_save", "view_change", "view_delete"


@dataclass(frozen=True, slots=True)
class Place:
    """A page whose views are kept: its name, and the parameters that are part of a view."""

    page: str
    parameters: tuple[str, ...]

    @property
    def query(self) -> str:
        """The present view as the query of an address; in one order, so that it can be compared."""
        return address.query(*self.parameters)


def bar(view: View, place: Place) -> None:
    """The views to open, the one that is open with whether it is changed, and forms to keep them.

    To be drawn when every choice of the page stands in the address.
    """
    try:
        found = saved_views.views_of(workspace(), view.principal, place.page)
    except WorkspaceError:
        st.html(f'<div class="sl-sub">{escape(t("views.none_now"))}</div>')
        return
    opened = next((each for each in found if each.view_id == _wanted()), None)
    changed = opened is not None and opened.query != place.query
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="views_bar"):
        label = i18n.markdown(opened.name) if opened else t("views.label")
        with st.popover(label, icon=":material/bookmark:", type="tertiary", key="views"):
            _offer(found, place)
            _keep_new(view, place)
            if opened is not None and _may_change(view, opened):
                _keep_changed(view, place, opened, changed=changed)
        if opened is not None and changed:
            st.badge(t("views.changed"), color="orange")
            st.button(
                t("views.reset"),
                key="view_reset",
                type="tertiary",
                on_click=_open,
                args=(opened, place),
            )


def _wanted() -> str:
    return st.query_params.get(_OPENED, "")


def _may_change(view: View, opened: SavedView) -> bool:
    """One's own; an administrator also keeps the shared ones in order."""
    own = opened.owner == view.principal.name
    tidies = view.principal.role == "administrator" and opened.reach == saved_views.SHARED
    return own or tidies


def _offer(found: Sequence[SavedView], place: Place) -> None:
    if not found:
        st.html(f'<div class="sl-sub">{escape(t("views.empty"))}</div>')
    for each in found:
        shared = each.reach == saved_views.SHARED
        st.button(
            i18n.markdown(each.name),
            key=f"view_{each.view_id}",
            icon=":material/group:" if shared else ":material/person:",
            help=t("views.shared_by", name=i18n.markdown(i18n.code("writer", each.owner)))
            if shared
            else None,
            type="tertiary",
            on_click=_open,
            args=(each, place),
        )


def _open(opened: SavedView, place: Place) -> None:
    address.restore(opened.query, *place.parameters)
    st.query_params[_OPENED] = opened.view_id


def _keep_new(view: View, place: Place) -> None:
    query = place.query

    def save(write: Write) -> Saved:
        name = cast("str", st.session_state[_NAME] or "")
        reach = saved_views.SHARED if st.session_state[_SHARED] else saved_views.PRIVATE
        saved = saved_views.save_view(workspace(), write, place.page, name, query, reach=reach)
        st.query_params[_OPENED] = next(iter(saved.done))
        return saved

    with st.form(_SAVE, border=False):
        st.text_input(t("views.name"), key=_NAME, max_chars=80, placeholder=t("views.name_hint"))
        st.checkbox(t("views.share"), key=_SHARED)
        saving.submit(_SAVE, t("views.save"), view, save, then={_NAME: "", _SHARED: False})
    saving.tell(_SAVE)


def _keep_changed(view: View, place: Place, opened: SavedView, *, changed: bool) -> None:
    query = place.query

    def change(write: Write) -> Saved:
        return saved_views.change_view(
            workspace(), write, opened.view_id, opened.version, query=query
        )

    def delete(write: Write) -> Saved:
        saved = saved_views.delete_view(workspace(), write, opened.view_id, opened.version)
        address.forget(_OPENED)
        return saved

    name = i18n.markdown(opened.name)
    if changed:
        with st.form(_CHANGE, border=False):
            saving.submit(_CHANGE, t("views.update", name=name), view, change)
    saving.tell(_CHANGE)
    with st.form(_DELETE, border=False):
        saving.submit(_DELETE, t("views.delete", name=name), view, delete)
    saving.tell(_DELETE)
