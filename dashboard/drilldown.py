"""The rows behind a number: a paged list in a dialog, and from a row to the customer's page.

Which panel's rows lie open, and which of them, stands in the address: a copied link opens the same
list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from weakref import ReferenceType, ref

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import address, data, filters, i18n, navigation, opening, table, ticks
from dashboard.i18n import t
from dashboard.opening import Ticks
from dashboard.stretches import Stretches
from dashboard.table import Column

PAGE_SIZE = 50
IN_DIALOG = 12
_OPEN = "rows"  # the panel whose rows lie open


@dataclass(frozen=True, slots=True)
class Rows:
    """A list already filtered and sorted, and all that decides its content.

    Two lists with the same `decided_by` are the same list: pages of it are kept, so that a click
    elsewhere on the page costs nothing. It must hold the view, and every choice of the list's own.

    Attributes:
        frame: The list, whole or in stretches.
        decided_by: What decides its content.
        beside: Adds columns to the rows shown, anew in each run, that decide neither who is listed
            nor in which order; None if there are none.
        needs: The columns of the list that it reads.
        gives: The columns that it adds or replaces.
        total: How many rows there are, where a count of the same rows is known already.
    """

    frame: pl.LazyFrame | Stretches = field(compare=False)
    decided_by: Hashable
    beside: Callable[[pl.LazyFrame], pl.LazyFrame] | None = field(default=None, compare=False)
    needs: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    total: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What pages are kept by: not the frame itself, which may hold a mart of an old version."""

    decided_by: Hashable
    frame: ReferenceType[pl.LazyFrame | Stretches] = field(compare=False)

    def rows(self) -> pl.LazyFrame | Stretches:
        """The list, which whoever asks for a page still holds."""
        frame = self.frame()
        assert frame is not None
        return frame


@data.answer
def _total(kept: _Kept) -> int:
    rows = kept.rows()
    if isinstance(rows, Stretches):
        return rows.total
    return rows.select(pl.len()).collect().item()


@data.answer
def _page(kept: _Kept, number: int, size: int, names: tuple[str, ...]) -> pl.DataFrame:
    return kept.rows().slice((number - 1) * size, size).select(names).collect()


def paged(
    rows: Rows,
    columns: Sequence[Column],
    *,
    key: str,
    alt: str,
    size: int = PAGE_SIZE,
    identity: str | None = "customer_id",
    ticking: bool = False,
) -> None:
    """A sorted list, one page of it at a time; picking a row opens the customer's page.

    Args:
        rows: The whole list; only one page of it is collected.
        columns: What to show.
        key: Prefix of the paging parameter in the address.
        alt: Description for screen readers.
        size: Rows on a page.
        identity: Column with the customer's id; a row without one opens nothing. None if the rows
            are not about customers: then none can be picked.
        ticking: Whether rows can be ticked (`ticks`); then a button in each opens the customer.
    """
    kept = _Kept((key, rows.decided_by), ref(rows.frame))
    total = _total(kept) if rows.total is None else rows.total
    if total == 0:
        st.html(f'<div class="sl-sub">{t("list.empty")}</div>')
        return
    pages = ceil(total / size)
    parameter = f"{key}_page"
    address.seed_page_number(parameter, pages)
    number = int(st.session_state[parameter])
    names = [column.name for column in columns] + ([identity] if identity else [])
    shown = _shown(rows, kept, number, size, tuple(dict.fromkeys(names)))
    # the content is in the key: a selection is a row number and must not outlive its rows
    mark = shown.hash_rows(seed=1).sum() if shown.height else 0
    named = f"{key}_{number}_{mark}"
    picked = None
    if identity is None:
        table.show(shown, columns, alt=alt)
    else:
        boxes = Ticks(ticks.ticked(key), partial(ticks.take, key)) if ticking else None
        picked = opening.draw(
            shown,
            columns,
            key=f"{named}_{ticks.turn(key)}" if ticking else named,
            identity=identity,
            alt=alt,
            ticks=boxes,
        )
    if pages > 1:
        _paging(parameter, number, pages, size, total)
    address.write(parameter, str(number), default="1")
    if picked is not None:
        open_customer(picked)


def _shown(rows: Rows, kept: _Kept, number: int, size: int, names: tuple[str, ...]) -> pl.DataFrame:
    """The rows of one page, with what is told beside them."""
    if rows.beside is None:
        return _page(kept, number, size, names)
    own = dict.fromkeys([*(name for name in names if name not in rows.gives), *rows.needs])
    page = _page(kept, number, size, tuple(own))
    return rows.beside(page.lazy()).select(names).collect()


def _paging(parameter: str, number: int, pages: int, size: int, total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = t(
            "list.range",
            first=i18n.number((number - 1) * size + 1),
            last=i18n.number(min(number * size, total)),
            total=i18n.number(total),
        )
        st.html(f'<span class="sl-sub">{words}</span>')
        st.pagination(pages, key=parameter)


def open_customer(customer_id: str) -> None:
    """Go to one customer's page, keeping period, filters and language, and the way back."""
    kept = address.keep(*filters.PARAMETERS)
    navigation.leave_for(customer_id)
    customer = navigation.page(navigation.CUSTOMER)
    st.switch_page(customer, query_params={**kept, "id": customer_id})


def offer(key: str, title: str, draw: Callable[[str], None]) -> None:
    """A quiet button that opens the rows behind a chart over the page.

    Args:
        key: Of the panel; what is chosen in the dialog begins with it in the address.
        title: The message of the panel.
        draw: Draws choices and list, given the key.
    """

    @st.dialog(i18n.markdown(title), width="large", on_dismiss=lambda: _close(key))
    def show() -> None:
        draw(key)

    if st.query_params.get(_OPEN) == key:
        show()
    st.button(
        t("panel.rows"),
        key=f"rows_{key}",
        icon=":material/list:",
        type="tertiary",
        on_click=lambda: st.query_params.update({_OPEN: key}),
    )


def _close(key: str) -> None:
    for name in tuple(st.query_params):
        if name == _OPEN or name.startswith(f"{key}_"):
            del st.query_params[name]


def bar() -> DeltaGenerator:
    """The line of choices above a list in a dialog."""
    return st.container(horizontal=True, gap="small")


def pick(
    key: str,
    options: Mapping[str, str],
    *,
    name: str = "of",
    default: str | None = None,
    width: int = 320,
) -> str:
    """A choice of rows, kept in the address; a new one begins on the first page of the list.

    Args:
        key: Of the list.
        options: Words by code.
        name: Of this choice, where a list has several.
        default: The code that needs no parameter; else the first.
        width: Pixels.
    """
    parameter, codes = f"{key}_{name}", tuple(options)
    usual = codes[0] if default is None else default
    address.seed_one(parameter, codes, usual)
    chosen = st.selectbox(
        t("panel.rows_of"),
        codes,
        format_func=options.__getitem__,
        key=parameter,
        label_visibility="collapsed",
        placeholder=t("panel.rows_of"),
        on_change=address.first_page,
        args=(key,),
        width=width,
    )
    address.write(parameter, chosen, default=usual)
    return chosen


def pick_group(key: str, dimension: str, values: Sequence[str | None]) -> str | None:
    """One value of a dimension, kept in the address; null is the unknown one."""
    known = {value or "": value for value in values}
    names = {code: i18n.code(dimension, value) for code, value in known.items()}
    return known[pick(key, names, name="group", width=240)]


def counted(name: str, rows: int) -> str:
    """A group of rows in words, with how many they are."""
    return t("panel.group", name=name, n=i18n.number(rows))
