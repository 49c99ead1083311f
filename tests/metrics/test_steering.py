"""The programme, worked by hand: tasks, meetings, drills, risks, suppliers, the fund."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from metrics.rules import load
from metrics.steering import drills, innovation, meetings, risks, suppliers, tasks

START, TODAY = date(2026, 5, 1), date(2026, 10, 31)
SCHEMA = {
    "task_id": pl.String,
    "phase": pl.String,
    "name": pl.String,
    "milestone": pl.String,
    "owner": pl.String,
    "planned_start_on": pl.Date,
    "planned_end_on": pl.Date,
    "started_on": pl.Date,
    "ended_on": pl.Date,
    "reached": pl.Int32,
}


def work(*rows: dict[str, Any], start: date | None = START, as_of: date = TODAY) -> pl.DataFrame:
    usual = {"planned_start_on": date(2026, 9, 1), "planned_end_on": date(2026, 9, 30)}
    told = [{"task_id": f"T{at}", **usual, **row} for at, row in enumerate(rows)]
    frame = pl.LazyFrame(told, schema=SCHEMA)
    return tasks.tasks(frame, start=start, as_of=as_of).collect()


def reached(*rows: dict[str, Any], start: date | None = START) -> dict[str, dict[str, Any]]:
    found = tasks.milestones(work(*rows, start=start).lazy(), start=start, as_of=TODAY).collect()
    return {row["milestone"]: row for row in found.iter_rows(named=True)}


# ---- tasks


@pytest.mark.parametrize(
    ("row", "state", "late"),
    [
        ({"ended_on": date(2026, 9, 30)}, "done", 0),
        ({"ended_on": date(2026, 10, 1)}, "late", 1),
        ({}, "overdue", 31),
        ({"planned_end_on": TODAY, "started_on": date(2026, 9, 2)}, "running", 0),
        ({"planned_end_on": TODAY}, "waiting", 0),
        ({"planned_start_on": TODAY, "planned_end_on": date(2026, 11, 9)}, "ahead", 0),
        # what is written of a day to come has not happened
        ({"planned_end_on": TODAY, "ended_on": date(2026, 11, 1)}, "waiting", 0),
    ],
)
def test_a_task_stands_as_its_days_say(row: dict[str, Any], state: str, late: int):
    assert work(row).select("state", "late_days").row(0) == (state, late)


def test_a_milestone_is_due_by_the_plans_whatever_the_company_has_put_off():
    row = {"milestone": "go_live", "planned_end_on": date(2026, 10, 30)}  # month 4 ends in August
    assert work(row).select("due_on", "state").row(0) == (date(2026, 8, 31), "overdue")
    assert work(row, start=None).select("due_on", "state").row(0) == (date(2026, 10, 30), "overdue")
    early = {**row, "planned_end_on": date(2026, 8, 1), "ended_on": date(2026, 8, 31)}
    assert work(early)["state"].item() == "done"


def test_a_milestone_that_reached_too_few_is_not_reached():
    team = {"milestone": "team", "ended_on": date(2026, 6, 1)}
    assert work({**team, "reached": 14})["state"].item() == "short"
    assert work({**team, "reached": 15})["state"].item() == "done"
    assert work(team)["state"].item() == "done"  # nothing is known against it
    assert not reached({**team, "reached": 14})["team"]["met"]


def test_blank_owners_are_nobody():
    frame = work({"owner": " "}, {"owner": "A"}, {"owner": None, "ended_on": date(2026, 9, 3)})
    left = tasks.open_tasks(frame.lazy()).collect().row(0, named=True)
    assert left == {"open": 2, "overdue": 2, "unowned": 1}


def test_every_milestone_of_the_plans_is_judged_once_its_day_is_over():
    found = reached(
        {"milestone": "team", "ended_on": date(2026, 6, 30)},
        {"milestone": "segmentation", "ended_on": date(2026, 7, 1)},
        {"milestone": "full_cycle", "ended_on": date(2026, 10, 1)},
    )
    assert list(found) == list(load("programme")["milestones"])
    judged = {code for code, row in found.items() if row["judged"]}
    assert judged == {
        *("team", "segmentation", "tag_system", "channel_matrix", "data_consolidation"),
        *("baseline_diagnosis", "go_live", "integration"),
    }
    assert {code for code, row in found.items() if row["met"]} == {"team"}
    assert found["segmentation"]["late_days"] == 1
    assert found["go_live"]["state"] == "unplanned"
    # early is no success yet: the failures of the same day are not known
    assert not found["full_cycle"]["judged"]
    assert found["change_pilot"]["due_on"] is None  # no month in the plans, nobody has planned it


def test_a_milestone_of_several_tasks_is_reached_with_the_last():
    first = {"milestone": "team", "ended_on": date(2026, 5, 10), "reached": 9}
    last = {"milestone": "team", "ended_on": date(2026, 6, 10), "reached": 6}
    found = reached(first, last)["team"]
    assert (found["ended_on"], found["reached"], found["met"]) == (date(2026, 6, 10), 15, True)
    assert not reached(first, {**last, "ended_on": None})["team"]["met"]


def test_the_share_is_of_those_judged_and_null_of_none():
    rows = pl.LazyFrame({"judged": [True, True, True, False], "met": [True, True, False, False]})
    assert tasks.milestones_on_time(rows).collect().row(0) == (3, 2, pytest.approx(2 / 3))
    nothing = tasks.milestones_on_time(rows.filter(~pl.col("judged"))).collect()
    assert nothing.row(0) == (0, 0, None)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 5, 1), date(2027, 4, 30), 12),
        (date(2026, 5, 1), date(2027, 5, 1), 13),
        (date(2026, 5, 4), date(2027, 4, 28), 12),
        (date(2026, 5, 4), date(2026, 5, 4), 1),
    ],
)
def test_begun_months_of_the_programme_count_in_full(first: date, last: date, months: int):
    frame = work({"planned_start_on": first, "planned_end_on": last})
    assert tasks.planned_months(frame.lazy()).collect().item() == months
    assert tasks.planned_months(work().lazy()).collect().item() is None


# ---- meetings


def held(
    *rows: tuple[str, date | None, date | None], first: date = START, as_of: date = TODAY
) -> dict[str, dict[str, Any]]:
    schema = {"kind": pl.String, "due_on": pl.Date, "held_on": pl.Date}
    events = pl.LazyFrame(list(rows), schema=schema, orient="row")
    found = meetings.meetings(events, first=first, as_of=as_of)
    return {row["kind"]: row for row in found.iter_rows(named=True)}


def test_due_meetings_are_in_time_late_or_missed():
    day = [date(2026, month, 10) for month in range(4, 12)]
    found = held(
        ("management_report", day[0], None),  # before the programme
        ("management_report", day[1], day[1]),
        ("management_report", day[2], date(2026, 6, 12)),
        ("management_report", day[3], None),
        ("management_report", day[4], day[4]),
        ("management_report", day[7], None),
    )["management_report"]
    told = [found[name] for name in ("due", "on_time", "late", "missed")]
    assert told == [4, 2, 1, 1]
    assert found["overdue_since"] is None  # August was held since
    assert (found["last_held_on"], found["next_due_on"]) == (day[4], day[7])
    assert (found["kept"], found["periods"]) == (3, 6)


def test_overdue_is_what_nothing_has_made_good():
    missed = ("strategy_meeting", date(2026, 10, 15), None)
    found = held(("strategy_meeting", date(2026, 7, 15), date(2026, 7, 15)), missed)
    assert found["strategy_meeting"]["overdue_days"] == 16
    later = held(missed, ("strategy_meeting", None, date(2026, 10, 20)))["strategy_meeting"]
    assert later["overdue_since"] is None
    today = held(("strategy_meeting", TODAY, None))["strategy_meeting"]
    assert (today["overdue_since"], today["next_due_on"]) == (None, TODAY)
    tomorrow = held(("strategy_meeting", date(2026, 10, 15), date(2026, 11, 1)))
    assert tomorrow["strategy_meeting"]["overdue_days"] == 16


def test_weeks_begin_on_monday_and_only_whole_ones_count():
    rows = [("coordination_meeting", None, date(2026, 5, day)) for day in (3, 10, 11, 12, 31)]
    found = held(*rows, as_of=date(2026, 5, 31))["coordination_meeting"]
    # 1 May is a Friday: 4-10, 11-17, 18-24, 25-31; two meetings of one week are one week kept
    assert (found["periods"], found["kept"], found["kept_share"]) == (4, 3, 0.75)
    running = held(*rows, as_of=date(2026, 5, 30))["coordination_meeting"]
    assert (running["periods"], running["kept"]) == (3, 2)


def test_quarters_count_from_the_programme():
    rows = [("emergency_drill", None, day) for day in (date(2026, 7, 31), date(2026, 8, 1))]
    found = held(*rows)["emergency_drill"]
    assert (found["periods"], found["kept"]) == (2, 2)  # May to July, August to October
    assert held(rows[0])["emergency_drill"]["kept"] == 1


def test_daily_ones_go_by_the_calendar_of_the_company():
    days = [date(2026, 10, day) for day in (28, 29, 30, 31)]
    found = held(
        ("stand_up", days[0], days[0]), ("stand_up", days[1], days[2]), ("stand_up", days[2], None),
        ("stand_up", days[3], None),
    )["stand_up"]  # fmt: skip
    assert (found["periods"], found["kept"]) == (3, 1)  # today still has time; a day later is late


def test_a_yearly_one_is_asked_for_once_it_was_due_or_held():
    assert held()["risk_review"]["periods"] == 0
    assert held()["risk_review"]["kept_share"] is None
    assert held(("risk_review", date(2026, 12, 1), None))["risk_review"]["periods"] == 0
    assert held(("risk_review", date(2026, 3, 1), None))["risk_review"]["kept_share"] == 0
    assert held(("risk_review", None, date(2025, 11, 1)))["risk_review"]["kept_share"] == 1
    assert held(("risk_review", None, date(2025, 10, 31)))["risk_review"]["periods"] == 0


def test_kinds_of_the_company_follow_those_of_the_plans():
    found = held(("zumba", date(2026, 6, 1), None), ("fire_drill", date(2026, 6, 1), None))
    assert list(found) == [*load("programme")["meetings"], "fire_drill", "zumba"]
    assert found["zumba"]["every"] is None


def test_meetings_are_judged_since_the_programme_began_at_most_a_year():
    assert meetings.since(START, TODAY) == START
    assert meetings.since(date(2025, 1, 1), TODAY) == date(2025, 11, 1)
    assert meetings.since(date(2027, 1, 1), TODAY) == date(2025, 11, 1)
    assert meetings.since(None, TODAY) == date(2025, 11, 1)


# ---- drills and outages


def test_the_latest_drill_tells_and_the_one_before_it_compares():
    rows = pl.LazyFrame(
        {
            "drill_id": ["1", "2", "3", "4", "5"],
            "scenario": ["outage"] * 5,
            "held_on": [
                *(date(2025, 10, 31), date(2026, 1, 1), date(2026, 2, 1)),
                *(date(2026, 3, 1), date(2026, 11, 1)),
            ],
            "recovery_minutes": [99, 50, None, 40, 10],
            "notice_hours": [None] * 5,
            "satisfaction": [None, None, 91, None, None],
            "finding": ["old", "a", " ", "b", "to come"],
            "solved_on": [None, date(2026, 2, 1), None, date(2026, 11, 3), None],
        },
        schema_overrides={"notice_hours": pl.Int32},
    )
    found = drills.results(drills.drills(rows, as_of=TODAY)).collect().row(0, named=True)
    asked = ("recovery_minutes", "recovery_minutes_before", "recovery_minutes_n")
    assert [found[name] for name in asked] == [40, 50, 2]
    assert (found["satisfaction"], found["notice_hours"]) == (pytest.approx(0.91), None)
    assert (found["findings"], found["solved"]) == (2, 1)


def test_an_outage_that_goes_on_grows():
    rows = pl.LazyFrame(
        {
            "kind": ["outage", "outage", "breach", "outage"],
            "started_at": [datetime(2026, 10, day, tzinfo=UTC) for day in (1, 30, 1, 2)],
            "ended_at": [
                *(datetime(2026, 10, 1, 2, tzinfo=UTC), None, None),
                datetime(2026, 10, 2, 0, 30, tzinfo=UTC),
            ],
            "started_on": [date(2026, 10, day) for day in (1, 30, 1, 2)],
        },
        schema_overrides={
            "started_at": pl.Datetime("us", "UTC"), "ended_at": pl.Datetime("us", "UTC")
        },
    )  # fmt: skip
    now = datetime(2026, 10, 31, tzinfo=UTC)
    told = drills.longest_outage(rows, now=now, first=date(2026, 10, 1)).collect()
    assert told.row(0) == (24.0, 3)
    later = drills.longest_outage(rows, now=now, first=date(2026, 10, 31)).collect()
    assert later.row(0) == (None, 0)


# ---- risks


def appraised(**columns: Any) -> pl.DataFrame:
    row: dict[str, Any] = {
        "risk_id": "R", "risk_class": "market", "name": "x", "code": None, "probability": 8,
        "loss": 1_000_001, "measure_cost": 70_000, "response": None, "measure": None,
        "owner": None, "reviewed_on": None, "closed_on": None,
    }  # fmt: skip
    types = {
        "reviewed_on": pl.Date,
        "closed_on": pl.Date,
        "loss": pl.Int64,
        "probability": pl.Int32,
    }
    types |= dict.fromkeys(("code", "response", "measure", "owner"), pl.String)
    frame = pl.DataFrame([row | columns], schema_overrides=types | {"measure_cost": pl.Int64})
    return risks.register(frame.lazy(), as_of=TODAY).collect()


def test_protection_pays_where_more_is_lost_than_it_costs():
    row = appraised().row(0, named=True)
    assert (row["expected"], row["gain"], row["pays"]) == (80_000, 10_000, True)
    assert appraised(measure_cost=80_000)["pays"].item() is False  # above zero, not at it
    assert appraised(loss=1_000_007)["expected"].item() == 80_001  # 80,000.56
    for unknown in ("loss", "measure_cost", "probability"):
        assert appraised(**{unknown: None})["pays"].item() is None


@pytest.mark.parametrize(
    ("reviewed", "overdue", "days"),
    [
        (date(2026, 7, 31), False, None),  # due today
        (date(2026, 7, 30), True, 1),
        (date(2026, 11, 1), True, None),  # written of a day to come: never reviewed yet
        (None, True, None),
    ],
)
def test_a_risk_is_to_be_reviewed_every_quarter(reviewed: Any, overdue: bool, days: int | None):
    row = appraised(reviewed_on=reviewed).row(0, named=True)
    assert (row["overdue"], row["overdue_days"]) == (overdue, days)


def test_a_closed_risk_is_none():
    assert appraised(closed_on=TODAY).is_empty()
    assert appraised(closed_on=date(2026, 11, 1)).height == 1


def test_the_register_adds_up():
    frame = pl.concat(
        [
            appraised(response="transfer", measure="insured", owner="A", reviewed_on=TODAY),
            appraised(risk_class="weather", measure_cost=90_000, measure=" "),
            appraised(risk_class="finance", loss=None),
        ]
    )
    found = risks.totals(frame.lazy()).collect().row(0, named=True)
    assert found == {
        "risks": 3, "classes": 2, "appraised": 2, "expected": 160_000, "judged": 2, "pays": 1,
        "worth": 10_000, "planned": 1, "transferred": 1, "overdue": 2, "unowned": 2,
        "planned_share": pytest.approx(1 / 3), "transferred_share": pytest.approx(1 / 3),
    }  # fmt: skip
    assert risks.totals(frame.clear().lazy()).collect()["expected"].item() is None


# ---- suppliers


def scored(*marks: int | None, on: date = date(2026, 9, 25), **more: Any) -> pl.LazyFrame:
    count = len(marks)
    return pl.LazyFrame(
        {
            "score_id": [f"S{at:02}" for at in range(count)],
            "supplier": [f"s{at:02}" for at in range(count)],
            "service": ["x"] * count,
            "scored_on": [on] * count,
            **dict.fromkeys(suppliers.MARKS, marks),
            "replaced_on": more.get("replaced_on", [None] * count),
        },
        schema_overrides={"replaced_on": pl.Date, **dict.fromkeys(suppliers.MARKS, pl.Int32)},
    )


def last(rows: pl.LazyFrame) -> list[str]:
    found = suppliers.suppliers(rows, as_of=TODAY)
    return found.filter("bottom").collect()["supplier"].to_list()


@pytest.mark.parametrize(("count", "going"), [(4, 0), (5, 1), (9, 1), (10, 2), (15, 3)])
def test_the_last_fifth_is_rounded_down(count: int, going: int):
    assert last(scored(*range(50, 50 + count))) == [f"s{at:02}" for at in range(going)]


def test_of_equals_at_the_cut_nobody_is_the_last():
    assert last(scored(60, 60, 70, 80, 90)) == []
    assert last(scored(50, 60, 60, 70, 80, 80, 80, 90, 90, 95)) == ["s00"]


def test_an_unknown_mark_makes_no_place():
    found = suppliers.suppliers(scored(None, 60, 70, 80, 90), as_of=TODAY).collect()
    assert found["total"].to_list() == [60, 70, 80, 90, None]
    assert not found["bottom"].any()  # four with a total


def test_who_was_replaced_stays_in_the_count_but_is_not_to_go():
    days = [date(2026, 10, 20), None, None, None, None]
    rows = scored(50, 60, 70, 80, 90, replaced_on=days)
    found = suppliers.totals(suppliers.suppliers(rows, as_of=TODAY)).collect().row(0, named=True)
    assert found == {
        "working": 4, "scored": 4, "judged": 5, "bottom": 1, "to_go": 0, "scored_share": 1.0
    }  # fmt: skip


def test_an_appraisal_of_more_than_a_year_ago_is_due_again():
    old = scored(50, 60, 70, 80, 90, on=date(2025, 10, 31))
    found = suppliers.suppliers(old, as_of=TODAY).collect()
    assert found["due"].all()
    assert not found["bottom"].any()
    again = pl.concat([old, scored(40, 60, 70, 80, 90)])
    told = suppliers.suppliers(again, as_of=TODAY).collect()
    assert told.select("supplier", "total", "before", "bottom").row(0) == ("s00", 40, 50, True)


# ---- the innovation fund


def test_the_fund_is_a_share_of_the_budget_of_the_same_months():
    tried = pl.LazyFrame(
        {
            "started_on": [date(2025, 10, 31), date(2025, 11, 1), TODAY, date(2026, 11, 1)],
            "cost": [9_000, 100, None, 9_000],
        }
    )
    budget = pl.LazyFrame(
        {
            "month": [date(2025, 10, 1), date(2025, 11, 1), date(2026, 10, 1), date(2026, 11, 1)],
            "planned": [70_000, 4_000, 6_000, 70_000],
            "currency": ["CNY", None, "CNY", "CNY"],
        }
    )
    found = innovation.fund(tried, budget, "CNY", as_of=TODAY).collect()
    assert found.row(0) == (2, 100, 500, 0.2)
    none = innovation.fund(tried, budget.clear(), "CNY", as_of=TODAY).collect()
    assert none["used"].item() is None
