"""Service quality by hand: what comes back, what was solved at once, the loop, agents, training."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from metrics.service import agents, calls, cases, measures, team

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    **dict.fromkeys(("ticket_id", "customer_id", "kind", "grade", "channel"), pl.String),
    **dict.fromkeys(("category", "agent_id", "bot", "cause", "sla_state"), pl.String),
    **dict.fromkeys(("created_at", "routed_at", "resolved_at", "closed_at"), TIME),
    "created_on": pl.Date,
    "resolution_hours": pl.Float64,
    "first_contact": pl.Boolean,
    "reopened": pl.Int32,
    "tier": pl.String,
}
LEDGER = {
    "ticket_id": pl.String,
    **dict.fromkeys(("analysed_at", "done_at", "accepted_at"), TIME),
}


def ticket(name: str, age: float, **given: object) -> dict[str, object]:
    """A ticket of customer A about billing, created `age` days ago; times count from then."""
    created = AS_OF - age * DAY
    row = {"ticket_id": name, "customer_id": "A", "category": "billing", "kind": "inquiry"}
    row |= {"created_at": created, "created_on": created.date(), "reopened": 0}
    row |= {key: created + v if isinstance(v, timedelta) else v for key, v in given.items()}
    return {**dict.fromkeys(SCHEMA), **row}


def facts(
    *tickets: dict[str, object],
    ledger: tuple[dict[str, object], ...] = (),
    pushed: tuple[str, ...] = (),
) -> dict[str, dict[str, object]]:
    found = cases.case_facts(
        pl.LazyFrame(tickets, schema=SCHEMA),
        pl.LazyFrame([dict.fromkeys(LEDGER) | row for row in ledger], schema=LEDGER),
        pl.LazyFrame({"ticket_id": pushed}, schema={"ticket_id": pl.String}),
        as_of=AS_OF,
    )
    return {row["ticket_id"]: row for row in found.collect().to_dicts()}


def test_another_ticket_about_the_same_within_seven_days_repeats():
    found = facts(
        ticket("first", 60),
        ticket("edge", 53),  # exactly seven days later
        ticket("late", 45.99),
        ticket("other", 45, category="usage"),
        ticket("else", 45, customer_id="B"),
        ticket("unknown", 45, category=None),
        ticket("anonymous", 45, customer_id=None),
    )
    told = {name: row["repeated"] for name, row in found.items()}
    assert told == {
        "first": False, "edge": True, "late": False, "other": False, "else": False,
        "unknown": None, "anonymous": None,
    }  # fmt: skip


def test_two_tickets_of_the_same_moment_repeat_neither():
    assert [row["repeated"] for row in facts(ticket("a", 50), ticket("b", 50)).values()] == [
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("back", "recurred"), [(9.0, True), (30.0, True), (30.01, False), (None, False)]
)
def test_what_comes_back_within_thirty_days_of_the_solution_recurs(
    back: float | None, recurred: bool
):
    again = [] if back is None else [ticket("again", 98 - back)]
    found = facts(ticket("one", 100, resolved_at=2 * DAY), *again)
    assert found["one"]["recurred"] is recurred


def test_a_ticket_from_before_the_solution_does_not_recur():
    found = facts(ticket("one", 100, resolved_at=10 * DAY), ticket("between", 95))
    assert found["one"]["recurred"] is False
    assert found["between"]["repeated"] is True


@pytest.mark.parametrize(
    ("age", "given", "solved", "recurred"),
    [
        (30, {"resolved_at": 30 * DAY}, True, None),  # just observed; its recurrence is not yet
        (29.9, {"resolved_at": HOUR}, None, None),  # solved, but the others of its day may not be
        (30, {}, False, None),
        (61, {"closed_at": 30 * DAY}, True, False),
        (61, {"resolved_at": 30 * DAY + HOUR}, False, False),
        (59, {"resolved_at": 30 * DAY}, True, None),
        (40, {"resolved_at": 41 * DAY}, False, None),  # after as of: not known yet
    ],
)
def test_nothing_is_judged_before_its_window_has_passed(
    age: float, given: dict[str, object], solved: bool | None, recurred: bool | None
):
    row = facts(ticket("t", age, **given), ticket("z", 400, resolved_at=DAY))["t"]
    assert (row["solved"], row["recurred"]) == (solved, recurred)


def test_a_source_without_solutions_has_none_unsolved():
    assert facts(ticket("t", 90))["t"]["solved"] is None


@pytest.mark.parametrize(
    ("given", "again", "first"),
    [
        ({"first_contact": True}, None, True),
        ({"first_contact": False}, None, False),
        ({"first_contact": None}, None, None),
        ({"first_contact": True, "reopened": 1}, None, False),
        ({"first_contact": True, "reopened": None}, None, True),
        ({"first_contact": True}, 7.0, False),  # back within seven days of the solution
        ({"first_contact": True}, 7.1, True),
        ({"first_contact": True, "category": None}, None, None),
    ],
)
def test_a_solution_at_the_first_contact_must_hold(
    given: dict[str, object], again: float | None, first: bool | None
):
    more = [] if again is None else [ticket("again", 49 - again)]
    found = facts(ticket("t", 50, resolved_at=DAY, **given), *more)
    assert found["t"]["first_time"] is first


def test_feedback_comes_as_far_as_its_slowest_entry_in_the_ledger():
    def feedback(name: str, **given: object) -> dict[str, object]:
        return ticket(name, 40, kind="feedback", **given)

    moment = AS_OF - 10 * DAY
    found = facts(
        feedback("new"),
        feedback("routed", routed_at=DAY),
        feedback("solved", resolved_at=5 * DAY),
        feedback("closed", resolved_at=5 * DAY, closed_at=9 * DAY),
        feedback("entered", closed_at=9 * DAY),
        feedback("half", closed_at=9 * DAY),
        feedback("whole", closed_at=9 * DAY),
        ticket("inquiry", 40),
        ledger=(
            {"ticket_id": "entered", "analysed_at": moment},
            {"ticket_id": "half", "analysed_at": moment, "done_at": moment},
            {"ticket_id": "half", "analysed_at": moment, "done_at": moment, "accepted_at": moment},
            {"ticket_id": "whole", "accepted_at": moment, "done_at": moment},
            {"ticket_id": None, "accepted_at": moment},
        ),
    )
    told = {name: (row["step"], row["step_days"]) for name, row in found.items()}
    assert told == {
        "new": ("collected", 40),
        "routed": ("analysed", 39),
        "solved": ("acted", 35),
        "closed": ("verified", None),
        "entered": ("analysed", 31),  # since it was solved, the earlier of the two
        "half": ("acted", 10),
        "whole": ("verified", None),
        "inquiry": (None, None),
    }


def test_owners_and_answers_offered():
    found = facts(
        ticket("mine", 5, agent_id="E1"),
        ticket("bot", 5, bot="solved"),
        ticket("nobody", 5, bot="handed_over"),
        pushed=("bot",),
    )
    assert {name: row["owned"] for name, row in found.items()} == {
        "mine": True, "bot": True, "nobody": False,
    }  # fmt: skip
    assert [name for name, row in found.items() if row["offered"]] == ["bot"]


def test_empty_tables_give_no_case():
    assert facts() == {}


# ---- hand-overs, the ledger, checks


def hand_over(age: float, *, carried: bool | None, picked: bool, to: str = "phone"):
    moment = AS_OF - age * HOUR
    return {
        "handed_at": moment,
        "picked_up_at": moment + HOUR if picked else None,
        "history_carried": carried,
        "from_channel": "chat",
        "to_channel": to,
    }


def test_a_hand_over_that_nobody_takes_up_in_a_day_has_failed():
    rows = pl.DataFrame(
        [
            hand_over(50, carried=True, picked=True),
            hand_over(50, carried=False, picked=True),
            hand_over(24, carried=None, picked=False),  # a day is over: lost
            hand_over(23, carried=None, picked=False),  # may still be taken up
            hand_over(50, carried=None, picked=True),  # nobody recorded it
            hand_over(50, carried=False, picked=True, to="chat"),  # stayed on its channel
        ],
        schema_overrides={"history_carried": pl.Boolean},
    )
    row = rows.select(**measures.continuity(AS_OF).over_rows()).row(0, named=True)
    assert (row["continuity_yes"], row["continuity_of"]) == (1, 3)
    assert row["continuity"] == pytest.approx(1 / 3)
    assert rows.select(measures.hand_over_minutes()).item() == 60


def test_an_entry_is_late_from_the_day_after_its_deadline():
    today = date(2026, 6, 30)
    days = [
        (date(2026, 6, 1), date(2026, 6, 1)),  # accepted on the day
        (date(2026, 6, 1), date(2026, 6, 2)),
        (date(2026, 6, 29), None),  # overdue
        (date(2026, 6, 30), None),  # due today: not judged
        (None, date(2026, 6, 2)),  # no deadline
    ]
    rows = pl.DataFrame(days, schema={"due_on": pl.Date, "accepted_on": pl.Date}, orient="row")
    row = rows.select(**measures.on_time(today).counts).row(0)
    assert row == (1, 3)


def test_a_finding_needs_problem_cause_and_measure():
    rows = pl.DataFrame(
        {
            "compliant": [True, False, False, None, True],
            "consistent": [True, True, True, False, None],
            "problem": [None, "p", "p", "p", None],
            "cause": [None, "c", " ", "c", None],
            "measure": [None, "m", "m", "m", None],
        }
    )
    told = {key: rows.select(**what.counts).row(0) for key, what in measures.checks().items()}
    assert told == {
        "qa_compliance": (2, 4),
        "operation_consistency": (3, 4),
        "qa_record_complete": (2, 3),
    }


def test_calls_are_told_by_the_hour_of_the_business_time_zone():
    rows = pl.DataFrame(
        {
            "direction": ["inbound", "inbound", "inbound", "outbound", "inbound", "inbound"],
            "channel": ["phone", "phone", "phone", "phone", "chat", "phone"],
            "occurred_at": [
                datetime(2026, 5, 1, hour, 30, tzinfo=UTC) for hour in (15, 16, 16, 16, 16, 16)
            ],
            "answered": [True, True, False, None, True, None],
            "waited_seconds": [180, 181, 20, None, 5, None],
        }
    ).with_columns(
        occurred_on=pl.Series([date(2026, 5, 1), *[date(2026, 5, 2)] * 5]),
    )
    hours = calls.call_hours(calls.call_rows(rows.lazy()), time_zone="Asia/Shanghai")
    assert hours.collect().rows() == [
        (date(2026, 5, 1), 23, 1, 1, 1, 0, 1),
        (date(2026, 5, 2), 0, 2, 1, 0, 1, 2),
    ]
    made = calls.made_on(rows.lazy()).sort("occurred_on").collect()
    assert made.rows() == [(date(2026, 5, 1), 1), (date(2026, 5, 2), 4)]


def test_an_answered_call_of_unknown_waiting_is_neither_in_time_nor_late():
    day = {"occurred_on": date(2026, 5, 1), "occurred_at": datetime(2026, 5, 1, tzinfo=UTC)}
    rows = pl.LazyFrame([{**day, "answered": True, "waited_seconds": None}]).cast(
        {"waited_seconds": pl.Int64}
    )
    told = calls.call_hours(rows, time_zone="UTC").select(
        "answered", "in_time", "too_late", "timed"
    )
    assert told.collect().row(0) == (1, 0, 0, 0)


def test_the_peak_is_the_busiest_hours():
    rows = pl.LazyFrame({"hour": [8, 9, 10, 11, 9], "calls": [5, 1, 5, 7, 4]})
    assert calls.peak_hours(rows).collect()["hour"].to_list() == [8, 9, 11]


# ---- agents and training


def worked(agent: str, good: int, bad: int, kind: str = "inquiry") -> list[tuple[str, str, bool]]:
    return [(agent, kind, True)] * good + [(agent, kind, False)] * bad


def side_by_side(*parts: list[tuple[str, str, bool]]) -> dict[str, dict[str, object]]:
    rows = pl.LazyFrame(
        [row for part in parts for row in part],
        schema={"agent_id": pl.String, "kind": pl.String, "first_time": pl.Boolean},
        orient="row",
    ).with_columns(grade=pl.lit("general"), sla_state=pl.lit("met"))
    return {row["agent_id"]: row for row in agents.agents(rows).to_dicts()}


def test_only_who_differs_by_more_than_chance_is_told():
    others = [worked(f"E{number}", 90, 10) for number in range(2, 12)]
    found = side_by_side(worked("E1", 60, 40), *others, worked("E99", 1, 9))
    verdicts = {name: row["verdict"] for name, row in found.items()}
    assert verdicts["E1"] == "below"
    assert verdicts["E99"] == "few"
    assert {verdicts[f"E{number}"] for number in range(2, 12)} == {"noise"}
    assert next(iter(found)) == "E1"


def test_who_gets_the_hard_cases_is_held_against_hard_cases():
    """Half of complaints and nine in ten inquiries are solved at once, whoever has them."""
    easy = [worked(f"E{number}", 180, 20) for number in range(1, 6)]
    hard = [worked(f"H{number}", 100, 100, "complaint") for number in range(1, 6)]
    found = side_by_side(*easy, *hard)
    assert {row["verdict"] for row in found.values()} == {"noise"}
    assert (found["H1"]["share"], found["H1"]["expected"]) == (0.5, pytest.approx(0.5))
    assert found["E1"]["expected"] == pytest.approx(0.9)


def test_holm_asks_more_of_many():
    """z = 2.13, p = 0.033: enough for one agent alone, not for one of ten."""
    rest = [worked(f"E{number}", 500, 500) for number in range(2, 11)]
    found = side_by_side(worked("E1", 465, 535), *rest)
    assert found["E1"]["verdict"] == "noise"


def test_competent_is_who_passed_every_required_course_when_last_examined():
    day = date(2026, 6, 1)
    held = [
        *(("E1", course, day, True) for course in REQUIRED),
        *(("E2", course, day, True) for course in REQUIRED[:2]),
        ("E2", REQUIRED[2], day, True),
        ("E2", REQUIRED[2], date(2026, 6, 20), False),  # failed since
        *(("E3", course, date(2025, 6, 1), True) for course in REQUIRED),  # too long ago
        *(("E4", course, day, None) for course in REQUIRED),  # nobody examined
        *(("E5", course, day, True) for course in REQUIRED),
    ]
    columns = {"employee_id": pl.String, "course": pl.String, "held_on": pl.Date}
    trainings = pl.LazyFrame(held, schema=columns | {"passed": pl.Boolean}, orient="row")
    trainings = trainings.with_columns(held_at="held_on", training_id=pl.lit("x"))
    staff = pl.LazyFrame(
        {
            "employee_id": ["E1", "E2", "E3", "E4", "E5", "M1"],
            "name": ["a", "b", "c", "d", "e", "m"],
            "role": [*["agent"] * 5, "success_manager"],
            "left_on": [None, None, None, None, date(2026, 6, 30), None],
        }
    )
    found = team.competency(staff, trainings, as_of=AS_OF.date()).collect()
    assert dict(found.select("employee_id", "competent").iter_rows()) == {
        "E1": True, "E2": False, "E3": False, "E4": False,
    }  # fmt: skip
    assert dict(found.select("employee_id", "lacking").iter_rows())["E2"] == [REQUIRED[2]]
    assert team.success_managers(staff, AS_OF.date()).collect().row(0) == (1, 5)


REQUIRED = ("product_update", "communication_skill", "emergency_handling")
