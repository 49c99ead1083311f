"""Tiers month by month: by hand, and against plain SQL on the same rows."""

import itertools
import random
import sqlite3
from datetime import date, timedelta

import polars as pl
import pytest

from metrics.calendar import shift_months
from metrics.lifecycle import order_totals, purchase_dates
from metrics.purchase_days import bought_on, in_order
from metrics.revenue import customer_months, last_year
from metrics.selection import DIMENSIONS, period
from metrics.tiers.history import ends, tiers_at, tiers_between
from metrics.tiers.marts import tier_marts
from metrics.tiers.scheme import scheme

ORDERS = {
    "customer_id": pl.String,
    "ordered_on": pl.Date,
    "status": pl.String,
    "amount": pl.Int64,
    "profit": pl.Int64,
}
CUSTOMERS = {"customer_id": pl.String, "region": pl.String, "deleted_on": pl.Date}
YUAN = 100


def orders(*rows):
    return pl.LazyFrame(rows, schema=ORDERS, orient="row")


def marts(bought, people, as_of, money_scale=2):
    days = in_order(bought_on(bought, as_of=as_of))
    dates = purchase_dates(order_totals(bought, as_of=as_of), days)
    customers = people.join(dates, on="customer_id", how="left", validate="1:1")
    months = customer_months(bought, as_of=as_of)
    own = scheme()
    made = tier_marts(months, customers, schemes=[own], as_of=as_of, money_scale=money_scale)
    return made[own.code]


def people(*rows):
    return pl.LazyFrame(rows, schema=CUSTOMERS, orient="row")


ANN = people(("ann", "east", None))


def changes(bought, as_of, who=ANN):
    rows = marts(bought, who, as_of).history.collect().rows()
    return [(month.isoformat()[:7], tier) for _, month, tier in rows]


def test_a_customer_rises_with_an_order_and_falls_when_it_is_twelve_months_old():
    bought = orders(
        ("ann", date(2024, 1, 10), "completed", 500 * YUAN, None),
        ("ann", date(2024, 3, 31), "completed", 20_000 * YUAN, None),
    )
    assert changes(bought, date(2025, 6, 30)) == [
        ("2024-01", "basic"),
        ("2024-03", "mid"),  # bought on the last day of the month: counts that month
        ("2025-03", "basic"),  # 1 April 2024 to 31 March 2025 no longer holds it
    ]


def test_a_return_counts_against_revenue_and_a_cancellation_not_at_all():
    bought = orders(
        ("ann", date(2024, 1, 10), "completed", 20_000 * YUAN, None),
        ("ann", date(2024, 2, 10), "returned", -15_000 * YUAN, None),
        ("ann", date(2024, 2, 11), "cancelled", 90_000 * YUAN, None),
    )
    assert changes(bought, date(2024, 3, 31)) == [("2024-01", "mid"), ("2024-02", "basic")]


def test_the_running_month_is_judged_by_the_twelve_months_up_to_today():
    bought = orders(
        ("ann", date(2024, 1, 10), "completed", 20_000 * YUAN, None),
        ("ann", date(2024, 1, 20), "completed", 1 * YUAN, None),
    )
    # On 9 January 2025 the year begins on 10 January 2024: still inside; a day later it is not.
    assert changes(bought, date(2025, 1, 9)) == [("2024-01", "mid")]
    assert changes(bought, date(2025, 1, 10)) == [("2024-01", "mid"), ("2025-01", "basic")]


@pytest.mark.parametrize(
    ("as_of", "start"),
    [
        (date(2026, 10, 31), date(2025, 11, 1)),
        (date(2025, 2, 28), date(2024, 3, 1)),  # 12 whole months, though 2024 has a 29 February
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2026, 11, 21), date(2025, 11, 22)),
    ],
)
def test_the_trailing_year_of_a_month_end_is_twelve_whole_months(as_of, start):
    year = last_year(as_of)
    assert (year.start, year.end) == (start, as_of + timedelta(days=1))
    assert year == period("year", as_of=as_of, earliest=start)


def test_before_the_first_purchase_there_is_no_tier():
    bought = orders(
        ("bob", date(2024, 1, 1), "completed", 1, None),
        ("ann", date(2024, 1, 5), "returned", -5, None),  # of a purchase older than the data
        ("ann", date(2024, 3, 5), "completed", 5, None),
    )
    both = people(("ann", "east", None), ("bob", "east", None), ("carl", "east", None))
    rows = marts(bought, both, date(2024, 4, 30)).history.collect().rows()
    assert rows == [
        ("ann", date(2024, 3, 1), "basic"),
        ("bob", date(2024, 1, 1), "basic"),
    ]


