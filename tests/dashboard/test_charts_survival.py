"""Kaplan–Meier curves and one customer's outlook as figures."""

from __future__ import annotations

from dataclasses import replace

from dashboard.charts.outlook import Outlook, draw
from dashboard.charts.survival import Curve, Ticks, kaplan_meier
from dashboard.palette import LIGHT

TICKS = Ticks(days=[0, 365], labels=["0", "12"], at_risk="At risk")


def curve(name: str, last: float | None, emphasis: str = "first") -> Curve:
    return Curve(
        name=name,
        days=[0, 7, 14],
        values=[1.0, 0.9, last],
        low=[None, 0.8, None],
        high=[None, 0.95, None],
        texts=["a", "b", "c"],
        at_risk=["100", "80"],
        emphasis=emphasis,
    )


def texts(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_curves_are_steps_and_named_at_their_end():
    figure = kaplan_meier([curve("A", 0.8)], LIGHT, ticks=TICKS)
    assert figure.data[-1].line.shape == "hv"
    assert "<b>A</b> 80%" in texts(figure)


def test_numbers_at_risk_stand_under_every_tick():
    figure = kaplan_meier([curve("A", 0.8), curve("B", 0.7)], LIGHT, ticks=TICKS)
    assert texts(figure).count("100") == 2
    assert texts(figure).count("80") == 2


def test_a_quiet_curve_has_no_band():
    loud = kaplan_meier([curve("A", 0.8)], LIGHT, ticks=TICKS)
    quiet = kaplan_meier([curve("A", 0.8, "rest")], LIGHT, ticks=TICKS)
    assert len(loud.data) == 3  # lower and upper edge of the band, and the curve
    assert len(quiet.data) == 1


def test_a_curve_that_stops_is_named_at_its_last_known_value():
    figure = kaplan_meier([curve("A", None)], LIGHT, ticks=TICKS)
    assert "<b>A</b> 90%" in texts(figure)


def test_names_from_the_data_are_shown_not_obeyed():
    figure = kaplan_meier([curve("<b>x</b>", 0.8)], LIGHT, ticks=TICKS)
    assert "&lt;b&gt;" in " ".join(texts(figure))


def outlook(survival: list[float | None], threshold: tuple[int, str] | None = None) -> Outlook:
    return Outlook(
        days=[0, 30, 60, 90],
        survival=survival,
        silent=[1.0, 0.7, 0.5, 0.4],
        marks=[(30, "100%"), (90, "40%")],
        names=("Customer", "Silent"),
        threshold=threshold,
    )


def test_the_outlook_marks_the_horizons_and_the_threshold():
    figure = draw(outlook([1.0, 1.0, 0.4, 0.4], (45, "Threshold")), LIGHT)
    found = texts(figure)
    assert {"<b>100%</b>", "<b>40%</b>", "Threshold"} <= set(found)


def test_a_churned_customer_has_only_the_line_of_silence():
    figure = draw(outlook([None] * 4), LIGHT)
    assert [trace.name for trace in figure.data] == ["Silent"]


def test_a_customer_under_contract_has_no_line_of_silence():
    figure = draw(replace(outlook([1.0, 0.9, 0.9, 0.8]), silent=[None] * 4), LIGHT)
    assert "Silent" not in texts(figure)
    assert figure.data[0].name == "Customer"


def test_on_a_phone_every_second_tick_is_written_the_last_among_them():
    ticks = Ticks([0, 3, 6, 9, 12], ["0", "3", "6", "9", "12"], "At risk", every=2)
    numbers = ["50", "40", "30", "20", "10"]
    long = replace(curve("三个及以上渠道的客户", 0.8), at_risk=numbers)
    figure = kaplan_meier([long], LIGHT, ticks=ticks)
    assert list(figure.layout.xaxis.tickvals) == [0, 6, 12]
    assert [text for text in texts(figure) if text.isdecimal()] == ["50", "30", "10"]
    slim = kaplan_meier([replace(long, name="B")], LIGHT, ticks=ticks)
    assert figure.layout.margin.r > slim.layout.margin.r  # the name has its room
    assert figure.layout.margin.l > slim.layout.margin.l
