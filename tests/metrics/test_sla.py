"""Service promises: met, missed, due and unjudged; breaches, backlog, and the SQL oracle."""

import sqlite3
from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl
import pytest

from metrics import sla
from metrics.measure import measure

AS_OF = datetime(2024, 3, 10, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "ticket_id": pl.String,
    "customer_id": pl.String,
    "kind": pl.String,
    "grade": pl.String,
    "channel": pl.String,
    "category": pl.String,
    "created_at": TIME,
    "created_on": pl.Date,
    "first_response_at": TIME,
    "routed_at": TIME,
    "resolved_at": TIME,
    "closed_at": TIME,
    "source_sla_met": pl.Boolean,
    "agent_id": pl.String,
}
POLICIES = sla.policies()


def ticket(name, *, age=5 * DAY, **given):
    """A general feedback by app (1 hour to answer) created `age` ago; times are after creation."""
    created = AS_OF - age
    row = {"ticket_id": name, "kind": "feedback", "grade": "general", "channel": "app"}
    row |= {"created_at": created, "created_on": created.date()}
    row |= {k: created + v if isinstance(v, timedelta) else v for k, v in given.items()}
    return {**dict.fromkeys(SCHEMA), **row}


def judged(*tickets, recorded=sla.TIMES, as_of=AS_OF):
    rows = pl.LazyFrame(tickets, schema=SCHEMA)
    outcomes = sla.judged(rows, policies=POLICIES, as_of=as_of, recorded=recorded)
    return sla.ticket_facts(outcomes, as_of=as_of, recorded=recorded).sort("ticket_id").collect()


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"first_response_at": HOUR}, "met"),  # exactly at the limit
        ({"first_response_at": HOUR + timedelta(microseconds=1)}, "missed"),
        ({}, "missed"),  # open, long past the limit
        ({"age": 59 * MINUTE}, "due"),
        ({"age": HOUR}, "due"),  # open exactly at the limit: it can still be met
        ({"age": HOUR + timedelta(microseconds=1)}, "missed"),
        ({"age": MINUTE, "first_response_at": MINUTE}, "met"),  # answered at as of itself
        ({"resolved_at": 30 * MINUTE}, "met"),  # solved without a separate answer
        ({"closed_at": 3 * HOUR}, "missed"),
        ({"first_response_at": 2 * HOUR, "resolved_at": HOUR}, "missed"),
        ({"grade": "p1"}, None),
        ({"grade": None}, None),
    ],
)
def test_the_state_of_a_promise_to_answer_within_an_hour(given, state):
    assert judged(ticket("t", **given))["response_state"].to_list() == [state]


def test_what_happens_after_as_of_is_not_known_yet():
    answered_later = ticket("a", age=30 * MINUTE, first_response_at=40 * MINUTE)
    created_later = ticket("b", age=-MINUTE)
    facts = judged(answered_later, created_later)
    assert facts["ticket_id"].to_list() == ["a"]
    assert facts["response_state"].item() == "due"
    assert facts["answered"].item() is False
    later = judged(answered_later, created_later, as_of=AS_OF + DAY)
    assert later["response_state"].to_list() == ["met", "missed"]


def test_routing_and_solution_have_their_own_clocks():
    facts = judged(
        ticket("complex", grade="complex", routed_at=20 * HOUR, first_response_at=MINUTE),
        ticket("late", grade="complex", routed_at=25 * HOUR),
        ticket("major", grade="major", resolved_at=48 * HOUR),
        ticket("slow", grade="major", first_response_at=MINUTE, resolved_at=49 * HOUR),
        ticket("young", grade="major", age=47 * HOUR),
    ).select("ticket_id", "response_state", "routing_state", "resolution_state", "sla_state")
    assert facts.rows() == [
        ("complex", None, "met", None, "met"),
        ("late", None, "missed", None, "missed"),
        ("major", None, None, "met", "met"),
        ("slow", None, None, "missed", "missed"),
        ("young", None, None, "due", "due"),
    ]


def test_a_ticket_is_missed_if_any_promise_is_and_due_before_met():
    facts = judged(
        ticket("both", grade="major", channel="phone", age=DAY, first_response_at=2 * MINUTE),
        ticket("call", grade="major", channel="phone", age=DAY, first_response_at=4 * MINUTE),
    ).select("response_state", "resolution_state", "sla_state")
    assert facts.rows() == [("met", "due", "due"), ("missed", "due", "missed")]


