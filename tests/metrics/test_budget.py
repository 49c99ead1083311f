"""Budget against actual: exact phasing, complete months, variance, forecast, the SQL oracle."""

import sqlite3
from datetime import date, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import budget

LINES = {
    "line_id": pl.String,
    "budget_id": pl.String,
    "subject": pl.String,
    "item": pl.String,
    "period_start": pl.Date,
    "period_months": pl.Int32,
    "planned": pl.Int64,
}
EXPENSES = {
    "expense_id": pl.String,
    "line_id": pl.String,
    "spent_on": pl.Date,
    "amount": pl.Int64,
    "description": pl.String,
}
BUDGETS = pl.LazyFrame(
    {"budget_id": ["b1", "b2"], "name": ["care", "events"], "currency": ["CNY", "EUR"]}
)
AS_OF = date(2024, 3, 15)  # January and February are complete, March is running


def lines(*rows):
    plan = pl.LazyFrame(rows, schema=LINES, orient="row")
    return plan.with_columns(phasing=pl.lit(None, dtype=pl.String))


def spent(*rows):
    numbered = [(f"e{n}", *row, None) for n, row in enumerate(rows)]
    return pl.LazyFrame(numbered, schema=EXPENSES, orient="row")


def year(name="l1", budget_id="b1", subject="labour", planned=1200, months=12, item=None):
    return (name, budget_id, subject, item, date(2024, 1, 1), months, planned)


def run(plan, actual, *by, as_of=AS_OF, **options):
    months = budget.budget_months(plan, actual, BUDGETS)
    return budget.variance(months, *by, as_of=as_of, **options).collect()


def row(plan, actual, **options):
    return run(plan, actual, **options).row(0, named=True)


EVEN = spent(("l1", date(2024, 1, 31), 100), ("l1", date(2024, 2, 1), 100))


def test_a_year_is_spread_evenly_and_adds_up_to_the_unit():
    months = budget.budget_months(lines(year(planned=1000)), spent(), BUDGETS).collect()
    assert months["planned"].to_list() == [84] * 4 + [83] * 8  # 1000 = 12 × 83 + 4
    assert months["month"].to_list() == [date(2024, month, 1) for month in range(1, 13)]
    assert months["currency"].unique().to_list() == ["CNY"]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(1, 36))
def test_the_months_of_a_line_always_add_up_to_it(planned, months):
    plan = lines(year(planned=planned, months=months))
    found = budget.budget_months(plan, spent(), BUDGETS).collect()["planned"]
    assert found.len() == months
    assert found.sum() == planned
    assert found.max() - found.min() <= 1


def test_an_expense_counts_in_its_month_also_outside_the_period_of_its_line():
    late = spent(("l1", date(2024, 4, 5), 70))
    months = budget.budget_months(lines(year(planned=50, months=1)), late, BUDGETS).collect()
    assert months.select("month", "planned", "actual").rows() == [
        (date(2024, 1, 1), 50, 0),
        (date(2024, 2, 1), 0, 0),  # empty months exist
        (date(2024, 3, 1), 0, 0),
        (date(2024, 4, 1), 0, 70),
    ]


def test_expenses_after_as_of_are_not_known_yet():
    months = budget.budget_months(lines(year(months=1)), EVEN, BUDGETS, as_of=date(2024, 1, 31))
    assert months.collect()["actual"].sum() == 100


def test_only_complete_months_are_compared_and_the_running_one_stands_apart():
    found = row(lines(year()), spent(("l1", date(2024, 1, 9), 190), ("l1", date(2024, 3, 2), 30)))
    assert (found["planned_to_date"], found["actual_to_date"]) == (200, 190)
    assert found["variance"] == -10
    assert found["variance_share"] == -0.05  # with March it would be (220 - 300) / 300
    assert (found["running_planned"], found["running_actual"]) == (100, 30)
    assert found["planned_total"] == 1200


def test_the_last_day_of_a_month_completes_it():
    found = row(lines(year()), EVEN, as_of=date(2024, 3, 31))
    assert (found["planned_to_date"], found["running_planned"]) == (300, 0)


def test_the_forecast_is_actual_plus_the_plan_of_what_is_left():
    found = row(lines(year()), spent(("l1", date(2024, 1, 9), 250)))
    assert found["forecast"] == 250 + 10 * 100
    assert found["forecast_variance"] == 50
    assert found["forecast_variance_share"] == pytest.approx(50 / 1200)


def test_money_already_spent_in_the_running_month_is_not_forecast_away():
    over = spent(("l1", date(2024, 1, 9), 200), ("l1", date(2024, 3, 2), 130))
    assert row(lines(year()), over)["forecast"] == 200 + 130 + 9 * 100


def test_the_run_rate_carries_execution_so_far_forward():
    found = row(
        lines(year()), spent(("l1", date(2024, 1, 9), 220)), forecast=budget.Forecast.RUN_RATE
    )
    assert found["forecast"] == 220 + 1100  # 10 months of plan at 110 %
    early = row(lines(year()), spent(), as_of=date(2024, 1, 5), forecast=budget.Forecast.RUN_RATE)
    assert early["forecast"] is None  # no complete month to learn from


