"""Which targets are met, how fast must the others move, and will we make it?"""

from __future__ import annotations

import streamlit as st

from dashboard import panel
from dashboard.panels import five, outlook
from dashboard.panels import scorecard as panels
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page: what is likely, every target, the plan's five, its evaluation and its loop."""
    panel.lead(panels.lead(view))
    outlook.chances(view)
    panels.table(view)
    five.measures(view)
    left, right = st.columns([3, 2])
    with left:
        panels.dimensions(view)
    with right:
        panels.loop(view)
