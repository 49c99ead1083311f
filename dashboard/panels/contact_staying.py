"""Panel of the contact page: who stays longer, customers of one channel or of several."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from dashboard import i18n, panel, table, theme
from dashboard.answers import contact_channels, survival
from dashboard.charts.survival import kaplan_meier
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import churn_survival, customer_list
from dashboard.table import Column
from dashboard.view import View

_GROUP = "channel_count"


def staying(view: View) -> None:
    """How long customers stay, by the number of channels on which they were heard before."""
    found = contact_channels.survival_by_channels(view)
    day = i18n.day(contact_channels.landmark(view))
    subtitle = t("contact.staying.subtitle", day=day)
    if survival.is_narrowed(view):
        subtitle += t("risk.survival.without_outcomes")
    title = churn_survival.title_of(found, _GROUP)
    with panel.panel(
        "channel_survival",
        title,
        subtitle,
        data=(found.curve, churn_survival.curve_columns(_GROUP)) if found else None,
        rows=partial(_customers, view) if found else None,
    ) as draw:
        if found is None:
            st.html(f'<div class="sl-sub">{escape(t("missing.too_short"))}</div>')
            return
        drawn = churn_survival.curves(found, _GROUP)
        draw(kaplan_meier(drawn, theme.palette(), ticks=churn_survival.ticks(found)))
        columns = churn_survival.mean_columns(found, _GROUP)
        table.show(found.means, columns, alt=t("risk.survival.means"))


def _customers(view: View, key: str) -> None:
    found = contact_channels.survival_by_channels(view)
    sizes = {} if found is None else dict(found.means.select("group", "customers").iter_rows())
    customer_list.behind(
        key,
        view,
        {code: counted(i18n.code(_GROUP, code), n) for code, n in sizes.items()},
        lambda code: contact_channels.customers(view, code),
        Column("duration", t("contact.column.stayed"), "days"),
        Column("event", i18n.code("stage", "churned"), "flag"),
    )
