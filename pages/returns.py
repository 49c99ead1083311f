"""Does the money come back?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import returns, returns_measures
from dashboard.panels import measures, unit_costs
from dashboard.panels import returns as panels
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    readings = returns_measures.headline(view)
    panel.lead(panels.lead(readings))
    kpi.row(panels.cards(readings))
    if returns.told(view):
        panels.paybacks(view)
        left, right = st.columns([3, 2])
        with left:
            panels.modules(view)
        with right:
            unit_costs.what_if(view)
    unit_costs.costs(view)
    left, right = st.columns([3, 2])
    with left:
        unit_costs.tiers(view)
    with right:
        panels.drivers(view)
    panels.report(view)
    measures.every(readings)
