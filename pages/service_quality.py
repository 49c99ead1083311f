"""Is our service good: are customers helped at once and for good, and by whom?"""

from __future__ import annotations

import streamlit as st

from dashboard import data, kpi, panel
from dashboard.answers import service_quality_headline as headline
from dashboard.panels import measures
from dashboard.panels import service_quality as panels
from dashboard.panels import service_team as team
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    readings = headline.quality(view)
    panel.lead(panels.lead(readings))
    kpi.row(panels.cards(readings, headline.QUALITY))
    if data.present(view, "tickets"):
        panels.solved(view)
        panels.scenarios(view)
    left, right = st.columns(2)
    with left:
        panels.calls(view)
    with right:
        panels.hand_overs(view)
    if data.present(view, "tickets"):
        team.agents(view)
        left, right = st.columns(2)
        with left:
            team.employers(view)
        with right:
            team.training(view)
    measures.every(readings)
