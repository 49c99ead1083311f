"""Who is about to leave, what would go with them, and why?"""

from __future__ import annotations

import streamlit as st

from dashboard import panel
from dashboard.answers import churn_risk
from dashboard.panels import (
    churn_definition,
    churn_drivers,
    churn_groups,
    churn_list,
    churn_segments,
    churn_survival,
)
from dashboard.panels import churn_risk as panels
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    by = churn_definition.applied(view)
    panel.lead(panels.lead(by))
    if churn_risk.headline(by)["churned_customers"].value is None:
        return
    panels.cards(by)
    churn_definition.control(by)
    churn_list.risk_list(by)
    churn_segments.segments(by)
    left, right = st.columns([3, 2])
    with left:
        churn_survival.survival_by_group(view)
    with right:
        churn_drivers.drivers(view)
    churn_groups.group_drivers(view)
    churn_drivers.contract_drivers(view)
