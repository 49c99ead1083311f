"""The review: who has come onto the worklist and who has left it since the last one, and why."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard import drilldown, i18n, kpi, panel, saving
from dashboard.answers import worklist
from dashboard.answers.worklist import Changes, Choice
from dashboard.i18n import t
from dashboard.panels import follow_up_words as words
from dashboard.table import Column
from dashboard.view import View
from data_access.workspace import Saved, Write

_SIZE = 10
_FORM = "hold_review"


def changes(view: View, choice: Choice) -> None:
    """Both lists side by side, and the button that keeps today's list as a review."""
    found = worklist.changes(view, choice)
    with panel.panel("worklist_changes", _title(found), _subtitle(found)):
        if found is not None:
            came, went = st.columns(2)
            with came:
                _moved(view, choice, "entered", found.entered)
            with went:
                _moved(view, choice, "left", found.left)
        _hold(view, choice)


def _title(found: Changes | None) -> str:
    if found is None:
        return t("worklist.changes.title_none")
    return t(
        "worklist.changes.title",
        entered=i18n.number(found.entered.height),
        left=i18n.number(found.left.height),
    )


def _subtitle(found: Changes | None) -> str:
    if found is None:
        return t("worklist.changes.subtitle_none")
    return t("worklist.changes.subtitle", moment=words.moment(found.held_at))


def _moved(view: View, choice: Choice, move: str, rows: pl.DataFrame) -> None:
    """Who moved, the reason, and the two figures then and now."""
    heading = t(f"worklist.changes.{move}", n=i18n.number(rows.height))
    st.html(f'<p class="sl-panel-title">{escape(heading)}</p>')
    if rows.is_empty():
        st.html(f'<div class="sl-sub">{escape(t("worklist.changes.nobody"))}</div>')
        return
    both = rows.with_columns(
        risk=pl.struct(was="was_p90", now="p90"),
        money=pl.struct(was="was_revenue_at_risk", now="revenue_at_risk"),
        why=pl.col("reason") + f"_{move}",
    )
    columns = [
        Column("name", t("column.customer"), "customer"),
        Column("why", t("worklist.column.why"), "code", "worklist_reason"),
        Column("risk", t("risk.column.p90"), write=_risk),
        Column("money", t("risk.column.revenue_at_risk_short"), write=_money),
        Column("owner", t("dimension.owner_id")),
    ]
    listed = drilldown.Rows(both.lazy(), (view, choice, move, rows.height))
    drilldown.paged(listed, columns, key=f"work_{move}", alt=heading, size=_SIZE)


def _risk(both: dict[str, float | None]) -> str:
    return f"{i18n.share(both['was'], 0)} → {i18n.share(both['now'], 0)}"


def _money(both: dict[str, int | None]) -> str:
    return f"{kpi.money(both['was'])} → {kpi.money(both['now'])}"


def _hold(view: View, choice: Choice) -> None:
    if not saving.allowed(view):
        return

    def save(write: Write) -> Saved:
        return worklist.hold(view, choice, write)

    with st.form(_FORM, border=False):
        saving.submit(_FORM, t("worklist.hold"), view, save, icon=":material/event_available:")
    saving.tell(_FORM, t("worklist.held"))
