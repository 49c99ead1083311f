"""Flow between two states: bands as thick as their flows, texts that plotly does not hide."""

import pytest

from dashboard.charts import flow
from dashboard.charts.axes import apart, text_width
from dashboard.charts.flow import Flow, Node
from dashboard.palette import LIGHT


def drawn(*flows, left=(60, 40), right=(70, 30)):
    return flow.bands(
        [Node(size, f"left {size}") for size in left],
        [Node(size, f"right {size}") for size in right],
        flows,
        LIGHT,
        height=400,
    )


def thickness(band):
    """Distance of the outline's two sides at its left and right end."""
    half = len(band.y) // 2
    return band.y[-1] - band.y[0], band.y[half] - band.y[half - 1]


def test_a_band_is_as_thick_at_both_ends_as_its_flow():
    figure = drawn(Flow(0, 0, 55, "stayed"), Flow(0, 1, 5, "fell"), Flow(1, 0, 15, "rose"))
    assert {thickness(band) for band in figure.data} == {(55, 55), (5, 5), (15, 15)}


def test_bands_leave_and_reach_a_node_side_by_side_without_overlap():
    figure = drawn(
        Flow(0, 0, 55, "a"), Flow(0, 1, 5, "b"), Flow(1, 0, 15, "c"), Flow(1, 1, 25, "d")
    )
    by_text = {band.text: band for band in figure.data}
    assert by_text["a"].y[-1] == by_text["b"].y[0] == 55  # b begins where a ends, on the left
    half = len(by_text["a"].y) // 2
    # On the right c lies below a: 0 to 55, then 55 to 70.
    assert by_text["c"].y[half - 1] == 55
    assert by_text["c"].y[half] == 70


def test_a_flow_of_nobody_is_not_drawn_and_a_tiny_one_stays_visible():
    figure = drawn(Flow(0, 0, 0, "none"), Flow(0, 1, 0.001, "tiny"))
    (band,) = figure.data
    assert band.text == "tiny"
    assert thickness(band)[0] > 0.3  # 1.5 pixels of 400 for about 107


def test_judged_bands_lie_above_the_others_and_thick_ones_carry_their_mark():
    figure = drawn(
        Flow(0, 1, 40, "fell", "▼ 40", "bad"),
        Flow(0, 0, 20, "stayed"),
        Flow(1, 1, 1, "thin", "▲ 1", "good"),
    )
    assert figure.data[0].text == "stayed"
    said = [note.text for note in figure.layout.annotations]
    assert "▼ 40" in said
    assert "▲ 1" not in said


def test_markup_in_a_name_is_shown_not_obeyed():
    figure = flow.bands([Node(1, "<b>x</b>")], [Node(1, "y")], [Flow(0, 0, 1, "<i>")], LIGHT)
    assert figure.layout.annotations[0].text == "&lt;b&gt;x&lt;/b&gt;"
    assert figure.data[0].text == "&lt;i&gt;"


def test_nothing_at_all_is_an_empty_figure():
    assert not flow.bands([], [], [], LIGHT).data


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ([10.0, 50.0], [10.0, 50.0]),  # far enough
        ([10.0, 12.0], [6.0, 16.0]),  # spread around 11
        ([10.0, 12.0, 15.0], [2 + 1 / 3, 12 + 1 / 3, 22 + 1 / 3]),  # all three touch
        ([1.0, 2.0], [0.0, 10.0]),  # not below the axis
        ([], []),
    ],
)
def test_labels_move_apart_as_little_as_needed(positions, expected):
    assert apart(positions, 10.0) == pytest.approx(expected)


def test_the_widest_line_decides_and_chinese_is_wider():
    assert text_width(["ab", "abc\nd"]) == 21
    assert text_width(["高价值"]) == 39
    assert text_width([]) == 0
