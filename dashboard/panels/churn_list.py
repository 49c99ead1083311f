"""The list of the churn risk page: who, how likely, how much, why, whose."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import data, drilldown, filters, i18n, kpi, list_files, panel, saving
from dashboard.answers import churn_follow_up, churn_list, churn_risk
from dashboard.answers.churn_list import Choice
from dashboard.i18n import t
from dashboard.panels import (
    churn_bulk,
    churn_chips,
    churn_columns,
    churn_definition,
    churn_export,
    churn_filters,
    saved_views,
)
from dashboard.panels.saved_views import Place
from dashboard.view import View

_SIZE = 15
_PLACE = Place(
    "churn_risk",
    (
        *(name for name in filters.PARAMETERS if name != "language"),
        churn_definition.PARAMETER,
        "risk_list",
        "risk_sort",
        *churn_chips.PARAMETERS,
        *churn_columns.PARAMETERS,
    ),
)


def risk_list(view: View) -> None:
    """The list with its own filters, order, paging and files; a row opens the customer."""
    scored = churn_risk.is_scored(view)
    kinds = ("risk", "churned") if scored else ("silence", "churned")
    choice = churn_filters.choice(kinds)
    title, followed = _title(view, choice), choice.told is not None
    ticking = followed and view.principal.may_write
    held = data.present(view, "contracts")
    subtitle = t(f"risk.list.subtitle.{choice.kind}")
    subtitle += t("risk.list.tick") if ticking else t("risk.list.pick")
    with panel.panel("risk_list", title, subtitle):
        shown = churn_columns.chosen(choice.kind, followed=followed, held=held)
        with st.container(horizontal=True, gap="small", key="list_bar"):
            views = st.container(width="content")
            churn_columns.choose(choice.kind, followed=followed, held=held)
        churn_filters.controls(kinds, choice)
        rows = _rows(view, choice)
        if choice.told is not None and saving.allowed(view):
            churn_bulk.bar(view, choice, choice.told)
        drilldown.paged(rows, shown, key=churn_chips.LIST, alt=title, size=_SIZE, ticking=ticking)
        list_files.buttons(view, churn_export.file(view, choice, shown, title))
        with views:
            saved_views.bar(view, _PLACE)  # last: every choice stands in the address by now


def _rows(view: View, choice: Choice) -> drilldown.Rows:
    """The list; who is followed up is looked up for the page shown, unless it decides who is on it.

    So what anybody writes down does not have the whole list made anew.
    """
    if choice.told is None or choice.follow_up:
        return drilldown.Rows(churn_list.listed(view, choice), (view, choice))
    alone, told = replace(choice, told=None), choice.told
    return drilldown.Rows(
        churn_list.listed(view, alone),
        (view, alone),
        beside=lambda page: churn_follow_up.beside(page, view, told),
        needs=churn_follow_up.NEEDS,
        gives=churn_follow_up.GIVES,
    )


def _title(view: View, choice: Choice) -> str:
    n, at_risk, value = churn_list.totals(view, choice)
    warned = choice.kind == "risk" and choice.warning and "none" not in choice.warning
    return t(
        f"risk.list.title.{'warned' if warned else choice.kind}",
        n=i18n.number(n),
        money=kpi.money(at_risk),
        value=kpi.money(value),
    )