def test_a_clock_that_the_source_does_not_record_is_not_judged():
    tickets = (
        ticket("answer", resolved_at=2 * HOUR),
        ticket("major", grade="major", channel="phone", resolved_at=HOUR),
    )
    recorded = sla.recorded_times(pl.LazyFrame(tickets, schema=SCHEMA))
    assert recorded == {"resolved_at"}
    facts = judged(*tickets, recorded=recorded)
    assert facts["response_state"].to_list() == [None, None]  # not missed
    assert facts["response_due_at"].null_count() == facts["answered"].null_count() == 2
    assert facts["response_hours"].null_count() == 2
    assert facts["sla_state"].to_list() == [None, "met"]
    nothing = judged(*tickets, recorded=frozenset())
    assert nothing["sla_state"].null_count() == nothing["waiting_hours"].null_count() == 2


def test_hours_are_elapsed_until_answered_solved_or_now():
    facts = judged(
        ticket("done", first_response_at=90 * MINUTE, resolved_at=DAY),
        ticket("open", age=36 * HOUR, first_response_at=HOUR),
    ).select("response_hours", "resolution_hours", "waiting_hours")
    assert facts.rows() == [(1.5, 24.0, None), (1.0, None, 36.0)]


def test_attainment_is_met_of_decided_and_shows_what_it_leaves_out():
    facts = judged(
        ticket("met1", first_response_at=MINUTE),
        ticket("met2", first_response_at=MINUTE),
        ticket("late", first_response_at=2 * HOUR),
        ticket("open"),  # past its limit: missed
        ticket("due", age=MINUTE),
        ticket("none", grade="p3"),
    ).lazy()
    found = measure(facts, **sla.attainment().over_rows()).collect().row(0, named=True)
    assert [found[name] for name in ("met", "missed", "due", "unjudged")] == [2, 2, 1, 1]
    assert found["attainment"] == 0.5
    assert found["attainment_low"] < 0.5 < found["attainment_high"]


def test_attainment_is_null_while_nothing_is_decided():
    facts = judged(ticket("due", age=MINUTE)).lazy()
    assert measure(facts, **sla.attainment().over_rows()).collect()["attainment"].item() is None
    none = judged().lazy()
    assert measure(none, **sla.attainment().over_rows()).collect()["met"].item() == 0


def test_promises_one_by_one_give_each_grade_its_own_clock():
    facts = judged(
        ticket("a", grade="major", channel="phone", first_response_at=MINUTE),
        ticket("b", grade="complex", routed_at=HOUR),
        ticket("c", grade="p2"),
    ).lazy()
    rows = sla.promises(facts, as_of=AS_OF)
    found = measure(rows, "clock", "grade", **sla.attainment("state").over_rows()).collect()
    assert found.select("clock", "grade", "met", "missed").rows() == [
        ("first_response", "major", 1, 0),
        ("resolution", "major", 0, 1),
        ("routing", "complex", 1, 0),
    ]


def test_breaches_come_worst_first_and_open_ones_grow():
    facts = judged(
        ticket("late", first_response_at=3 * HOUR),  # 2 hours over
        ticket("open", age=DAY),  # 23 hours over, and counting
        ticket("fine", first_response_at=MINUTE),
    ).lazy()
    found = sla.breaches(facts.with_columns(tier=pl.lit("mid")), as_of=AS_OF).collect()
    assert found.select("ticket_id", "is_open", "overrun_hours").rows() == [
        ("open", True, 23.0),
        ("late", False, 2.0),
    ]
    assert {"customer_id", "tier", "due_at", "clock"} <= set(found.columns)
    assert sla.breaches(judged().lazy(), as_of=AS_OF).collect().is_empty()


def test_the_backlog_has_every_age_and_begins_each_at_its_lower_bound():
    ages = {"a": MINUTE, "b": 24 * HOUR - MINUTE, "c": 24 * HOUR, "d": 7 * DAY, "e": 30 * DAY}
    facts = judged(
        *(ticket(name, age=age) for name, age in ages.items()),
        ticket("solved", age=9 * DAY, resolved_at=DAY),
        ticket("closed", age=9 * DAY, closed_at=DAY),
    ).lazy()
    found = sla.backlog(facts).collect()
    assert found["age"].to_list() == list(sla.AGES)
    assert found["tickets"].to_list() == [2, 1, 0, 1, 1]
    assert found["missed"].to_list() == [1, 1, 0, 1, 1]  # a is still due
    assert dict(sla.opened(facts).select("ticket_id", "age").collect().rows()) == {
        "a": "under_1_day",
        "b": "under_1_day",
        "c": "1_to_3_days",
        "d": "7_to_30_days",
        "e": "over_30_days",
    }
    by_grade = sla.backlog(facts, "grade").collect()
    assert by_grade.height == 5
    assert by_grade["tickets"].sum() == 5


