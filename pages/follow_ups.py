"""What is due, is it done in time, and does following up help?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import follow_ups
from dashboard.panels import closed_cases
from dashboard.panels import follow_ups as panels
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = follow_ups.headline(view)
    panel.lead(panels.lead(view))
    if follow_ups.is_empty(view):
        panels.way_on()
        return
    kpi.row([(KPIS[key], reading) for key, reading in readings.items()])
    panels.due(view)
    left, right = st.columns([3, 2])
    with left:
        panels.ageing(view)
    with right:
        panels.reactivation(view)
    closed_cases.closed(view)