@pytest.mark.parametrize(
    ("actual", "status"),
    [
        (200, "within"),
        (220, "within"),  # exactly 10 % over
        (221, "amber"),
        (180, "within"),
        (179, "amber"),
        (230, "amber"),  # exactly 15 % over
        (231, "red"),
        (169, "red"),  # spending too little is a variance too
    ],
)
def test_status_is_two_sided_and_begins_above_its_threshold(actual, status):
    found = row(lines(year()), spent(("l1", date(2024, 2, 2), actual)))
    assert found["status"] == status


def test_spending_without_a_plan_has_no_share_but_is_not_hidden():
    plan = lines(year(), year("l2", subject="gifts", planned=0))
    found = run(plan, spent(("l2", date(2024, 1, 2), 40)), "subject")
    gifts = found.filter(subject="gifts").row(0, named=True)
    assert gifts["variance"] == 40
    assert gifts["variance_share"] is None
    assert gifts["status"] == "unplanned"
    idle = row(lines(year(planned=0)), spent())
    assert idle["status"] is None
    assert idle["variance_share"] is None


def test_the_whole_is_not_the_average_of_its_subjects():
    plan = lines(year(planned=12_000), year("l2", subject="gifts"))
    actual = spent(("l1", date(2024, 1, 2), 2000), ("l2", date(2024, 1, 2), 400))
    by_subject = run(plan, actual, "subject")
    assert by_subject["variance_share"].to_list() == [1.0, 0.0]  # gifts, labour
    assert run(plan, actual)["variance_share"].item() == pytest.approx(200 / 2200)


def test_currencies_are_never_added():
    plan = lines(year(), year("l2", budget_id="b2"))
    found = run(plan, EVEN)
    assert found.select("currency", "planned_to_date").rows() == [("CNY", 200), ("EUR", 200)]


def test_many_expenses_of_a_line_do_not_multiply_its_plan():
    found = row(lines(year()), spent(*(("l1", date(2024, 1, day), 1) for day in range(1, 31))))
    assert (found["planned_to_date"], found["actual_to_date"]) == (200, 30)


def test_a_line_listed_twice_is_refused_instead_of_doubling_expenses():
    with pytest.raises(pl.exceptions.ComputeError):
        run(lines(year(), year()), EVEN)


def test_by_month_marks_what_is_complete_running_and_ahead():
    months = budget.budget_months(lines(year(months=5, planned=500)), EVEN, BUDGETS)
    found = budget.by_month(months, as_of=AS_OF).collect()
    assert found["phase"].to_list() == ["complete", "complete", "running", "ahead", "ahead"]
    assert found["forecast"].to_list() == [100] * 5
    assert found["variance"].to_list() == [0, 0, None, None, None]
    assert found["forecast"].sum() == row(lines(year(months=5, planned=500)), EVEN)["forecast"]


def test_execution_is_actual_of_planned_and_null_without_a_plan():
    plan = lines(year(planned=400), year("l2", subject="gifts", planned=0))
    months = budget.budget_months(plan, EVEN, BUDGETS)
    found = budget.execution(months, "subject").collect()
    assert found["execution_ratio"].to_list() == [None, 0.5]  # gifts, labour


def test_expenses_behind_the_number_come_latest_first():
    found = budget.spending(lines(year()), EVEN).collect()
    assert found["expense_id"].to_list() == ["e1", "e0"]
    assert found["subject"].to_list() == ["labour", "labour"]


def test_no_budget_gives_no_rows():
    assert run(lines(), spent(), "subject").is_empty()
    months = budget.budget_months(lines(), spent(), BUDGETS)
    assert budget.by_month(months, as_of=AS_OF).collect().is_empty()


def test_the_same_question_in_sql_has_the_same_answer():
    random = Random(3)
    subjects = ["labour", "gifts", "technology"]
    plan = [
        (f"l{n}", "b1", random.choice(subjects), None, date(2024, 1 + n % 12, 1), 1, 100 + n)
        for n in range(60)
    ]
    actual = [
        (f"l{random.randrange(60)}", date(2024, 1, 1) + timedelta(days=random.randrange(365)), n)
        for n in range(300)
    ]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE lines (line_id, subject, period_start, planned)")
    database.execute("CREATE TABLE expenses (line_id, spent_on, amount)")
    database.executemany(
        "INSERT INTO lines VALUES (?, ?, ?, ?)",
        [(line[0], line[2], line[4].isoformat(), line[6]) for line in plan],
    )
    database.executemany(
        "INSERT INTO expenses VALUES (?, ?, ?)", [(n, d.isoformat(), a) for n, d, a in actual]
    )
    expected = database.execute(
        """
        SELECT subject,
          (SELECT SUM(planned) FROM lines p
            WHERE p.subject = s.subject AND period_start < '2024-03-01'),
          (SELECT SUM(amount) FROM expenses e JOIN lines l USING (line_id)
            WHERE l.subject = s.subject AND spent_on < '2024-03-01'),
          (SELECT SUM(planned) FROM lines p WHERE p.subject = s.subject)
        FROM (SELECT DISTINCT subject FROM lines) s ORDER BY subject
        """
    ).fetchall()
    database.close()
    found = run(lines(*plan), spent(*actual), "subject")
    columns = ("subject", "planned_to_date", "actual_to_date", "planned_total")
    assert found.select(columns).rows() == expected
