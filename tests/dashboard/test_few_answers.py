"""Sparse and missing answers: a lone answer draws no line, and what is missing is told rightly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from dashboard import data, i18n
from dashboard.answers import voice
from dashboard.panels import voice_words
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR
from metrics.selection import Selection
from tests.conftest import Installation

Open = Callable[[Installation], None]


def _view(period: str = "year") -> View:
    return View(data.current_version(), LOCAL_ADMINISTRATOR, period, "previous", Selection())


def test_months_of_a_lone_answer_are_counted_and_not_drawn(real: Installation, opened: Open):
    opened(real)
    frame = voice.over_time(_view(), "nps", "month")
    drawn = voice.drawn(frame, "nps")
    # of the airport survey's year to May 2018 all answers but two were given in its last month
    assert frame.filter(pl.col("responses") > 0)["responses"].to_list() == [1, 1, 2650]
    assert drawn.drop_nulls("nps")["bucket"].to_list() == [date(2018, 5, 1)]
    assert drawn["nps_low"].null_count() == drawn["nps_high"].null_count() == drawn.height - 1
    assert drawn["responses"].equals(frame["responses"])


def test_a_card_draws_no_month_of_a_lone_answer(real: Installation, opened: Open):
    opened(real)
    trend = voice.headline(_view("all"))["nps"].trend
    assert [round(value) for value in trend if value is not None] == [40, 31]


def test_that_points_are_left_out_is_told_only_where_some_are():
    i18n.speak("en")
    assert voice_words.left_out(pl.Series([0, 5, 900])) == ""
    assert "fewer than 5" in voice_words.left_out(pl.Series([0, 4, 900]))


def test_without_any_answer_the_response_rate_blames_no_invitations(
    empty: Installation, opened: Open
):
    opened(empty)
    readings = voice.headline(_view())
    assert {reading.missing for reading in readings.values()} == {"no_answers"}
