"""Conversion to the second order by month of the first: only customers watched for 90 days."""

from datetime import date

import polars as pl

from metrics.funnel import funnel, second_order_months
from metrics.selection import Period

AS_OF = date(2024, 5, 30)
SCHEMA = {"first_order_on": pl.Date, "second_order_on": pl.Date, "third_order_on": pl.Date}


def people(*rows):
    return pl.LazyFrame([(*row, None, None)[:3] for row in rows], schema=SCHEMA, orient="row")


def test_each_month_judges_only_who_was_watched_and_says_what_the_funnel_says():
    customers = people(
        (date(2024, 1, 1), date(2024, 3, 31)),  # after 90 days
        (date(2024, 1, 31), date(2024, 5, 1)),  # after 91 days: too late
        (date(2024, 3, 1),),  # watched for exactly 90 days
        (date(2024, 3, 2), date(2024, 3, 3)),  # 89 days: too young, though converted
        (date(2024, 5, 1),),  # a month without anybody to judge has no row
        (None,),  # never bought
    )
    found = second_order_months(customers, as_of=AS_OF).collect()
    assert found.rows() == [
        (date(2024, 1, 1), 2, 1, 0.5, True),
        (date(2024, 3, 1), 1, 0, 0.0, False),  # who comes on 31 March is judged on 29 June
    ]
    for month, judged, converted, _, _ in found.rows():
        period = Period(month, month.replace(month=month.month + 1))
        step = funnel(customers, period=period, as_of=AS_OF).collect().row(1, named=True)
        assert (step["judged"], step["converted"]) == (judged, converted)


def test_no_customers_give_no_months():
    assert second_order_months(people(), as_of=AS_OF).collect().is_empty()
