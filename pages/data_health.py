"""Can the figures be trusted: what was read, what was turned away, what is missing?"""

from __future__ import annotations

from dashboard import panel
from dashboard.panels import data_health as panels
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page."""
    panel.lead(panels.lead(view))
    panels.source(view)
    panels.missing(view)
    panels.tables(view)
    panels.door(view)
