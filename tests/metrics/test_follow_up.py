"""Following up: dues and shares by hand, and against SQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from metrics import follow_up, intervals, reactivation
from metrics.purchase_days import days_of, in_order, purchase_bits

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


AS_OF = date(2026, 10, 31)


def starts(*rows: tuple[str, date]) -> pl.LazyFrame:
    schema = {"customer_id": pl.String, "from_on": pl.Date}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def bought(*rows: tuple[str, date]) -> pl.LazyFrame:
    return pl.LazyFrame(
        rows, schema={"customer_id": pl.String, "ordered_on": pl.Date}, orient="row"
    )


def test_an_order_counts_from_the_day_after_the_start_to_the_ninetieth():
    began = AS_OF - 90 * DAY
    rows = starts(*((name, began) for name in ("0", "1", "90", "91", "none")))
    orders = bought(*((str(day), began + day * DAY) for day in (0, 1, 90, 91)))
    found = reactivation.reactivations(rows, orders, as_of=AS_OF).collect()
    assert dict(found.select("customer_id", "reactivated").iter_rows()) == {
        "0": False, "1": True, "90": True, "91": False, "none": False,
    }  # fmt: skip


def test_a_start_whose_ninety_days_run_is_left_out_also_with_an_order():
    young = AS_OF - 89 * DAY
    found = reactivation.reactivations(
        starts(("a", young)), bought(("a", young + DAY)), as_of=AS_OF
    ).collect()
    assert found.is_empty()


def test_many_orders_of_one_and_two_starts_of_one_multiply_nothing():
    first, second = AS_OF - 300 * DAY, AS_OF - 100 * DAY
    orders = bought(*(("a", first + day * DAY) for day in (1, 1, 2, 3)))
    rows = starts(("a", first), ("a", second))
    found = reactivation.reactivations(rows, orders, as_of=AS_OF).collect()
    assert found["from_on"].to_list() == [first, second]
    assert found["reactivated"].to_list() == [True, False]


def test_who_had_a_plan_around_that_time_is_not_compared_with():
    day = date(2026, 6, 1)
    warned = starts(*((name, day) for name in ("90 before", "91 before", "90 after", "none")))
    planned = starts(
        ("90 before", day - 90 * DAY), ("91 before", day - 91 * DAY), ("90 after", day + 90 * DAY)
    )
    found = reactivation.without_plan(warned, planned).collect()
    assert found["customer_id"].to_list() == ["91 before", "none"]


def figures(planned: list[bool], others: list[bool]) -> dict:
    rows = pl.DataFrame(
        {"reactivated": [*planned, *others],
         "planned": [True] * len(planned) + [False] * len(others)},
        schema={"reactivated": pl.Boolean, "planned": pl.Boolean},
    )  # fmt: skip
    return rows.select(**reactivation.reactivation_measures()).row(0, named=True)


def test_reactivation_and_its_advantage_with_intervals():
    """The published example of Newcombe (1998), table II: 56/70 against 48/80, method 10."""
    found = figures([True] * 56 + [False] * 14, [True] * 48 + [False] * 32)
    assert (found["reactivation"], found["reactivation_n"]) == (0.8, 70)
    assert (found["unhelped"], found["unhelped_n"]) == (0.6, 80)
    assert found["advantage"] == pytest.approx(0.2)
    assert found["advantage_low"] == pytest.approx(0.0524, abs=5e-5)
    assert found["advantage_high"] == pytest.approx(0.3339, abs=5e-5)


def test_without_a_group_to_compare_there_is_no_advantage():
    found = figures([True, False, False], [])
    assert found["reactivation"] == pytest.approx(1 / 3)
    low, high = intervals.wilson(pl.lit(1), pl.lit(3))
    low, high = pl.select(low=low, high=high).row(0)
    assert (found["reactivation_low"], found["reactivation_high"]) == (low, high)
    for name in ("unhelped", "advantage", "advantage_low", "advantage_high"):
        assert found[name] is None
    assert figures([], [])["reactivation"] is None


def company(seed: int) -> tuple[list[dict], list[dict], list[tuple[str, date]]]:
    """Cases, steps and purchases by chance, at the edges more often than chance would have."""
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
    days = [(f"of k{chance.randrange(150):03}", (NOW - chance.random() * 200 * DAY).date())
            for _ in range(300)]  # fmt: skip
    return cases, steps, days


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
    cases, steps, _ = company(seed)
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


@pytest.mark.parametrize("seed", range(4))
def test_reactivation_is_counted_as_sql_counts_it(seed: int):
    cases, _, days = company(seed)
    began = [(row["customer_id"], row["plan_started_at"].date()) for row in cases]
    as_of = NOW.date()
    found = reactivation.reactivations(starts(*began), bought(*days), as_of=as_of).collect()
    database = sqlite3.connect(":memory:")
    for table, rows in (("starts", began), ("orders", days)):
        database.execute(f"create table {table} (customer_id, day)")
        database.executemany(f"insert into {table} values (?, ?)",
                             [(name, day.toordinal()) for name, day in rows])  # fmt: skip
    counted = database.execute(
        "select count(*), sum(exists (select 1 from orders o where o.customer_id = s.customer_id "
        "and o.day > s.day and o.day <= s.day + 90)) from starts s where s.day + 90 <= ?",
        (as_of.toordinal(),),
    ).fetchone()
    database.close()
    assert (found.height, found["reactivated"].sum()) == counted
    assert found.height > 10


def test_the_days_of_a_few_customers_are_written_out_again():
    chance = Random(3)
    days = pl.LazyFrame(
        {"customer_id": [f"c{chance.randrange(9)}" for _ in range(400)],
         "ordered_on": [date(2025, 1, 1) + chance.randrange(400) * DAY for _ in range(400)]}
    )  # fmt: skip
    ordered = in_order(days)
    mart = purchase_bits(ordered).with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("tier", "stage")
    )
    again = days_of(mart.lazy()).collect().sort("customer_id", "ordered_on")
    assert again.equals(ordered)
    assert days_of(mart.lazy().filter(pl.col("customer_id") == "nobody")).collect().is_empty()
    nothing = days_of(mart.lazy().select("customer_id", "tier")).collect()
    assert nothing.schema == {"customer_id": pl.String, "ordered_on": pl.Date}
