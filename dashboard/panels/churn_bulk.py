"""What is done with the ticked customers of the risk list: assign them, start their plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import i18n, saving, ticks
from dashboard.answers import churn_follow_up, churn_list
from dashboard.answers.churn_follow_up import Told
from dashboard.answers.churn_list import Choice
from dashboard.answers.customer_follow_up import opening, people
from dashboard.i18n import t
from dashboard.panels.churn_chips import LIST
from dashboard.view import View
from dashboard.workspace import workspace
from data_access.workspace import Saved, Write, assignments, cases
from data_access.workspace.workspace import MOST_AT_ONCE

_ASSIGN, _PLAN, _OWNER = "bulk_assign", "bulk_plan", "bulk_assign_owner"
_ENDED = {_ASSIGN: "assigned", _PLAN: "started"}


def bar(view: View, choice: Choice, told: Told) -> None:
    """How many are ticked and what can be done with them; and how the last of it ended."""
    for form in (_ASSIGN, _PLAN):
        _outcome(form)
    chosen = ticks.ticked(LIST)
    total, _, _ = churn_list.totals(view, choice)
    with _line("bulk"):
        if not chosen:
            if total:
                _tick_all(view, choice, total)
            return
        words = t("risk.bulk.ticked", n=i18n.number(len(chosen)))
        st.html(f'<b class="sl-keep">{escape(words)}</b>', width="content")
        if len(chosen) > MOST_AT_ONCE:
            most = t("risk.bulk.most", n=i18n.number(MOST_AT_ONCE))
            st.html(f'<span class="sl-sub">{escape(most)}</span>', width="content")
        else:
            _forms(view, chosen, told)
        st.button(
            t("risk.bulk.clear"),
            key="bulk_clear",
            type="tertiary",
            on_click=ticks.put,
            args=(LIST, ()),
        )


def _line(key: str) -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key=key)


def _tick_all(view: View, choice: Choice, total: int) -> None:
    """Ticks the list, or its first 200, across its pages."""
    n = min(total, MOST_AT_ONCE)

    def tick() -> None:
        ids = churn_list.listed(view, choice).head(n).select("customer_id").collect()
        ticks.put(LIST, ids.to_series().to_list())

    key = "all" if total <= MOST_AT_ONCE else "first"
    st.button(
        t(f"risk.bulk.{key}", n=i18n.number(n)),
        key="bulk_all",
        type="tertiary",
        icon=":material/select_check_box:",
        on_click=tick,
    )


def _forms(view: View, chosen: Sequence[str], told: Told) -> None:
    names = people(view)
    versions = churn_follow_up.versions(view, told, chosen)

    def assign(write: Write) -> Saved:
        owner = saving.chosen("owner", _OWNER)
        return _done(assignments.assign(workspace(), write, owner, versions))

    def plan(write: Write) -> Saved:
        rows = churn_follow_up.warned(view, chosen).iter_rows(named=True)
        openings = {row["customer_id"]: opening(row, planned=True) for row in rows}
        return _done(cases.start(workspace(), write, openings))

    with st.form(_ASSIGN, border=False, width="content"), _line("bulk_assigning"):
        st.selectbox(
            t("risk.bulk.owner"),
            tuple(names),
            format_func=lambda employee: names[employee],
            index=None,
            key=_OWNER,
            placeholder=t("risk.bulk.owner"),
            label_visibility="collapsed",
            width=200,
        )
        saving.submit(_ASSIGN, t("risk.bulk.assign"), view, assign)
    with st.form(_PLAN, border=False, width="content"):
        saving.submit(_PLAN, t("risk.bulk.plan"), view, plan, primary=True)


def _done(saved: Saved) -> Saved:
    """Ticks end with what they were for."""
    ticks.put(LIST, ())
    return saved


def _outcome(form: str) -> None:
    """What was kept, once it is; or why nothing was."""
    found = saving.ended(form)
    if found is None:
        return
    if found.error is not None:
        st.warning(i18n.failure(found.error.code, found.error.fields))
    elif found.saved is not None:
        words = t(f"risk.bulk.{_ENDED[form]}", n=i18n.number(len(found.saved.done)))
        said = escape(words + _skipped(found.saved.skipped))
        st.html(f'<div class="sl-saved" role="status">✓ {said}</div>')


def _skipped(skipped: Mapping[str, str]) -> str:
    counts: dict[str, int] = {}
    for why in skipped.values():
        counts[why] = counts.get(why, 0) + 1
    return "".join(t(f"risk.bulk.skipped.{why}", n=i18n.number(n)) for why, n in counts.items())
