"""The line every page begins with: title, data time, period, comparison, filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

import polars as pl
import streamlit as st

from dashboard import address, data, i18n, periods
from dashboard.answers import casework
from dashboard.answers.casework import State
from dashboard.i18n import t
from dashboard.view import View
from data_access.principal import Principal
from metrics.selection import DIMENSIONS, Selection, days_left
from metrics.tiers.scheme import default_code, scheme, scheme_codes

COMPARISONS = ("previous", "year")
Choices = Literal["all", "period", "customers", "scheme", "none"]  # what a page can be narrowed by
Owners = Literal["crm", "assigned", "both"]  # what a page's filter on owners goes by
SCHEME = "tier_scheme"
PARAMETERS = ("language", *periods.PARAMETERS, "compare", SCHEME, *DIMENSIONS)


def _options(view: View, dimension: str, state: State | None) -> Mapping[str, str | None]:
    """The values of a dimension among the customers in scope; for owners with their names.

    Owners are those of the CRM and those to whom customers are assigned here.
    """
    return casework.owners(view, state) if dimension == "owner_id" else _values(view, dimension)


@data.once
def _values(view: View, dimension: str) -> Mapping[str, str | None]:
    column = pl.col(dimension)
    found = data.frame(view, "customer_mart").select(column.drop_nulls().unique().sort()).collect()
    values: list[str] = found[dimension].to_list()
    if dimension == "tier":
        values.sort(key=scheme(view.scheme).codes.index)
    return dict.fromkeys(values)


def header(
    title: str,
    version: str,
    principal: Principal,
    *,
    about: tuple[str, ...],
    choices: Choices,
    owners: Owners,
) -> View:
    """Draw the header and return what the page should look at.

    Args:
        title: Title of the page.
        version: Snapshot version.
        principal: The reader.
        about: The tables whose data time is told; each where they end on different days.
        choices: What the page depends on: period and customers, one of them, the tier scheme
            alone, or nothing.
        owners: What its filter on owners goes by; told where that makes a difference.
    """
    everything = View(version, principal, periods.DEFAULT, COMPARISONS[0], Selection())
    left, right = st.columns([5, 18], vertical_alignment="center")
    left.title(title, anchor=False)
    view = everything
    if choices != "none":
        with (
            right,
            st.container(
                horizontal=True, horizontal_alignment="right", gap="small", key="header_choices"
            ),
        ):
            if choices in ("all", "period"):
                view = _period(view)
            if choices == "scheme":
                view = _scheme(view)
                _choose_scheme()
            if choices in ("all", "customers"):
                view = _customers(view)
    st.html(f'<div class="sl-sub">{_data_time(view, about, choices, owners)}</div>')
    return view


def _data_time(view: View, about: tuple[str, ...], choices: Choices, owners: Owners) -> str:
    """Until when the data are complete, and the days looked at; a budget tells its own.

    Of tables that the CRM does not have, that they are not there: they end on no day.
    """
    ends = {table: data.as_of(view, table) for table in about if data.present(view, table)}
    parts = [t("header.no_tables", tables=t("list.and").join(about))]
    if len(set(ends.values())) > 1:
        parts = [t("header.data_as_of_each")]
        parts += [t(f"header.until.{table}", day=i18n.day(day)) for table, day in ends.items()]
    elif ends:
        first = next(iter(ends))
        moment = data.snapshot(view).as_of(first).astimezone(data.time_zone())
        parts = [t("header.data_as_of", moment=i18n.moment(moment))]
        if choices == "all" and view.period_code != "all":
            parts += _days_told(view, ends[first])
    if not view.selection.is_everything:
        parts.append(t("header.filtered", n=len(view.selection.filters)))
    if view.scheme != default_code():
        parts.append(t("header.scheme.told", name=i18n.code("tier_scheme", view.scheme)))
    if view.moved is not None:
        parts.append(t(f"header.owners.{owners}"))
    if data.snapshot(view).warning:
        parts.append(t("header.damaged"))
    return " · ".join(parts)


def _days_told(view: View, as_of: date) -> list[str]:
    days = view.period(as_of, as_of)
    last = i18n.short_day(days.end - timedelta(days=1))
    told = [t("header.period", first=i18n.short_day(days.start), last=last)]
    if left := days_left(view.period_code, days):
        told.append(t(f"header.running.{view.period_code}", days=left))
    return told


def told(view: View) -> dict[str, str]:
    """The filters on customers in words: the name of each dimension, and its values.

    With the tier scheme, where it is another than usual.
    """
    another = view.scheme != default_code()
    name = {t("filter.scheme"): i18n.code("tier_scheme", view.scheme)} if another else {}
    return name | {
        t(f"dimension.{dimension}"): _named(view, dimension, values)
        for dimension, values in view.selection.filters
    }


def _named(view: View, dimension: str, values: tuple[str, ...]) -> str:
    known = _options(view, dimension, casework.readable_state())
    return t("list.and").join(known.get(value) or i18n.code(dimension, value) for value in values)


def _period(everything: View) -> View:
    code = periods.choose(everything)
    address.seed_one("compare", COMPARISONS, COMPARISONS[0])
    comparison = st.selectbox(
        t("filter.compare"),
        COMPARISONS,
        format_func=lambda each: t(f"compare.{each}"),
        key="compare",
        placeholder=t("filter.compare"),
        label_visibility="collapsed",
        width=140,
    )
    address.write("compare", comparison, default=COMPARISONS[0])
    return replace(everything, period_code=code, comparison=comparison)


def _scheme(view: View) -> View:
    """The view by the scheme chosen; drawn later, because what can be filtered depends on it."""
    address.seed_one(SCHEME, scheme_codes(), default_code())
    code = str(st.session_state[SCHEME])
    address.write(SCHEME, code, default=default_code())
    return replace(view, scheme=code)


def _choose_scheme() -> None:
    names = {code: i18n.code("tier_scheme", code) for code in scheme_codes()}
    st.selectbox(
        t("filter.scheme"),
        tuple(names),
        format_func=names.__getitem__,
        key=SCHEME,
        width=300,
    )


def _customers(view: View) -> View:
    view, state = _scheme(view), casework.readable_state()
    known = {each: _options(view, each, state) for each in DIMENSIONS}
    kept = tuple((each, values) for each in DIMENSIONS if (values := _seeded(each, known[each])))
    count = len(kept)
    label = t("filter.some", n=count) if count else t("filter.none")
    with st.popover(label, icon=":material/filter_list:"):
        _choose_scheme()
        for dimension in DIMENSIONS:
            _dimension(dimension, known[dimension])
        if kept:
            st.button(t("filter.clear"), on_click=_clear, type="tertiary")
    for dimension in DIMENSIONS:
        address.write(dimension, *st.session_state.get(dimension, []))
    owners = dict(kept).get("owner_id")
    moved = casework.moved(view, state, owners) if owners and state else None
    return replace(view, selection=Selection(kept), moved=moved)


def _seeded(dimension: str, known: Mapping[str, str | None]) -> tuple[str, ...]:
    address.seed_many(dimension, tuple(known))
    return tuple(sorted(st.session_state[dimension]))


def _dimension(dimension: str, known: Mapping[str, str | None]) -> None:
    if known:
        st.multiselect(
            t(f"dimension.{dimension}"),
            tuple(known),
            format_func=lambda value: known.get(value) or i18n.code(dimension, value),
            key=dimension,
            placeholder=t("filter.all"),
            help=t("filter.owner_help") if dimension == "owner_id" else None,
            select_all=False,  # its words are English, and all is none
        )


def _clear() -> None:
    for dimension in DIMENSIONS:
        st.session_state[dimension] = []
