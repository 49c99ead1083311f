"""The forms of a follow-up: start, record a step, note, hand to an owner, close.

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

from dashboard import data, i18n, saving
from dashboard.answers import customer_follow_up
from dashboard.i18n import t
from dashboard.panels import follow_up_words as words
from dashboard.settings import now, settings
from dashboard.view import View
from dashboard.workspace import workspace
from data_access.workspace import Conflict, Saved, Write, cases, steps
from data_access.workspace.assignments import assign
from data_access.workspace.records import ENDINGS, Folder, Step
from metrics import follow_up

_LONGEST = 1_000  # characters, as the field says; the workspace takes more


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
def _behind(form: str, desk: Desk, label: str, icon: str) -> Generator[bool]:
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


def _send(
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
        saving.tell(_form(name, desk))


def _form(name: str, desk: Desk) -> str:
    """Of one customer: what is typed about them is not found with another."""
    return f"follow_up_{name}_{desk.customer_id}"


def _value(key: str) -> Any:
    return st.session_state.get(key)


def start(desk: Desk) -> None:
    """Open a case, with the plan or without."""

    def begin(*, planned: bool) -> Callable[[Write], Saved]:
        def save(write: Write) -> Saved:
            opening = customer_follow_up.opening(desk.row, planned=planned)
            return cases.start(workspace(), write, {desk.customer_id: opening})

        return save

    form = _form("start", desk)
    line = st.form(form, border=False, width="content").container(horizontal=True, gap="small")
    with line:
        saving.submit(form, t("follow_up.start"), desk.view, begin(planned=True), primary=True)
        if not desk.is_open:
            label = t("follow_up.open")
            saving.submit(form, label, desk.view, begin(planned=False), name="open")


def result(desk: Desk, step: Step) -> None:
    """Record how a step went, correct it, or take it back."""
    form = _form(step.step_id, desk)
    done = step.done_at is not None
    with _behind(form, desk, t("follow_up.result"), ":material/edit:") as is_open:
        if not is_open:
            return
        named = {code: words.outcome(code) for code in follow_up.outcomes(step.kind)}
        codes = tuple(named)
        outcome = step.outcome if step.outcome in codes else None
        today = now().astimezone(data.time_zone()).date()
        last = step.done_at.astimezone(data.time_zone()).date() if step.done_at else today
        spent = None if step.cost is None else step.cost / 10 ** settings().money_scale
        remark = step.remark or ""
        drawn = saving.begin(form, outcome=outcome, on=last, remark=remark, cost=spent)
        st.radio(
            t("follow_up.how", step=words.step(step.kind)),
            codes,
            index=codes.index(outcome) if outcome else None,
            format_func=named.__getitem__,
            key=f"{form}_outcome",
        )
        st.date_input(
            t("follow_up.when"), last, max_value=today, format="YYYY-MM-DD", key=f"{form}_on"
        )
        st.text_area(
            t("follow_up.remark"), remark, max_chars=_LONGEST, height=80, key=f"{form}_remark"
        )
        st.number_input(
            t("follow_up.spent", currency=settings().currency),
            min_value=0.0,
            max_value=1e9,
            value=spent,
            step=1.0,
            key=f"{form}_cost",
        )
        _send(form, desk, t("follow_up.save"), lambda write: _record(write, form, step), drawn)
        if done:
            back = t("follow_up.take_back")
            _send(form, desk, back, lambda write: _take_back(write, step), name="back")


def _record(write: Write, form: str, step: Step) -> Saved:
    spent = _value(f"{form}_cost")
    found = steps.Result(
        outcome=saving.chosen("outcome", f"{form}_outcome"),
        done_at=customer_follow_up.done_at(_value(f"{form}_on"), write.at, step.done_at),
        remark=_value(f"{form}_remark"),
        cost=None if spent is None else round(spent * 10 ** settings().money_scale),
    )
    return steps.record(workspace(), write, step.step_id, step.version, found)


def _take_back(write: Write, step: Step) -> Saved:
    return steps.record(workspace(), write, step.step_id, step.version, None)


def note(desk: Desk) -> None:
    """Write something down about the customer."""
    form = _form("note", desk)

    def save(write: Write) -> Saved:
        return cases.note(workspace(), write, desk.customer_id, str(_value(f"{form}_text") or ""))

    with _behind(form, desk, t("follow_up.note"), ":material/notes:") as is_open:
        if is_open:
            st.text_area(t("follow_up.text"), max_chars=_LONGEST, key=f"{form}_text")
            _send(form, desk, t("follow_up.save"), save)


def owner(desk: Desk) -> None:
    """Give the customer to somebody else."""
    form = _form("owner", desk)
    version = desk.folder.owner_version

    def save(write: Write) -> Saved:
        chosen = _value(f"{form}_to") or None
        saved = assign(workspace(), write, chosen, {desk.customer_id: version})
        if saved.skipped:
            raise customer_follow_up.assigned_meanwhile(desk.view, desk.customer_id)
        return saved

    with _behind(form, desk, t("follow_up.assign"), ":material/person:") as is_open:
        if is_open:
            named = {"": t("follow_up.of_the_crm"), **desk.people}
            codes = tuple(named)
            present = desk.folder.owner_id or ""
            st.selectbox(
                t("dimension.owner_id"),
                codes,
                index=codes.index(present) if present in codes else 0,
                format_func=named.__getitem__,
                key=f"{form}_to",
            )
            _send(form, desk, t("follow_up.save"), save)


def close(desk: Desk) -> None:
    """End the case with its outcome."""
    case, form = desk.folder.case, _form("close", desk)
    if case is None:
        return

    def save(write: Write) -> Saved:
        said = saving.chosen("state", f"{form}_state"), _value(f"{form}_text")
        return cases.close(workspace(), write, case.case_id, case.version, *said)

    with _behind(form, desk, t("follow_up.close"), ":material/flag:") as is_open:
        if is_open:
            named = {code: i18n.code("case_state", code) for code in ENDINGS}
            st.radio(
                t("follow_up.ending"),
                ENDINGS,
                index=None,
                format_func=named.__getitem__,
                key=f"{form}_state",
            )
            st.text_area(t("follow_up.outcome"), max_chars=_LONGEST, key=f"{form}_text")
            _send(form, desk, t("follow_up.close"), save)
