"""How are we doing: which promises are kept, and what to do next?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, navigation, panel
from dashboard.answers import budget_choice, overview, tiers_headline, voice
from dashboard.panels import budget as budget_panels
from dashboard.panels import overview as panels
from dashboard.panels import tiers as tier_panels
from dashboard.panels import voice as voice_panels
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page: one sentence, seven cards, five panels; each opens its page."""
    readings = overview.promises(view)
    panel.lead(panels.lead(readings))
    kpi.row([(KPIS[key], found) for key, found in readings.items()], navigation.pages())
    answered = voice_panels.any_answer(voice.headline(view))
    left, right = st.columns([3, 2]) if answered else (st.container(), st.container())
    if answered:
        with left:
            voice_panels.nps_trend(view, "rolling", height=390)
    if tier_panels.any_customer(tiers_headline.headline(view)):
        with right:
            tier_panels.mix(view)
    budget_id = budget_choice.default(view)
    both = budget_id is not None and panels.any_promise(view)
    left, right = st.columns(2) if both else (st.container(), st.container())
    with left:
        panels.service_promises(view)
    with right:
        if budget_id is not None:
            budget_panels.by_subject(view, budget_id)
    panels.contact_first(view)
