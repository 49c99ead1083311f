"""Campaigns by hand: the worked example, plans, tasks, reviews, triggers, what came after."""

from datetime import date, timedelta

import polars as pl
import pytest
from chinese_calendar import is_workday
from hypothesis import given
from hypothesis import strategies as st

from metrics.campaigns import around, course, evaluation, members, plan
from metrics.campaigns.rule import rule
from metrics.measure import measure
from metrics.working_days import working_days_after

RULE = rule()
D = date
NO_GOALS = pl.DataFrame(
    schema={
        "campaign_id": pl.String,
        "measure": pl.String,
        "analysis": pl.String,
        "goal": pl.Float64,
        "reported": pl.Float64,
    }
)


def one(column: pl.Expr, **values: object) -> object:
    return pl.DataFrame({name: [value] for name, value in values.items()}).select(column).item()


# ---- what a template writes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("≥70%", 0.7),
        ("≥ 12 %", 0.12),
        ("15％", 0.15),
        ("4.5分", 4.5),
        ("≤50元/人", 50.0),
        ("10,000", 10_000.0),
        ("１２%", 0.12),
        ("--", None),
        ("", None),
        (None, None),
    ],
)
def test_a_target_is_read_as_it_is_written(text, value):
    assert one(plan.goal_value(pl.col("a").cast(pl.String)), a=text) == value


# ---- the worked example: 65 % for 70 %, 15 % for 12 %, 4.3 for 4.5, 46 for 50


def joined(count: int, **more: object) -> list[dict[str, object]]:
    row = {
        "campaign_id": "k",
        "contacted_on": D(2024, 4, 11),
        "participated_on": None,
        "is_control": False,
        "participated": False,
        "converted": None,
        "form": None,
        "tier": "mid",
        "satisfaction": None,
        "bought": None,
        "complaints_before": None,
        "complaints_after": None,
    }
    return [row | more] * count


SCHEMA = {
    "campaign_id": pl.String,
    "contacted_on": pl.Date,
    "participated_on": pl.Date,
    "is_control": pl.Boolean,
    "participated": pl.Boolean,
    "converted": pl.Boolean,
    "form": pl.String,
    "tier": pl.String,
    "satisfaction": pl.Int16,
    "bought": pl.UInt8,
    "complaints_before": pl.UInt8,
    "complaints_after": pl.UInt8,
}


def frame(*rows: list[dict[str, object]]) -> pl.LazyFrame:
    return pl.LazyFrame([row for group in rows for row in group], schema=SCHEMA)


EXAMPLE = frame(  # 200 targets, 130 take part, 20 of them buy, 90 answer
    joined(39, participated=True, bought=0, satisfaction=5),
    joined(39, participated=True, bought=0, satisfaction=4),
    joined(12, participated=True, bought=0, satisfaction=3),
    joined(20, participated=True, bought=2),
    joined(20, participated=True, bought=0),
    joined(70, bought=1),  # bought, but did not take part
)


def found(rows: pl.LazyFrame, **more: object) -> pl.DataFrame:
    told = {"ends_on": D(2024, 4, 30), "spent": 598_000} | more
    counted = measure(rows, "campaign_id", **members.outcomes().over_rows()).collect()
    return counted.with_columns(
        pl.lit(told["ends_on"], pl.Date).alias("ends_on"),
        pl.lit(told["spent"], pl.Int64).alias("spent"),
    )


LONG_AFTER = D(2024, 7, 1)


def judged(rows: pl.DataFrame, day: date = LONG_AFTER, goals: pl.DataFrame = NO_GOALS):
    usual = {"participation": 0.7, "repurchase": 0.12, "satisfaction": 4.5, "cost": 50.0}
    told = evaluation.evaluate(rows, goals, usual, RULE, money_scale=2, as_of=day, orders_as_of=day)
    return {row["measure"]: row for row in told.iter_rows(named=True)}


