"""Is the money spent as planned, and where will it end?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import budget_headline
from dashboard.panels import budget as panels
from dashboard.panels import budget_control as control
from dashboard.panels import budget_funds as funds
from dashboard.panels import budget_pace
from dashboard.panels import budget_rows as rows
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    budget_id = panels.choose(view)
    readings = budget_headline.headline(view, budget_id)
    panel.lead(panels.lead(view, budget_id, readings))
    kpi.row(panels.cards(view, budget_id, readings))
    if budget_id is None or readings["budget_forecast"].value is None:
        funds.start(view)
    elif not budget_headline.compared(view, budget_id):
        panels.over_time(view, budget_id)
    else:
        left, right = st.columns([3, 2])
        with left:
            panels.over_time(view, budget_id)
        with right:
            panels.by_subject(view, budget_id)
        rows.lines(view, budget_id)
        rows.expenses(view, budget_id)
        control.draw(view, budget_id)
        funds.draw(view, budget_id)
    budget_pace.every(view, budget_id)
