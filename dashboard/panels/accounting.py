"""The panel of lifecycle accounting: who came, stayed, came back and left, month by month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import drilldown, i18n, kpi, panel, theme
from dashboard.answers import accounting
from dashboard.charts import moves
from dashboard.choice import choose
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.panels.periods import bucket_labels
from dashboard.table import Column
from dashboard.view import View
from metrics.accounting import MOVES

_KEY = "accounting"
_UNITS = ("customers", "amount")
_DRAWN: tuple[tuple[str, str | int], ...] = (
    ("retained", 2),
    ("resurrected", 1),
    ("new", 0),
    ("lost", "bad"),
)


def accounts(view: View) -> None:
    """The moves of every month as stacked signed columns, in customers or in amounts."""
    frame = accounting.in_window(view)
    whole = frame.filter(pl.col("complete"))
    if whole.is_empty():
        panel.empty("no_whole_month", t("lifecycle.accounting.plain"))
        return
    behind = partial(_rows, view)
    words = _title(whole.row(-1, named=True)), _subtitle(view)
    with panel.panel(_KEY, *words, data=(frame, _columns()), kpis=_KPIS, rows=behind) as draw:
        unit = choose(
            "accounting_unit",
            _UNITS,
            default="customers",
            label=t("lifecycle.accounting.unit"),
            name=lambda code: t(f"lifecycle.accounting.in.{code}"),
        )
        parts = _parts(frame, unit)
        write = _writer(unit)
        figure = moves.moves(
            bucket_labels(frame["month"].to_list(), "month"),
            parts,
            theme.palette(),
            axis=[(value, write(value)) for value in moves.steps(parts)],
            running=not frame["complete"][-1],
        )
        draw(figure)
        if not frame["complete"][-1]:
            st.html(f'<div class="sl-sub">{t("lifecycle.accounting.running")}</div>')


_KPIS = ("active_customers", "new_customers")


def _title(row: dict[str, Any]) -> str:
    way = "more" if row["change"] > 0 else "fewer" if row["change"] < 0 else "same"
    return t(
        f"lifecycle.accounting.{way}",
        month=i18n.month(row["month"]),
        change=i18n.number(abs(row["change"])),
        **{move: i18n.number(row[move]) for move in MOVES},
    )


def _subtitle(view: View) -> str:
    parts = [t("lifecycle.accounting.subtitle")]
    if any(name in ("tier", "stage") for name, _ in view.selection.filters):
        parts.append(t("lifecycle.accounting.today"))
    return t("lifecycle.and").join(parts)


def _writer(unit: str) -> Callable[[float], str]:
    return i18n.number if unit == "customers" else kpi.money


def _parts(frame: pl.DataFrame, unit: str) -> list[moves.Move]:
    write = _writer(unit)
    found: list[moves.Move] = []
    for move, colour in _DRAWN:
        values = frame[move if unit == "customers" else f"{move}_amount"].to_list()
        told = [write(value) for value in values]
        signed = [-value if move == "lost" else value for value in values]
        name = t(f"lifecycle.accounting.{move}")
        end = t("lifecycle.accounting.end", name=name, value=told[-1])
        found.append(moves.Move(name, signed, told, colour, end))
    return found


def _columns() -> list[Column]:
    names = {
        "month": "month",
        **dict.fromkeys(("before", *MOVES, "change", "active"), "count"),
        **dict.fromkeys(("amount_before", "new_amount", "resurrected_amount"), "money"),
        **dict.fromkeys(("retained_change", "lost_amount", "amount"), "money"),
        "complete": "flag",
    }
    signed = ("change", "retained_change")
    heads = {"month": t("lifecycle.month"), "complete": t("lifecycle.cohorts.complete")}
    return [
        Column(
            name,
            heads.get(name) or t(f"lifecycle.accounting.column.{name}"),
            kind,
            sign=name in signed,
        )
        for name, kind in names.items()
    ]


def _rows(view: View, key: str) -> None:
    """The customers who made a move in a month."""
    months = {row["month"]: row for row in accounting.in_window(view).to_dicts()}
    names = {month.isoformat(): i18n.month(month) for month in reversed(months)}
    bar = drilldown.bar()
    with bar:
        latest = next(month for month, row in reversed(months.items()) if row["complete"])
        chosen = drilldown.pick(key, names, name="month", default=latest.isoformat(), width=200)
    month = date.fromisoformat(chosen)
    groups = {
        move: counted(t(f"lifecycle.accounting.{move}"), months[month][move])
        for move in ("lost", "resurrected", "new", "retained")
    }
    customer_list.behind(
        key,
        view,
        groups,
        lambda move: accounting.moved(view, month, move),
        Column("first_order_on", t("lifecycle.first_order"), "date"),
        bar=bar,
        also=month,
    )