def test_the_worked_example_of_the_plan():
    rows = judged(found(EXAMPLE))
    assert list(rows) == ["participation", "repurchase", "satisfaction", "cost"]
    assert rows["participation"]["actual"] == 0.65
    assert rows["repurchase"]["actual"] == pytest.approx(20 / 130)  # 15 % of 130 is no whole number
    assert rows["satisfaction"]["actual"] == pytest.approx(4.3)
    assert rows["cost"]["actual"] == pytest.approx(46.0)  # 5,980 spent ÷ 130
    attained = {name: row["attainment"] for name, row in rows.items()}
    assert attained == {
        "participation": "missed",
        "repurchase": "exceeded",
        "satisfaction": "missed",
        "cost": "met",
    }
    assert not any(row["provisional"] for row in rows.values())
    assert {name: row["n"] for name, row in rows.items()} == {
        "participation": 200,
        "repurchase": 130,
        "satisfaction": 90,
        "cost": 130,
    }


def test_the_plans_own_division_of_the_budget_is_not_46():
    counts = found(EXAMPLE, spent=None).with_columns(budget=pl.lit(1_000_000, pl.Int64))
    costs = counts.select(**evaluation.COSTS.over_rows()).row(0, named=True)
    assert costs["budget_per_participant"] / 100 == pytest.approx(10_000 / 130)  # 76.9
    assert costs["per_participant"] is None  # nothing recorded, not free


@pytest.mark.parametrize(("day", "open_"), [(D(2024, 5, 29), True), (D(2024, 5, 30), False)])
def test_repurchase_is_provisional_until_thirty_days_are_over(day, open_):
    rows = judged(found(EXAMPLE), day)
    assert rows["repurchase"]["provisional"] is open_
    assert rows["participation"]["provisional"] is False


def test_while_it_runs_everything_is_provisional():
    assert all(row["provisional"] for row in judged(found(EXAMPLE), D(2024, 4, 29)).values())


def test_what_was_written_down_is_held_against_what_we_find():
    goals = pl.DataFrame(
        [
            ("k", "participation", None, 0.6, 0.65),
            ("k", "repurchase", None, 0.12, 0.15),  # 15.4 % written as 15 %
            ("k", "cost", None, 50.0, 76.9),
        ],
        schema=NO_GOALS.schema,
        orient="row",
    )
    rows = judged(found(EXAMPLE), goals=goals)
    assert rows["participation"]["attainment"] == "met"  # its own target
    assert [rows[name]["own"] for name in ("participation", "satisfaction")] == [True, False]
    assert [rows[name]["differs"] for name in ("participation", "repurchase", "cost")] == [
        False,
        False,
        True,
    ]
    assert rows["satisfaction"]["differs"] is None


def test_a_result_on_its_target_meets_it_and_one_without_is_unknown():
    rows = judged(found(frame(joined(7, participated=True), joined(3))))
    assert rows["participation"]["attainment"] == "met"
    assert rows["repurchase"]["attainment"] == "unknown"
    assert rows["satisfaction"]["actual"] is None
    empty = frame()
    assert (
        measure(empty, **members.outcomes().over_rows()).collect()["participation"].item() is None
    )


def test_targets_who_were_not_reached_count_and_controls_do_not():
    rows = frame(
        joined(3, participated=True),
        joined(1, contacted_on=None),
        joined(5, is_control=True, participated=None),
        joined(2, participated=None),  # not recorded
    )
    told = measure(rows, **members.outcomes().over_rows()).collect().row(0, named=True)
    assert (told["participation"], told["invited"]) == (0.75, 4)
    assert (told["targets"], told["reach"]) == (6, 5 / 6)


def test_complaints_fall_by_as_much_as_they_do():
    rows = frame(
        joined(2, complaints_before=2, complaints_after=0),
        joined(1, complaints_before=0, complaints_after=1),
        joined(4, complaints_before=None, complaints_after=None),
        joined(3, is_control=True, complaints_before=1, complaints_after=1),
    )
    told = measure(rows, **members.outcomes().over_rows()).collect().row(0, named=True)
    assert told["complaint_change"] == -0.75
    assert told["complaint_rate_before"] == pytest.approx(4 / 3)
    assert told["complaint_change_low"] < -0.75 < told["complaint_change_high"]
    held = measure(rows, **members.CONTROL_COMPLAINTS.over_rows()).collect().row(0, named=True)
    assert held["complaint_change"] == 0.0


def test_a_form_suits_a_tier_only_where_a_plan_says_so():
    rows = frame(
        joined(2, form="salon", tier="high"),
        joined(1, form="discount", tier="high"),
        joined(4, form="discount", tier="unheard_of"),
        joined(1, form=None, tier="high"),
    )
    what = members.outcomes({"high": ("salon",)})
    told = measure(rows, **what.over_rows()).collect().row(0, named=True)
    assert (told["fit"], told["formed"]) == (2 / 3, 3)
    assert measure(rows, **members.outcomes().over_rows()).collect()["fit"].item() is None


