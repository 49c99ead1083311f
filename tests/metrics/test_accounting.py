"""Lifecycle accounting, repurchase and orders after follow-ups: by hand and against plain loops."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest

from metrics import reorders
from metrics.accounting import MOVES, accounting_months, accounts, moved
from metrics.calendar import shift_months
from metrics.measure import measure
from metrics.purchase_days import bought_on, in_order, purchase_bits
from metrics.reorders import CONVERSION, followed_up, ordered_within, reorder_months
from metrics.repurchase import repurchase_months
from metrics.revenue import customer_months
from metrics.selection import Period, Selection

DAY = timedelta(days=1)
AS_OF = date(2025, 6, 17)
ORDERS = {
    "customer_id": pl.String,
    "ordered_on": pl.Date,
    "status": pl.String,
    "amount": pl.Int64,
}
NO_TIERS = pl.LazyFrame(
    schema={"customer_id": pl.String, "month": pl.Date, "tier": pl.String, "revenue": pl.Int64}
)


def orders(*rows):
    return pl.LazyFrame(rows, schema=ORDERS, orient="row")


def bought(customer, *days, amount=100):
    return [(customer, date.fromisoformat(day), "completed", amount) for day in days]


def people(**more):
    who = ["ann", "bob", "cat"]
    return pl.LazyFrame(
        {"customer_id": who, "region": ["east", "west", "west"], "deleted_on": [None] * 3, **more},
        schema_overrides={"deleted_on": pl.Date, "first_order_on": pl.Date}
        if more
        else {"deleted_on": pl.Date},
    )


def test_who_comes_stays_leaves_and_comes_back():
    facts = orders(
        *bought("ann", "2025-01-31", "2025-02-01", "2025-02-03", "2025-04-01"),
        *bought("bob", "2025-02-10", amount=70),
        ("bob", date(2025, 3, 2), "returned", -70),  # a return is no activity
    )
    mart = accounting_months(customer_months(facts, as_of=AS_OF), people(), as_of=AS_OF)
    told = accounts(mart, as_of=AS_OF).collect()
    counts = [told[name].to_list() for name in MOVES]
    assert counts == [
        [1, 1, 0, 0, 0, 0],  # new: ann, bob
        [0, 1, 0, 0, 0, 0],  # retained: ann in February
        [0, 0, 0, 1, 0, 0],  # resurrected: ann in April
        [0, 0, 2, 0, 1, 0],  # lost: both in March, ann in May
    ]
    assert told["amount"].to_list() == [100, 270, 0, 100, 0, 0]
    assert told["retained_change"].to_list() == [0, 100, 0, 0, 0, 0]
    assert told["complete"].to_list() == [True] * 5 + [False]


@pytest.fixture(scope="module")
def company():
    """Three hundred customers at random, a tenth of them deleted since."""
    chance = random.Random(7)
    who = [f"c{number:03d}" for number in range(300)]
    facts = [
        (each, date(2023, 1, 1) + DAY * chance.randrange(899), "completed", chance.randint(1, 900))
        for each in who
        for _ in range(chance.choice([0, 1, 1, 3, 9, 25]))
    ]
    first: dict[str, date] = {}
    for each, day, *_ in facts:
        first[each] = min(first.get(each, day), day)
    customers = pl.LazyFrame(
        {
            "customer_id": who,
            "region": [chance.choice(["east", "west", None]) for _ in who],
            "deleted_on": [date(2025, 1, 1) if chance.random() < 0.1 else None for _ in who],
            "first_order_on": [first.get(each) for each in who],
        },
        schema_overrides={"deleted_on": pl.Date, "first_order_on": pl.Date},
    )
    return facts, customers


@pytest.mark.parametrize("region", [None, "east"])
def test_the_moves_add_up_to_the_change_in_active_customers_and_in_amounts(company, region):
    facts, customers = company
    mart = accounting_months(customer_months(orders(*facts), as_of=AS_OF), customers, as_of=AS_OF)
    chosen = Selection((("region", (region,)),) if region else ())
    told = accounts(chosen.of(mart), as_of=AS_OF).collect()
    there = chosen.of(customers).filter(pl.col("deleted_on").is_null()).collect()["customer_id"]
    active, amounts = [], []
    for month in told["month"]:
        kept = [f for f in facts if f[0] in set(there) and f[1].replace(day=1) == month]
        active.append(len({who for who, *_ in kept}))
        amounts.append(sum(amount for *_, amount in kept))
    assert told["active"].to_list() == active
    assert told["before"].to_list() == [0, *active[:-1]]
    assert told["amount"].to_list() == amounts
    assert told["amount_before"].to_list() == [0, *amounts[:-1]]
    assert (told["active"] - told["before"] == told["change"]).all()
    change = told["new_amount"] + told["resurrected_amount"] + told["retained_change"]
    assert (told["amount"] - told["amount_before"] == change - told["lost_amount"]).all()
    assert min(told[name].sum() for name in MOVES) > 20


def test_the_customers_behind_a_move_are_as_many(company):
    facts, customers = company
    days = in_order(bought_on(orders(*facts), as_of=AS_OF))
    mart = accounting_months(customer_months(orders(*facts), as_of=AS_OF), customers, as_of=AS_OF)
    told = accounts(mart, as_of=AS_OF).collect()
    bits = purchase_bits(days)
    rows = bits.lazy().join(customers.filter(pl.col("deleted_on").is_null()), on="customer_id")
    for row in told.iter_rows(named=True):
        month = Period(row["month"], shift_months(row["month"], 1))
        for move in MOVES:
            found = rows.filter(moved(bits.columns, move, month, month.shifted(-1))).collect()
            assert found.height == row[move]


def test_existing_customers_who_order_again_within_three_months(company):
    facts, customers = company
    bits = purchase_bits(in_order(bought_on(orders(*facts), as_of=AS_OF)))
    mart = repurchase_months(bits, customers, NO_TIERS, as_of=AS_OF)
    told = measure(
        mart, "month", existing=pl.col("existing").sum(), repeated=pl.col("repeated").sum()
    ).collect()
    # the year before the window must lie in the data, which begin in January 2023
    assert told["month"][0] == date(2024, 3, 1)
    assert told["month"][-1] == date(2025, 6, 1)
    for month, existing, repeated in told.rows():
        end = min(shift_months(month, 1) - DAY, AS_OF)
        start = shift_months(end + DAY, -3)
        year, stage = shift_months(start, -12), 0
        hit = 0
        for who, first, gone in (
            customers.select("customer_id", "first_order_on", "deleted_on").collect().rows()
        ):
            mine = [day for each, day, *_ in facts if each == who]
            left = gone is not None and gone <= end
            if left or first is None or shift_months(first, 3) > start:
                continue
            if any(year <= day < start for day in mine):
                stage += 1
                hit += any(start <= day <= end for day in mine)
        assert (existing, repeated) == (stage, hit)


CONTACTS = {
    "customer_id": pl.String,
    "occurred_on": pl.Date,
    "direction": pl.String,
    "purpose": pl.String,
    "delivered": pl.Boolean,
}


def contacts(*rows):
    whole = [(*row, None) if len(row) < len(CONTACTS) else row for row in rows]
    return pl.LazyFrame(whole, schema=CONTACTS, orient="row")


def counted(followed, facts, who=None):
    bits = purchase_bits(in_order(bought_on(facts, as_of=AS_OF)))
    months = followed_up(followed, as_of=AS_OF)
    mart = reorder_months(months, bits, people() if who is None else who, NO_TIERS)
    return mart.select("month", "region", "followed", "reordered").collect().rows()


def test_an_order_counts_from_the_day_after_to_the_thirtieth():
    follow_ups = contacts(
        ("ann", date(2025, 1, 31), "outbound", "follow_up"),
        ("bob", date(2025, 1, 31), "outbound", "renewal"),
        ("cat", date(2025, 1, 31), "outbound", "follow_up"),
    )
    facts = orders(
        *bought("ann", "2025-01-31"),  # on the day itself, perhaps before
        *bought("bob", "2025-03-02"),  # the thirtieth day
        *bought("cat", "2025-03-03"),
    )
    assert counted(follow_ups, facts) == [
        (date(2025, 1, 1), "east", 1, 0),
        (date(2025, 1, 1), "west", 2, 1),
    ]


def test_what_is_no_follow_up_or_not_over_is_on_neither_side():
    follow_ups = contacts(
        ("ann", date(2025, 5, 18), "outbound", "follow_up"),  # 30 days end today
        ("ann", date(2025, 5, 10), "inbound", "follow_up"),
        ("bob", date(2025, 5, 10), "outbound", "care"),
        ("bob", date(2025, 5, 19), "outbound", "follow_up"),  # a day short, though answered by
        ("cat", date(2025, 5, 10), "outbound", None),
        (None, date(2025, 5, 10), "outbound", "follow_up"),
        ("cat", date(2025, 5, 11), "outbound", "follow_up", False),  # never arrived
    )
    facts = orders(*bought("ann", "2025-06-17"), *bought("bob", "2025-05-20"))
    assert counted(follow_ups, facts) == [(date(2025, 5, 1), "east", 1, 1)]


def test_a_customer_followed_up_twice_in_a_month_is_one_and_the_first_counts():
    follow_ups = contacts(
        ("ann", date(2025, 3, 1), "outbound", "follow_up"),
        ("ann", date(2025, 3, 28), "outbound", "follow_up"),
        ("ann", date(2025, 4, 2), "outbound", "follow_up"),
        ("bob", date(2025, 3, 1), "outbound", "follow_up"),
    )
    gone = people().with_columns(deleted_on=pl.when(customer_id="bob").then(pl.date(2025, 6, 1)))
    rows = counted(follow_ups, orders(*bought("ann", "2025-04-05")), gone)
    assert rows == [(date(2025, 3, 1), "east", 1, 0), (date(2025, 4, 1), "east", 1, 1)]
    total = (
        pl.LazyFrame(rows, schema=["month", "region", "followed", "reordered"], orient="row")
        .select(**CONVERSION.over_rows())
        .collect()
    )
    assert total["reorder_share"].item() == 0.5


@pytest.mark.parametrize("within", [1, 30, 31])
def test_days_after_a_day_agree_with_a_plain_search(company, within):
    facts, _ = company
    bits = purchase_bits(in_order(bought_on(orders(*facts), as_of=AS_OF)))
    who = bits["customer_id"].to_list()
    for first in (date(2024, 1, 1), date(2025, 2, 1), date(2025, 6, 1), date(2030, 1, 1)):
        days = [first + DAY * (place % 28) for place in range(len(who))]
        rows = pl.Series(range(len(who)), dtype=pl.UInt32)
        found = ordered_within(bits, rows, pl.Series(days), within)
        expected = [
            any(each == one and DAY <= ordered - day <= DAY * within for each, ordered, *_ in facts)
            for one, day in zip(who, days, strict=True)
        ]
        assert found.tolist() == expected
    assert reorders.within_days() == 30
