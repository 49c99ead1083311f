"""Panels of the budget page: the lines, worst first, and the expenses behind them."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, drilldown, i18n, panel, table
from dashboard.answers import budget, budget_choice
from dashboard.i18n import t
from dashboard.panels.budget_words import completion_columns, money_column, window
from dashboard.table import Column
from dashboard.view import View

_ALL = "all"
_PICKED = "budget_line_picked"


def lines(view: View, budget_id: str) -> None:
    """Every line with its variance and status, worst first; a row shows its expenses below."""
    what = budget_choice.part(view, budget_id)
    frame = budget.lines(view, budget_id)
    off = frame.filter(pl.col("status").is_in(["red", "unplanned"])).height
    watch = frame.filter(pl.col("status") == "amber").height
    near = t("budget.watch", n=i18n.number(watch)) if watch else ""
    title = i18n.part("budget.lines.title", off, frame.height, watch=near)
    columns = [
        Column("subject", t("budget.column.subject"), "code"),
        Column("item", t("budget.column.item"), "code"),
        money_column("planned_to_date", "planned", what.chosen),
        money_column("actual_to_date", "actual", what.chosen),
        money_column("variance", "variance", what.chosen, sign=True),
        Column("variance_share", t("budget.column.share"), "share", sign=True),
        Column("status", t("budget.column.status"), "code", "budget_status"),
        *completion_columns(what.chosen),
    ]
    subtitle = t("budget.lines.subtitle", window=window(what))
    with panel.panel(
        "budget_lines", title, subtitle, data=(frame, columns), kpis=("budget_lines_red",)
    ):
        mark = frame.select("line", "status").hash_rows(seed=1).sum() if frame.height else 0
        picked = table.choose(
            frame, columns, key=f"budget_lines_{mark}", identity="line", alt=title
        )
    # Only a fresh pick moves the choice below: a row stays picked while the reader chooses there.
    if picked != st.session_state.get(_PICKED):
        st.session_state[_PICKED] = picked
        if picked is not None:
            st.session_state["budget_line"] = picked


def expenses(view: View, budget_id: str) -> None:
    """The expenses behind the actual amounts, of all lines or of one."""
    what = budget_choice.part(view, budget_id)
    known = {row["line"]: row for row in budget.lines(view, budget_id).iter_rows(named=True)}
    options = (_ALL, *known)
    address.seed_one("budget_line", options, _ALL)
    running = (budget.over_time(view, budget_id)["phase"] == "running").any()
    words = "subtitle_running" if running else "subtitle"
    subtitle = t(f"budget.expenses.{words}", window=window(what))
    with panel.panel("budget_expenses", t("budget.expenses.title"), subtitle):
        line = st.selectbox(
            t("budget.expenses.line"),
            options,
            format_func=lambda code: (
                t("budget.expenses.all") if code == _ALL else _name(known[code])
            ),
            key="budget_line",
            placeholder=t("budget.expenses.line"),
            label_visibility="collapsed",
            width=420,
        )
        address.write("budget_line", line, default=_ALL)
        columns = [
            Column("spent_on", t("column.date"), "date"),
            Column("subject", t("budget.column.subject"), "code"),
            Column("item", t("budget.column.item"), "code"),
            Column("description", t("budget.column.description")),
            money_column("amount", "amount", what.chosen),
        ]
        drilldown.paged(
            drilldown.Rows(
                budget.expenses(view, budget_id, None if line == _ALL else line),
                (view, budget_id, line),
            ),
            columns,
            key="expenses",
            alt=t("budget.expenses.title"),
            size=15,
            identity=None,
        )


def _name(row: dict[str, Any]) -> str:
    subject = i18n.code("subject", row["subject"])
    return subject if row["item"] is None else f"{subject} · {i18n.code('item', row['item'])}"
