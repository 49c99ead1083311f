"""Did the campaigns reach what was planned, and what must be changed now?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import campaigns_headline
from dashboard.panels import campaign, campaign_course, measures
from dashboard.panels import campaigns as panels
from dashboard.panels import campaigns_results as results
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    readings = campaigns_headline.headline(view)
    panel.lead(panels.lead(view, readings))
    kpi.row(panels.cards(readings))
    if not panels.any_campaign(view):
        measures.every(readings)
        return
    panels.act_now(view)
    panels.every(view)
    chosen = campaign.choose(view)
    left, right = st.columns([2, 3])
    with left:
        campaign_course.tasks(view, chosen)
    with right:
        campaign.evaluation(view, chosen)
    left, right = st.columns(2)
    with left:
        campaign_course.course(view, chosen)
    with right:
        campaign.groups(view, chosen)
    left, right = st.columns(2)
    with left:
        results.lift(view)
    with right:
        results.violations(view)
    measures.every(readings)
