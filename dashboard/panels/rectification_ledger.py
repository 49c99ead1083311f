"""The ledger itself: entries by state and department, on screen and as files."""

from __future__ import annotations

import polars as pl

from dashboard import data, drilldown, i18n, list_files, panel
from dashboard.answers import customer_names, rectification
from dashboard.choice import choose
from dashboard.drilldown import Rows
from dashboard.i18n import t
from dashboard.list_files import ListFile
from dashboard.panels.naming import named
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
        department = _department(view, "ledger")
        rows = _entries(view, state, department)
        drilldown.paged(rows, _columns(state), key="ledger", alt=title, size=15)
        list_files.buttons(view, _file(view, state, department))


def behind(view: View, key: str) -> None:
    """The entries of one department, or of all: those overdue first."""
    with drilldown.bar():
        department = _department(view, key)
        sizes = rectification.counted(view, department)
        names = {
            state: drilldown.counted(t(f"rectification.state.{state}"), n)
            for state, n in sizes.items()
        }
        state = drilldown.pick(key, names)
    rows = _entries(view, state, department)
    drilldown.paged(rows, _columns(state), key=key, alt=names[state], size=drilldown.IN_DIALOG)


def _department(view: View, key: str) -> str | None:
    found: list[str | None] = rectification.by_department(view)["department"].to_list()
    known = {name or "unknown": name for name in found}
    names = {"all": t("rectification.ledger.every")}
    names |= {code: i18n.code("responsible", name) for code, name in known.items()}
    chosen = drilldown.pick(key, names, name="department", width=240)
    return "" if chosen == "all" else known[chosen]


def _columns(state: str) -> list[Column]:
    """What is told of entries; when they were accepted only of those that were."""
    accepted = [Column("accepted_on", t("rectification.accepted"), "date")]
    return [
        Column("customer", t("column.customer"), "customer"),
        Column("due_on", t("rectification.due_on"), "date"),
        Column("late_days", t("rectification.late"), "days"),
        Column("department", t("rectification.department"), "code", "responsible"),
        Column("problem", t("rectification.problem")),
        Column("criteria", t("rectification.criteria")),
        Column("raised_on", t("rectification.raised"), "date"),
        Column("done_on", t("rectification.done"), "date"),
        *(accepted if state not in rectification.WAITING else []),
        Column("informed_on", t("rectification.informed"), "date"),
        Column("ticket_id", t("service.column.ticket")),
    ]


_NAMED = {"customer": "name"}


def _entries(view: View, state: str, department: str | None) -> Rows:
    entries = rectification.entries(view, state, department)
    return named(view, entries, (view, state, department), _NAMED)


def _file(view: View, state: str, department: str | None) -> ListFile:
    def entries() -> pl.LazyFrame:
        found = rectification.entries(view, state, department)
        return customer_names.told(view, found, columns=_NAMED)

    return ListFile(
        "ledger",
        t(f"rectification.state.{state}"),
        entries,
        [Column("rectification_id", t("rectification.entry")), *_columns(state)],
        rectification.counted(view, department)[state],
        table=rectification.TABLE,
        name=f"ledger_{state}",
    )
