"""The panel of the audit: who took which rows about customers away, when, chosen how."""

from __future__ import annotations

from urllib.parse import parse_qsl

from dashboard import drilldown, i18n, panel
from dashboard.answers import taken
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View
from data_access.workspace import WorkspaceError
from metrics.selection import DIMENSIONS

_SIZE = 12


def files(view: View) -> None:
    """The files of a year, the latest first; who may not see all sees their own."""
    try:
        found = taken.files(view)
    except WorkspaceError:
        panel.empty("no_audit", t("taken.name"))
        return
    whose = "all" if view.principal.reads_audit else "own"
    if found.is_empty():
        panel.empty(f"nothing_taken_{whose}", t("taken.name"))
        return
    columns = [
        Column("taken_at", t("taken.at"), "moment"),
        Column("taken_by", t("taken.by"), write=_who),
        Column("role", t("taken.role"), "code", "role"),
        Column("listed", t("taken.list"), "code", "listed"),
        Column("rows", t("taken.rows"), "count"),
        Column("file", t("taken.file"), write=str.upper),
        Column("query", t("taken.chosen"), write=_chosen),
    ]
    last = taken.lately(found)
    told = {name: i18n.number(getattr(last, name)) for name in ("files", "rows", "people")}
    title = t(f"taken.title_{whose}" if last.files else f"taken.title_none_{whose}", **told)
    subtitle = t(f"taken.subtitle_{whose}", n=i18n.number(found.height))
    with panel.panel("taken", title, subtitle):
        decided = (view, found.height, found["taken_at"].max())
        rows = drilldown.Rows(found.lazy(), decided)
        drilldown.paged(rows, columns, key="taken", alt=title, size=_SIZE, identity=None)


def _who(name: str) -> str:
    return i18n.code("reader", name)


def _chosen(query: str) -> str:
    """The choices of an address in words; what is no filter on customers as it stands there."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query):
        values.setdefault(name, []).append(value)
    told = (_told(name, each) for name, each in values.items())
    return t("taken.between").join(told) or t("taken.everything")


def _told(name: str, values: list[str]) -> str:
    if name == "id":
        return t("taken.filter", name=t("list_file.customer_id"), values=",".join(values))
    if name not in DIMENSIONS:
        return f"{name}={','.join(values)}"
    said = t("list.and").join(i18n.code(name, value) for value in values)
    return t("taken.filter", name=t(f"dimension.{name}"), values=said)
