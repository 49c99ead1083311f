"""The forms of a follow-up as a whole: start, note, hand to an owner, close, reopen."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from dashboard import i18n, saving
from dashboard.answers import customer_follow_up
from dashboard.i18n import t
from dashboard.panels.follow_up_desk import (
    LONGEST,
    Desk,
    behind,
    choose_owner,
    form_of,
    send,
    value_of,
)
from dashboard.workspace import workspace
from data_access.workspace import Saved, Write, cases
from data_access.workspace.assignments import assign
from data_access.workspace.records import ENDINGS


def start(desk: Desk) -> None:
    """Open a case, with the plan or without."""

    def begin(*, planned: bool) -> Callable[[Write], Saved]:
        def save(write: Write) -> Saved:
            opening = customer_follow_up.opening(desk.row, planned=planned)
            return cases.start(workspace(), write, {desk.customer_id: opening})

        return save

    form = form_of("start", desk)
    line = st.form(form, border=False, width="content").container(horizontal=True, gap="small")
    with line:
        saving.submit(form, t("follow_up.start"), desk.view, begin(planned=True), primary=True)
        if not desk.is_open:
            label = t("follow_up.open")
            saving.submit(form, label, desk.view, begin(planned=False), name="open")


def note(desk: Desk) -> None:
    """Write something down about the customer."""
    form = form_of("note", desk)

    def save(write: Write) -> Saved:
        return cases.note(workspace(), write, desk.customer_id, str(value_of(f"{form}_text") or ""))

    with behind(form, desk, t("follow_up.note"), ":material/notes:") as is_open:
        if is_open:
            st.text_area(t("follow_up.text"), max_chars=LONGEST, key=f"{form}_text")
            send(form, desk, t("follow_up.save"), save)


def owner(desk: Desk) -> None:
    """Give the customer to somebody else."""
    form = form_of("owner", desk)
    version = desk.folder.owner_version

    def save(write: Write) -> Saved:
        chosen = value_of(f"{form}_to") or None
        saved = assign(workspace(), write, chosen, {desk.customer_id: version})
        if saved.skipped:
            raise customer_follow_up.assigned_meanwhile(desk.view, desk.customer_id)
        return saved

    with behind(form, desk, t("follow_up.assign"), ":material/person:") as is_open:
        if is_open:
            choose_owner(
                t("dimension.owner_id"),
                t("follow_up.of_the_crm"),
                desk.people,
                desk.folder.owner_id,
                f"{form}_to",
            )
            send(form, desk, t("follow_up.save"), save)


def close(desk: Desk) -> None:
    """End the case with its outcome."""
    case, form = desk.folder.case, form_of("close", desk)
    if case is None:
        return

    def save(write: Write) -> Saved:
        said = saving.chosen("state", f"{form}_state"), value_of(f"{form}_text")
        return cases.close(workspace(), write, case.case_id, case.version, *said)

    with behind(form, desk, t("follow_up.close"), ":material/flag:") as is_open:
        if is_open:
            named = {code: i18n.code("case_state", code) for code in ENDINGS}
            st.radio(
                t("follow_up.ending"),
                ENDINGS,
                index=None,
                format_func=named.__getitem__,
                key=f"{form}_state",
            )
            st.text_area(t("follow_up.outcome"), max_chars=LONGEST, key=f"{form}_text")
            send(form, desk, t("follow_up.close"), save)


def reopen(desk: Desk) -> None:
    """Take a closed case up again, with the reason."""
    case, form = desk.folder.case, form_of("reopen", desk)
    if case is None:
        return

    def save(write: Write) -> Saved:
        why = str(value_of(f"{form}_why") or "")
        return cases.reopen(workspace(), write, case.case_id, case.version, why)

    with behind(form, desk, t("follow_up.reopen"), ":material/undo:") as is_open:
        if is_open:
            st.html(f'<div class="sl-sub">{escape(t("follow_up.same_case"))}</div>')
            st.text_area(t("follow_up.why"), max_chars=LONGEST, height=80, key=f"{form}_why")
            send(form, desk, t("follow_up.reopen"), save)
