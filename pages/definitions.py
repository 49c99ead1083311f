"""What does each number mean, and where is it asked for?"""

from __future__ import annotations

from dashboard.panels import conflicts, plans
from dashboard.panels import definitions as panels
from dashboard.view import View


def render(view: View) -> None:
    """Draw the page; the same for every view."""
    del view
    text = panels.search()
    panels.catalogue(text)
    plans.asked(text)
    conflicts.listed(text)
