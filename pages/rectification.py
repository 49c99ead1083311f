"""Are mistakes found, mended in time, and told to the customer?"""

from __future__ import annotations

import streamlit as st

from dashboard import data, kpi, panel
from dashboard.answers import service_quality_headline as headline
from dashboard.panels import measures, rectification_ledger
from dashboard.panels import rectification as panels
from dashboard.panels import service_quality as quality
from dashboard.panels import service_team as team
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    readings = headline.mending(view)
    panel.lead(panels.lead(view, readings))
    kpi.row(quality.cards(readings, headline.MENDING))
    left, right = st.columns(2)
    with left:
        panels.departments(view)
    with right:
        if data.present(view, "tickets"):
            panels.loop(view)
    rectification_ledger.ledger(view)
    left, right = st.columns(2)
    with left:
        if data.present(view, "tickets"):
            panels.pareto(view)
    with right:
        panels.checks(view)
    team.calendar(view)
    measures.every(readings)
