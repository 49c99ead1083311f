"""Plan against actual in IBCS notation, signed bars, and the part of a whole: what is drawn."""

import pytest

from dashboard.charts.axes import row_name, text_width
from dashboard.charts.bars import Bar, horizontal
from dashboard.charts.parts import Whole, parts
from dashboard.charts.signed import SignedBar, signed
from dashboard.charts.variance import Slot, plan_and_actual, steps
from dashboard.palette import LIGHT


def slot(name, phase="complete", *, planned=100, actual=0, forecast=0, deviation=None, text=""):
    judgement = "neutral" if not deviation else "bad" if deviation > 0 else "good"
    told = f"<{name}>"
    return Slot(name, planned, actual, forecast, phase, deviation, text, judgement, told)


YEAR = [
    slot("Jan", actual=120, forecast=120, deviation=0.2, text="+20%"),
    slot("Feb", actual=90, forecast=90, deviation=-0.1, text="−10%"),
    slot("Mar", "running", actual=40, forecast=100),
    slot("Apr", "ahead", forecast=100),
]


def drawn(slots=YEAR):
    axis = [(amount, f"¥{amount:.0f}") for amount in steps(slots)]
    figure = plan_and_actual(slots, LIGHT, axis=axis)
    return figure, dict(zip(("plan", "forecast", "actual", "deviation"), figure.data, strict=True))


def test_plan_is_outlined_actual_solid_and_forecast_hatched():
    _, traces = drawn()
    assert traces["plan"].marker.color == "rgba(0,0,0,0)"
    assert traces["plan"].marker.line.width > 0
    assert traces["forecast"].marker.pattern.shape == "/"
    assert traces["actual"].marker.color[0] == LIGHT.accent


def test_complete_periods_have_no_forecast_and_periods_ahead_no_actual():
    _, traces = drawn()
    assert list(traces["forecast"].x) == [2, 3]
    assert list(traces["actual"].x) == [0, 1, 2]


def test_the_running_period_is_lighter():
    _, traces = drawn()
    assert traces["actual"].marker.color[2] == LIGHT.steps[1] != LIGHT.accent


def test_only_variances_are_red_or_green_and_each_has_its_text():
    figure, traces = drawn()
    assert list(traces["deviation"].marker.color) == [LIGHT.bad, LIGHT.good]
    assert [note.text for note in figure.layout.annotations] == ["+20%", "−10%"]


def test_of_many_periods_only_the_extremes_and_the_last_are_labelled():
    shares = [0.01] * 12 + [0.3, -0.4, 0.02]
    many = [slot(str(n), actual=1, deviation=s, text=f"{s:+.0%}") for n, s in enumerate(shares)]
    figure, _ = drawn(many)
    assert {note.text for note in figure.layout.annotations} == {"+30%", "-40%", "+2%"}


def test_axis_steps_are_round_and_reach_up_to_the_highest_bar():
    figure, _ = drawn()
    assert list(figure.layout.yaxis.tickvals) == [0, 50, 100]
    assert list(figure.layout.yaxis.ticktext) == ["¥0", "¥50", "¥100"]


def test_nothing_planned_or_spent_draws_an_empty_axis():
    figure, _ = drawn([slot("Jan", planned=0)])
    assert list(figure.layout.yaxis.tickvals) == [0]


def test_markup_in_words_is_shown_not_obeyed():
    _, traces = drawn()
    assert traces["plan"].customdata[0] == "&lt;Jan&gt;"


def test_signed_bars_leave_room_for_texts_on_the_sides_that_have_bars():
    figure = signed([SignedBar("a", 10.0, "+10", "bad"), SignedBar("b", None, "–")], LIGHT)
    low, high = figure.layout.xaxis.range
    assert high > 10
    assert -1 < low < 0
    assert list(figure.data[0].x) == [10.0, 0.0]
    assert list(figure.data[0].marker.color) == [LIGHT.bad, LIGHT.neutral]


def test_the_part_and_the_rest_add_up_to_the_whole():
    figure = parts([Whole("old", 10, 4, "10 · 4"), Whole("new", 3, 0, "3")], LIGHT)
    part, rest = figure.data
    assert list(part.x) == [4, 0]
    assert list(rest.x) == [6, 3]
    assert part.marker.color == LIGHT.bad


LONG = "Spending in Goods and services (employment contracts) in education"
LONG_HAN = "教育系统基本服务与聘用合同类商品和服务支出的年度预算与决算合计"


@pytest.mark.parametrize(
    ("text", "drawn_as"),
    [
        ("Labour", "Labour"),
        ("Education: goods and services", "Education: goods and<br>services"),
        (LONG, "Spending in Goods<br>and services (emplo…"),
        (LONG_HAN, "教育系统基本服务与聘<br>用合同类商品和服务支…"),
        (
            "Pneumonoultramicroscopicsilicovolcano",
            "Pneumonoultramicrosc<br>opicsilicovolcano",
        ),
        ("Major feedback\n48 h", "Major feedback<br>48 h"),
        ("A & B <i>", "A &amp; B &lt;i&gt;"),
        ("", ""),
    ],
)
def test_a_long_name_takes_two_short_lines(text: str, drawn_as: str):
    assert row_name(text) == drawn_as
    assert text_width(row_name(text).split("<br>")) <= 140 + 60 * ("&" in text)


@pytest.mark.parametrize(
    "figure",
    [
        signed([SignedBar(LONG, 1.0, "+1")], LIGHT),
        parts([Whole(LONG, 2, 1, "2")], LIGHT),
        horizontal([Bar(LONG, 1.0, "+1")], LIGHT),
    ],
    ids=["signed", "parts", "bars"],
)
def test_the_whole_name_stands_in_the_hover(figure):
    assert figure.layout.yaxis.ticktext[0].endswith("…")
    assert LONG in figure.data[0].hovertext[0]
