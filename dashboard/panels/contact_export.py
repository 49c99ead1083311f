"""The list of customers to contact as files: its rows, and what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl
import streamlit as st

from dashboard import downloads, filters, i18n, spreadsheet
from dashboard.answers import contact, contact_cadence
from dashboard.downloads import File
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


def files(view: View, shown: Sequence[Column], state: str, total: int) -> None:
    """Buttons for an XLSX and a CSV file; none for who may take no rows away.

    A file holds the rows of the list, in its order, up to those that the reader's role may take
    away, and says so. It is made when it is asked for. Who took it is written down (`downloads`).
    """
    most = view.principal.exported_rows
    if not most or not total:
        return
    exported = [Column("customer_id", t("risk.column.id")), *shown]
    said = about(view, state, taken=min(most, total), total=total)
    sheets = (t("risk.export.sheet"), t("risk.export.about"))
    name = f"stayline_contact_{state}_{contact.as_of(view).isoformat()}"
    take = partial(rows, view, state, exported)
    xlsx = partial(spreadsheet.xlsx_list, columns=exported, about=said, sheets=sheets)
    csv = partial(spreadsheet.csv_list, columns=exported, about=said)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="contact_files"
    ):
        if not downloads.available():
            return
        for kind, content in (("xlsx", xlsx), ("csv", csv)):
            downloads.button(
                view,
                File("contact", kind, name, take, content),
                t(f"risk.export.{kind}"),
                key=f"contact_{kind}",
                icon=":material/download:",
            )
        if total > most:
            first = t("risk.export.first", n=i18n.number(most))
            st.html(f'<span class="sl-sub">{first}</span>')


def rows(view: View, state: str, exported: Sequence[Column]) -> pl.DataFrame:
    """The rows of a file: those of the list, as many as the reader's role may take away."""
    names = [column.name for column in exported]
    kept = contact_cadence.customers(view, state).head(view.principal.exported_rows)
    return kept.select(names).collect()


def about(view: View, state: str, *, taken: int, total: int) -> list[tuple[str, str]]:
    """Where a file came from: name and text of each line."""
    kept = "; ".join(f"{name}: {words}" for name, words in filters.told(view).items())
    counted = t("risk.export.taken", n=i18n.number(taken), total=i18n.number(total))
    return [
        (t("risk.export.list"), t(f"contact.state.{state}")),
        (t("risk.export.rows"), counted),
        (t("risk.export.filters"), kept or t("risk.export.no_filters")),
        (t("risk.export.as_of"), i18n.day(contact.as_of(view))),
        (t("risk.export.version"), view.version),
    ]
