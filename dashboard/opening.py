"""Lists of customers: a press on a name opens the customer, a box ticks one for work on many.

A table where there is room; on a phone every customer is a name with what is told below it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import i18n, stacked, table, theme
from dashboard.i18n import t
from dashboard.table import Column

_JOINER = "\N{WORD JOINER}"  # not seen


@dataclass(frozen=True, slots=True)
class Ticks:
    """Which rows are ticked, and who is told.

    Attributes:
        ticked: The identities that are ticked when the list is drawn first.
        take: Told the identities of all rows and the numbers of those ticked, at every click.
    """

    ticked: Collection[str]
    take: Callable[[Sequence[str], Collection[int]], None]


def draw(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    *,
    key: str,
    identity: str,
    alt: str,
    ticks: Ticks | None = None,
) -> str | None:
    """Draw a list in which the column of kind `customer` opens the row.

    Args:
        frame: The rows.
        columns: What to show of them, one of kind `customer`.
        key: Should name the content (filters, sort, page): a press is a row number.
        identity: Column with what a row is known by.
        alt: Description for screen readers.
        ticks: If rows can be ticked.

    Returns:
        The identity of the row that was opened; None also for a row without one.
    """
    ids: list[str] = frame[identity].to_list()
    name = next(column for column in columns if column.kind == "customer")
    names = [_name(*each) for each in zip(frame[name.name].to_list(), ids, strict=True)]
    named = frame.with_columns(pl.Series(name.name, names, dtype=pl.String))
    if theme.is_narrow():
        others = [column for column in columns if column is not name]
        return _lines(named, others, names, ids, key=key, ticks=ticks)
    chosen = _by_keyboard(dict(zip(ids, names, strict=True)), key)
    return _table(named, columns, name, ids, key=key, alt=alt, ticks=ticks) or chosen


def _name(name: str | None, identity: str | None) -> str:
    return (name or "").strip() or identity or i18n.DASH


def _table(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    name: Column,
    ids: Sequence[str],
    *,
    key: str,
    alt: str,
    ticks: Ticks | None,
) -> str | None:
    """The list as a table whose names are buttons.

    Not links: a link of Streamlit's tables opens a browser tab with a session of its own, which
    knows neither what is ticked nor the way back.
    """
    labels = [_label(each) for each in frame[name.name].to_list()]
    shown = frame.with_columns(pl.Series(name.name, labels, dtype=pl.String))
    button = st.column_config.ButtonColumn(
        name.heading,
        type="tertiary",
        alignment="left",
        width=table.room(name.heading, labels),
        key=f"{key}_open",
    )
    st.dataframe(
        table.sortable(shown, columns).set_properties(
            subset=[name.heading], color=theme.palette().accent
        ),
        hide_index=True,
        column_config={**table.configuration(shown, columns), name.heading: button},
        key=key,
        alt=alt,
        height="content",
        placeholder=i18n.DASH,
        **_boxes(key, ids, ticks),
    )
    click: Any = st.session_state.get(f"{key}_open")
    row = -1 if click is None else click["row"]
    return ids[row] if 0 <= row < len(ids) else None


def _label(name: str) -> str:
    """The label of a button: nothing in a name is an icon or a list of choices to Streamlit."""
    return f"{_JOINER}{name}" if name.startswith(("[", ":")) else name


def _boxes(key: str, ids: Sequence[str], ticks: Ticks | None) -> dict[str, Any]:
    if ticks is None:
        return {}

    def told() -> None:
        ticks.take(ids, st.session_state[key]["selection"]["rows"])

    before = [row for row, each in enumerate(ids) if each in ticks.ticked]
    return {
        "on_select": told,
        "selection_mode": "multi-row",
        "selection_default": {"selection": {"rows": before}},
    }


def _by_keyboard(names: Mapping[str, str], key: str) -> str | None:
    """A choice of the names, seen only by whoever comes to it by the keyboard.

    No key presses the button of a cell (Streamlit 1.67). It stands before the table, in which the
    tabulator goes from cell to cell.
    """
    known = {each: name for each, name in names.items() if each}
    return st.selectbox(
        t("list.open"),
        tuple(known),
        index=None,
        format_func=known.__getitem__,
        key=f"by_name_{key}",
        placeholder=t("list.open"),
        label_visibility="collapsed",
        width=320,
    )


def _lines(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    names: Sequence[str],
    ids: Sequence[str],
    *,
    key: str,
    ticks: Ticks | None,
) -> str | None:
    """The list as on a phone: each name a button, and below it what is known, each by its name."""
    texts = table.written(frame, [table.without_bar(column) for column in columns])
    box = None if ticks is None else partial(_box, ids, names, key, ticks)
    return stacked.buttons(texts, names, ids, key=key, before=box)


def _box(ids: Sequence[str], names: Sequence[str], key: str, ticks: Ticks, row: int) -> None:
    place = f"box_{key}_{row}"

    def told() -> None:
        now = {each for each in ids if each in ticks.ticked} - {ids[row]}
        now |= {ids[row]} if st.session_state[place] else set()
        ticks.take(ids, [number for number, each in enumerate(ids) if each in now])

    st.checkbox(
        i18n.markdown(names[row]),
        value=ids[row] in ticks.ticked,
        key=place,
        on_change=told,
        label_visibility="collapsed",
    )
