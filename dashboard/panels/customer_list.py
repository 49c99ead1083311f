"""A list of customers with its own sort and paging, as several pages show it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import address, drilldown
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View

# What one can sort by: column, and whether the highest or latest comes first.
SORTS = {
    "revenue": ("revenue_12m", True),
    "total": ("revenue_total", True),
    "risk": ("revenue_at_risk", True),
    "silent": ("silent_days", True),
    "recent": ("last_order_on", True),
    "name": ("name", False),
}


def ordered(frame: pl.LazyFrame, sort: str) -> pl.LazyFrame:
    """The list sorted; unknown values last, ties by id so that pages never overlap."""
    column, high_first = SORTS[sort]
    return frame.sort(column, "customer_id", descending=[high_first, False], nulls_last=True)


def columns(*more: Column, crm_owner: bool = True) -> list[Column]:
    """The columns of every such list; those that are peculiar to one stand after the name.

    Args:
        more: Peculiar ones.
        crm_owner: Whether the owner is the CRM's, by whom these pages are filtered, which is said.
    """
    return [
        Column("name", t("column.customer"), "customer"),
        *more,
        Column("revenue_12m", t("customer_list.revenue"), "money"),
        Column("revenue_total", t("customer_list.total"), "money"),
        Column("revenue_at_risk", t("customer_list.risk"), "money"),
        Column("silent_days", t("customer_list.silent"), "days"),
        Column("last_order_on", t("customer_list.last"), "date"),
        Column("owner", t("customer_list.crm_owner" if crm_owner else "dimension.owner_id")),
    ]


def choose_sort(key: str) -> str:
    """The sort of a list, kept in the address; a new one begins on the first page."""
    parameter = f"{key}_sort"
    address.seed_one(parameter, tuple(SORTS), "revenue")
    sort = st.selectbox(
        t("customer_list.sort"),
        tuple(SORTS),
        format_func=lambda code: t("customer_list.by", what=t(f"customer_list.{code}")),
        key=parameter,
        label_visibility="collapsed",
        placeholder=t("customer_list.sort"),
        on_change=address.first_page,
        args=(key,),
        width=250,
    )
    address.write(parameter, sort, default="revenue")
    return sort


def show(
    rows: drilldown.Rows,
    shown: Sequence[Column],
    *,
    key: str,
    sort: str,
    alt: str,
    size: int = 15,
) -> None:
    """Draw the list; picking a row opens the customer."""
    frame = rows.frame
    assert isinstance(frame, pl.LazyFrame), "a list in stretches has its own order"
    inorder = drilldown.Rows(ordered(frame, sort), (rows.decided_by, sort))
    drilldown.paged(inorder, shown, key=key, alt=alt, size=size)


def behind(
    key: str,
    view: View,
    groups: Mapping[str, str],
    customers: Callable[[str], pl.LazyFrame],
    *more: Column,
    bar: DeltaGenerator | None = None,
    also: Hashable = None,
    crm_owner: bool = True,
) -> None:
    """The customers behind a chart, a group of them at a time: the body of a dialog.

    Args:
        key: Of the panel.
        view: The view.
        groups: Words with their number, by code.
        customers: The customers of a code, not sorted.
        more: Columns after the name.
        bar: The line of choices, where there are more of them.
        also: What else decides the rows: other choices of the dialog.
        crm_owner: Of `columns`.
    """
    if not groups:
        st.html(f'<div class="sl-sub">{t("list.empty")}</div>')
        return
    with bar or drilldown.bar():
        group = drilldown.pick(key, groups)
        sort = choose_sort(key)
    rows = drilldown.Rows(customers(group), (view, group, also))
    show(
        rows,
        columns(*more, crm_owner=crm_owner),
        key=key,
        sort=sort,
        alt=groups[group],
        size=drilldown.IN_DIALOG,
    )
