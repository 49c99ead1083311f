"""The risk list as files: exactly its rows, and what was asked for, printed with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import polars as pl
import streamlit as st

from dashboard import data, downloads, filters, i18n, spreadsheet
from dashboard.answers import churn_list
from dashboard.answers.churn_list import Choice
from dashboard.downloads import File
from dashboard.i18n import t
from dashboard.panels import churn_chips, churn_columns, churn_definition
from dashboard.settings import now
from dashboard.table import Column
from dashboard.view import View

_ALWAYS = (
    *("warning", "p30", "p60", "p90", "revenue_at_risk", "revenue_12m"),
    *("silent_days", "usual_gap_days", "tau_days", "tier", "stage", "segment", "region"),
    *("owner", "last_contact_on", "open_tickets", "last_nps"),
)


def files(view: View, choice: Choice, shown: Sequence[Column], title: str) -> None:
    """Buttons for an XLSX and a CSV file of the list; none for who may take no rows away.

    A file holds what the list holds, in its order, up to the rows that the reader's role may take
    away, and says so. It is made when it is asked for: 50,000 rows take some seconds. Who took it
    is written down (`downloads`).
    """
    most = view.principal.exported_rows
    total, _, _ = churn_list.totals(view, choice)
    if not most or not total:
        return
    exported = columns(shown)
    said = about(view, choice, title, taken=min(most, total), total=total)
    sheets = (t("risk.export.sheet"), t("risk.export.about"))
    name = f"stayline_{choice.kind}_{data.as_of(view, 'orders').isoformat()}"
    take = partial(rows, view, choice, exported)
    xlsx = partial(spreadsheet.xlsx_list, columns=exported, about=said, sheets=sheets)
    csv = partial(spreadsheet.csv_list, columns=exported, about=said)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="risk_files"):
        if not downloads.available():
            return
        downloads.button(
            view,
            File("churn_risk", "xlsx", name, take, xlsx),
            t("risk.export.xlsx"),
            key="risk_xlsx",
            icon=":material/download:",
        )
        downloads.button(
            view,
            File("churn_risk", "csv", name, take, csv),
            t("risk.export.csv"),
            key="risk_download",
            icon=":material/download:",
        )
        if total > most:
            first = t("risk.export.first", n=i18n.number(most))
            st.html(f'<span class="sl-sub">{first}</span>')


def rows(view: View, choice: Choice, exported: Sequence[Column]) -> pl.DataFrame:
    """The rows of a file: those of the list, as many as the reader's role may take away."""
    names = [column.name for column in exported]
    kept = churn_list.listed(view, choice).head(view.principal.exported_rows)
    return kept.select(names).collect()


def columns(shown: Sequence[Column]) -> list[Column]:
    """Those of the screen, and what a list that leaves the screen needs besides."""
    offered = churn_columns.every("risk")
    more = [Column("customer_id", t("risk.column.id")), *(offered[name] for name in _ALWAYS)]
    # two numbers in one cell are none: they have columns of their own
    known = {column.name: column for column in shown if column.name != "reason_rhythm"}
    added = [column for column in more if column.name not in known]
    return [_alone(column) for column in (added[0], *known.values(), *added[1:])]


def _alone(column: Column) -> Column:
    """A column as it is headed where no title stands above it."""
    if column.name not in ("p30", "p60", "p90"):
        return column
    return replace(column, heading=t(f"risk.export.{column.name}"))


def about(
    view: View, choice: Choice, title: str, *, taken: int, total: int
) -> list[tuple[str, str]]:
    """Where a file came from: name and text of each line."""
    moment = data.snapshot(view).as_of("orders").astimezone(data.time_zone())
    chosen = {each.name: each.words for each in churn_chips.active(choice)}
    kept = "; ".join(f"{name}: {words}" for name, words in {**filters.told(view), **chosen}.items())
    return [
        (t("risk.export.list"), title),
        (
            t("risk.export.rows"),
            t("risk.export.taken", n=i18n.number(taken), total=i18n.number(total)),
        ),
        (t("risk.export.filters"), kept or t("risk.export.no_filters")),
        (t("risk.export.sort"), t(f"risk.sort.{choice.sort}")),
        (t("risk.export.as_of"), i18n.moment(moment)),
        (t("risk.definition.label"), churn_definition.rule(view)),
        (t("risk.export.made"), i18n.moment(now().astimezone(data.time_zone()))),
        (t("risk.export.version"), view.version),
    ]
