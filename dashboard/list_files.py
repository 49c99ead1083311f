"""A list as files: exactly its rows, in its order, and what was asked for, printed with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl
import streamlit as st

from dashboard import data, downloads, filters, i18n, spreadsheet
from dashboard.downloads import File
from dashboard.i18n import t
from dashboard.settings import now
from dashboard.table import Column
from dashboard.view import View

KINDS = ("xlsx", "csv")
Told = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list that can be taken away.

    Attributes:
        listed: Which list it is, a code, for the audit and as the key of its buttons.
        title: What it is called on the page.
        rows: All rows in their order.
        columns: Those of the file; `customer_id` comes first where it is not among them.
        total: How many rows there are.
        table: The contract table on whose last day the list is judged.
        chosen: What was asked for beside the filters of the page, in words by name.
        more: Further lines on where the file came from: name and text.
        name: What the file is called, without the day; that of the list if empty.
    """

    listed: str
    title: str
    rows: Callable[[], pl.LazyFrame]
    columns: Sequence[Column]
    total: int
    table: str = "orders"
    chosen: Mapping[str, str] = field(default_factory=dict[str, str])
    more: Told = ()
    name: str = ""


def buttons(view: View, file: ListFile) -> None:
    """Buttons for an XLSX and a CSV file of the list; none for who may take no rows away.

    A file holds the rows up to those that the reader's role may take away, and says so. It is made
    when it is asked for: 50,000 rows take some seconds. Who took it is written down.
    """
    most = view.principal.exported_rows
    if not most or not file.total:
        return
    columns, said = exported(file), about(view, file)
    sheets = (t("list_file.sheet"), t("list_file.about"))
    day = data.as_of(view, file.table).isoformat()
    name = f"stayline_{file.name or file.listed}_{day}"
    write = {
        "xlsx": partial(spreadsheet.xlsx_list, columns=columns, about=said, sheets=sheets),
        "csv": partial(spreadsheet.csv_list, columns=columns, about=said),
    }
    bar = f"{file.listed}_files"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=bar):
        if not downloads.available():
            return
        for kind in KINDS:
            downloads.button(
                view,
                File(file.listed, kind, name, partial(taken, view, file), write[kind]),
                t(f"list_file.{kind}"),
                key=f"{file.listed}_{kind}",
                icon=":material/download:",
            )
        if file.total > most:
            first = t("list_file.first", n=i18n.number(most))
            st.html(f'<span class="sl-sub">{first}</span>')


def exported(file: ListFile) -> list[Column]:
    """The columns of the file."""
    if any(column.name == "customer_id" for column in file.columns):
        return list(file.columns)
    return [Column("customer_id", t("list_file.customer_id")), *file.columns]


def taken(view: View, file: ListFile) -> pl.DataFrame:
    """The rows of a file: those of the list, as many as the reader's role may take away."""
    names = [column.name for column in exported(file)]
    return file.rows().head(view.principal.exported_rows).select(names).collect()


def about(view: View, file: ListFile) -> list[tuple[str, str]]:
    """Where a file came from: name and text of each line."""
    held = min(view.principal.exported_rows, file.total)
    chosen = {**filters.told(view), **file.chosen}
    kept = "; ".join(f"{name}: {words}" for name, words in chosen.items())
    moment = data.snapshot(view).as_of(file.table).astimezone(data.time_zone())
    return [
        (t("list_file.list"), file.title),
        (
            t("list_file.rows"),
            t("list_file.taken", n=i18n.number(held), total=i18n.number(file.total)),
        ),
        (t("list_file.filters"), kept or t("list_file.no_filters")),
        *file.more,
        (t("filter.scheme"), i18n.code("tier_scheme", view.scheme)),
        (t("list_file.as_of"), i18n.moment(moment)),
        (t("list_file.made"), i18n.moment(now().astimezone(data.time_zone()))),
        (t("list_file.version"), view.version),
    ]
