"""Moves by month: what is drawn above and below zero, and what stands beside it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dashboard.charts.moves import Move, extent, moves, steps
from dashboard.palette import LIGHT

PARTS = (
    Move("Retained", (100, 120), ("100", "120"), 2, "Retained 120"),
    Move("New", (10, 5), ("10", "5"), 0, "New 5"),
    Move("<Lost>", (-40, -30), ("40", "30"), "bad", "<Lost> 30"),
)


def drawn(*, running=False):
    axis = [(value, f"{value:.0f}") for value in steps(PARTS)]
    return moves(["Jan\n2026", "Feb"], PARTS, LIGHT, axis=axis, running=running)


def test_who_has_left_hangs_below_zero_in_the_colour_of_a_loss():
    figure = drawn()
    assert figure.layout.barmode == "relative"
    assert [list(bar.y) for bar in figure.data] == [[100, 120], [10, 5], [-40, -30]]
    assert figure.data[2].marker.color == LIGHT.bad
    assert [bar.marker.color for bar in figure.data[:2]] == [LIGHT.steps[2], LIGHT.steps[0]]


def test_every_part_is_named_beside_its_middle_and_no_two_names_touch():
    notes = drawn().layout.annotations
    assert [note.text for note in notes] == ["&lt;Lost&gt; 30", "Retained 120", "New 5"]
    places = [note.y for note in notes]
    assert places[0] == pytest.approx(-15)
    assert places[1] == pytest.approx(60)
    assert all(b - a >= 165 * 19 / 320 for a, b in pairwise(places))


def test_the_axis_marks_round_values_on_both_sides_of_zero():
    assert extent(PARTS) == (125, -40)
    assert steps(PARTS) == [0, 50, 100]
    many = [Move("Lost", (-3_600, -900), ("", ""), "bad", "")]
    assert steps(many) == [-3000, -2000, -1000, 0]
    assert steps([Move("None", (0, 0), ("", ""), 0, "")]) == [0.0]


def test_the_running_month_is_lighter():
    assert list(drawn(running=True).data[0].marker.opacity) == [1.0, 0.55]
    assert list(drawn().data[0].marker.opacity) == [1.0, 1.0]
