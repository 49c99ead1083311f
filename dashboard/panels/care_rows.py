"""The touches behind the page of care: lists by state, touch, month and owner, and their file."""

from __future__ import annotations

from collections.abc import Hashable

import polars as pl
import streamlit as st

from dashboard import drilldown, i18n, list_files, panel
from dashboard.answers import care, customer_names
from dashboard.answers.care import Cut
from dashboard.answers.over_time import WHOLE
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.list_files import ListFile
from dashboard.panels.naming import named
from dashboard.panels.periods import pick_point
from dashboard.table import Column
from dashboard.view import View
from metrics.touches import STATES

_KEY = "touch_list"
_ALL = "all"
_SIZE = 15


def owner(view: View, owner_id: str | None) -> str:
    """An owner in words."""
    if owner_id is None:
        return i18n.code("owner_id", None)
    return care.owners(view).get(owner_id) or owner_id


def columns() -> list[Column]:
    """What a list of touches shows."""
    return [
        Column("name", t("column.customer"), "customer"),
        Column("touch", t("care.column.touch"), write=lambda code: t(f"care.touch.{code}")),
        Column("due", t("care.column.due"), "moment"),
        Column("triggered", t("care.column.triggered"), "moment"),
        Column("tried", t("care.column.tried_at"), "moment"),
        Column("done", t("care.column.done_at"), "moment"),
        Column("tier", t("dimension.tier"), "code"),
        Column("owner", t("dimension.owner_id")),
    ]


def touch_list(view: View) -> None:
    """The touches of a state, open ones first; a row opens the customer, and all go to a file."""
    totals = care.counted(view, Cut("", STATES[0]))
    title = t("care.list.title", n=i18n.number(totals["overdue"] + totals["due"]))
    with panel.panel(_KEY, title, t("care.list.subtitle")):
        with st.container(horizontal=True, gap="small"):
            touch = _pick_touch(view, _KEY)
            cut = _pick_state(view, _KEY, Cut(touch, STATES[0]))
        _show(view, _KEY, cut, size=_SIZE)
        list_files.buttons(view, _file(view, cut))


def by_touch(view: View, key: str) -> None:
    """The touches behind one bar, of the period."""
    with drilldown.bar():
        codes = care.by_touch(view)["touch"].to_list()
        touch = drilldown.pick(key, {code: t(f"care.touch.{code}") for code in codes}, name="group")
        cut = _pick_state(view, key, Cut(touch, STATES[0], WHOLE))
    _show(view, key, cut, size=drilldown.IN_DIALOG)


def trend(view: View, key: str, *, code: str) -> None:
    """The touches behind a trend: of the period, or of one month."""
    bar = drilldown.bar()
    with bar:
        point = pick_point(key, care.over_time(view, code)["bucket"].to_list(), "month")
        cut = _pick_state(view, key, Cut(code, STATES[0], point))
    _show(view, key, cut, size=drilldown.IN_DIALOG)


def by_owner(view: View, key: str) -> None:
    """What is open of one owner's customers."""
    rows = {row["owner_id"] or "": row for row in care.by_owner(view).iter_rows(named=True)}
    names = {code: owner(view, code or None) for code in rows}
    bar = drilldown.bar()
    with bar:
        chosen = drilldown.pick(key, names, name="group", width=240)
        states = {
            state: counted(t(f"care.state.{state}"), rows[chosen][state]) for state in care.OPEN
        }
        state = drilldown.pick(key, states, width=200)
    _show(view, key, Cut("", state, owner=chosen or None), size=drilldown.IN_DIALOG)


def _pick_touch(view: View, key: str) -> str:
    names = {_ALL: t("care.list.every")}
    names |= {code: t(f"care.touch.{code}") for code in care.recorded(view)}
    chosen = drilldown.pick(key, names, name="touch", width=260)
    return "" if chosen == _ALL else chosen


def _pick_state(view: View, key: str, cut: Cut) -> Cut:
    numbers = care.counted(view, cut)
    names = {state: counted(t(f"care.state.{state}"), numbers[state]) for state in STATES}
    first = next((state for state in STATES if numbers[state]), STATES[0])
    state = drilldown.pick(key, names, name="state", default=first, width=200)
    return Cut(cut.touch, state, cut.point, cut.owner)


_NAMED = {"name": "name", "owner": "owner"}


def _show(view: View, key: str, cut: Cut, *, size: int) -> None:
    decided: Hashable = (view, cut)
    rows = named(view, care.listed(view, cut), decided, _NAMED)
    drilldown.paged(rows, columns(), key=key, alt=t(f"care.state.{cut.state}"), size=size)


def _file(view: View, cut: Cut) -> ListFile:
    touch = t("care.list.every") if not cut.touch else t(f"care.touch.{cut.touch}")

    def listed() -> pl.LazyFrame:
        return customer_names.told(view, care.listed(view, cut), columns=_NAMED)

    return ListFile(
        "care",
        touch,
        listed,
        columns(),
        care.counted(view, cut)[cut.state],
        table="interactions",
        chosen={t("care.file.state"): t(f"care.state.{cut.state}")},
        name="touches",
    )
