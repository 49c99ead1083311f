"""Panels of the definitions page: every KPI from the catalogue, and the churn definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel
from dashboard.i18n import t
from dashboard.table import Column
from metrics.catalog import KPIS, Kpi


def search() -> str:
    """The search field; kept in the address."""
    address.seed_text("definitions_search")
    text = st.text_input(
        t("definitions.search"),
        key="definitions_search",
        placeholder=t("definitions.search"),
        label_visibility="collapsed",
    )
    address.write("definitions_search", text)
    return text


def _targets(entry: Kpi) -> str:
    said = [kpi.target_words(entry, target) for target in entry.targets]
    return " · ".join(said) or i18n.DASH


def _rows(text: str) -> Iterator[dict[str, str]]:
    """The measures that match, those of one page together."""
    pages = list(dict.fromkeys(entry.page for entry in KPIS.values()))
    for entry in sorted(KPIS.values(), key=lambda entry: pages.index(entry.page)):
        row = {
            "label": t(f"kpi.{entry.key}.label"),
            "definition": t(f"kpi.{entry.key}.definition"),
            "formula": t(f"kpi.{entry.key}.formula"),
            "unit": t(f"unit_name.{entry.unit}"),
            "targets": _targets(entry),
            "sources": " · ".join(map(i18n.plan, entry.sources)),
            "page": t(f"page.{entry.page}.title"),
            "needs": ", ".join(entry.needs),
        }
        if text.casefold() in " ".join([entry.key, *row.values()]).casefold():
            yield row


def catalogue(text: str) -> None:
    """The definitions that match, page by page, each with formula and where it is asked for."""
    columns = [Column(name, t(f"definitions.{name}")) for name in _COLUMNS]
    rows = list(_rows(text))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    title = t("definitions.title", n=frame.height)
    with panel.panel("catalogue", title, t("definitions.subtitle"), data=(frame, columns)):
        for page, found in groupby(rows, key=lambda row: row["page"]):
            items = "".join(map(_item, found))
            heading = f'<p class="sl-panel-title">{escape(page)}</p>'
            st.html(f'{heading}<dl class="sl-definitions">{items}</dl>')


def _item(row: Mapping[str, str]) -> str:
    told = [f"<dt>{escape(row['label'])}</dt>", f"<dd>{escape(row['definition'])}</dd>"]
    told.append(f"<dd>{escape(row['formula'])}</dd>")
    facts = "".join(
        f"<span><b>{escape(t(f'definitions.{name}'))}</b> {escape(row[name])}</span>"
        for name in _FACTS
        if row[name] not in ("", i18n.DASH)
    )
    return f'<div>{"".join(told)}<dd class="sl-sub">{facts}</dd></div>'


_FACTS = ("unit", "targets", "sources", "page", "needs")
_COLUMNS = ("label", "definition", "formula", "unit", "targets", "sources", "page", "needs")
