"""Are customers content, would they recommend us, and what do they want us to change?"""

from __future__ import annotations

from dashboard import kpi, panel
from dashboard.answers import voice_headline
from dashboard.panels import measures, voice_sections
from dashboard.panels import voice as panels
from dashboard.view import View
from metrics.catalog import KPIS


def render(view: View) -> None:
    """Draw the page."""
    readings = voice_headline.headline(view)
    panel.lead(panels.lead(readings))
    kpi.row([(KPIS[key], reading) for key, reading in voice_headline.cards(readings).items()])
    if panels.any_answer(readings):
        grain = panels.choose_grain()
        voice_sections.score(view, grain)
        voice_sections.satisfaction(view, grain)
        voice_sections.words(view)
    voice_sections.heard(view, readings)
    measures.every(readings)
