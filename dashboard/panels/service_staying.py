"""Panel of the service page: who leaves more often, after a missed promise or a complaint?"""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard import i18n, panel, table, theme
from dashboard.answers import service_staying
from dashboard.charts import forest
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


def staying(view: View) -> None:
    """Hazard ratios with intervals, in words that claim no cause."""
    frame = service_staying.staying(view)
    told = frame.drop_nulls("ratio")
    if told.is_empty():
        reason = frame["refused"][0] if frame.height else "scope"
        title = t("service_staying.none_title")
        with panel.panel("service_staying", title, t(f"service_staying.refused.{_known(reason)}")):
            return
    first = told.row(0, named=True)
    subtitle = t(
        "service_staying.subtitle",
        days=i18n.number(first["days"]),
        until=i18n.day(first["until"]),
        n=i18n.number(first["exposed"] + first["others"]),
    )
    with panel.panel("service_staying", _title(told), subtitle, data=(frame, _columns())) as draw:
        draw(
            forest.forest(
                [_effect(row) for row in told.iter_rows(named=True)],
                theme.palette(),
                none=t("service_staying.none"),
            )
        )
        table.show(told, _columns(), alt=subtitle)
        st.html(f'<div class="sl-sub">{escape(t("service_staying.note"))}</div>')


def _known(reason: str) -> str:
    return reason if reason in ("no_table", "no_landmarks", "scope") else "too_few"


def _is_certain(row: dict[str, float]) -> bool:
    return row["low"] > 1 or row["high"] < 1


def _title(told: pl.DataFrame) -> str:
    certain = [row for row in told.iter_rows(named=True) if _is_certain(row)]
    if not certain:
        return t("service_staying.within_noise")
    row = max(certain, key=lambda each: abs(each["ratio"] - 1))
    return t(f"service_staying.title.{row['exposure']}", ratio=i18n.number(row["ratio"], 1))


def _effect(row: dict[str, float]) -> forest.Effect:
    judgement = "neutral"
    if _is_certain(row):
        judgement = "bad" if row["ratio"] > 1 else "good"
    return forest.Effect(
        name=i18n.code("exposure", str(row["exposure"])),
        change=row["ratio"] - 1,
        low=row["low"] - 1,
        high=row["high"] - 1,
        text=t("service_staying.times", n=i18n.number(row["ratio"], 2)),
        judgement=judgement,
    )


def _columns() -> list[Column]:
    return [
        Column("exposure", t("service_staying.column.exposure"), "code"),
        Column("ratio", t("service_staying.column.ratio"), "score"),
        Column("low", t("column.low"), "score"),
        Column("high", t("column.high"), "score"),
        Column("exposed_share", t("service_staying.column.exposed"), "share"),
        Column("others_share", t("service_staying.column.others"), "share"),
        Column("exposed", t("service_staying.column.exposed_n"), "count"),
        Column("others", t("service_staying.column.others_n"), "count"),
    ]