def test_a_deleted_customer_leaves_in_the_month_of_the_deletion():
    bought = orders(("ann", date(2024, 1, 10), "completed", 5, None))
    gone = people(("ann", "east", date(2024, 3, 31)))
    assert changes(bought, date(2024, 5, 31), gone) == [("2024-01", "basic"), ("2024-03", None)]
    roll_up = marts(bought, gone, date(2024, 5, 31)).months.collect()
    assert roll_up["month"].to_list() == [date(2024, 1, 1), date(2024, 2, 1)]


def test_a_buyer_of_a_month_end_bought_in_the_twelve_months_before():
    bought = orders(
        ("ann", date(2024, 1, 10), "completed", 5, None),
        ("ann", date(2024, 3, 10), "returned", -5, None),  # earns, but is no purchase
        ("bob", date(2024, 2, 29), "completed", 5, None),
    )
    both = people(("ann", "east", None), ("bob", "east", date(2024, 12, 1)))
    rolled = (
        marts(bought, both, date(2025, 2, 28))
        .months.group_by("month")
        .agg(pl.col("customers", "buyers").sum())
    )
    found = {month: counts for month, *counts in rolled.collect().rows()}
    assert found[date(2024, 1, 1)] == [1, 1]
    assert found[date(2024, 11, 1)] == [2, 2]
    assert found[date(2024, 12, 1)] == [1, 1]  # bob is deleted
    assert found[date(2025, 1, 1)] == [1, 0]  # ann's purchase is twelve months old


def test_later_orders_are_not_seen():
    bought = orders(
        ("ann", date(2024, 1, 10), "completed", 5, None),
        ("ann", date(2024, 2, 10), "completed", 20_000 * YUAN, None),
    )
    assert changes(bought, date(2024, 2, 9)) == [("2024-01", "basic")]


def test_without_a_profit_column_the_profit_of_the_mart_is_null_and_spend_decides():
    bought = orders(("ann", date(2024, 1, 10), "completed", 5, None)).drop("profit")
    mart = marts(bought, ANN, date(2024, 1, 31))
    assert mart.months.collect()["profit_12m"].to_list() == [None]
    assert mart.history.collect()["tier"].to_list() == ["basic"]


def test_nobody_and_nothing_gives_typed_empty_marts():
    empty = marts(orders(), people(), date(2024, 1, 31))
    history, months = empty.history.collect(), empty.months.collect()
    assert ends(empty.states, date(2024, 1, 1), date(2024, 1, 31)).collect().is_empty()
    assert history.schema == {"customer_id": pl.String, "month": pl.Date, "tier": pl.String}
    sums = ["customers", "buyers", "revenue_12m", "profit_12m"]
    assert months.columns == ["month", *DIMENSIONS, *sums]
    assert history.is_empty()
    assert months.is_empty()


def test_a_customer_listed_twice_is_an_error_not_a_doubled_sum():
    bought = orders(("ann", date(2024, 1, 10), "completed", 5, None))
    twice = people(("ann", "east", None), ("ann", "west", None))
    with pytest.raises(pl.exceptions.ComputeError):
        marts(bought, twice, date(2024, 1, 31))