def test_the_source_flag_counts_tickets_and_is_compared_with_ours():
    facts = judged(
        ticket("a", first_response_at=MINUTE, source_sla_met=True),
        ticket("b", first_response_at=DAY, source_sla_met=True),
        ticket("c", first_response_at=DAY, source_sla_met=False),
        ticket("d", age=MINUTE, source_sla_met=False),  # ours is still due: not compared
        ticket("e", age=MINUTE, source_sla_met=True),  # nor is this
        ticket("f", first_response_at=MINUTE),  # no flag
    ).lazy()
    source = measure(facts, **sla.SOURCE_ATTAINMENT.over_rows()).collect().row(0, named=True)
    assert (source["source_met"], source["source_missed"]) == (3, 2)
    assert source["source_attainment"] == 0.6
    agreement = measure(facts, **sla.AGREEMENT.over_rows()).collect().row(0, named=True)
    assert agreement["compared"] == 3
    assert agreement["only_source_met"] == 1
    assert agreement["agreement"] == pytest.approx(2 / 3)


def test_feedback_response_counts_any_answer_to_feedback_older_than_its_limit():
    facts = judged(
        ticket("prompt", first_response_at=MINUTE),
        ticket("late", first_response_at=3 * DAY),  # late, but answered
        ticket("never"),
        ticket("young", age=MINUTE),  # not owed yet
        ticket("quick", age=2 * MINUTE, first_response_at=MINUTE),  # nor is this
        ticket("unpromised", grade="p1"),
        ticket("inquiry", kind="inquiry"),
    ).lazy()
    what = sla.feedback_response(as_of=AS_OF)
    found = measure(facts, **what.over_rows()).collect().row(0, named=True)
    assert (found["feedback_owed"], found["feedback_answered"]) == (3, 2)
    assert found["feedback_response_share"] == pytest.approx(2 / 3)


def test_response_times_are_quantiles_of_the_answered():
    waits = [MINUTE * 60 * h for h in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20)]
    facts = judged(*(ticket(f"t{w}", first_response_at=w) for w in waits), ticket("open")).lazy()
    found = measure(facts, **sla.response_times()).collect().row(0, named=True)
    assert found == {
        "answered_tickets": 11,
        "response_hours_median": 6.0,
        "response_hours_p90": 10.0,
    }


def test_the_same_question_in_sql_has_the_same_answer():
    random = Random(11)
    grades = ["general", "complex", "major", "urgent", "consultation", "p1", None]
    tickets = [
        ticket(
            f"t{number}",
            age=random.randrange(1, 5000) * MINUTE,
            kind=random.choice(["feedback", "inquiry", "complaint"]),
            grade=random.choice(grades),
            channel=random.choice(["phone", "email", "social", "app", None]),
            first_response_at=random.choice([None, random.randrange(200) * MINUTE]),
            resolved_at=random.choice([None, random.randrange(200, 4000) * MINUTE]),
        )
        for number in range(600)
    ]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (kind, grade, channel, created, answered, resolved)")
    minutes = [
        tuple(
            None if row[name] is None else int((row[name] - AS_OF) / MINUTE)
            for name in ("created_at", "first_response_at", "resolved_at")
        )
        for row in tickets
    ]
    database.executemany(
        "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)",
        [
            (row["kind"], row["grade"], row["channel"], *times)
            for row, times in zip(tickets, minutes, strict=True)
        ],
    )
    expected = database.execute(
        """
        WITH promised AS (
          SELECT channel, created,
            COALESCE(CASE WHEN answered <= 0 THEN answered END,
                     CASE WHEN resolved <= 0 THEN resolved END) AS done,
            MIN(
              CASE WHEN kind = 'feedback' AND grade = 'general' THEN 60
                   WHEN kind <> 'feedback' AND grade = 'urgent' THEN 10
                   WHEN kind <> 'feedback' AND grade = 'general' THEN 30
                   WHEN kind <> 'feedback' AND grade = 'consultation' THEN 60 ELSE 99999 END,
              CASE channel WHEN 'phone' THEN 3 WHEN 'email' THEN 1440
                           WHEN 'social' THEN 120 ELSE 99999 END,
              CASE kind WHEN 'complaint' THEN 1440 ELSE 99999 END) AS within_
          FROM t)
        SELECT channel,
          SUM(done IS NOT NULL AND done - created <= within_),
          SUM(COALESCE(done, 0) - created > within_),
          SUM(done IS NULL AND 0 - created <= within_)
        FROM promised WHERE within_ < 99999 GROUP BY channel ORDER BY channel IS NULL, channel
        """
    ).fetchall()
    database.close()
    facts = judged(*tickets).lazy().filter(pl.col("response_state").is_not_null())
    found = measure(facts, "channel", **sla.attainment("response_state").counts).collect()
    assert found.select("channel", "met", "missed", "due").rows() == expected
    assert len(expected) == 5
