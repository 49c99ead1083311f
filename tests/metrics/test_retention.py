"""Cohorts and annual retention: by hand, against SQL, and the published tables of Online Retail."""

import random
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from metrics.calendar import shift_months
from metrics.measure import measure
from metrics.purchase_days import bought_on, in_order, purchase_bits
from metrics.retention import (
    base_year,
    cohort_months,
    cohort_table,
    retention_months,
    retention_rate,
)
from metrics.revenue import customer_months
from metrics.selection import DIMENSIONS, Selection

ORDERS = {
    "customer_id": pl.String,
    "ordered_on": pl.Date,
    "status": pl.String,
    "amount": pl.Int64,
}
HISTORY = {"customer_id": pl.String, "month": pl.Date, "tier": pl.String}
RETAIL = Path(__file__).parents[2] / "data_access/real/files/online_retail.parquet"

# First row of the published cohort tables, December 2010, and the sizes of all cohorts.
INCLUDING_CANCELLATIONS = [948, 362, 317, 367, 341, 376, 360, 336, 336, 374, 354, 474, 260]
SIZES_INCLUDING_CANCELLATIONS = [948, 421, 380, 440, 299, 279, 235, 191, 167, 298, 352, 321, 41]
POSITIVE_ONLY = [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
SIZES_POSITIVE_ONLY = [885, 417, 380, 452, 300, 284, 242, 188, 169, 299, 358, 323, 41]


def orders(*rows):
    return pl.LazyFrame(rows, schema=ORDERS, orient="row")


def bought(customer, *days):
    return [(customer, date.fromisoformat(day), "completed", 100) for day in days]


def people(**regions):
    return pl.LazyFrame({"customer_id": list(regions), "region": list(regions.values())})


def history(*rows):
    return pl.LazyFrame(rows, schema=HISTORY, orient="row")


def table(facts, as_of, who=None, **how):
    months = customer_months(facts, as_of=as_of)
    who = people(ann="east", bob="west") if who is None else who
    return cohort_table(cohort_months(months, who, **how), as_of=as_of).collect()


@pytest.fixture(scope="module")
def retail():
    """Invoices of Online Retail, cancellations ('C…') as returns; amounts in 1/1000 pound."""
    price = (pl.col("UnitPrice") * 1000).round().cast(pl.Int64)
    returned = pl.col("order_id").str.contains("^[CA]")
    return (
        pl.scan_parquet(RETAIL)
        .group_by(order_id="InvoiceNo")
        .agg(
            pl.col("CustomerID").first().cast(pl.String).alias("customer_id"),
            pl.col("InvoiceDate").min().dt.date().alias("ordered_on"),
            (price * pl.col("Quantity")).sum().alias("amount"),
        )
        .with_columns(
            status=pl.when(returned).then(pl.lit("returned")).otherwise(pl.lit("completed"))
        )
        .collect()
        .lazy()
    )


@pytest.mark.parametrize(
    ("any_order", "december", "sizes"),
    [
        (True, INCLUDING_CANCELLATIONS, SIZES_INCLUDING_CANCELLATIONS),
        (False, POSITIVE_ONLY, SIZES_POSITIVE_ONLY),
    ],
)
def test_both_published_cohort_tables_of_online_retail_come_out(retail, any_order, december, sizes):
    who = retail.select("customer_id").drop_nulls().unique()
    found = table(retail, date(2011, 12, 9), who, any_order=any_order)
    assert found.filter(pl.col("cohort") == date(2010, 12, 1))["active"].to_list() == december
    assert found.filter(pl.col("age") == 0)["customers"].to_list() == sizes
    # 9 December: the last column is not over.
    unfinished = found.filter(~pl.col("complete"))
    assert unfinished.height == 13
    assert found.height == 13 * 14 // 2


def test_a_cohort_is_the_month_of_the_first_purchase_and_ages_in_months():
    facts = orders(
        *bought("ann", "2024-01-31", "2024-02-01", "2024-02-15", "2024-04-01"),
        *bought("bob", "2024-01-01"),
    )
    rows = table(facts, date(2024, 4, 30)).filter(pl.col("cohort") == date(2024, 1, 1))
    assert rows["customers"].to_list() == [2, 2, 2, 2]
    assert rows["active"].to_list() == [2, 1, 0, 1]  # twice in February is one active customer
    assert rows["retention"].to_list() == [1.0, 0.5, 0.0, 0.5]


def test_the_triangle_has_no_holes_and_ends_with_the_running_month():
    rows = table(orders(*bought("ann", "2024-01-31")), date(2024, 3, 30))
    assert rows.select("cohort", "age", "customers", "retention", "complete").rows() == [
        (date(2024, 1, 1), 0, 1, 1.0, True),
        (date(2024, 1, 1), 1, 1, 0.0, True),
        (date(2024, 1, 1), 2, 1, 0.0, False),  # 31 March is still to come
        (date(2024, 2, 1), 0, 0, None, True),  # nobody was won in February
        (date(2024, 2, 1), 1, 0, None, False),
        (date(2024, 3, 1), 0, 0, None, False),
    ]


def test_a_return_is_activity_only_if_asked_for():
    facts = orders(*bought("ann", "2024-01-31"), ("ann", date(2024, 2, 5), "returned", -50))
    without = table(facts, date(2024, 2, 29))["active"].to_list()
    assert without == [1, 0, 0]
    assert table(facts, date(2024, 2, 29), any_order=True)["active"].to_list() == [1, 1, 0]


def test_cancelled_and_anonymous_orders_are_no_activity():
    facts = orders(
        *bought("ann", "2024-01-31"),
        ("ann", date(2024, 2, 5), "cancelled", 50),
        (None, date(2024, 2, 5), "completed", 50),
    )
    assert table(facts, date(2024, 2, 29))["active"].to_list() == [1, 0, 0]


def test_a_selection_keeps_size_and_activity_of_the_same_customers():
    facts = orders(*bought("ann", "2024-01-05", "2024-02-05"), *bought("bob", "2024-01-05"))
    months = customer_months(facts, as_of=date(2024, 2, 29))
    cohorts = cohort_months(months, people(ann="east", bob="west"))
    west = Selection((("region", ("west",)),)).of(cohorts)
    rows = cohort_table(west, as_of=date(2024, 2, 29)).collect()
    assert rows.rows()[1] == (date(2024, 1, 1), 1, 1, 0, 0.0, True)


def test_no_orders_no_cohorts():
    rows = table(orders(), date(2024, 2, 29))
    assert rows.is_empty()
    assert rows.columns == ["cohort", "age", "customers", "active", "retention", "complete"]
    west = Selection((("region", ("nowhere",)),))
    months = customer_months(orders(*bought("ann", "2024-01-05")), as_of=date(2024, 2, 29))
    none = west.of(cohort_months(months, people(ann="east")))
    assert cohort_table(none, as_of=date(2024, 2, 29)).collect().is_empty()


# Annual retention. The base year of 31 December 2023 is (31 Dec 2021, 31 Dec 2022], the year
# after is (31 Dec 2022, 31 Dec 2023].
EARLY = bought("zoe", "2021-01-01")  # the data begin long before
BASIC = history(("ann", date(2022, 1, 1), "basic"), ("bob", date(2022, 1, 1), "mid"))


def annual(facts, as_of, who=None, past=BASIC):
    who = people(ann="east", bob="west", zoe="east") if who is None else who
    bits = purchase_bits(in_order(bought_on(facts, as_of=as_of)))
    return retention_months(bits, who, past, as_of=as_of).collect()


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2022-12-31", "2023-01-01"], (1, 1)),  # last day of the base, first day after
        (["2022-12-31"], (1, 0)),
        (["2022-01-01", "2023-12-31"], (1, 1)),  # first day of the base, as_of itself
        (["2021-12-31", "2023-06-01"], None),  # a day too early: not in the base
        (["2023-06-01"], None),  # won this year: nobody asks whether she stayed
        (["2022-06-01", "2022-07-01"], (1, 0)),  # twice in the base is one customer
    ],
)
def test_base_and_retained_hold_exactly_their_365_days(days, expected):
    rows = annual(orders(*EARLY, *bought("ann", *days)), date(2023, 12, 31))
    last = rows.filter(pl.col("month") == date(2023, 12, 1), pl.col("region") == "east")
    assert last.select("base", "retained").rows() == ([expected] if expected else [])