def random_company(seed, first=date(2023, 1, 5), days=900):
    pick = random.Random(seed)
    names = [f"c{i:02d}" for i in range(40)]
    rows = [
        (
            pick.choice(names) if pick.random() > 0.05 else None,
            first + timedelta(days=pick.randrange(days)),
            pick.choices(["completed", "returned", "cancelled"], [8, 1, 1])[0],
            pick.choice([0, 100_000, 300_000, 1_000_000, 4_000_000]),
            pick.choice([None, -5, 10_000, 20_000, 90_000]),
        )
        for _ in range(600)
    ]
    rows = [(*row[:3], -row[3] // 2, row[4]) if row[2] == "returned" else row for row in rows]
    who = [
        (
            name,
            pick.choice(["east", "west", None]),
            first + timedelta(days=pick.randrange(days)) if pick.random() < 0.2 else None,
        )
        for name in names
    ]
    return rows, who


SQL = """
with one_day as (select :start as start, :last as last),
population as (
  select c.customer_id, c.region,
    (select coalesce(sum(amount), 0) from orders o, one_day where o.customer_id = c.customer_id
      and status in ('completed', 'returned') and ordered_on between start and last) as revenue,
    (select coalesce(sum(profit), 0) from orders o, one_day where o.customer_id = c.customer_id
      and status in ('completed', 'returned') and ordered_on between start and last) as profit
  from customers c, one_day
  where (deleted_on is null or deleted_on > last) and exists (
    select 1 from orders o where o.customer_id = c.customer_id and status = 'completed'
      and amount > 0 and ordered_on <= last)),
places as (select (count(*) * 10 + 99) / 100 as n from population where profit > 0),
ranked as (select profit, row_number() over (order by profit desc) as place from population
  where profit > 0)
select customer_id, region, revenue, profit, case
  when revenue > 10000000 then 'high'
  when profit >= (select profit from ranked, places where place = n) then 'high'
  when revenue >= 1000000 then 'mid' else 'basic' end
from population
"""


def by_sql(rows, who, as_of):
    """(customer, month) -> (region, revenue, profit, tier) at every month end up to as_of."""
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (customer_id, ordered_on, status, amount, profit)")
    base.execute("create table customers (customer_id, region, deleted_on)")
    text = [(a, b.isoformat(), *rest) for a, b, *rest in rows]
    base.executemany("insert into orders values (?, ?, ?, ?, ?)", text)
    known = [(a, b, c and c.isoformat()) for a, b, c in who]
    base.executemany("insert into customers values (?, ?, ?)", known)
    result, month = {}, min(row[1] for row in rows).replace(day=1)
    while month <= as_of:
        last = min(as_of, shift_months(month, 1) - timedelta(days=1))
        start = shift_months(last + timedelta(days=1), -12)
        found = base.execute(SQL, {"start": start.isoformat(), "last": last.isoformat()})
        result |= {(name, month): values for name, *values in found.fetchall()}
        month = shift_months(month, 1)
    base.close()
    return result


@pytest.mark.parametrize(("seed", "as_of"), [(1, date(2025, 6, 17)), (2, date(2025, 2, 28))])
def test_every_tier_of_a_random_company_agrees_with_sql(seed, as_of):
    rows, who = random_company(seed)
    mart = marts(orders(*rows), people(*who), as_of)
    expected = by_sql(rows, who, as_of)
    history = mart.history.collect()
    months = sorted({month for _, month in expected})
    found = {
        (name, month): tier
        for month in months
        for name, tier in tiers_at(history.lazy(), month).collect().rows()
    }
    assert found == {key: values[-1] for key, values in expected.items()}
    assert set(found.values()) == {"high", "mid", "basic"}  # the case is not a trivial one

    # The history holds changes only.
    steps = history.with_columns(before=pl.col("tier").shift(1).over("customer_id"))
    same = pl.col("tier").eq_missing(pl.col("before")) & pl.col("before").is_not_null()
    assert steps.filter(same).is_empty()

    # The roll-up adds up to the same customers, revenue and profit in every cell.
    cells = {}
    for (_, month), (region, revenue, profit, tier) in expected.items():
        cell = cells.setdefault((month, tier, region), [0, 0, 0])
        cells[month, tier, region] = [cell[0] + 1, cell[1] + revenue, cell[2] + profit]
    rolled = mart.months.collect()
    columns = ["month", "tier", "region", "customers", "revenue_12m", "profit_12m"]
    assert {row[:3]: list(row[3:]) for row in rolled.select(columns).rows()} == cells


@pytest.mark.parametrize("seed", [1, 2])
def test_the_table_of_states_tells_of_any_two_dates_what_the_history_tells(seed):
    rows, who = random_company(seed)
    as_of = date(2025, 6, 17)
    mart = marts(orders(*rows), people(*who), as_of)
    days = [date(2022, 12, 31), date(2023, 2, 1), date(2024, 2, 29), as_of, date(2025, 8, 1)]
    for start, end in itertools.combinations_with_replacement(days, 2):
        told = tiers_between(mart.history, start, end).collect().sort("customer_id")
        assert ends(mart.states, start, end).collect().equals(told), (start, end)
    assert not told.is_empty()


def test_in_the_table_of_states_a_deleted_customer_has_no_stage():
    bought = orders(("ann", date(2024, 1, 10), "completed", 5, None))
    gone = people(("ann", "east", date(2024, 3, 31))).with_columns(stage=pl.lit("new"))
    row = marts(bought, gone, date(2024, 4, 30)).states.collect().row(0, named=True)
    assert (row["stage"], row["region"]) == (None, "east")
    assert [row[f"2024-0{month}"] for month in (1, 2, 3, 4)] == ["basic", "basic", None, None]


def test_tiers_do_not_depend_on_the_money_scale():
    rows, who = random_company(3)
    tens = [(a, b, c, d * 10, e and e * 10) for a, b, c, d, e in rows]
    as_of = date(2025, 6, 17)
    fen = marts(orders(*rows), people(*who), as_of).history.collect()
    assert fen.equals(marts(orders(*tens), people(*who), as_of, 3).history.collect())
