"""Are customers thanked, asked and cared for when it was promised, and what is open now?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import care
from dashboard.panels import care as panels
from dashboard.panels import care_rows, cross_sell, measures
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = care.cards(view)
    panel.lead(panels.lead(view, readings))
    kpi.row([(KPIS[key], reading) for key, reading in readings.items()])
    if care.recorded(view):
        left, right = st.columns([3, 2])
        with left:
            panels.by_touch(view)
        with right:
            panels.by_owner(view)
        panels.trend(view, panels.choose_touch(view))
        care_rows.touch_list(view)
        panels.elsewhere()
    cross_sell.pairs(view)
    measures.every(care.every(view))
