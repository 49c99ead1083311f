"""The list of the churn risk page: who, how likely, how much, why, whose."""

from __future__ import annotations

from typing import cast

import polars as pl
import streamlit as st

from dashboard import address, drilldown, i18n, kpi, panel, table
from dashboard.answers import churn_risk
from dashboard.i18n import t
from dashboard.panels.reasons import reason, rhythm
from dashboard.table import Column
from dashboard.view import View

MINIMA = ("0", "10", "25", "50", "75")
DOWNLOADED = 10_000  # rows of a download at most
_SIZE = 15


def risk_list(view: View) -> None:
    """The list with its own filters, order, paging and download; a row opens the customer."""
    scored = churn_risk.model(view) is not None
    kinds = ("risk", "churned") if scored else ("silence", "churned")
    address.seed_one("risk_list", kinds, kinds[0])
    address.seed_one("risk_min", MINIMA, MINIMA[0])
    address.seed_text("risk_search")
    kind = str(st.session_state["risk_list"])
    sorts = tuple(churn_risk.SORTS[kind])
    address.seed_one("risk_sort", sorts, sorts[0])
    choice = _choice(kind)
    title = _title(view, choice)
    with panel.panel("risk_list", title, t(f"risk.list.subtitle.{kind}")):
        _controls(kinds, kind, sorts)
        columns = _columns(kind)
        rows = drilldown.Rows(churn_risk.listed(view, choice), (view, choice))
        drilldown.paged(rows, columns, key="risk", alt=title, size=_SIZE)
        _download(rows.frame, columns, kind)


def _choice(kind: str) -> churn_risk.Choice:
    state = st.session_state
    return churn_risk.Choice(
        kind,
        sort=str(state["risk_sort"]),
        minimum=int(state["risk_min"]) / 100,
        search=str(state["risk_search"] or ""),
    )


def _title(view: View, choice: churn_risk.Choice) -> str:
    n, at_risk, value = churn_risk.listed_totals(view, choice)
    return t(
        f"risk.list.title.{choice.kind}",
        n=i18n.number(n),
        money=kpi.money(at_risk),
        value=kpi.money(value),
    )


def _controls(kinds: tuple[str, ...], kind: str, sorts: tuple[str, ...]) -> None:
    """Widgets that change the rows go back to the first page."""
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="risk_choices"
    ):
        st.segmented_control(
            t("risk.list.show"),
            kinds,
            format_func=lambda code: t(f"risk.list.kind.{code}"),
            required=True,
            key="risk_list",
            on_change=address.first_page,
            args=("risk",),
        )
        if kind == "risk":
            st.selectbox(
                t("risk.list.minimum"),
                MINIMA,
                format_func=_minimum_name,
                key="risk_min",
                width=150,
                on_change=address.first_page,
                args=("risk",),
            )
        st.selectbox(
            t("risk.list.sort"),
            sorts,
            format_func=lambda code: t(f"risk.sort.{code}"),
            key="risk_sort",
            width=190,
            on_change=address.first_page,
            args=("risk",),
        )
        st.text_input(
            t("risk.list.search"),
            key="risk_search",
            max_chars=100,
            placeholder=t("risk.list.search_hint"),
            width=220,
            on_change=address.first_page,
            args=("risk",),
        )
    state = st.session_state
    address.write("risk_list", kind, default=kinds[0])
    address.write("risk_min", state["risk_min"], default=MINIMA[0])
    address.write("risk_sort", state["risk_sort"], default=sorts[0])
    address.write("risk_search", cast("str", state["risk_search"] or ""))


def _minimum_name(code: str) -> str:
    return t("risk.list.any") if code == "0" else f"≥ {code}%"


def _columns(kind: str) -> list[Column]:
    name = Column("name", t("column.customer"))
    silent = [
        Column("silent_days", t("risk.column.silent"), "days"),
        Column("usual_gap_days", t("risk.column.usual"), "days"),
    ]
    value = Column("revenue_12m", t("risk.column.value"), "money")
    who = [
        Column("tier", t("dimension.tier"), "code"),
        Column("stage", t("dimension.stage"), "code"),
        Column("owner", t("dimension.owner_id")),
        Column("last_contact_on", t("risk.column.last_contact"), "date"),
    ]
    if kind == "risk":
        return [
            name,
            Column("p30", t("risk.column.p30"), "share"),
            Column("p60", t("risk.column.p60"), "share"),
            Column("p90", t("risk.column.p90"), "share_bar"),
            Column("revenue_at_risk", t("risk.column.revenue_at_risk_short"), "money"),
            Column("revenue_12m", t("risk.column.value_short"), "money"),
            Column("reason", t("risk.column.reason"), write=reason),
            Column("reason_rhythm", t("risk.column.rhythm"), write=rhythm),
            *(column for column in who if column.name != "stage"),  # of most it is the warning
        ]
    if kind == "churned":
        total = Column("revenue_total", t("risk.column.total"), "money")
        back = Column("back_90", t("risk.column.back_90"), "share")
        return [name, *silent, back, total, value, *who]
    return [name, *silent, Column("tau_days", t("risk.column.threshold"), "days"), value, *who]


def _download(rows: pl.LazyFrame, columns: list[Column], kind: str) -> None:
    """As CSV, with the id; only so many rows, and it says so.

    The content is made outside the run of the page, where no language is known: codes and numbers
    instead of the columns that are told in words.
    """
    named = [
        Column("customer_id", t("risk.column.id")),
        *[column for column in columns if column.write is None],
    ]
    if kind == "risk":
        named += [
            Column("stage", t("dimension.stage"), "code"),
            Column("reason_code", t("risk.column.reason")),
            Column("silent_days", t("risk.column.silent")),
            Column("usual_gap_days", t("risk.column.usual")),
        ]

    def content() -> bytes:
        kept = dict.fromkeys(column.name for column in named)
        return table.csv_bytes(rows.select(list(kept)).head(DOWNLOADED).collect(), named)

    st.download_button(
        t("risk.list.download", n=i18n.number(DOWNLOADED)),
        data=content,
        file_name=f"stayline_{kind}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        key="risk_download",
        on_click="ignore",
    )
