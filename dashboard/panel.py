"""Panels: message, measure and chart; behind a small button definition, table and download."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import i18n, kpi, table
from dashboard.i18n import t
from dashboard.table import Column
from metrics.catalog import KPIS

_ASKED = "rows_asked"  # the panel whose rows are to be shown


@contextmanager
def panel(
    key: str,
    title: str,
    subtitle: str,
    *,
    data: tuple[pl.DataFrame, Sequence[Column]] | None = None,
    kpis: Sequence[str] = (),
    rows: Callable[[], None] | None = None,
) -> Generator[None]:
    """A bordered panel; draw the chart inside.

    Args:
        key: Unique on the page.
        title: The message, built from the numbers.
        subtitle: Measure, unit, window and n.
        data: The table twin: the frame behind the chart and its columns.
        kpis: Keys of the catalogue whose definitions are told.
        rows: Opens the rows behind the number (a dialog), where there are any.
    """
    with st.container(border=True, height="stretch", key=f"panel_{key}"):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
            st.html(
                f'<p class="sl-panel-title">{escape(title)}</p>'
                f'<div class="sl-sub">{escape(subtitle)}</div>'
            )
            if data is not None or kpis:
                _tools(key, data, kpis, rows)
        yield


def _tools(
    key: str,
    data: tuple[pl.DataFrame, Sequence[Column]] | None,
    kpis: Sequence[str],
    rows: Callable[[], None] | None,
) -> None:
    if rows is not None and st.session_state.get(_ASKED) == key:
        del st.session_state[_ASKED]
        rows()
    with st.container(key=f"tools_{key}", width="content"):
        opened = st.popover(
            "",
            icon=":material/table_chart:",
            help=t("panel.tools"),
            on_change="rerun",
            key=f"open_{key}",
        )
        if not opened.open:
            return
        with opened:
            for name in kpis:
                definition(name)
            if data is not None:
                frame, columns = data
                table.show(frame, columns, alt=t("panel.table"), height=_height(frame))
                st.download_button(
                    t("panel.download"),
                    data=lambda: table.csv_bytes(frame, columns),
                    file_name=f"stayline_{key}.csv",
                    mime="text/csv",
                    key=f"download_{key}",
                    on_click="ignore",
                )
            if rows is not None:
                st.button(t("panel.rows"), key=f"rows_{key}", on_click=_ask_for_rows, args=(key,))


def _ask_for_rows(key: str) -> None:
    """Close the popover, which would lie over the dialog, and open that in the next run."""
    st.session_state[f"open_{key}"] = False
    st.session_state[_ASKED] = key


def _height(frame: pl.DataFrame) -> int | None:
    return 340 if frame.height > 9 else None


def definition(name: str) -> None:
    """What a KPI is: formula, sources and targets, from the catalogue and the locale."""
    entry = KPIS[name]
    lines = [
        f"**{i18n.markdown(t(f'kpi.{name}.label'))}**",
        i18n.markdown(t(f"kpi.{name}.definition")),
        f"{t('panel.formula')} {i18n.markdown(t(f'kpi.{name}.formula'))}",
    ]
    if entry.targets:
        said = " · ".join(kpi.target_words(entry, target) for target in entry.targets)
        lines.append(f"{t('panel.targets')} {i18n.markdown(said)}")
    lines.append(f"{t('panel.sources')} {' · '.join(entry.sources)}")
    st.markdown("  \n".join(lines))


def chart(figure: go.Figure, *, alt: str, key: str) -> None:
    """Draw a figure in our own template, with the words of the reader's language."""
    st.plotly_chart(figure, theme=None, config=_config(), alt=alt, key=f"chart_{key}")


def _config() -> dict[str, Any]:
    return {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def empty(reason: str, what: str = "") -> None:
    """Say why there is nothing to draw and what to do."""
    with st.container(border=True, height="stretch"):
        st.markdown(t(f"missing.{reason}", what=i18n.markdown(what)))


def lead(sentence: str) -> None:
    """The one sentence a page begins with."""
    st.html(f'<p class="sl-lead">{escape(sentence)}</p>')
