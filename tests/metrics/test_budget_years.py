"""Budget years: fiscal years, what is booked outside the plan, and yearly comparison."""

from datetime import date

import polars as pl
import pytest

from metrics import budget
from metrics.budget_years import BudgetYears, by_year
from metrics.calendar import Grain
from metrics.selection import Period

FISCAL = BudgetYears(date(2022, 4, 1), date(2024, 3, 1))  # two years from April


def months(*rows):
    """Budget months of one item: month, planned, actual."""
    return pl.LazyFrame(
        [("b", "total", "all", month, "Budget", "LCU", *amounts) for month, *amounts in rows],
        schema={
            "budget_id": pl.String,
            "subject": pl.String,
            "item": pl.String,
            "month": pl.Date,
            "budget": pl.String,
            "currency": pl.String,
            "planned": pl.Int64,
            "actual": pl.Int64,
        },
        orient="row",
    )


def test_years_are_counted_from_the_first_planned_month():
    assert FISCAL.starts == (date(2022, 4, 1), date(2023, 4, 1))
    assert FISCAL.period(date(2022, 4, 1)) == Period(date(2022, 4, 1), date(2023, 4, 1))


def test_a_budget_of_twelve_months_or_less_is_one_year():
    assert BudgetYears(date(2024, 1, 1), date(2024, 12, 1)).starts == (date(2024, 1, 1),)
    assert BudgetYears(date(2024, 5, 1), date(2024, 5, 1)).starts == (date(2024, 5, 1),)


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2022, 1, 1), date(2022, 4, 1)),  # before the plan: its first year
        (date(2023, 3, 31), date(2022, 4, 1)),
        (date(2023, 4, 1), date(2023, 4, 1)),
        (date(2030, 1, 1), date(2023, 4, 1)),  # after the plan: its last year
    ],
)
def test_each_day_and_month_has_its_budget_year(day, start):
    assert FISCAL.year_of(day) == start
    frame = pl.DataFrame({"month": [day]}).select(FISCAL.start(pl.col("month")))
    assert frame.item() == start


def test_the_last_complete_year_ends_by_the_close_of_the_day():
    assert FISCAL.last_complete(date(2023, 3, 30)) is None
    assert FISCAL.last_complete(date(2023, 3, 31)) == date(2022, 4, 1)
    assert FISCAL.last_complete(date(2030, 1, 1)) == date(2023, 4, 1)


def test_months_add_up_to_budget_years_and_late_invoices_open_none():
    rows = months(
        (date(2022, 4, 1), 10, 1),
        (date(2023, 3, 1), 20, 2),
        (date(2023, 4, 1), 30, 4),
        (date(2024, 6, 1), 0, 8),  # after the last planned month
    )
    found = by_year(rows, FISCAL).select("month", "planned", "actual").collect().rows()
    assert found == [(date(2022, 4, 1), 30, 3), (date(2023, 4, 1), 30, 12)]


def test_a_year_booked_in_december_is_compared_as_a_year_not_by_month():
    planned = [(date(2022, n, 1), 100, 0) for n in range(1, 12)]
    rows = months(*planned, (date(2022, 12, 1), 100, 1080))
    yearly = by_year(rows, BudgetYears(date(2022, 1, 1), date(2022, 12, 1)))

    def told(as_of):
        return budget.variance(yearly, as_of=as_of, grain=Grain.YEAR).collect().row(0, named=True)

    assert told(date(2022, 12, 31))["variance_share"] == pytest.approx(-0.1)  # 1080 of 1200
    running = told(date(2022, 12, 30))
    assert running["planned_to_date"] == 0
    assert running["variance_share"] is None
    assert running["running_planned"] == 1200
    by_month = budget.by_month(yearly, as_of=date(2022, 12, 31), grain=Grain.YEAR).collect()
    assert by_month["phase"].to_list() == ["complete"]
