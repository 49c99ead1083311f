"""Tables on a phone: each row a heading, and below it what is known, each value by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

import polars as pl
import streamlit as st

from dashboard import i18n
from dashboard.i18n import t

ROOM = 335  # pixels for a table in a panel on a phone
_AT_ONCE = 12  # rows; the others are folded


def rows(texts: pl.DataFrame, names: Sequence[str], *, alt: str) -> None:
    """A table already in words below the headings of its rows; a long one folded."""
    told = zip(names, texts.iter_rows(named=True), strict=True)
    lines = [f"<li><b>{escape(name)}</b>{below(cells)}</li>" for name, cells in told]
    _listed(lines[:_AT_ONCE], alt)
    if more := lines[_AT_ONCE:]:
        with st.expander(t("list.more", n=i18n.number(len(more)))):
            _listed(more, alt)


def _listed(lines: Iterable[str], alt: str) -> None:
    st.html(f'<ul class="sl-rows" aria-label="{escape(alt)}">{"".join(lines)}</ul>')


def below(cells: Mapping[str, str]) -> str:
    """What is known of a row in markup; what is not, is left out."""
    known = " ".join(
        f"<span>{escape(heading)} <b>{escape(text)}</b></span>"
        for heading, text in cells.items()
        if text != i18n.DASH
    )
    return f'<div class="sl-told">{known}</div>'


def buttons(
    texts: pl.DataFrame,
    names: Sequence[str],
    ids: Sequence[str | None],
    *,
    key: str,
    before: Callable[[int], None] | None = None,
) -> str | None:
    """Rows whose headings are buttons.

    Args:
        texts: What is told below each, in words.
        names: The headings.
        ids: What a row is known by; one without it cannot be pressed.
        key: Should name the content: a press is a row number.
        before: Draws what stands before a heading, given the row.

    Returns:
        The identity of the row that was pressed in this run.
    """
    pressed = None
    with st.container(gap=None, key=f"lines_{key}"):
        for row, cells in enumerate(texts.iter_rows(named=True)):
            with st.container(horizontal=True, gap="small", wrap=False, key=f"line_{key}_{row}"):
                if before is not None:
                    before(row)
                with st.container(gap=None):
                    if st.button(
                        i18n.markdown(names[row]),
                        key=f"name_{key}_{row}",
                        type="tertiary",
                        disabled=not ids[row],
                    ):
                        pressed = ids[row]
                    st.html(below(cells))
    return pressed
