"""Who takes part in the programme, what does it bring, and who tells others about us?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import loyalty_headline
from dashboard.panels import loyalty as panels
from dashboard.panels import loyalty_comparison as comparison
from dashboard.panels import measures
from dashboard.panels import word_of_mouth as words
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    readings = loyalty_headline.headline(view)
    panel.lead(panels.lead(readings))
    kpi.row(panels.cards(readings))
    if panels.any_member(view):
        left, right = st.columns(2)
        with left:
            panels.share(view)
        with right:
            panels.levels(view)
        left, right = st.columns(2)
        with left:
            comparison.curves(view)
        with right:
            comparison.differences(view)
        if panels.any_points(view):
            left, right = st.columns(2)
            with left:
                panels.owed(view)
            with right:
                panels.redemption(view)
    left, right = st.columns(2)
    with left:
        words.coupons(view)
    with right:
        words.recommendations(view)
    measures.every(readings)
