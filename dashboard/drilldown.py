"""The rows behind a number: a paged list in a dialog, and from a row to the customer's page."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from math import ceil

import polars as pl
import streamlit as st

from dashboard import address, data, filters, i18n, navigation, table
from dashboard.i18n import t
from dashboard.table import Column

PAGE_SIZE = 50
_IN_DIALOG = 12


@dataclass(frozen=True, slots=True)
class Rows:
    """A list already filtered and sorted, and all that decides its content.

    Two lists with the same `decided_by` are the same list: pages of it are kept, so that a click
    elsewhere on the page costs nothing. It must hold the view, and every choice of the list's own.
    """

    frame: pl.LazyFrame = field(compare=False)
    decided_by: Hashable


@data.answer
def _total(rows: Rows) -> int:
    return rows.frame.select(pl.len()).collect().item()


@data.answer
def _page(rows: Rows, number: int, size: int, names: tuple[str, ...]) -> pl.DataFrame:
    return rows.frame.slice((number - 1) * size, size).select(names).collect()


def paged(
    rows: Rows,
    columns: Sequence[Column],
    *,
    key: str,
    alt: str,
    size: int = PAGE_SIZE,
    identity: str | None = "customer_id",
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
    """
    rows = Rows(rows.frame, (key, rows.decided_by))
    total = _total(rows)
    if total == 0:
        st.html(f'<div class="sl-sub">{t("list.empty")}</div>')
        return
    pages = ceil(total / size)
    parameter = f"{key}_page"
    address.seed_page_number(parameter, pages)
    number = int(st.session_state[parameter])
    names = [column.name for column in columns] + ([identity] if identity else [])
    shown = _page(rows, number, size, tuple(dict.fromkeys(names)))
    # the content is in the key: a selection is a row number and must not outlive its rows
    mark = shown.hash_rows(seed=1).sum() if shown.height else 0
    picked = None
    if identity is None:
        table.show(shown, columns, alt=alt)
    else:
        named = f"{key}_{number}_{mark}"
        picked = table.choose(shown, columns, key=named, identity=identity, alt=alt)
    if pages > 1:
        _paging(parameter, number, pages, size, total)
    address.write(parameter, str(number), default="1")
    if picked is not None:
        open_customer(picked)


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
    """Go to one customer's page, keeping period, filters and language."""
    kept = address.keep(*filters.PARAMETERS)
    st.switch_page(navigation.page("customer"), query_params={**kept, "id": customer_id})


def dialog(title: str, rows: Rows, columns: Sequence[Column], *, key: str) -> None:
    """Open the rows behind a number over the page."""

    @st.dialog(title, width="large")
    def show() -> None:
        paged(rows, columns, key=f"drill_{key}", alt=title, size=_IN_DIALOG)

    show()