@pytest.mark.parametrize(
    ("text", "value"), [("phone+community", "community+phone"), ("b + a+b", "a+b"), ("", None)]
)
def test_a_combination_is_written_in_one_way(text, value):
    assert one(members.combination(pl.col("a")), a=text) == value


# ---- plans, tasks, reviews

PLANNED = pl.LazyFrame(
    {
        "campaign_id": ["full", "blank", "bare"],
        "name": ["a", "b", "c"],
        "starts_on": [D(2024, 4, 1)] * 3,
        "ends_on": [D(2024, 4, 30), D(2024, 4, 30), None],
        "objective": ["raise it", "   ", None],
        "target_group": ["all", "all", None],
        "planned_reach": [200, 200, None],
        "resources": ["people", "people", None],
        "scenario": ["brand", "brand", None],
        "lead_department": ["x", "x", None],
        "supporting_departments": ["y", None, None],
        "reviewed_on": [D(2024, 5, 8), D(2024, 5, 9), None],
    },
    schema_overrides={"ends_on": pl.Date, "reviewed_on": pl.Date},
)


def test_a_plan_is_smart_if_every_letter_has_its_fields():
    goals = pl.LazyFrame({"campaign_id": ["full", "bare"], "goal": [0.7, None]})
    told = plan.plans(PLANNED, goals, RULE).collect()
    rows = {row["campaign_id"]: row for row in told.iter_rows(named=True)}
    assert rows["full"]["complete"]
    assert rows["full"]["lacking"] == []
    assert not rows["blank"]["specific"]  # blanks say nothing
    assert rows["blank"]["lacking"] == ["objective", "goal", "supporting_departments"]
    assert not any(rows["bare"][name] for name in RULE.smart)
    shares = told.select(**plan.PLANS.over_rows()).row(0, named=True)
    assert (shares["smart_share"], shares["scoped_share"]) == (1 / 3, 1 / 3)


def task(number: int, end: date | None, done: date | None, **more: object) -> dict[str, object]:
    return {
        "task_id": f"t{number}",
        "campaign_id": "full",
        "phase": "execution",
        "name": "call",
        "owner": "sales",
        "planned_start_on": D(2024, 4, 11),
        "planned_end_on": end,
        "started_on": None,
        "ended_on": done,
        "criteria": "all called",
    } | more


def test_a_task_is_late_or_in_time_by_its_own_days():
    due = D(2024, 4, 15)
    rows = [
        task(1, due, due),
        task(2, due, D(2024, 4, 18)),
        task(3, due, None),
        task(4, D(2024, 4, 20), D(2024, 4, 12)),  # early, but its time is not over
        task(5, D(2024, 4, 20), None),  # its last day is today
        task(6, D(2024, 5, 20), None, planned_start_on=D(2024, 5, 1)),
        task(7, None, None, owner=None),
        task(8, due, D(2024, 5, 1), phase="preparation"),  # done later than the data go
    ]
    schema = {"planned_end_on": pl.Date, "started_on": pl.Date, "ended_on": pl.Date}
    told = plan.tasks(
        pl.LazyFrame(rows, schema_overrides=schema), PLANNED, RULE, as_of=D(2024, 4, 20)
    ).collect()
    states = dict(zip(told["task_id"], told["state"], strict=True))
    assert states == {
        "t1": "done",
        "t2": "late",
        "t3": "overdue",
        "t4": "done",
        "t5": "running",
        "t6": "ahead",
        "t7": None,
        "t8": "overdue",
    }
    assert told["task_id"][0] == "t8"  # preparation comes first
    late = dict(zip(told["task_id"], told["late_days"], strict=True))
    assert (late["t1"], late["t2"], late["t3"]) == (0, 3, 5)
    shares = told.select(**plan.TASKS.over_rows()).row(0, named=True)
    assert (shares["on_time"], shares["due"]) == (0.25, 4)
    assert shares["broken_down_share"] == 7 / 8


