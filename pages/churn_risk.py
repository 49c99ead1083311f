"""Who is about to leave, what would go with them, and why?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import churn_risk
from dashboard.panels import churn_list, churn_survival
from dashboard.panels import churn_risk as panels
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = churn_risk.headline(view)
    panel.lead(panels.lead(view))
    if readings["churned_customers"].value is None:
        return
    kpi.row([(KPIS[key], reading) for key, reading in readings.items()])
    panels.meaning(view)
    churn_list.risk_list(view)
    left, right = st.columns([3, 2])
    with left:
        churn_survival.survival_by_group(view)
    with right:
        panels.drivers(view)
