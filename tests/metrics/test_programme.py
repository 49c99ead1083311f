"""Months, horizons and pace of a programme, by hand."""

from __future__ import annotations

from datetime import date

import pytest

from metrics.catalog import KPIS, Better, Kpi, Target, Unit
from metrics.programme import Pace, Way, due, horizon, pace, programme_month

START = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 4, 30), 0),
        (date(2026, 5, 1), 1),
        (date(2026, 5, 31), 1),
        (date(2026, 10, 31), 6),
        (date(2027, 4, 30), 12),
        (date(2027, 5, 1), 13),
    ],
)
def test_the_month_of_the_programme(day, month):
    assert programme_month(START, day) == month


def test_a_programme_may_begin_within_a_month():
    start = date(2026, 1, 31)
    assert programme_month(start, date(2026, 2, 27)) == 1
    assert programme_month(start, date(2026, 2, 28)) == 2  # the last day stands for the 31st


def target(first: int | None, last: int | None) -> Target:
    return Target(0.9, "base", "at_least", "S0", months_from=first, months_to=last)


def test_horizons_go_by_the_last_month():
    terms = [horizon(target(first, last)) for first, last in ((1, 3), (3, 6), (6, 12), (0, 12))]
    assert terms == ["short", "mid", "long", "long"]
    assert horizon(target(None, None)) == ""
    assert horizon(target(1, 24)) == ""


def test_a_target_is_due_at_the_end_of_its_last_month():
    assert due(START, target(1, 3)) == date(2026, 7, 31)
    assert due(START, target(6, 12)) == date(2027, 4, 30)
    assert due(START, target(None, None)) is None
    assert due(None, target(1, 3)) is None


def test_every_month_that_a_plan_names_has_its_horizon():
    named = [each for entry in KPIS.values() for each in entry.targets if each.months_to]
    assert named
    assert all(horizon(each) for each in named)


def test_by_hand_the_pace_from_a_baseline():
    """Half of 100 days gone: from 60 to 80 a straight line is at 70; 66 lacks 14 in 50 days."""
    way = Way(date(2026, 1, 1), date(2026, 2, 19), date(2026, 4, 10))
    told = pace(way, value=66, baseline=60, level=80, met=False)
    assert told.by_now == pytest.approx(70)
    assert told.per_month == pytest.approx(14 / (50 / 30.4375))
    assert told.kept is False
    assert pace(way, value=72, baseline=60, level=80, met=False).kept is True


def test_less_may_be_better():
    way = Way(date(2026, 1, 1), date(2026, 2, 19), date(2026, 4, 10))
    told = pace(way, value=33, baseline=40, level=20, met=False)
    assert told.by_now == pytest.approx(30)
    assert told.per_month == pytest.approx(-13 / (50 / 30.4375))
    assert told.kept is False


def test_without_a_baseline_nothing_is_said_of_the_way():
    way = Way(START, date(2026, 10, 31), date(2027, 4, 30))
    told = pace(way, value=0.8, baseline=None, level=0.9, met=False)
    assert (told.by_now, told.kept) == (None, None)
    assert told.per_month == pytest.approx(0.1 / (181 / 30.4375))


def test_a_target_that_is_met_or_whose_end_has_come_needs_no_pace():
    way = Way(START, date(2026, 10, 31), date(2027, 4, 30))
    met = pace(way, value=0.95, baseline=0.8, level=0.9, met=True)
    assert (met.per_month, met.kept, met.over) == (None, None, False)
    ended = Way(START, date(2026, 10, 31), date(2026, 10, 31))
    assert pace(ended, value=0.8, baseline=0.7, level=0.9, met=False) == Pace(over=True)
    assert pace(None, value=0.8, baseline=0.7, level=0.9, met=False) == Pace()


def test_a_change_in_points_is_added_and_one_in_shares_multiplied():
    points = Target(0.05, "base", "at_least", "S0", basis="points")
    assert points.level(0.8) == pytest.approx(0.85)
    assert points.level(None) is None
    share = Target(0.05, "base", "at_least", "S0", basis="relative")
    assert share.level(0.8) == pytest.approx(0.84)
    capped = Target(0.4, "base", "at_least", "S0", basis="relative", cap=1.0)
    assert capped.level(0.8) == 1


def test_no_baseline_is_never_a_pass():
    entry = Kpi("x", "scorecard", Unit.SHARE, Better.UP, (), ("S0",))
    for basis in ("points", "relative"):
        asked = Target(-0.9, "base", "at_least", "S0", basis=basis)
        assert entry.judge_by(asked, 1.0, None) == "neutral"
        assert entry.judge_by(asked, 1.0, 1.0) == "good"


def test_a_share_of_more_than_everybody_is_out_of_reach():
    """S2's retention: 35 % above any baseline of more than 74.1 %."""
    entry = KPIS["annual_retention"]
    stretch = next(each for each in entry.targets if each.source == "S2")
    assert entry.out_of_reach(stretch, 0.742)
    assert not entry.out_of_reach(stretch, 0.740)
    assert not entry.out_of_reach(stretch, None)
    assert entry.judge_by(stretch, 0.95, 0.742) == "bad"