def test_a_review_has_three_working_days():
    """The end on Tuesday 30 April 2024; 1 to 5 May are holidays: Monday, Tuesday, Wednesday."""
    told = plan.reviews(PLANNED, RULE, as_of=D(2024, 5, 10)).collect()
    rows = {row["campaign_id"]: row for row in told.iter_rows(named=True)}
    assert rows["full"]["due_on"] == D(2024, 5, 8)
    assert {key: row["state"] for key, row in rows.items()} == {"full": "on_time", "blank": "late"}
    early = plan.reviews(PLANNED, RULE, as_of=D(2024, 5, 8)).collect()
    assert set(early["state"]) == {"on_time", "waiting"}
    assert early.select(**plan.CLOCK.over_rows())["on_time"].item() is None  # time is not over


@given(st.dates(D(2020, 1, 1), D(2025, 12, 1)), st.integers(1, 10))
def test_working_days_are_counted_one_by_one(start, count):
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= is_workday(day)
    assert one(working_days_after(pl.col("a"), count), a=start) == day


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (D(2026, 9, 30), 1, D(2026, 10, 8)),  # the holidays of a week, 4 to 7 October among them
        (D(2026, 10, 9), 1, D(2026, 10, 10)),  # a Saturday made up for
        (D(2026, 10, 10), 1, D(2026, 10, 12)),
        (D(2031, 10, 1), 1, D(2031, 10, 2)),  # not announced: an ordinary week
    ],
)
def test_holidays_are_not_worked_and_make_up_days_are(start, count, end):
    assert one(working_days_after(pl.col("a"), count), a=start) == end


# ---- the course

BEGUN = pl.LazyFrame(
    {"campaign_id": ["k"], "name": ["n"], "starts_on": [D(2024, 4, 1)], "ends_on": [D(2024, 4, 9)]}
)
LOG = pl.LazyFrame(
    [
        ("k", D(2024, 4, 1), 10, 6, 5, 3, None),
        ("k", D(2024, 4, 5), 20, 9, None, None, "sms"),
    ],
    schema={
        "campaign_id": pl.String,
        "tracked_on": pl.Date,
        "community_members": pl.Int32,
        "community_active": pl.Int32,
        "calls": pl.Int32,
        "calls_connected": pl.Int32,
        "adjustment": pl.String,
    },
    orient="row",
)


def invited(*days: tuple[int, int | None]) -> pl.LazyFrame:
    rows = [
        joined(
            1,
            contacted_on=D(2024, 4, 1) + timedelta(days=day),
            participated_on=None if came is None else D(2024, 4, 1) + timedelta(days=came),
        )
        for day, came in days
    ]
    held = joined(1, is_control=True, contacted_on=D(2024, 4, 1), participated_on=D(2024, 4, 1))
    return frame(*rows, held)


def test_participation_is_of_those_invited_so_far():
    rows = invited((0, 0), (0, None), (2, 3), (-5, 0))
    days = course.days(rows, BEGUN, LOG, as_of=D(2024, 4, 5)).collect()
    assert days["invited"].to_list() == [3, 3, 4, 4, 4]  # contacted before the first day: on it
    assert days["joined"].to_list() == [2, 2, 2, 3, 3]
    assert days["participation"].to_list() == [2 / 3, 2 / 3, 0.5, 0.75, 0.75]
    assert days["tracked"].to_list() == [True, False, False, False, True]
    shares = days.select(**course.LOG.over_rows()).row(0, named=True)
    assert shares["tracked_share"] == 0.4
    assert shares["community"] == 0.5  # 15 of 30 member days, no average of shares
    assert shares["connect"] == 0.6


def raised(rows: pl.LazyFrame, day: date, log: pl.LazyFrame = LOG, goal: float | None = None):
    days = course.days(rows, BEGUN, log, as_of=day)
    goals = pl.LazyFrame(
        {"campaign_id": ["k"], "measure": ["participation"], "goal": [goal]},
        schema_overrides={"goal": pl.Float64},
    )
    return course.triggers(days, BEGUN, goals, RULE, as_of=day).collect()


def test_the_first_days_raise_no_trigger_and_48_hours_run_from_the_day():
    rows = invited((0, None), (0, 6), (0, 6))
    told = raised(rows, D(2024, 4, 9)).row(0, named=True)
    assert told["raised_on"] == D(2024, 4, 3)
    assert told["due_on"] == D(2024, 4, 5)
    assert (told["adjusted_on"], told["state"], told["judged"]) == (D(2024, 4, 5), "on_time", True)


