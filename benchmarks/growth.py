"""How costs grow with the company: draws `docs/growth.png` from `figures.json`.

    python -m benchmarks.growth

The figures are those that the last runs of the other benchmarks have written down.
"""

from __future__ import annotations

import plotly.graph_objects as go
from playwright.sync_api import sync_playwright

from benchmarks.figures import recorded
from dashboard.palette import LIGHT, layout
from dashboard.settings import ROOT
from scripts.provide_browser import FLAGS, chromium

PICTURE = ROOT / "docs" / "growth.png"
WIDTH, HEIGHT = 900, 480
SHOWN = ("marts of a refresh", "overview, uncached", "voice, uncached", "overview, cached")


def draw() -> go.Figure:
    """Seconds by customers, both logarithmic: what grows like the customers is as steep as ····."""
    known = recorded()
    sizes = sorted({size for name in SHOWN for size in known[name]})
    axis = {"type": "log", "dtick": 1, "showgrid": True, "gridcolor": LIGHT.grid}
    figure = go.Figure(
        layout=layout(
            LIGHT,
            height=HEIGHT,
            width=WIDTH,
            xaxis={**axis, "title": {"text": "customers"}, "tickvals": sizes},
            yaxis={**axis, "title": {"text": "seconds of processor time"}},
            margin={"r": 170, "t": 24},
            paper_bgcolor=LIGHT.background,
        )
    )
    first = known[SHOWN[0]][sizes[0]] / 3
    _line(figure, "in proportion", {size: first * size / sizes[0] for size in sizes}, LIGHT.muted)
    for name in SHOWN:
        _line(figure, name, known[name], LIGHT.accent)
    return figure


def _line(figure: go.Figure, name: str, seconds: dict[int, float], color: str) -> None:
    figure.add_scatter(
        x=list(seconds),
        y=list(seconds.values()),
        mode="lines+markers+text",
        text=[*[""] * (len(seconds) - 1), f"  {name}"],
        textposition="middle right",
        cliponaxis=False,
        line={"dash": "dot" if color == LIGHT.muted else "solid", "color": color},
    )


def main() -> None:
    """Draw the picture with the browser of the tests."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(draw().to_html(include_plotlyjs=True, config={"displayModeBar": False}))
        page.locator(".main-svg").first.wait_for()
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
