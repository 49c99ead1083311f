"""Every engine puts rows in the same order, whether at once or a stretch of days at a time."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from data_access.engine import open_engine
from data_access.engine.in_process import PolarsEngine

BY = ("answered_on", "invited_on", "id")


def some_rows(number: int) -> pl.DataFrame:
    pick = random.Random(3)
    days = [None, *(date(2024, 1, 30) + timedelta(days=3 * each) for each in range(20))]
    rows = [
        (f"{key:04d}", pick.choice(days) if pick.random() < 0.7 else None, pick.choice(days))
        for key in pick.sample(range(number), number)
    ]
    types = {"id": pl.String, "answered_on": pl.Date, "invited_on": pl.Date}
    return pl.DataFrame(rows, schema=types, orient="row")


@pytest.mark.parametrize("together", [1, 7, 100, 10_000])
@pytest.mark.parametrize("number", [0, 1, 500])
def test_a_stretch_at_a_time_gives_what_sorting_all_gives(tmp_path, together: int, number: int):
    rows = some_rows(number)
    found = PolarsEngine(tmp_path, together=together).in_order(rows.lazy(), BY)
    assert_frame_equal(found.collect(engine="streaming"), rows.sort(BY))


def test_duckdb_sorts_as_polars_does(tmp_path):
    rows = some_rows(500)
    with open_engine("duckdb", tmp_path) as engine:
        assert_frame_equal(engine.in_order(engine.lend(rows), BY).collect(), rows.sort(BY))
