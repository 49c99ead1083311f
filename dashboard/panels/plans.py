"""What the plans ask, and where it is: every sentence of theirs beside the measure or rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, cast

import polars as pl
import streamlit as st

from dashboard import i18n, panel
from dashboard.i18n import t
from dashboard.table import Column
from metrics import plans
from metrics.catalog import KPIS
from metrics.plans import Cover

_COLUMNS = ("plan", "asked", "target", "answer", "page")
_SHARES = ("pct", "relative_pct")
_AT_ONCE = 12  # rows; more scroll in their own panel


def asked(text: str) -> None:
    """Everything the plans ask for that matches, by area."""
    rows = [row for row in _rows() if text.casefold() in " ".join(row.values()).casefold()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    columns = [Column(name, t(f"plans.{name}")) for name in _COLUMNS]
    title = t("plans.title", n=i18n.number(frame.height))
    with panel.panel("plans", title, t("plans.subtitle"), data=(frame, columns)):
        if rows:
            with st.container(height=560 if frame.height > _AT_ONCE else "content", border=False):
                st.html(f'<dl class="sl-definitions">{"".join(map(_item, rows))}</dl>')


def _item(row: Mapping[str, str]) -> str:
    facts = "".join(
        f"<span><b>{escape(t(f'plans.{name}'))}</b> {escape(row[name])}</span>"
        for name in ("plan", "target")
        if row[name] != i18n.DASH
    )
    return (
        f"<div><dt>{escape(row['asked'])}</dt><dd>{escape(row['answer'])}</dd>"
        f'<dd>{escape(row["page"])}</dd><dd class="sl-sub">{facts}</dd></div>'
    )


def _rows() -> Iterator[dict[str, str]]:
    for area in plans.areas():
        covered = plans.covered(area)
        for entry in plans.asked(area):
            cover = covered[entry.id]
            yield {
                "plan": i18n.plan(entry.source),
                "asked": entry.names[i18n.language()],
                "target": _target(entry.target),
                "answer": _answer(cover),
                "page": _page(cover),
            }


def _target(target: Mapping[str, Any]) -> str:
    """The number of the plan, as it says it: `≥ 95%`, `10,000 – 100,000`."""
    if not target:
        return i18n.DASH
    value: Any = target["value"]
    values = cast("list[float]", value if isinstance(value, list) else [value])
    unit = target["unit"]
    sign = unit == "relative_pct"
    written = [
        i18n.share(each / 100, 0, sign=sign)
        if unit in _SHARES
        else i18n.number(each, _digits(each))
        for each in values
    ]
    comparison = "" if target["comparison"] in ("==", "reference", "between") else "≥"
    comparison = {"<=": "≤", "<": "<", ">": ">", "~=": "≈"}.get(target["comparison"], comparison)
    joined = " – " if target["comparison"] == "between" else t("list.and")
    return f"{comparison} {joined.join(written)}".strip()


def _digits(value: float) -> int:
    return 0 if value == int(value) else 1 if value * 10 == int(value * 10) else 2


def _answer(cover: Cover) -> str:
    if cover.reason:
        return t(f"plans.reason.{cover.reason}")
    said = t("list.and").join(t(f"kpi.{key}.label") for key in cover.kpis)
    return said or t("plans.rule" if cover.rule else "plans.shown")


def _page(cover: Cover) -> str:
    pages = (
        [cover.page] if cover.page else list(dict.fromkeys(KPIS[key].page for key in cover.kpis))
    )
    return t("list.and").join(t(f"page.{page}.title") for page in pages) or i18n.DASH
