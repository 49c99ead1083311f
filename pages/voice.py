"""Are customers content, and would they recommend us?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import voice
from dashboard.panels import voice as panels
from dashboard.panels.voice_groups import by_group
from dashboard.panels.voice_response import response_trend
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = voice.headline(view)
    panel.lead(panels.lead(readings))
    kpi.row([(KPIS[key], reading) for key, reading in readings.items()])
    if not panels.any_answer(readings):
        return
    grain = panels.choose_grain()
    left, right = st.columns([3, 2])
    with left:
        panels.nps_trend(view, grain)
    with right:
        by_group(view)
    left, middle, right = st.columns(3)
    with left:
        panels.csat_trend(view, grain)
    with middle:
        response_trend(view, grain)
    with right:
        panels.score_distribution(view)
    panels.comments(view)
