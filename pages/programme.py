"""Are we where the plan says, and which meeting, drill or risk is overdue?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import programme_headline
from dashboard.panels import measures, programme_course, programme_guard
from dashboard.panels import programme as panels
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = programme_headline.headline(view)
    panel.lead(panels.lead(view))
    kpi.row([(KPIS[key], readings[key]) for key in programme_headline.CARDS])
    left, right = st.columns(2)
    with left:
        programme_course.course(view)
    with right:
        panels.overdue(view)
        panels.milestones(view)
    panels.meetings(view)
    programme_guard.risks(view)
    programme_guard.drills(view)
    programme_guard.suppliers(view)
    programme_guard.experiments(view)
    measures.every(readings)
