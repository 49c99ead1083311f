"""The ledger itself: entries by state and department, on screen and as files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl
import streamlit as st

from dashboard import data, downloads, drilldown, filters, i18n, panel, spreadsheet
from dashboard.answers import rectification
from dashboard.choice import choose
from dashboard.downloads import File
from dashboard.drilldown import Rows
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


def ledger(view: View) -> None:
    """Entries in a state, of one department or all, the earliest deadline first."""
    if not data.present(view, rectification.TABLE):
        return
    counts = rectification.counted(view)
    title = t("rectification.ledger.title", n=i18n.number(counts["overdue"]))
    with panel.panel("ledger", title, t("rectification.ledger.subtitle")):
        state = choose(
            "ledger_state",
            rectification.STATES,
            default=rectification.STATES[0],
            label=t("rectification.ledger.name"),
            name=lambda code: drilldown.counted(t(f"rectification.state.{code}"), counts[code]),
            resets="ledger",
        )
        department = _department(view)
        shown = _columns()
        drilldown.paged(
            Rows(rectification.entries(view, state, department), (view, state, department)),
            shown,
            key="ledger",
            alt=title,
            size=15,
        )
        _files(view, state, department, shown)


def _department(view: View) -> str | None:
    found: list[str | None] = rectification.by_department(view)["department"].to_list()
    known = {name or "unknown": name for name in found}
    names = {"all": t("rectification.ledger.every")}
    names |= {code: i18n.code("responsible", name) for code, name in known.items()}
    chosen = drilldown.pick("ledger", names, name="department", width=240)
    return "" if chosen == "all" else known[chosen]


def _columns() -> list[Column]:
    return [
        Column("customer", t("column.customer"), "customer"),
        Column("due_on", t("rectification.due_on"), "date"),
        Column("late_days", t("rectification.late"), "days"),
        Column("department", t("rectification.department"), "code", "responsible"),
        Column("problem", t("rectification.problem")),
        Column("criteria", t("rectification.criteria")),
        Column("raised_on", t("rectification.raised"), "date"),
        Column("done_on", t("rectification.done"), "date"),
        Column("accepted_on", t("rectification.accepted"), "date"),
        Column("informed_on", t("rectification.informed"), "date"),
        Column("ticket_id", t("service.column.ticket")),
    ]


def _files(view: View, state: str, department: str | None, shown: Sequence[Column]) -> None:
    """Buttons for the entries of the list as files; none for who may take no rows away."""
    most = view.principal.exported_rows
    if not most:
        return
    exported = [Column("rectification_id", t("rectification.entry")), *shown]
    kept = "; ".join(f"{name}: {words}" for name, words in filters.told(view).items())
    about = [
        (t("risk.export.list"), t(f"rectification.state.{state}")),
        (t("risk.export.filters"), kept or t("risk.export.no_filters")),
        (t("risk.export.as_of"), i18n.day(rectification.today(view))),
        (t("risk.export.version"), view.version),
    ]
    sheets = (t("risk.export.sheet"), t("risk.export.about"))
    name = f"stayline_ledger_{state}_{rectification.today(view).isoformat()}"
    take = partial(_rows, view, state, department, exported)
    writers = {
        "xlsx": partial(spreadsheet.xlsx_list, columns=exported, about=about, sheets=sheets),
        "csv": partial(spreadsheet.csv_list, columns=exported, about=about),
    }
    with st.container(horizontal=True, gap="small", key="ledger_files"):
        if not downloads.available():
            return
        for kind, content in writers.items():
            downloads.button(
                view,
                File("ledger", kind, name, take, content),
                t(f"risk.export.{kind}"),
                key=f"ledger_{kind}",
                icon=":material/download:",
            )


def _rows(
    view: View, state: str, department: str | None, exported: Sequence[Column]
) -> pl.DataFrame:
    names = [column.name for column in exported]
    found = rectification.entries(view, state, department)
    return found.head(view.principal.exported_rows).select(names).collect()
