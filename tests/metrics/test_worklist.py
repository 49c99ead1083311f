"""Whom to follow up this week, what it is expected to save, and why the list has changed."""

from __future__ import annotations

import polars as pl
import pytest

from metrics import worklist
from metrics.rules import load

CHANCES = pl.DataFrame({"warning": worklist.KINDS, "chance": [0.4, 0.2, 0.2, 0.1]})
FIGURES = {"customer_id": pl.String, "p90": pl.Float64, "revenue_at_risk": pl.Int64,
           "warning": pl.String}  # fmt: skip
TODAY = {
    **FIGURES,
    "chosen": pl.Boolean,
    "churned": pl.Boolean,
    "bought": pl.Boolean,
    "followed": pl.Boolean,
}


def starts(**groups: tuple[int, int, int, int]) -> pl.DataFrame:
    """Of each level: plans, of them reactivated; as many without a plan, of them reactivated."""
    rows = [
        {
            "warning": None if level == "none" else level,
            "planned": planned,
            "reactivated": n < back,
            "kept": None,
        }
        for level, (plans, back, others, others_back) in groups.items()
        for planned, total, back in ((True, plans, back), (False, others, others_back))
        for n in range(total)
    ]
    schema = dict.fromkeys(("planned", "reactivated", "kept"), pl.Boolean)
    schema |= {"warning": pl.String}
    return pl.DataFrame(rows, schema=schema)


def chances(given: pl.DataFrame) -> dict[str, float]:
    return dict(worklist.saving_chances(given).select("warning", "chance").iter_rows())


def test_what_nobody_has_measured_is_the_assumption():
    found = worklist.saving_chances(starts())
    assert found["warning"].to_list() == ["red", "yellow", "blue", "none"]
    assert found["chance"].to_list() == [load("worklist")["saving"]["assumed"]] * 4
    assert found["plans"].to_list() == found["unhelped"].to_list() == [0, 0, 0, 0]


def test_a_chance_is_what_plans_bring_back_of_those_who_would_not_have_come_by_themselves():
    # with a plan 70 of 100 came back, without 40 of 100: of the 60 who would not have, 30 did
    found = chances(starts(red=(100, 70, 100, 40)))
    of_all = 0.5 * 0.5 + 0.5 * 0.2  # as many seen as the prior weighs
    assert found["red"] == pytest.approx(0.5 * 0.5 + 0.5 * of_all)
    assert found["blue"] == pytest.approx(of_all)


def test_plans_that_seem_to_harm_save_nothing_and_never_take_a_chance_below_nought():
    found = chances(starts(blue=(900, 90, 900, 300)))
    assert found["blue"] == pytest.approx(0.1 * 0.1 * 0.2)


@pytest.mark.parametrize("given", [(50, 30, 0, 0), (0, 0, 50, 20), (40, 40, 40, 40)])
def test_without_both_groups_or_a_customer_to_win_back_the_assumption_stays(given):
    assert chances(starts(red=given))["red"] == pytest.approx(0.2)


def listed(rows: list[tuple], capacity: int) -> list[tuple]:
    schema = {"customer_id": pl.String, "owner_id": pl.String, "revenue_at_risk": pl.Int64,
              "warning": pl.String}  # fmt: skip
    given = pl.LazyFrame(rows, schema=schema, orient="row")
    made = worklist.worklist(worklist.with_saving(given, CHANCES), capacity=capacity)
    return made.select("rank", "customer_id", "expected_saved").collect().rows()


def test_each_owner_gets_what_saves_most_up_to_the_capacity():
    rows = [
        ("c1", "ann", 1000, None),
        ("c2", "ann", 900, "red"),
        ("c3", "ann", 800, "blue"),
        ("c4", "bob", 100, None),
        ("c5", None, 600, "yellow"),
        ("c6", None, 600, "yellow"),
        ("c7", None, 400, "yellow"),
        ("c8", "bob", 0, "red"),
        ("c9", "bob", None, "red"),
    ]
    assert listed(rows, 2) == [
        (1, "c2", 360),
        (2, "c3", 160),
        (3, "c5", 120),
        (4, "c6", 120),
        (5, "c4", 10),
    ]
    assert [row[1] for row in listed(rows, 1)] == ["c2", "c5", "c4"]


