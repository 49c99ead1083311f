"""Which customers are worth how much, who moved, and how much hangs on how few?"""

from __future__ import annotations

import streamlit as st

from dashboard import kpi, panel
from dashboard.answers import tier_records, tiers_headline
from dashboard.panels import (
    measures,
    tier_compare,
    tier_concentration,
    tier_grid,
    tier_movement,
    tier_needs,
    tier_rule,
    tier_value,
)
from dashboard.panels import tiers as panels
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = tiers_headline.headline(view)
    panel.lead(panels.lead(view, readings))
    kpi.row([(KPIS[key], reading) for key, reading in readings.items()])
    tier_rule.rule(view)
    if not panels.any_customer(readings):
        return
    left, right = st.columns([3, 2])
    with left:
        panels.mix(view)
    with right:
        tier_concentration.concentration(view)
    tier_value.by_tier(view)
    left, right = st.columns([3, 2])
    with left:
        tier_movement.sankey(view)
    with right:
        tier_movement.matrix(view)
    tier_compare.by_tier(view)
    tier_grid.grid(view)
    left, right = st.columns(2)
    with left:
        tier_compare.side_by_side(view)
    with right:
        tier_compare.records(view)
    tier_movement.customers(view)
    tier_needs.customers(view)
    measures.every({**readings, **tier_records.readings(view)})
