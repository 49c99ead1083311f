"""Where do customers stand in their life with us, do they come back, do they stay?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import lifecycle_headline, lifecycle_progress
from dashboard.panels import accounting, cohorts, measures
from dashboard.panels import lifecycle as panels
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = lifecycle_headline.headline(view)
    cards = {**readings, **lifecycle_progress.headline(view)}
    panel.lead(panels.lead(view, readings))
    kpi.row([(KPIS[key], reading) for key, reading in cards.items()])
    if not panels.any_customer(view):
        return
    left, right = st.columns(2)
    with left:
        panels.stages(view)
    with right:
        panels.funnel(view)
    accounting.accounts(view)
    left, right = st.columns([3, 2])
    with left:
        cohorts.annual_retention(view)
    with right:
        panels.waits(view)
    cohorts.heat_map(view)
    panels.customers(view)
    measures.every(lifecycle_progress.every(view))
