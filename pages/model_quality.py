"""Was the churn list right last time, and how often before?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import model_quality, quality_headline
from dashboard.panels import model_quality as panels
from dashboard.panels import model_quality_lists as lists
from dashboard.panels import model_quality_revenue as revenue
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    size = lists.seeded(view)
    panel.lead(panels.lead(view, size))
    if not model_quality.known(view):
        return
    lists.choose(view, size)
    readings = quality_headline.headline(view, size)
    kpi.row([(KPIS[key], reading) for key, reading in readings.items()])
    panels.meaning(view)
    left, right = st.columns([3, 2])
    with left:
        panels.over_time(view)
    with right:
        panels.calibration(view)
    left, right = st.columns(2)
    with left:
        lists.by_length(view, size)
    with right:
        revenue.over_time(view)
    lists.by_order(view, size)
    lists.rules(view)
    revenue.by_group(view)
    panels.halves(view)