def test_only_months_whose_base_year_lies_in_the_data_are_judged():
    facts = orders(*bought("ann", "2022-01-01", "2022-06-01"))
    assert annual(facts, date(2023, 12, 31))["month"].to_list() == [date(2023, 12, 1)]
    assert annual(facts, date(2023, 12, 30)).is_empty()  # 730 days begin on 31 December 2021


def test_a_deleted_customer_is_neither_lost_nor_kept():
    who = people(ann="east", bob="west").with_columns(
        deleted_on=pl.Series([date(2023, 12, 31), date(2024, 1, 1)])
    )
    facts = orders(*EARLY, *bought("ann", "2022-06-01"), *bought("bob", "2022-06-01"))
    rows = annual(facts, date(2023, 12, 31), who).filter(pl.col("month") == date(2023, 12, 1))
    assert rows.select("region", "base").rows() == [("west", 1)]


def test_the_tier_is_the_one_at_the_start_of_the_year_not_the_one_losing_made():
    past = history(("ann", date(2022, 6, 1), "high"), ("ann", date(2023, 6, 1), "basic"))
    facts = orders(*EARLY, *bought("ann", "2022-06-01"))
    rows = annual(facts, date(2023, 12, 31), past=past)
    last = rows.filter(pl.col("month") == date(2023, 12, 1))
    assert last.select("tier", "base", "retained").rows() == [("high", 1, 0)]