def test_the_next_of_every_owner_come_next_however_little_they_save():
    rows = pl.LazyFrame(
        [("a", "big", 90), ("b", "big", 80), ("c", "big", 70), ("d", "big", 60),
         ("e", "small", 9), ("f", "small", 8), ("g", None, 5), ("h", None, 4), ("i", "small", 0)],
        schema={"customer_id": pl.String, "owner_id": pl.String, "expected_saved": pl.Int64},
        orient="row",
    )  # fmt: skip
    first = worklist.worklist(rows, capacity=1)
    assert first.collect()["customer_id"].to_list() == ["a", "e", "g"]
    found = worklist.following(rows, first).collect()["customer_id"].to_list()
    assert found == ["b", "f", "h", "c", "d"]


def test_an_empty_company_has_an_empty_list():
    assert listed([], 10) == []


def test_why_customers_have_come_onto_the_list():
    now = pl.DataFrame(
        [
            ("born", 0.6, 600, None),
            ("given_up", 0.6, 600, None),
            ("unheard_of", 0.6, 600, None),
            ("risen", 0.6, 600, "blue"),
            ("from_nothing", 0.5, 500, None),
            ("richer", 0.5, 1000, "blue"),
            ("warned", 0.5, 500, "red"),
            ("warned_and_risen", 0.9, 900, "red"),
            ("same", 0.5, 520, "blue"),
            ("lower", 0.4, 400, "blue"),
        ],
        schema=FIGURES,
        orient="row",
    ).with_columns(
        fresh=pl.col("customer_id") == "born", closed=pl.col("customer_id") == "given_up"
    )
    then = pl.DataFrame(
        [
            ("given_up", 0.3, 300, "blue"),
            ("risen", 0.3, 300, "blue"),
            ("from_nothing", 0.0, 0, None),
            ("richer", 0.5, 500, "blue"),
            ("warned", 0.45, 450, "blue"),
            ("warned_and_risen", 0.1, 100, "blue"),
            ("same", 0.5, 500, "blue"),
            ("lower", 0.5, 500, "blue"),
        ],
        schema=FIGURES,
        orient="row",
    )
    found = worklist.entered(now, then, CHANCES)
    assert dict(found.select("customer_id", "reason").iter_rows()) == {
        "born": "fresh",
        "given_up": "closed",
        "unheard_of": "p90",
        "risen": "p90",
        "from_nothing": "p90",
        "richer": "value",
        "warned": "warning",
        "warned_and_risen": "p90",
        "same": "others",
        "lower": "others",
    }
    assert found["customer_id"].to_list() == now["customer_id"].to_list()
    assert found.filter(customer_id="risen").select("was_p90", "was_warning").row(0) == (
        0.3,
        "blue",
    )


def test_why_customers_have_left_the_list():
    members = pl.DataFrame(
        [(name, 0.5, 500, "red") for name in
         ("taken_up", "erased", "back", "lost", "ended", "promoted", "calmer", "poorer", "answered",
          "overtaken")],
        schema=FIGURES,
        orient="row",
    )  # fmt: skip
    today = pl.DataFrame(
        [
            ("taken_up", 0.5, 500, "red", True, False, True, True),
            ("back", 0.0, 0, None, True, False, True, False),
            ("lost", None, None, None, False, True, False, False),
            ("ended", None, None, None, True, None, None, False),
            ("promoted", 0.5, 500, "red", False, False, False, False),
            ("calmer", 0.2, 200, "red", True, False, False, False),
            ("poorer", 0.5, 250, "red", True, False, False, False),
            ("answered", 0.5, 500, None, True, False, False, False),
            ("overtaken", 0.52, 520, "red", True, False, False, False),
        ],
        schema=TODAY,
        orient="row",
    )
    found = worklist.left(members, today, CHANCES)
    assert dict(found.select("customer_id", "reason").iter_rows()) == {
        "taken_up": "followed",
        "erased": "gone",
        "back": "bought",
        "lost": "churned",
        "ended": "churned",
        "promoted": "elsewhere",
        "calmer": "p90",
        "poorer": "value",
        "answered": "warning",
        "overtaken": "others",
    }
    assert found["was_p90"].to_list() == [0.5] * 10
    assert found.filter(customer_id="erased")["p90"].item() is None
