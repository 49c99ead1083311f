"""Forest plot."""

from __future__ import annotations

from itertools import pairwise
from math import log2

import pytest

from dashboard.charts.forest import Effect, forest
from dashboard.palette import LIGHT


def test_effects_lie_on_a_scale_of_ratios_first_on_top():
    rows = [
        Effect("a", 1.0, 0.5, 2.0, "+100%", "bad"),
        Effect("b", -0.5, -0.6, -0.4, "−50%", "good"),
    ]
    figure = forest(rows, LIGHT, none="no difference")
    assert list(figure.data[0].x) == pytest.approx([1.0, -1.0])  # twice and half, equally far
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.layout.shapes[1].x0 == pytest.approx(log2(1.5))


def test_one_effect_is_not_clipped_and_none_is_no_error():
    one = forest([Effect("a", 0.1, 0.0, 0.2, "+10%", "bad")], LIGHT, none="0")
    assert one.layout.height >= 160
    assert forest([], LIGHT, none="0").layout.height >= 160


def test_ticks_have_room_on_a_phone_and_no_difference_is_one_of_them():
    figure = forest([Effect("a", 0.5, -0.6, 1.0, "+50%", "bad")], LIGHT, none="0")
    axis = figure.layout.xaxis
    ticks = list(axis.tickvals)
    assert 0.0 in ticks
    assert len(ticks) >= 4
    widest = log2(2.0) - log2(0.4)
    apart = [later - earlier for earlier, later in pairwise(ticks)]
    assert min(apart) > widest / 8
