"""Who comes back or stays after a plan: outcomes by hand, and against SQL."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from random import Random

import polars as pl
import pytest

from metrics import intervals, reactivation
from metrics.purchase_days import days_of, in_order, purchase_bits

DAY = timedelta(days=1)
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


def test_an_order_counts_for_the_latest_plan_before_it_and_for_no_other():
    day = AS_OF - 200 * DAY
    rows = starts(
        ("a", day), ("a", day + 30 * DAY), ("a", day + 60 * DAY),  # one order after the second
        ("b", day), ("b", day + 30 * DAY),  # one on the day the second began: of the first
        ("c", day), ("c", day),  # begun anew on the same day
        ("d", day), ("d", day + 30 * DAY),  # one order each
        ("e", day), ("e", AS_OF),  # the younger is not judged, and takes nothing from the first
    )  # fmt: skip
    orders = bought(
        ("a", day + 40 * DAY), ("b", day + 30 * DAY), ("c", day + 1 * DAY),
        ("d", day + 9 * DAY), ("d", day + 39 * DAY), ("d", day + 39 * DAY), ("e", day + 2 * DAY),
    )  # fmt: skip
    found = reactivation.reactivations(rows, orders, as_of=AS_OF).collect()
    assert found.select("customer_id", "reactivated").rows() == [
        ("a", False), ("a", True), ("a", False), ("b", True), ("b", False),
        ("c", False), ("c", True), ("d", True), ("d", True), ("e", True),
    ]  # fmt: skip
    assert found["kept"].is_null().all()


def contracts(*rows: tuple[str, date, date | None]) -> pl.LazyFrame:
    schema = {"customer_id": pl.String, "started_on": pl.Date, "ended_on": pl.Date}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def test_who_is_under_contract_at_the_start_need_not_order_but_stay():
    day = AS_OF - 90 * DAY
    end = day + 90 * DAY
    held = contracts(
        ("runs", day - DAY, None),
        ("from that day", day, None),
        ("ends later", day - DAY, end + DAY),
        ("ends on the last day", day - DAY, end),
        ("cancelled", day - DAY, day + 9 * DAY),
        ("renewed", day - DAY, day + 9 * DAY), ("renewed", day + 9 * DAY, None),
        ("two", day - DAY, None), ("two", day - 9 * DAY, None),  # joined to both, counted once
        ("over", day - 9 * DAY, day),  # its last day was the one before
        ("later", day + DAY, None),  # signed after the start: asked for an order
    )  # fmt: skip
    names = held.collect()["customer_id"].unique(maintain_order=True).to_list()
    rows = starts(*((name, day) for name in [*names, "never"]))
    orders = bought(*((name, day + DAY) for name in ("cancelled", "over")))
    found = reactivation.reactivations(rows, orders, as_of=AS_OF, contracts=held).collect()
    assert {name: (back, kept) for name, _, back, kept in found.rows()} == {
        "runs": (None, True), "from that day": (None, True), "ends later": (None, True),
        "ends on the last day": (None, False), "cancelled": (None, False), "renewed": (None, True),
        "two": (None, True), "over": (True, None), "later": (False, None), "never": (False, None),
    }  # fmt: skip
    assert found.height == len(names) + 1
    figures = found.with_columns(planned=pl.lit(value=True)).select(
        **reactivation.reactivation_measures()
    )
    row = figures.row(0, named=True)
    assert (row["reactivation"], row["reactivation_n"]) == (1 / 3, 3)
    assert (row["kept"], row["kept_n"], row["unhelped_kept_n"]) == (5 / 7, 7, 0)


def test_an_order_under_contract_is_no_reason_to_take_it_from_the_plan_before():
    day = AS_OF - 200 * DAY
    held = contracts(("a", day + 10 * DAY, None))
    rows = starts(("a", day), ("a", day + 20 * DAY))
    found = reactivation.reactivations(
        rows, bought(("a", day + 30 * DAY)), as_of=AS_OF, contracts=held
    ).collect()
    assert found.select("reactivated", "kept").rows() == [(True, None), (None, True)]


def test_a_customer_listed_with_one_warning_after_another_is_compared_with_once():
    day = date(2026, 6, 1)
    warned = starts(
        ("a", day + 9 * DAY), ("a", day), ("b", day), ("b", day + 200 * DAY), ("c", day)
    )
    found = reactivation.without_plan(warned, starts(("b", day + 80 * DAY))).collect()
    assert found.rows() == [("a", day), ("b", day + 200 * DAY), ("c", day)]


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
        {"reactivated": [*planned, *others], "kept": [None] * len([*planned, *others]),
         "planned": [True] * len(planned) + [False] * len(others)},
        schema={"reactivated": pl.Boolean, "kept": pl.Boolean, "planned": pl.Boolean},
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


# An order counts for the latest plan before it of those without a contract on their day.
SQL = """
with s as (
  select rowid as number, customer_id, day,
    exists (select 1 from contracts c where c.customer_id = starts.customer_id
      and c.begun <= day and c.ended > day) as held,
    exists (select 1 from contracts c where c.customer_id = starts.customer_id
      and c.begun <= day + 90 and c.ended > day + 90) as kept
  from starts
)
select sum(not held), sum(not held and exists (
    select 1 from orders o where o.customer_id = s.customer_id
    and o.day > s.day and o.day <= s.day + 90 and not exists (
      select 1 from s later where later.customer_id = s.customer_id and not later.held
      and later.day < o.day and (later.day, later.number) > (s.day, s.number)))),
  sum(held), sum(held and kept)
from s where s.day + 90 <= ?
"""


@pytest.mark.parametrize("seed", range(4))
def test_outcomes_are_counted_as_sql_counts_them(seed: int):
    """Customers with up to four plans, orders and contracts by chance, often on the same days."""
    chance = Random(seed)

    def some(many: int) -> list[tuple[str, date]]:
        ago = [chance.choice([1, 10, 30]) * chance.randrange(9) for _ in range(many)]
        return [(f"c{chance.randrange(60)}", AS_OF - days * DAY) for days in ago]

    began = [(name, day - 60 * DAY) for name, day in some(300)]
    days = some(300)
    held = [
        (name, day - 90 * DAY, chance.choice([None, day, day - 30 * DAY])) for name, day in some(80)
    ]
    found = reactivation.reactivations(
        starts(*began), bought(*days), as_of=AS_OF, contracts=contracts(*held)
    ).collect()
    database = sqlite3.connect(":memory:")
    tables = {
        "starts(customer_id, day)": began,
        "orders(customer_id, day)": days,
        "contracts(customer_id, begun, ended)": held,
    }
    for table, rows in tables.items():
        database.execute(f"create table {table}")
        values = [
            tuple(each.toordinal() if isinstance(each, date) else each or 10**9 for each in row)
            for row in rows
        ]
        marks = ", ".join("?" * len(values[0]))
        database.executemany(f"insert into {table.split('(')[0]} values ({marks})", values)
    counted = database.execute(SQL, (AS_OF.toordinal(),)).fetchone()
    database.close()
    back, kept = found["reactivated"], found["kept"]
    assert (back.count(), back.sum(), kept.count(), kept.sum()) == counted
    assert min(counted) > 3


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
