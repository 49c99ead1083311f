"""Feedback by two of source, type and grade, and ratings around a slump: figures and their rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import polars as pl
import pytest

from dashboard.answers import feedback, voice_aspect_rows, voice_ratings
from dashboard.view import View
from metrics.voice.feedback import rule
from tests.conftest import Installation
from tests.dashboard.test_rows_behind import Expected, assert_counts, chosen

YEAR = "'2025-11-01' and '2026-10-31'"
WANTED = {"source": rule().sources, "kind": rule().kinds, "grade": rule().grades}
VIEWS = [
    ("month", "everybody"),
    ("last_quarter", "tier"),
    ("year", "everybody"),
    ("year", "region"),
]


@pytest.fixture(params=VIEWS, ids=" ".join)
def view(
    request: pytest.FixtureRequest, opened: Callable[[Installation], None], demo: Installation
) -> View:
    opened(demo)
    return chosen(*request.param)


@pytest.mark.parametrize("pair", feedback.PAIRS)
def test_every_cell_row_and_column_holds_its_feedback(pair: str, view: View):
    down, across = feedback.PAIRS[pair]
    frame = feedback.crossed(view, down, across)

    def expected() -> Expected:
        for row in frame.iter_rows(named=True):
            cell = {down: row["down"], across: row["across"]}
            yield f"{cell}", voice_aspect_rows.came(view, **cell), row["feedback"]
        for side, dimension in (("down", down), ("across", across)):
            for value, n in frame.select(side, f"of_{side}").unique().iter_rows():
                yield f"{value}", voice_aspect_rows.came(view, **{dimension: value}), n
        yield "all", voice_aspect_rows.came(view), int(frame["feedback"].sum())

    assert_counts(expected())


@pytest.mark.parametrize("pair", feedback.PAIRS)
def test_what_the_plans_want_stands_first_and_every_pair_once(pair: str, view: View):
    down, across = feedback.PAIRS[pair]
    frame = feedback.crossed(view, down, across)
    rows = frame["down"].unique(maintain_order=True).to_list()
    heads = frame["across"].unique(maintain_order=True).to_list()
    assert frame.select("down", "across").rows() == [(row, head) for row in rows for head in heads]
    assert rows[: len(WANTED[down])] == list(WANTED[down])
    assert heads[: len(WANTED[across])] == list(WANTED[across])
    whole = frame.filter(pl.col("of_down") > 0).group_by("down").agg(pl.col("share").sum())
    assert whole["share"].to_list() == pytest.approx([1.0] * whole.height)
    assert (
        frame.filter(pl.col("of_down") == 0)["share"].null_count()
        == frame.filter(pl.col("of_down") == 0).height
    )


@pytest.mark.parametrize("view", [("year", "everybody")], indirect=True, ids=["year"])
def test_cells_are_what_the_crm_says(view: View, demo_crm: sqlite3.Connection):
    asked = demo_crm.execute(
        "select source, grade, count(*) from (select *, max(updated_at) from main.feedback"
        f" group by feedback_id) where date(created_at, '+8 hours') between {YEAR} group by 1, 2"
    ).fetchall()
    frame = feedback.crossed(view, "source", "grade").filter(pl.col("feedback") > 0)
    found = frame.select("down", "across", "feedback").rows()
    assert sorted(found, key=str) == sorted(asked, key=str)
    assert len(found) > 6


def test_ratings_around_a_slump_are_as_many_as_it_says(view: View):
    def expected() -> Expected:
        for row in voice_ratings.recovery(view).iter_rows(named=True):
            window, satisfied = row["window"], row["satisfied"]
            sizes = voice_aspect_rows.counted_around(view, window)
            assert sizes == {"not": row["rated"] - satisfied, "satisfied": satisfied}
            for group, n in sizes.items():
                yield f"{window} {group}", voice_aspect_rows.around(view, window, group), n

    assert_counts(expected())
