"""Net promoter score: bands, blanks, nulls, slices, and the same question in SQL."""

import sqlite3
from datetime import date, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import nps
from metrics.measure import measure


def scores(*values, segment="a"):
    frame = pl.DataFrame({"nps": values}, schema={"nps": pl.Int16})
    return frame.with_columns(segment=pl.lit(segment)).lazy()


def card(facts):
    return measure(facts, **nps.NPS.over_rows()).collect().row(0, named=True)


def test_bands_are_0_to_6_then_7_and_8_then_9_and_10():
    found = scores(*range(11)).select(group=nps.group(pl.col("nps"))).collect()
    expected = ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2
    assert found["group"].to_list() == expected
    assert card(scores(*range(11)))["nps"] == pytest.approx(100 * (2 - 7) / 11)


def test_a_blank_coded_11_is_not_a_promoter():
    found = card(scores(10, 0, 11, 99, -1))
    assert (found["promoters"], found["detractors"], found["responses"]) == (1, 1, 2)
    assert found["nps"] == 0


def test_unanswered_counts_on_neither_side():
    assert card(scores(9, 9, 6, None, None))["nps"] == pytest.approx(100 / 3)


def test_nobody_answered_is_null_and_not_zero():
    found = card(scores(None, None))
    assert found["responses"] == 0
    assert found["nps"] is found["nps_low"] is found["nps_high"] is None
    assert card(scores())["nps"] is None


def test_more_detractors_than_promoters_is_negative():
    assert card(scores(0, 1, 2, 10))["nps"] == -50  # unsigned counts would wrap around


def test_the_whole_is_not_the_average_of_its_parts():
    facts = pl.concat([scores(*[10] * 9, 0, segment="big"), scores(0, segment="small")])
    parts = measure(facts, "segment", **nps.NPS.over_rows()).collect()
    assert parts["nps"].to_list() == [80, -100]
    assert card(facts)["nps"] == pytest.approx(100 * (9 - 2) / 11)  # not (80 - 100) / 2


def test_answers_without_a_customer_are_a_group_of_their_own():
    facts = pl.concat([scores(10, segment="a"), scores(0, 0, segment=None)])
    found = measure(facts, "segment", **nps.NPS.over_rows()).collect()
    assert found.select("segment", "responses", "nps").rows() == [("a", 1, 100), (None, 2, -100)]


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 11)), max_size=60))
def test_one_more_promoter_never_lowers_the_score(values):
    before, after = card(scores(*values)), card(scores(*values, 10))
    assert -100 <= after["nps"] <= 100
    assert before["nps"] is None or after["nps"] >= before["nps"]
    assert after["nps_low"] <= after["nps"] <= after["nps_high"]


def test_the_same_question_in_sql_has_the_same_answer():
    random = Random(7)
    rows = [
        (
            random.choice(["gold", "basic", None]),
            date(2024, 1, 1) + timedelta(days=random.randrange(120)),
            random.choice([None, *range(11)]),
        )
        for _ in range(500)
    ]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE answers (tier TEXT, answered_on TEXT, nps INTEGER)")
    database.executemany(
        "INSERT INTO answers VALUES (?, ?, ?)", [(t, d.isoformat(), n) for t, d, n in rows]
    )
    expected = database.execute(
        """
        SELECT tier, CAST(strftime('%m', answered_on) AS INTEGER) AS month,
               SUM(nps >= 9), SUM(nps <= 6), COUNT(nps),
               100.0 * (SUM(nps >= 9) - SUM(nps <= 6)) / COUNT(nps)
        FROM answers GROUP BY 1, 2 ORDER BY tier IS NULL, 1, 2
        """
    ).fetchall()
    database.close()
    facts = pl.LazyFrame(rows, schema=["tier", "answered_on", "nps"], orient="row")
    found = (
        measure(
            facts.with_columns(month=pl.col("answered_on").dt.month()),
            "tier",
            "month",
            **nps.NPS.over_rows(),
        )
        .select("tier", "month", "promoters", "detractors", "responses", "nps")
        .collect()
    )
    assert found.height == len(expected) == 12
    for ours, theirs in zip(found.rows(), expected, strict=True):
        assert ours[:5] == theirs[:5]
        assert ours[5] == pytest.approx(theirs[5])


def test_the_distribution_has_all_eleven_scores_in_every_group():
    facts = pl.concat([scores(10, 10, 3, 11, None, segment="a"), scores(None, segment=None)])
    found = nps.score_distribution(facts, "segment").collect()
    assert found.height == 22
    assert found.columns == ["segment", "score", "responses", "share"]
    of_a = found.filter(segment="a")
    assert of_a["score"].to_list() == list(range(11))
    assert of_a["responses"].to_list() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2]
    assert of_a["share"][10] == pytest.approx(2 / 3)
    assert found.filter(pl.col("segment").is_null())["share"].null_count() == 11
    assert nps.score_distribution(scores()).collect()["responses"].sum() == 0
