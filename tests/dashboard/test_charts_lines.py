"""Lines over periods: names of targets and values do not lie on each other."""

from __future__ import annotations

from typing import Any

from dashboard.charts import lines
from dashboard.charts.axes import Reference
from dashboard.palette import LIGHT

TARGETS = (Reference(60.0, "Stretch 60", dashed=True), Reference(50.0, "Target 50"))


def _notes(values: list[float | None]) -> dict[str, Any]:
    texts = ["" if value is None else f"{value:.0f}" for value in values]
    series = lines.Trend([f"m{index}" for index in range(len(values))], values, texts)
    figure = lines.trend(series, LIGHT, references=TARGETS)
    return {note.text: note for note in figure.layout.annotations}


def test_targets_are_named_beside_the_plot_apart_from_each_other():
    notes = _notes([-80.0, 100.0, 31.0])
    target, stretch = notes["Target 50"], notes["Stretch 60"]
    assert (target.xref, target.x, target.xanchor) == ("paper", 1, "left")
    assert stretch.y - target.y > 10.0  # 10 units are too little for two lines of text here


def test_the_last_value_stands_on_the_side_the_line_does_not_come_from():
    assert _notes([40.0, 45.0])["<b>45</b>"].yshift > 0
    assert _notes([45.0, None, 40.0])["<b>40</b>"].yshift < 0
    assert _notes([40.0])["<b>40</b>"].yshift < 0


def test_the_interval_of_a_period_between_gaps_is_seen():
    series = lines.Trend(["a", "b"], [None, 31.0], ["", "31"], low=[None, 29.0], high=[None, 33.0])
    band = lines.trend(series, LIGHT).data[0]
    assert (list(band.y), band.line.width > 0) == ([33.0, 29.0], True)


def test_only_a_value_that_a_target_would_strike_out_has_a_ground_of_its_own():
    assert _notes([20.0, 48.0])["<b>48</b>"].bgcolor == LIGHT.background
    assert _notes([20.0, 31.0])["<b>31</b>"].bgcolor is None
