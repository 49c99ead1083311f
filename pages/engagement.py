"""Do we contact customers as often as promised, as it suits them, and what comes of it?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import contact_headline
from dashboard.panels import contact as panels
from dashboard.panels import contact_cadence as cadence
from dashboard.panels import contact_channels as channels
from dashboard.panels import contact_trials as trials
from dashboard.panels import measures
from dashboard.panels.contact_staying import staying
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    readings = contact_headline.headline(view)
    panel.lead(panels.lead(readings))
    kpi.row(panels.cards(readings))
    if contact_headline.nothing(view):
        measures.every(readings)
        return
    panels.widened(view)
    left, right = st.columns(2)
    with left:
        cadence.by_rule(view)
    with right:
        cadence.by_group(view)
    cadence.customers(view)
    left, right = st.columns([3, 2])
    with left:
        panels.fit(view, readings)
    with right:
        panels.funnel_of_messages(view)
    channels.matrix(view)
    channels.touchpoints(view)
    left, right = st.columns(2)
    with left:
        channels.hours(view)
    with right:
        staying(view)
    panels.conversation(view, readings)
    trials.tried(view)
    measures.every(readings)
