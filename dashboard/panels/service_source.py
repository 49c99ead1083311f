"""Panels of the service page: the source's own verdict, beside ours or in its place."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import i18n, panel, table
from dashboard.answers import service, service_promises
from dashboard.answers.service_rows import AGREEMENTS
from dashboard.i18n import t
from dashboard.panels import ticket_rows
from dashboard.table import Column
from dashboard.view import View

_CASES = ("both_met", "both_missed", "only_source_met", "only_ours_met")


def agreement(view: View) -> None:
    """How often the source's flag and our verdict agree, and why they differ."""
    row = service.agreement(view).row(0, named=True)
    causes = {cause: n for cause, n in service_promises.differences(view).items() if n}
    differ = sum(causes.values())
    told = {"share": i18n.share(row["agreement"]), "n": i18n.number(row["compared"])}
    title = t("service.differences.title_none")
    if causes:
        title = t("service.differences.title", cause=_cause(next(iter(causes))), **told)
    subtitle = t("service.differences.subtitle", differ=i18n.number(differ), **told)
    behind, kpis = partial(ticket_rows.agreement, view), ("source_sla", "sla_attainment")
    with panel.panel("agreement", title, subtitle, kpis=kpis, rows=behind):
        left, right = st.columns([2, 3]) if causes else (st.container(), st.container())
        cases = _counted({_case(name): row[name] for name in _CASES}, "case")
        with left:
            table.show(cases, _columns("case", t("service.column.case")), alt=title)
        if causes:
            why = _counted({_cause(cause): n for cause, n in causes.items()}, "cause")
            share = why.with_columns(share=pl.col("tickets") / differ)
            columns = _columns("cause", t("service.column_more.cause"))
            columns.append(Column("share", t("service.column_more.share"), "share"))
            with right:
                table.show(share, columns, alt=title)


def _counted(rows: dict[str, int], name: str) -> pl.DataFrame:
    schema = {name: pl.String, "tickets": pl.Int64}
    return pl.DataFrame({name: list(rows), "tickets": list(rows.values())}, schema=schema)


def _columns(name: str, heading: str) -> list[Column]:
    return [Column(name, heading), Column("tickets", t("service.column.tickets"), "count")]


def _case(name: str) -> str:
    assert name in AGREEMENTS
    return t(f"service.agreement.{name}")


def _cause(cause: str) -> str:
    return i18n.code("difference", cause)


def beside(view: View, *, ours: bool) -> None:
    """The source's verdict beside ours, or where it stands in for ours what it follows."""
    if service.both_verdicts(view):
        agreement(view)
    elif not ours:
        followed(view)


def followed(view: View) -> None:
    """Which limits the source's flag seems to follow, where it publishes no rule."""
    frame = service_promises.followed(view)
    if frame.is_empty():
        return
    way = frame["way"][0]
    best = frame.filter(pl.col("way") == way)
    agreed, tickets = int(best["agreed"].sum()), int(best["tickets"].sum())
    title = t(
        "service.followed.title", way=i18n.code("way", way), share=i18n.share(agreed / tickets)
    )
    subtitle = t("service.followed.subtitle", n=i18n.number(tickets))
    columns = [
        Column("grade", t("service.column.grade"), "code"),
        Column("limit_hours", t("service.column_more.followed"), "hours"),
        Column("agreement", t("service.column_more.agreed"), "share"),
        Column("tickets", t("service.column.tickets"), "count"),
    ]
    everything = [Column("way", t("service.column_more.way"), "code"), *columns]
    with panel.panel("followed", title, subtitle, data=(frame, everything)):
        table.show(best, columns, alt=title)