def test_a_change_on_the_third_day_after_is_late_and_none_is_overdue():
    rows = invited((0, None), (0, None))
    late = LOG.with_columns(pl.col("tracked_on") + pl.duration(days=1))
    assert raised(rows, D(2024, 4, 9), late)["state"].to_list() == ["late"]
    nothing = LOG.with_columns(adjustment=pl.lit(None, pl.String))
    assert raised(rows, D(2024, 4, 9), nothing)["state"].to_list() == ["overdue"]
    waiting = raised(rows, D(2024, 4, 5), nothing)
    assert (waiting["state"].item(), waiting["judged"].item()) == ("waiting", False)


def test_a_new_fall_is_a_new_trigger_and_a_lower_target_lowers_it():
    rows = invited((0, 3), (0, None), (0, 3), (5, None))  # 0, then 2/3, then 2/4
    assert raised(rows, D(2024, 4, 9))["raised_on"].to_list() == [D(2024, 4, 3), D(2024, 4, 6)]
    low = raised(rows, D(2024, 4, 9), goal=0.4)
    assert low["raised_on"].to_list() == [D(2024, 4, 3)]
    assert low["threshold"].to_list() == [0.4]


# ---- around a campaign


def test_purchases_count_from_the_day_after_the_end():
    bought = pl.DataFrame({"2024-04": [1 << 29], "2024-05": [1 | 1 << 29 | 1 << 30]}).cast(
        pl.UInt32
    )
    rows = pl.DataFrame({"row": [0, 0, None, 0], "ends_on": [D(2024, 4, 30)] * 3 + [D(2024, 6, 1)]})
    told = around.bought_after(rows, bought, window_days=30, as_of=D(2024, 5, 31))
    # 30 April is the last day of the campaign; 1 and 30 May are inside, 31 May is not
    assert told.to_list() == [2, 2, None, None]


FILED = pl.DataFrame(
    [
        (1, D(2024, 3, 1), D(2024, 3, 2)),
        (1, D(2024, 3, 31), None),
        (1, D(2024, 5, 30), D(2024, 5, 31)),
        (2, D(2024, 1, 1), D(2024, 1, 2)),
        (2, D(2024, 5, 31), D(2024, 6, 9)),
    ],
    schema={"customer_id": pl.Int32, "created_on": pl.Date, "resolved_on": pl.Date},
    orient="row",
)


def test_complaints_are_counted_thirty_days_before_and_after():
    rows = pl.DataFrame(
        {
            "customer_id": [1, 2, None, 1],
            "starts_on": [D(2024, 4, 1)] * 3 + [D(2024, 1, 20)],
            "ends_on": [D(2024, 4, 30)] * 4,
        }
    )
    told = around.complaints_around(rows, FILED, window_days=30, as_of=D(2024, 5, 30))
    # 31 March and 30 May; the window before the fourth begins before anything is known
    assert told["complaints_before"].to_list() == [1, 0, None, None]
    assert told["complaints_after"].to_list() == [1, 0, None, None]
    early = around.complaints_around(rows, FILED, window_days=30, as_of=D(2024, 5, 29))
    assert early["complaints_after"].null_count() == 4


def test_a_promotion_is_too_early_only_between_the_two_days():
    days = [D(2024, 3, 31), D(2024, 4, 1), D(2024, 5, 31), D(2024, 6, 8), D(2024, 6, 9)]
    rows = pl.DataFrame({"customer_id": [1, 1, 2, 2, 2], "sent_on": days})
    told = around.too_early(rows, FILED)
    assert told["sent_on"].to_list() == [D(2024, 4, 1), D(2024, 6, 8)]
    assert told["complained_on"].to_list() == [D(2024, 3, 31), D(2024, 5, 31)]
    assert told["solved_on"].to_list() == [None, D(2024, 6, 9)]
    assert around.too_early(rows, FILED.clear()).is_empty()


def test_hours_that_are_no_days_are_refused(monkeypatch):
    assert RULE.adjust_days == 2
    told = {"monitoring": {"trigger": 0.6, "first_day": 3, "adjust_hours": 36}}
    monkeypatch.setattr("metrics.campaigns.rule.load", lambda _topic: told)
    with pytest.raises(ValueError, match="36"):
        rule.__wrapped__()
