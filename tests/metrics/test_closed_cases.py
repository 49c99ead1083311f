"""Ended follow-ups, by hand: in the period, priced, and judged by the plan's 90 days."""

from __future__ import annotations

from datetime import date

import polars as pl

from metrics.closed_cases import closed_cases, closed_measures
from metrics.selection import Period

AS_OF = date(2026, 10, 31)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


def found(cases: list[tuple], costs: list[tuple] = (), back: list[tuple] = ()) -> pl.DataFrame:
    day = pl.Date()
    schema = {"case_id": pl.String, "customer_id": pl.String, "state": pl.String,
              "began_on": day, "closed_on": day}  # fmt: skip
    steps = pl.LazyFrame(costs, {"case_id": pl.String, "cost": pl.Int64}, orient="row")
    answers = {"reactivated": pl.Boolean, "kept": pl.Boolean}
    judged = pl.LazyFrame(
        [(*row, None)[:4] for row in back],
        {"customer_id": pl.String, "from_on": day, **answers},
        orient="row",
    )
    rows = pl.LazyFrame(cases, schema, orient="row")
    return closed_cases(rows, steps, judged, period=OCTOBER, as_of=AS_OF).collect()


def test_only_what_was_closed_in_the_period_from_its_first_to_its_last_day():
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1), None]
    rows = [(str(n), "c", "won", None, closed) for n, closed in enumerate(days)]
    assert found(rows)["case_id"].to_list() == ["1", "2"]


def test_the_cost_is_of_all_steps_and_unknown_where_none_was_recorded():
    at = date(2026, 10, 9)
    rows = found(
        [("a", "c1", "won", None, at), ("b", "c2", "lost", None, at), ("c", "c3", "won", None, at)],
        [("a", 250), ("a", None), ("a", 1_000), ("b", None), ("c", 0), ("x", 9)],
    )
    assert rows["cost"].to_list() == [1_250, None, 0]
    assert rows.select(**closed_measures())["cost"].item() == 1_250
    assert rows.filter(case_id="b").select(**closed_measures())["cost"].item() is None


def test_who_came_back_is_judged_by_the_plan_whatever_the_outcome_says():
    at, begun = date(2026, 10, 9), date(2026, 7, 1)
    last = date(2026, 8, 2)  # 90 days before the last day of orders: over
    rows = found(
        [
            ("a", "c1", "lost", begun, at), ("b", "c2", "won", begun, at),
            ("c", "c3", "won", date(2026, 8, 3), at), ("d", "c4", "won", None, at),
            ("e", "gone", "won", begun, at), ("f", "c1", "won", begun, at),
            ("g", "c1", "won", last, at),
        ],
        back=[("c1", begun, True), ("c1", begun, True), ("c2", begun, False), ("c1", last, False)],
    )  # fmt: skip
    assert rows["came_back"].to_list() == ["yes", "no", "running", None, None, "yes", "no"]
    told = rows.select(**closed_measures()).row(0, named=True)
    assert told == {"cost": None, "judged": 4, "came_back": 2}
    assert found([]).select(**closed_measures()).row(0) == (None, 0, 0)


def test_who_was_under_contract_is_asked_whether_they_stayed():
    at, begun = date(2026, 10, 9), date(2026, 7, 1)
    rows = found(
        [("a", "c1", "won", begun, at), ("b", "c2", "won", begun, at)],
        back=[("c1", begun, None, True), ("c2", begun, None, False)],
    )
    assert rows["came_back"].to_list() == ["kept", "left"]
    assert rows.select(**closed_measures())["judged"].item() == 0


def test_two_plans_of_one_day_do_not_make_two_rows():
    """An order counts for one of them alone; both cases tell it."""
    at, begun = date(2026, 10, 9), date(2026, 7, 1)
    rows = found(
        [("a", "c1", "lost", begun, at), ("b", "c1", "won", begun, at)],
        back=[("c1", begun, False), ("c1", begun, True)],
    )
    assert rows["came_back"].to_list() == ["yes", "yes"]
