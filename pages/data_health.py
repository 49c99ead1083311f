"""Can the figures be trusted: what do we know of customers, and what was read or turned away?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import data_health_headline
from dashboard.panels import data_health as panels
from dashboard.panels import data_trust as trust
from dashboard.panels import file_quality as files
from dashboard.panels import measures, taken
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = data_health_headline.headline(view)
    panel.lead(panels.lead(view, readings))
    kpi.row([(KPIS[key], readings[key]) for key in data_health_headline.CARDS])
    left, right = st.columns([3, 2])
    with left:
        files.completeness(view)
    with right:
        files.to_mend(view)
        trust.accounts(view)
    left, right = st.columns([3, 2])
    with left:
        trust.accuracy(view)
    with right:
        files.duplicates(view)
    trust.governance(view)
    panels.tables(view)
    panels.missing(view)
    panels.door(view)
    panels.source(view)
    taken.files(view)
    measures.every(readings)
