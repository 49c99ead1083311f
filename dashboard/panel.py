"""Panels: message, measure and chart; behind a small button definition, table and download."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import downloads, drilldown, i18n, kpi, spreadsheet, table
from dashboard.downloads import File
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS


@contextmanager
def panel(
    key: str,
    title: str,
    subtitle: str,
    *,
    data: tuple[pl.DataFrame, Sequence[Column]] | None = None,
    kpis: Sequence[str] = (),
    rows: Callable[[str], None] | None = None,
    personal: View | None = None,
) -> Generator[Callable[[go.Figure], None]]:
    """A bordered panel; draw the chart inside, with what this gives.

    Args:
        key: Unique on the page.
        title: The message, built from the numbers.
        subtitle: Measure, unit, window and n.
        data: The table twin: the frame behind the chart and its columns.
        kpis: Keys of the catalogue whose definitions are told.
        rows: Draws the rows behind the chart, given the key, into a dialog (`drilldown.offer`).
        personal: Who reads, if the data are about a customer: then a download is written down.

    Yields:
        Draws a figure; who cannot see it hears title and subtitle.
    """
    with st.container(border=True, height="stretch", key=f"panel_{key}"):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
            st.html(
                f'<p class="sl-panel-title">{escape(title)}</p>'
                f'<div class="sl-sub">{escape(subtitle)}</div>'
            )
            if data is not None or kpis:
                _tools(key, data, kpis, personal)
        yield partial(_chart, key, f"{title}. {subtitle}")
        if rows is not None:
            drilldown.offer(key, title, rows)


def _tools(
    key: str,
    data: tuple[pl.DataFrame, Sequence[Column]] | None,
    kpis: Sequence[str],
    personal: View | None,
) -> None:
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
                _download(key, frame, columns, personal)


def _download(
    key: str, frame: pl.DataFrame, columns: Sequence[Column], personal: View | None
) -> None:
    name, button = f"stayline_{key}", f"download_{key}"
    write = partial(spreadsheet.csv_bytes, columns=columns)
    if personal is None:
        st.download_button(
            t("panel.download"),
            data=lambda: write(frame),
            file_name=f"{name}.csv",
            mime=downloads.MIMES["csv"],
            key=button,
            on_click="ignore",
        )
    elif downloads.available():
        file = File(key, "csv", name, lambda: frame, write)
        downloads.button(personal, file, t("panel.download"), key=button)


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
    lines.append(f"{t('panel.sources')} {' · '.join(map(i18n.plan, entry.sources))}")
    st.markdown("  \n".join(lines))


def _chart(key: str, alt: str, figure: go.Figure) -> None:
    """Draw a figure in our own template, with the words of the reader's language."""
    st.plotly_chart(figure, theme=None, config=_config(), alt=alt, key=f"chart_{key}")


def _config() -> dict[str, Any]:
    return {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def empty(reason: str, title: str) -> None:
    """Say, beside the name of what would stand here, why there is nothing to draw.

    The style sheet gives it a line of its own, and its room to the panels beside it.
    """
    with st.container(border=True, height="stretch"):
        st.html(
            f'<p class="sl-panel-title sl-empty">{escape(title)}</p>'
            f'<div class="sl-sub">{escape(t(f"missing.{reason}"))}</div>'
        )


def lead(sentence: str) -> None:
    """The one sentence a page begins with."""
    st.html(f'<p class="sl-lead">{escape(sentence)}</p>')
