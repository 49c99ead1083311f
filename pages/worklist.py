"""Whom do we follow up this week, and what has changed since the last review?"""

from __future__ import annotations

from dashboard import panel
from dashboard.panels import worklist as panels
from dashboard.panels import worklist_review as review
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    choice = panels.choice(view)
    if choice is None:
        return
    panel.lead(panels.lead(view, choice))
    panels.this_week(view, choice)
    review.changes(view, choice)
    panels.by_owner(view, choice)
