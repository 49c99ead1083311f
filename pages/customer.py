"""Who is this customer, what happened between us, and will they stay?"""

from __future__ import annotations

import streamlit as st

from dashboard.panels import customer as panels
from dashboard.panels import customer_file, customer_follow_up, ticket_clock
from dashboard.panels import customer_history as history
from dashboard.panels import customer_risk as risk
from dashboard.panels import customer_value as worth
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    row = panels.choose(view)
    if row is None:
        return
    panels.header(view, row)
    left, right = st.columns([3, 2])
    with left:
        risk.outlook(view, row)
    with right:
        risk.reasons(row)
    customer_follow_up.follow_up(view, row)
    risk.past(view, row)
    left, right = st.columns([3, 2])
    with left:
        history.strip(view, row)
    with right:
        history.spending(view, row)
    worth.value(view, row)
    customer_file.file(view, row)
    ticket_clock.of_customer(view, row)
    history.events(view, row)
