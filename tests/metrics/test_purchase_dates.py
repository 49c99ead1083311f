"""First, second, third and last purchase of each customer: by hand and against SQL."""

import random
import sqlite3
from datetime import date, timedelta

import polars as pl

from metrics.lifecycle import order_totals, purchase_dates
from metrics.purchase_days import bought_on, in_order

ORDERS = {
    "customer_id": pl.String,
    "ordered_on": pl.Date,
    "status": pl.String,
    "amount": pl.Int64,
    "profit": pl.Int64,
}
TODAY = date(2024, 6, 30)


def orders(*rows):
    return pl.LazyFrame(rows, schema=ORDERS, orient="row")


def bought(customer, *days):
    return [(customer, date.fromisoformat(day), "completed", 100, 10) for day in days]


def dates(*rows, as_of=TODAY):
    return told(orders(*rows), as_of).sort("customer_id").collect()


def told(placed, as_of=TODAY):
    days = in_order(bought_on(placed, as_of=as_of))
    return purchase_dates(order_totals(placed, as_of=as_of), days)


def test_a_split_order_is_no_repeat_but_counts_as_two_purchases():
    found = dates(*bought("ann", "2024-01-05", "2024-01-05", "2024-02-01"))
    assert found.select("first_order_on", "second_order_on", "third_order_on").rows() == [
        (date(2024, 1, 5), date(2024, 2, 1), None)
    ]
    assert found["purchases"].to_list() == [3]
    assert found["last_order_on"].to_list() == [date(2024, 2, 1)]


def test_returns_count_in_revenue_but_are_no_purchase_and_cancelled_orders_nothing():
    found = dates(
        *bought("ann", "2024-01-05"),
        ("ann", date(2024, 2, 1), "returned", -30, -3),
        ("ann", date(2024, 3, 1), "cancelled", 900, 90),
        ("ann", date(2024, 3, 2), "completed", 0, 1),
        (None, date(2024, 3, 2), "completed", 50, 1),
        ("bob", date(2024, 3, 2), "returned", -50, None),
    )
    columns = ["customer_id", "last_order_on", "purchases", "revenue_total", "profit_12m"]
    assert found.select(columns).rows() == [
        ("ann", date(2024, 1, 5), 1, 70, 8),
        ("bob", None, 0, -50, 0),  # returned what was bought before the data begin
    ]


def test_the_twelve_months_include_today_and_exclude_the_same_day_last_year():
    found = dates(*bought("ann", "2023-06-30", "2023-07-01", "2024-06-30", "2024-07-01"))
    columns = ["purchases", "revenue_total", "revenue_12m", "purchases_12m", "profit_12m"]
    assert found.select(columns).rows() == [(3, 300, 200, 2, 20)]


def test_a_company_without_profits_has_null_profit():
    frame = orders(*bought("ann", "2024-01-05")).drop("profit")
    assert told(frame).collect()["profit_12m"].to_list() == [None]


def test_no_orders_no_dates():
    found = dates()
    assert found.is_empty()
    assert found.schema["second_order_on"] == pl.Date


def test_purchase_dates_of_a_random_company_agree_with_sql():
    pick = random.Random(4)
    rows = [
        (
            pick.choice(["ann", "bob", "carl", "dora", None]),
            date(2023, 5, 1) + timedelta(days=pick.randrange(450)),
            pick.choice(["completed", "returned", "cancelled"]),
            pick.choice([0, 5, -5]),
            None,
        )
        for _ in range(80)
    ]
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (customer_id, ordered_on, status, amount)")
    text = [(a, b.isoformat(), c, d) for a, b, c, d, _ in rows]
    base.executemany("insert into orders values (?, ?, ?, ?)", text)
    expected = base.execute(
        """
        with known as (select * from orders where customer_id is not null
            and ordered_on <= '2024-06-30' and status <> 'cancelled'),
        days as (select distinct customer_id, ordered_on from known
            where status = 'completed' and amount > 0),
        placed as (select *, row_number() over (partition by customer_id order by ordered_on) n
            from days)
        select customer_id,
          (select ordered_on from placed p where p.customer_id = k.customer_id and n = 1),
          (select ordered_on from placed p where p.customer_id = k.customer_id and n = 2),
          (select ordered_on from placed p where p.customer_id = k.customer_id and n = 3),
          (select max(ordered_on) from placed p where p.customer_id = k.customer_id),
          sum(status = 'completed' and amount > 0), sum(amount),
          sum(case when ordered_on > '2023-06-30' then amount else 0 end)
        from known k group by customer_id order by customer_id
        """
    ).fetchall()
    base.close()
    columns = [
        "customer_id",
        *(
            pl.col(f"{nth}_order_on").cast(pl.String)
            for nth in ("first", "second", "third", "last")
        ),
        "purchases",
        "revenue_total",
        "revenue_12m",
    ]
    assert dates(*rows).select(columns).rows() == expected
