"""Are our promises of service kept, and where are they broken?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import service, service_headline
from dashboard.panels import service as panels
from dashboard.panels import service_rows as rows
from dashboard.panels import service_staying, ticket_clock
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    readings = service_headline.headline(view)
    panel.lead(panels.lead(view, readings))
    kpi.row(panels.cards(readings))
    if panels.nothing(view):
        rows.in_force()
        return
    clock, grain = panels.choose(view)
    ours = clock != service.SOURCE
    left, right = st.columns([3, 2])
    with left:
        panels.trend(view, clock, grain)
    with right:
        if ours:
            panels.by_promise(view)
        else:
            panels.by_group(view, clock, "grade")
    left, right = st.columns([3, 2])
    with left:
        panels.by_group(view, clock, "channel")
    with right:
        rows.beside_channels(view, judged=ours)
    rows.source(view, judged=ours)
    rows.broken(view, ours=ours)
    ticket_clock.search(view)
    service_staying.staying(view)
    if not ours or rows.any_open(view):
        rows.in_force(judged=ours)
    rows.every(view, readings)
