"""The ledger itself: entries by state and department, on screen and as files."""

from __future__ import annotations

from functools import partial

import polars as pl

from dashboard import data, drilldown, i18n, list_files, panel
from dashboard.answers import rectification
from dashboard.choice import choose
from dashboard.drilldown import Rows
from dashboard.i18n import t
from dashboard.list_files import ListFile
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
        list_files.buttons(view, _file(view, state, department))


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


def _file(view: View, state: str, department: str | None) -> ListFile:
    entries = partial(rectification.entries, view, state, department)
    return ListFile(
        "ledger",
        t(f"rectification.state.{state}"),
        entries,
        [Column("rectification_id", t("rectification.entry")), *_columns()],
        entries().select(pl.len()).collect().item(),
        table=rectification.TABLE,
        name=f"ledger_{state}",
    )