def test_the_base_year_by_hand():
    """At the end of 2023 it is 1 January to 31 December 2022: 365 days each."""
    end = date(2023, 12, 31)
    facts = orders(
        *bought("kept", "2022-01-01", "2023-06-01"),
        *bought("lost", "2022-12-31"),
        *bought("new", "2023-01-01"),
        *bought("early", "2021-12-31", "2023-12-31"),
        *bought("late", "2022-05-01", "2024-01-01"),  # back, but after the end
    )
    found = base_year(facts, end=end).sort("customer_id").collect()
    assert found.select("customer_id", "retained").rows() == [
        ("kept", True),
        ("late", False),
        ("lost", False),
    ]
    assert found["since"].unique().to_list() == [date(2023, 1, 1)]


def test_the_rate_is_a_ratio_of_sums_not_an_average_of_rates():
    cells = pl.LazyFrame({"base": [1, 99], "retained": [1, 0]})
    assert cells.select(retention_rate()).collect().item() == 0.01  # not (1 + 0) / 2
    nobody = pl.LazyFrame({"base": [0], "retained": [0]})
    assert nobody.select(retention_rate()).collect().item() is None


def test_no_orders_no_retention():
    rows = annual(orders(), date(2024, 1, 31))
    assert rows.columns == ["month", *DIMENSIONS, "base", "retained"]
    assert rows.is_empty()


SQL = """
with spans as (select customer_id,
    max(ordered_on > date(:d, '-730 days') and ordered_on <= date(:d, '-365 days')) as base,
    max(ordered_on > date(:d, '-365 days') and ordered_on <= :d) as later
  from orders where status = 'completed' and amount > 0 and customer_id is not null
  group by customer_id)
select sum(base), sum(base and later) from spans
"""


def test_annual_retention_of_a_random_company_agrees_with_sql():
    pick = random.Random(5)
    rows = [
        (
            pick.choice(["ann", "bob", "zoe", *"cdefghijkl", None]),
            date(2021, 1, 4) + timedelta(days=pick.randrange(1300)),
            pick.choice(["completed", "completed", "returned", "cancelled"]),
            pick.choice([0, 10, -10]),
        )
        for _ in range(150)
    ]
    as_of = date(2024, 7, 10)
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (customer_id, ordered_on, status, amount)")
    text = [(a, b.isoformat(), c, d) for a, b, c, d in rows]
    base.executemany("insert into orders values (?, ?, ?, ?)", text)
    who = people(ann="east", bob="west", zoe="east", **dict.fromkeys("cdefghijkl", "east"))
    found = measure(
        annual(orders(*rows), as_of, who).lazy(),
        "month",
        base=pl.col("base").sum(),
        retained=pl.col("retained").sum(),
    ).collect()
    expected = []
    for month in found["month"]:
        last = min(as_of, shift_months(month, 1) - timedelta(days=1))
        counted = base.execute(SQL, {"d": last.isoformat()}).fetchone()
        expected.append((month, *counted))
    base.close()
    assert len(expected) > 12
    assert found.rows() == expected
