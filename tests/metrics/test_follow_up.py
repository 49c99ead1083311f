"""Following up: dues and shares by hand, and against SQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from metrics import follow_up

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIME = pl.Datetime("us", "UTC")
CASES = {"case_id": pl.String, "customer_id": pl.String, "warned_at": TIME,
         "plan_started_at": TIME, "state": pl.String, "closed_at": TIME}  # fmt: skip
STEPS = {"case_id": pl.String, "kind": pl.String, "due_at": TIME, "done_at": TIME,
         "outcome": pl.String}  # fmt: skip


def case(name: str, **given) -> dict:
    usual = {"case_id": name, "customer_id": f"of {name}", "state": "open"}
    return dict.fromkeys(CASES) | usual | given


def plan_of(name: str, started: datetime, done: dict[str, tuple[datetime, str]]) -> list[dict]:
    """The steps of a plan, those done with moment and outcome."""
    return [
        {"case_id": name, "kind": kind, "due_at": due, "done_at": done.get(kind, (None,))[0],
         "outcome": done.get(kind, (None, None))[1]}
        for kind, due in follow_up.due_times(started, None)
    ]  # fmt: skip


def measured(cases: list[dict], steps: list[dict]) -> dict:
    frames = pl.LazyFrame(cases, schema=CASES), pl.LazyFrame(steps, schema=STEPS)
    made = follow_up.followed_up(*frames)
    return made.select(**follow_up.process_measures(NOW)).collect().row(0, named=True)


def test_the_plan_is_three_contacts_a_benefit_and_a_check():
    assert [(step.kind, step.role) for step in follow_up.plan()] == [
        ("phone", "care"),
        ("wechat", "care"),
        ("email", "care"),
        ("benefit", "benefit"),
        ("recheck", "check"),
    ]
    assert follow_up.win_back_time() == 48 * HOUR
    assert follow_up.recheck_time() == 7 * DAY


@pytest.mark.parametrize(
    ("warned", "due"),
    [
        (-5 * HOUR, 43 * HOUR),  # 48 hours after the warning
        (-24 * HOUR, 24 * HOUR),
        (-40 * HOUR, 24 * HOUR),  # a day to begin with
        (-60 * DAY, 24 * HOUR),
        (4 * HOUR, 52 * HOUR),  # of the day that is not over
        (None, 48 * HOUR),
    ],
)
def test_the_first_step_is_due_48_hours_after_the_warning_or_a_day_after_a_late_start(
    warned: timedelta | None, due: timedelta
):
    dues = dict(follow_up.due_times(NOW, None if warned is None else NOW + warned))
    assert dues["phone"] == NOW + due
    assert dues["recheck"] == NOW + 7 * DAY


def test_the_dues_of_a_plan_are_in_its_order_and_within_the_week():
    dues = [due for _, due in follow_up.due_times(NOW, None)]
    assert dues == sorted(dues)
    assert dues[-1] - NOW == 7 * DAY


def test_a_warning_of_a_day_counts_from_its_end():
    at = follow_up.warned_at(date(2026, 10, 31), ZoneInfo("Asia/Shanghai"))
    assert at == datetime(2026, 10, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize("step", follow_up.plan())
def test_every_step_can_go_well_or_be_skipped(step: follow_up.StepRule):
    assert len(follow_up.outcomes(step.kind)) > 2
    assert follow_up.outcomes(step.kind)[-1] == "skipped"
    assert follow_up.outcomes("of another time") == ()


def test_a_first_step_is_on_time_up_to_the_last_moment_of_48_hours():
    warned = NOW - 5 * DAY
    after = {"a": 48 * HOUR, "b": 48 * HOUR + timedelta(microseconds=1), "c": 9 * HOUR}
    cases = [case(name, warned_at=warned, plan_started_at=warned) for name in (*after, "d", "e")]
    steps = [
        step
        for name, hours in after.items()
        for step in plan_of(name, warned, {"phone": (warned + hours, "no_answer")})
    ]
    steps += plan_of("d", warned, {})  # never done
    steps += plan_of("e", warned, {"phone": (warned + HOUR, "skipped")})  # not carried out
    found = measured(cases, steps)
    assert (found["on_time"], found["on_time_n"]) == (2 / 5, 5)


def test_on_the_first_day_of_follow_ups_no_warning_has_had_its_48_hours():
    begun = NOW - HOUR
    cases = [case("old", warned_at=NOW - 60 * DAY, plan_started_at=begun),
             case("new", warned_at=begun + HOUR, plan_started_at=begun)]  # fmt: skip
    made = follow_up.followed_up(
        pl.LazyFrame(cases, schema=CASES), pl.LazyFrame(schema=STEPS)
    ).collect()

    def on_time(after: timedelta) -> tuple:
        measures = follow_up.process_measures(NOW + after, begun=begun)
        return made.select(**measures).select("on_time", "on_time_n").row(0)

    assert on_time(timedelta()) == (None, 0)
    assert on_time(47 * HOUR) == (None, 0)
    assert on_time(48 * HOUR) == (0.0, 1)  # of the new warning; the old one was nobody's failure


def test_a_warning_that_is_followed_up_twice_is_judged_once_by_its_first_contact():
    warned = NOW - 20 * DAY
    both = {"customer_id": "one", "warned_at": warned}
    cases = [case("a", **both, state="lost"), case("b", **both), case("c", warned_at=warned)]
    steps = plan_of("a", warned, {"phone": (warned + HOUR, "no_answer")})
    steps += plan_of("b", warned + 9 * DAY, {"phone": (warned + 9 * DAY, "responded")})
    found = measured(cases, steps)
    assert (found["on_time"], found["on_time_n"]) == (1 / 2, 2)
    assert measured([cases[1], cases[0], cases[2]], steps)["on_time"] == 1 / 2


def test_a_warning_whose_48_hours_run_is_not_judged_nor_a_case_without_one():
    running, over = NOW - 48 * HOUR + timedelta(microseconds=1), NOW - 48 * HOUR
    done = plan_of("a", running, {"phone": (running + HOUR, "responded")})
    cases = [
        case("a", warned_at=running, plan_started_at=running),
        case("b", warned_at=over),  # nothing begun
        case("c", plan_started_at=over),  # never warned
    ]
    found = measured(cases, done + plan_of("c", over, {}))
    assert (found["on_time"], found["on_time_n"]) == (0.0, 1)


def test_any_contact_starts_the_win_back_but_a_check_does_not():
    warned = NOW - 5 * DAY
    cases = [case(name, warned_at=warned, plan_started_at=warned) for name in "ab"]
    steps = plan_of("a", warned, {"email": (warned + HOUR, "responded")})
    steps += plan_of("b", warned, {"recheck": (warned + HOUR, "improved")})
    assert measured(cases, steps)["on_time"] == 1 / 2


def test_a_plan_is_rechecked_within_seven_days_of_its_start():
    began = NOW - 7 * DAY
    cases = [case(name, plan_started_at=began) for name in "abc"]
    cases.append(case("d", plan_started_at=began + HOUR))  # its days are not over
    steps = plan_of("a", began, {"recheck": (began + 7 * DAY, "unchanged")})
    steps += plan_of("b", began, {"recheck": (began + 7 * DAY + HOUR, "improved")})
    steps += plan_of("c", began, {}) + plan_of("d", began, {"recheck": (began + HOUR, "worse")})
    found = measured(cases, steps)
    assert (found["rechecked"], found["rechecked_n"]) == (1 / 3, 3)


def test_a_plan_is_complete_with_three_contacts_and_the_benefit():
    began, soon = NOW - 30 * DAY, NOW - 29 * DAY
    four = dict.fromkeys(("phone", "wechat", "email", "benefit"), (soon, "no_answer"))
    skipped = four | {"email": (soon, "skipped")}
    cases = [
        case("complete", plan_started_at=began),
        case("skipped", plan_started_at=began),
        case("given up", plan_started_at=began, state="lost", closed_at=soon),
        case("won at once", plan_started_at=began, state="won", closed_at=soon),
        case("running", plan_started_at=NOW - DAY),
        case("complete early", plan_started_at=NOW - DAY),
        case("no plan"),
    ]
    steps = plan_of("complete", began, four) + plan_of("skipped", began, skipped)
    for name in ("given up", "won at once"):
        steps += plan_of(name, began, {"phone": (soon, "responded")})
    steps += plan_of("running", NOW - DAY, {})
    steps += plan_of("complete early", NOW - DAY, four)
    found = measured(cases, steps)
    # complete and complete early; of the others skipped and given up were to be judged
    assert (found["complete"], found["complete_n"]) == (2 / 4, 4)


def test_open_and_overdue_plans():
    late, today = NOW - 30 * DAY, NOW
    every = {kind: (late, "skipped") for kind, _ in follow_up.due_times(late, None)}
    cases = [
        case("late", plan_started_at=late),
        case("done", plan_started_at=late),
        case("closed", plan_started_at=late, state="closed", closed_at=NOW),
        case("young", plan_started_at=today),
        case("no plan"),
    ]
    steps = plan_of("late", late, {}) + plan_of("done", late, every)
    steps += plan_of("closed", late, {}) + plan_of("young", today, {})
    found = measured(cases, steps)
    assert (found["open_plans"], found["overdue_plans"]) == (3, 1)


def test_nothing_to_judge_is_unknown():
    found = measured([], [])
    assert (found["open_plans"], found["overdue_plans"]) == (0, 0)
    for name in ("on_time", "rechecked", "complete"):
        assert found[f"{name}_n"] == 0
        assert [found[f"{name}{end}"] for end in ("", "_low", "_high")] == [None] * 3


def test_a_warning_that_nobody_followed_up_counts_from_the_first_case_on():
    first = NOW - 20 * DAY
    schema = {"customer_id": pl.String, "opened_at": TIME, "closed_at": TIME}
    cases = pl.LazyFrame(
        [
            ("open before", first, None),
            ("closed before", first, NOW - 11 * DAY),
            ("closed since", first, NOW - 9 * DAY),
            ("opened since", NOW - DAY, NOW),
            ("again", first, NOW - 11 * DAY),
            ("again", NOW - DAY, None),
        ],
        schema=schema,
        orient="row",
    )
    warned = pl.LazyFrame(
        [(name, NOW - 10 * DAY) for name in ("open before", "closed before", "closed since",
                                             "opened since", "again", "nobody")]
        + [("too early", first - HOUR), ("just then", first)],
        schema={"customer_id": pl.String, "warned_at": TIME}, orient="row",
    )  # fmt: skip
    found = follow_up.unattended(warned, cases, begun=first).collect()
    assert found["customer_id"].to_list() == ["closed before", "nobody", "just then"]
    assert follow_up.unattended(warned, cases.head(0), begun=None).collect().is_empty()
    others = follow_up.unattended(warned, cases.head(0), begun=first).collect()
    assert others.height == 7  # their cases are not among these; the first of all still counts
    made = follow_up.followed_up(pl.LazyFrame(schema=CASES), pl.LazyFrame(schema=STEPS))
    every = pl.concat([made, follow_up.unattended(warned, cases, begun=first)], how="diagonal")
    row = every.select(**follow_up.process_measures(NOW)).collect().row(0, named=True)
    assert (row["on_time"], row["on_time_n"], row["open_plans"]) == (0.0, 3, 0)


def company(seed: int) -> tuple[list[dict], list[dict]]:
    """Cases and steps by chance, at the edges more often than chance would have."""
    chance = Random(seed)
    edges = [timedelta(), HOUR, 2 * DAY, 7 * DAY, 90 * DAY, timedelta(microseconds=1)]
    cases: list[dict] = []
    steps: list[dict] = []
    for number in range(150):
        began = NOW - chance.choice([5 * DAY, 8 * DAY, *edges]) - chance.random() * 100 * DAY
        warned = chance.choice([None, began - chance.random() * 3 * DAY])
        state = chance.choice(["open", "open", "won", "lost", "closed"])
        closed = None if state == "open" else began + chance.random() * 9 * DAY
        name = f"k{number:03}"
        cases.append(case(name, warned_at=warned, plan_started_at=began, state=state,
                          closed_at=closed))  # fmt: skip
        done = {
            step.kind: (began + chance.choice(edges[:4]), chance.choice(["responded", "skipped"]))
            for step in follow_up.plan()
            if chance.random() < 0.8
        }
        steps += plan_of(name, began, done)
    return cases, steps


SQL = """
with roles(kind, role) as (values ('phone','care'),('wechat','care'),('email','care'),
                                  ('benefit','benefit'),('recheck','check')),
