"""The forms of one step of a plan: record how it went, hand it to a colleague."""

from __future__ import annotations

import streamlit as st

from dashboard import data, saving
from dashboard.answers import customer_follow_up
from dashboard.i18n import t
from dashboard.panels import follow_up_words as words
from dashboard.panels.follow_up_desk import (
    LONGEST,
    Desk,
    behind,
    choose_owner,
    form_of,
    send,
    value_of,
)
from dashboard.settings import now, settings
from dashboard.workspace import workspace
from data_access.workspace import Saved, Write, steps
from data_access.workspace.records import Step
from metrics import follow_up


def result(desk: Desk, step: Step) -> None:
    """Record how a step went, correct it, or take it back."""
    form = form_of(step.step_id, desk)
    done = step.done_at is not None
    with behind(form, desk, t("follow_up.result"), ":material/edit:") as is_open:
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
            t("follow_up.remark"), remark, max_chars=LONGEST, height=80, key=f"{form}_remark"
        )
        st.number_input(
            t("follow_up.spent", currency=settings().currency),
            min_value=0.0,
            max_value=1e9,
            value=spent,
            step=1.0,
            key=f"{form}_cost",
        )
        send(form, desk, t("follow_up.save"), lambda write: _record(write, form, step), drawn)
        if done:
            back = t("follow_up.take_back")
            send(form, desk, back, lambda write: _take_back(write, step), name="back")


def _record(write: Write, form: str, step: Step) -> Saved:
    spent = value_of(f"{form}_cost")
    found = steps.Result(
        outcome=saving.chosen("outcome", f"{form}_outcome"),
        done_at=customer_follow_up.done_at(value_of(f"{form}_on"), write.at, step.done_at),
        remark=value_of(f"{form}_remark"),
        cost=None if spent is None else round(spent * 10 ** settings().money_scale),
    )
    return steps.record(workspace(), write, step.step_id, step.version, found)


def _take_back(write: Write, step: Step) -> Saved:
    return steps.record(workspace(), write, step.step_id, step.version, None)


def hand_over(desk: Desk, step: Step) -> None:
    """Give a step that is still to do to a colleague, or back to whoever looks after the customer.

    The next one to do is what lists name as due, so the colleague finds it there.
    """
    form = form_of(f"{step.step_id}_to", desk)

    def save(write: Write) -> Saved:
        chosen = value_of(f"{form}_whom") or None
        return steps.hand_over(workspace(), write, step.step_id, step.version, chosen)

    with behind(form, desk, t("follow_up.hand_over"), ":material/person:") as is_open:
        if is_open:
            choose_owner(
                t("follow_up.whose", step=words.step(step.kind)),
                t("follow_up.of_the_owner", owner=words.owner(desk.people, desk.owner_id)),
                desk.people,
                step.owner_id,
                f"{form}_whom",
            )
            send(form, desk, t("follow_up.hand_over"), save)
