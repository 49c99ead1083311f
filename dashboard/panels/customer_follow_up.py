"""The follow-up of one customer: the plan as a checklist, what was done, and the forms to do it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

import streamlit as st

from dashboard import i18n, panel, saving
from dashboard.answers import customer_follow_up
from dashboard.i18n import t
from dashboard.panels import follow_up_desk, follow_up_steps
from dashboard.panels import follow_up_forms as forms
from dashboard.panels import follow_up_words as words
from dashboard.settings import now
from dashboard.view import View
from data_access.workspace import WorkspaceError
from data_access.workspace.records import Folder, Step

Row = Mapping[str, Any]
_SHOWN = 4  # of what happened; the rest is behind a click


def follow_up(view: View, row: Row) -> None:
    """Where the follow-up of a customer stands, and what can be done about it."""
    try:
        found = customer_follow_up.folder(view, row["customer_id"])
    except WorkspaceError as error:
        logging.getLogger(__name__).warning("follow-up: %s", error)
        with panel.panel("follow_up", t("follow_up.unavailable"), ""):
            st.warning(i18n.failure(error.code, error.fields))
        return
    if found is None:
        return
    desk = follow_up_desk.Desk(view, row, found, customer_follow_up.people(view))
    with panel.panel("follow_up", _title(found, now()), _subtitle(desk)):
        if desk.is_open:
            for step in found.steps:
                _step(desk, step)
        if saving.allowed(view):
            _actions(desk)
        _history(desk)


def _title(found: Folder, at: datetime) -> str:
    case = found.case
    if case is None:
        return t("follow_up.title.none")
    if case.closed_at is not None:
        state = i18n.code("case_state", case.state)
        return t("follow_up.title.closed", state=state, day=words.day(case.closed_at))
    if not found.steps:
        return t("follow_up.title.no_plan")
    waiting = [step for step in found.steps if step.done_at is None]
    if not waiting:
        return t("follow_up.title.done", total=i18n.number(len(found.steps)))
    following = waiting[0]
    key = "late" if following.due_at < at else "running"
    return t(
        f"follow_up.title.{key}",
        done=i18n.number(len(found.steps) - len(waiting)),
        total=i18n.number(len(found.steps)),
        step=words.step(following.kind),
        due=words.moment(following.due_at),
    )


def _subtitle(desk: follow_up_desk.Desk) -> str:
    case = desk.folder.case
    whose = t("follow_up.owner", owner=words.owner(desk.people, desk.owner_id))
    if case is None:
        return f"{t('follow_up.subtitle.none')} · {whose}"
    opened = t(
        "follow_up.subtitle.opened",
        day=words.day(case.opened_at),
        by=words.writer(case.opened_by),
        reason=words.reason(case),
    )
    return f"{opened} · {whose}"


def _step(desk: follow_up_desk.Desk, step: Step) -> None:
    """One line of the checklist, with the button that records it."""
    sign, tone = _sign(step)
    said = words.status(step, now(), desk.people, desk.owner_id)
    quote = f'<div class="sl-quote">{escape(step.remark)}</div>' if step.remark else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(
            f'<div class="sl-step"><span class="{tone}">{sign}</span>'
            f"<div><b>{escape(words.step(step.kind))}</b> "
            f'<span class="sl-sub {tone}">{escape(said)}</span>{quote}</div></div>'
        )
        if desk.view.principal.may_write:
            forms_of_it = f"step_forms_{step.step_id}"
            with st.container(horizontal=True, gap="small", width="content", key=forms_of_it):
                follow_up_steps.result(desk, step)
                if step.done_at is None:
                    follow_up_steps.hand_over(desk, step)
    follow_up_desk.tell(desk, step.step_id, f"{step.step_id}_to")


def _sign(step: Step) -> tuple[str, str]:
    if step.done_at is not None:
        return ("–", "neutral") if step.outcome == "skipped" else ("✓", "good")
    return ("▼", "bad") if step.due_at < now() else ("○", "neutral")


def _actions(desk: follow_up_desk.Desk) -> None:
    """What can be done now, the likely thing first."""
    with st.container(horizontal=True, gap="small"):
        if not desk.is_open or not desk.folder.steps:
            forms.start(desk)
        forms.note(desk)
        forms.owner(desk)
        if desk.is_open:
            forms.close(desk)
        else:
            forms.reopen(desk)
    follow_up_desk.tell(desk, "start", "note", "owner", "close", "reopen")


def _history(desk: follow_up_desk.Desk) -> None:
    events = desk.folder.events
    if not events:
        return
    kinds = words.kinds(events)
    items = [
        f'<li><span class="sl-when">{escape(words.moment(event.at))}</span>'
        f'<span class="sl-kind">{escape(words.writer(event.by))}</span>'
        f"<div><b>{escape(words.event(event, kinds, desk.people))}</b>{_quote(words.remark(event))}"
        "</div></li>"
        for event in events
    ]
    st.html(f'<ol class="sl-events">{"".join(items[:_SHOWN])}</ol>')
    if len(items) > _SHOWN:
        with st.expander(t("follow_up.earlier", n=i18n.number(len(items) - _SHOWN))):
            st.html(f'<ol class="sl-events">{"".join(items[_SHOWN:])}</ol>')


def _quote(text: str) -> str:
    return f'<div class="sl-quote sl-lines">{escape(text)}</div>' if text else ""