done as (
  select s.case_id, r.role, s.done_at from steps s join roles r using (kind)
  where s.done_at is not null and s.outcome <> 'skipped'
),
f as (
  select c.*,
    (select min(done_at) from done d where d.case_id = c.case_id and role <> 'check') first_at,
    (select min(done_at) from done d where d.case_id = c.case_id and role = 'check') check_at,
    (select count(*) from done d where d.case_id = c.case_id and role = 'care') >= 3
      and (select count(*) from done d where d.case_id = c.case_id and role = 'benefit') >= 1 whole,
    (select max(due_at) from steps s where s.case_id = c.case_id and kind <> 'recheck') last_due,
    (select min(due_at) from steps s where s.case_id = c.case_id and done_at is null) next_due
  from cases c
)
select
  sum(state = 'open'), sum(state = 'open' and next_due < :now),
  sum(warned_at + :two_days <= :now), sum(warned_at + :two_days <= :now
    and coalesce(first_at <= warned_at + :two_days, 0)),
  sum(plan_started_at + :week <= :now), sum(plan_started_at + :week <= :now
    and coalesce(check_at <= plan_started_at + :week, 0)),
  sum(whole or ((state <> 'open' or last_due <= :now)
    and not (state = 'won' and closed_at < last_due))),
  sum(whole)
from f
"""


@pytest.mark.parametrize("seed", range(4))
def test_the_work_is_counted_as_sql_counts_it(seed: int):
    cases, steps = company(seed)
    found = measured(cases, steps)
    database = sqlite3.connect(":memory:")

    def whole(value: object) -> object:
        return (value - NOW) // timedelta(microseconds=1) if isinstance(value, datetime) else value

    for table, schema, rows in (("cases", CASES, cases), ("steps", STEPS, steps)):
        database.execute(f"create table {table} ({', '.join(schema)})")
        marks = ", ".join("?" * len(schema))
        values = [tuple(whole(row[name]) for name in schema) for row in rows]
        database.executemany(f"insert into {table} values ({marks})", values)
    clock = {"now": 0, "two_days": 2 * 86_400 * 10**6, "week": 7 * 86_400 * 10**6}
    opened, overdue, *shares = database.execute(SQL, clock).fetchone()
    database.close()
    assert (found["open_plans"], found["overdue_plans"]) == (opened, overdue)
    for name in ("on_time", "rechecked", "complete"):
        judged, held = shares.pop(0), shares.pop(0)
        assert found[f"{name}_n"] == judged > 20
        assert found[name] == pytest.approx(held / judged)
