"""Where the plans disagree: what each says, what holds here, and where it is set."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard import i18n, panel
from dashboard.i18n import t
from dashboard.table import Column
from metrics.plans.conflicts import Conflict, conflicts

_COLUMNS = ("topic", "said", "chosen", "where")
_AT_ONCE = 8  # points; more scroll in their own panel


def listed(text: str) -> None:
    """The points that match."""
    rows = [_row(each) for each in conflicts()]
    rows = [row for row in rows if text.casefold() in " ".join(row.values()).casefold()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    columns = [Column(name, t(f"conflicts.{name}")) for name in _COLUMNS]
    title = t("conflicts.title", n=i18n.number(frame.height))
    with (
        panel.panel("conflicts", title, t("conflicts.subtitle"), data=(frame, columns)),
        st.container(height=560 if frame.height > _AT_ONCE else "content", border=False),
    ):
        st.html(f'<dl class="sl-definitions">{"".join(map(_item, rows))}</dl>')


def _row(conflict: Conflict) -> dict[str, str]:
    language = i18n.language()
    said = (
        t("conflicts.position", plan=i18n.plan(each.plan), words=each.words[language])
        for each in conflict.said
    )
    return {
        "topic": conflict.topic[language],
        "said": " ".join(said),
        "chosen": conflict.chosen[language],
        "where": conflict.rule,
    }


def _item(row: dict[str, str]) -> str:
    where = f"<span><b>{escape(t('conflicts.where'))}</b> {escape(row['where'])}</span>"
    return (
        f"<div><dt>{escape(row['topic'])}</dt><dd>{escape(row['said'])}</dd>"
        f'<dd>{escape(row["chosen"])}</dd><dd class="sl-sub">{where}</dd></div>'
    )
