"""The few of an unknown group are told, not listed; none of them is lost."""

from __future__ import annotations

import polars as pl
import pytest

from dashboard import i18n
from dashboard.strays import set_aside


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "en")


def groups(*rows: tuple[str | None, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"tier": pl.String, "n": pl.Int64}, orient="row")


def test_a_few_of_an_unknown_group_are_told_in_words():
    kept, said = set_aside(groups(("high", 3), (None, 4)), ["tier"], "n")
    assert kept.rows() == [("high", 3)]
    assert "4 customers" in said


@pytest.mark.parametrize(
    "frame",
    [groups(("high", 30), (None, 5)), groups(("high", 2)), groups((None, 1)), groups()],
    ids=["five are a finding", "a small group that is known", "nobody else", "nobody"],
)
def test_every_other_row_stays(frame: pl.DataFrame):
    assert set_aside(frame, ["tier"], "n")[0].equals(frame)
    assert set_aside(frame, ["tier"], "n")[1] == ""
