"""How costs grow with the company: draws `docs/growth.png` from `growth.json`.

    python -m benchmarks.growth

The figures are those of the README, copied by hand after a run of the benchmarks.
"""

from __future__ import annotations

import json
from pathlib import Path

import plotly.graph_objects as go
from playwright.sync_api import sync_playwright

from dashboard.palette import LIGHT, layout
from dashboard.settings import ROOT
from scripts.provide_browser import FLAGS, chromium

MEASURED = Path(__file__).with_name("growth.json")
PICTURE = ROOT / "docs" / "growth.png"
WIDTH, HEIGHT = 900, 480


def draw() -> go.Figure:
    """Seconds by customers, both logarithmic: what grows like the customers is as steep as ····."""
    measured = json.loads(MEASURED.read_text("utf-8"))
    customers, seconds = measured["customers"], measured["seconds"]
    axis = {"type": "log", "dtick": 1, "showgrid": True, "gridcolor": LIGHT.grid}
    figure = go.Figure(
        layout=layout(
            LIGHT,
            height=HEIGHT,
            width=WIDTH,
            xaxis={**axis, "title": {"text": "customers"}, "tickvals": customers},
            yaxis={**axis, "title": {"text": "seconds"}},
            margin={"r": 170, "t": 24},
            paper_bgcolor=LIGHT.background,
        )
    )
    first = next(iter(seconds.values()))[0] / 3
    proportional = [first * each / customers[0] for each in customers]
    for name, values, dash in [
        ("in proportion", proportional, "dot"),
        *((name, values, "solid") for name, values in seconds.items()),
    ]:
        figure.add_scatter(
            x=customers,
            y=values,
            mode="lines+markers+text",
            text=["", "", f"  {name}"],
            textposition="middle right",
            cliponaxis=False,
            line={"dash": dash, "color": LIGHT.muted if dash == "dot" else LIGHT.accent},
        )
    return figure


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
