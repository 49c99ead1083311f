"""Lifetime value: worked by hand, held against what came, and nothing where nothing is known."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from metrics.clv.backtest import backtest, known
from metrics.clv.forecast import forecast
from metrics.clv.margin import margin, margin_sums
from metrics.clv.rule import MONTH, Terms
from metrics.clv.staying import Curve, Staying
from metrics.clv.value import arpu, values
from tests.metrics.churn_company import AS_OF, company

DAY = date(2026, 6, 30)
FIVE_YEARS = Terms(months=60, discount_rate=0.12, margin=0.4, acquisition_cost=500)
# A tenth leaves each month from the first day to the last known one, and beyond.
RATE = -math.log(0.9) / MONTH
STEADY = Curve(np.exp(-RATE * np.arange(366)), RATE)
STAYING = Staying({}, STEADY)


def person(**changes):
    row = {
        "customer_id": "a",
        "segment": "retail",
        "first_on": DAY - timedelta(days=364),
        "registered_on": DAY - timedelta(days=364),
        "tau_days": 120,
        "churned": False,
        "revenue_12m": 36_500,
    }
    return row | changes


def valued(*rows, terms=FIVE_YEARS, win_back=0.2):
    return values(
        pl.DataFrame(rows),
        STAYING,
        terms,
        win_back=win_back,
        as_of=DAY,
        observed_from=date(2023, 1, 1),
    )


def test_the_headline_is_a_geometric_sum_of_discounted_months():
    row = valued(person()).row(0, named=True)
    monthly = 36_500 / 12  # alone in the segment: its mean is the customer's own
    months = sum(0.9**m * 1.12 ** (-m / 12) for m in range(1, 61))
    # days are whole, so the twelfth of a year is off by up to half a day
    assert row["clv"] == pytest.approx(0.4 * monthly * months - 500, rel=2e-3)


def test_the_formula_of_the_plans_counts_churn_twice_and_knows_no_margin():
    row = valued(person()).row(0, named=True)
    retention = 0.9**12
    lifetime = (1 - 0.9**60) / -math.log(0.9)  # integral of the curve in months
    expected = 36_500 / 12 * retention * lifetime - 500
    assert row["clv_formula"] == pytest.approx(expected, rel=5e-3)


def test_the_churned_are_worth_the_chance_that_they_come_back():
    there, gone = valued(person(), person(customer_id="b", churned=True)).iter_rows(named=True)
    assert gone["clv"] + 500 == pytest.approx(0.2 * (there["clv"] + 500))
    assert gone["clv_formula"] == there["clv_formula"]
    unknown = valued(person(churned=True), win_back=None).row(0, named=True)
    assert unknown["clv"] is None


def test_spending_is_shrunk_to_the_segment():
    rows = [
        person(first_on=DAY - timedelta(days=9), revenue_12m=10_000),  # 10 days: 1,000 a day
        person(customer_id="b", revenue_12m=0),
        person(customer_id="c", segment="public", revenue_12m=-90),
    ]
    found = arpu(pl.LazyFrame(rows), as_of=DAY).collect()["arpu"].to_list()
    mean = 10_000 / (10 + 365)
    assert found[0] == pytest.approx((10_000 + 90 * mean) / 100 * MONTH)
    assert found[1] == pytest.approx(90 * mean / 455 * MONTH)
    assert found[2] == 0.0  # never below


def test_a_curve_goes_on_by_its_last_half_year():
    people = lives([(30, 30), (400, 30), (500, 140)])
    staying = Staying.learnt(people, as_of=DAY, observed_from=date(2020, 1, 1))
    assert staying is not None
    curve = staying.everybody
    assert len(curve.survival) == 501
    assert curve.survival[29] == 1.0
    assert curve.survival[30] == pytest.approx(170 / 200)
    assert curve.survival[400] == pytest.approx(140 / 200)
    assert curve.hazard == pytest.approx(math.log(170 / 140) / 182)
    assert curve.to(600)[600] == pytest.approx(0.7 * math.exp(-curve.hazard * 100))
    assert curve.retention()[500] == pytest.approx(math.exp(-curve.hazard * 365))
    assert len(curve.months_left(FIVE_YEARS)) == 501


def lives(groups, segment="retail"):
    """Customers who churned after so many days; those of 500 days are still there."""
    rows = []
    for days, number in groups:
        gone = days < 500
        first = DAY - timedelta(days=500)
        last = first + timedelta(days=days - 20) if gone else DAY
        rows += [{"first_on": first, "last_on": last, "tau_days": 20, "segment": segment}] * number
    return pl.LazyFrame(rows)


def test_a_segment_of_few_reads_the_curve_of_all():
    people = pl.concat([lives([(30, 40), (500, 60)]), lives([(90, 9)], segment="public")])
    staying = Staying.learnt(people, as_of=DAY, observed_from=date(2020, 1, 1))
    assert staying is not None
    assert set(staying.of) == {"retail"}
    assert staying.curve("public") is staying.everybody
    assert staying.curve(None) is staying.everybody
    few = lives([(30, 10), (500, 10)])
    assert Staying.learnt(few, as_of=DAY, observed_from=date(2020, 1, 1)) is None


def test_the_margin_is_that_of_the_orders_that_record_one():
    orders = pl.LazyFrame(
        {
            "ordered_on": [DAY, DAY, DAY, DAY - timedelta(days=400)],
            "status": ["completed", "completed", "cancelled", "completed"],
            "amount": [100, 900, 50, 100],
            "profit": [30, None, 50, 100],
        }
    )
    assert margin(margin_sums(orders, as_of=DAY)) == pytest.approx(0.3)
    assert margin(margin_sums(orders.drop("profit"), as_of=DAY)) is None
    assert margin(margin_sums(orders.head(0), as_of=DAY)) is None
    own = Terms.standard(0.3, money_scale=2)
    assert (own.margin, own.margin_recorded, own.cost) == (0.3, True, 0)
    assert Terms.standard(None, money_scale=2).margin_recorded is False


@pytest.fixture(scope="module")
def crm():
    return company(3000, seed=5)


def test_last_years_forecast_against_what_came(crm):
    found = backtest(crm, as_of=AS_OF)
    assert found is not None
    made_on = AS_OF - timedelta(days=365)
    assert found.made_on == made_on.isoformat()
    orders = crm.orders.collect()
    gone = {
        row["customer_id"]
        for row in crm.customers.collect().iter_rows(named=True)
        if row["deleted_on"] is not None and row["deleted_on"] <= AS_OF
    }
    bought = orders.filter(pl.col("bought") & (pl.col("ordered_on") <= made_on))
    there = set(bought["customer_id"]) - gone
    came = sum(
        row["amount"]
        for row in orders.iter_rows(named=True)
        if row["customer_id"] in there and row["ordered_on"] > made_on
    )
    assert (found.customers, found.actual) == (len(there), came)
    assert found.clv is not None
    assert 0.6 < found.clv < 1.4
    assert found.clv_second is not None
    assert 0.6 < found.clv_second < 1.4
    assert found.clv_formula is not None


def test_the_forecast_knows_nothing_of_the_year_it_is_about(crm):
    made_on = AS_OF - timedelta(days=365)
    cut = crm.where(pl.lit(value=True))
    past = known(cut, made_on, there=AS_OF)
    later = type(crm)(
        orders=crm.orders.filter(pl.col("ordered_on") <= made_on), customers=crm.customers
    )
    assert past.equals(known(later, made_on, there=AS_OF))


def test_who_was_under_contract_had_not_left_however_silent(crm):
    made_on = AS_OF - timedelta(days=365)
    alone = known(crm, made_on, there=AS_OF)
    silent = alone.filter("churned")["customer_id"]
    held, ended = silent[:5].implode().item(), silent[5:10].implode().item()
    runs = pl.DataFrame({"customer_id": [*held, *ended]}).with_columns(
        started_on=pl.lit(made_on - timedelta(days=30)),
        ended_on=pl.when(pl.int_range(10) >= 5).then(pl.lit(made_on)),
        monthly_amount=pl.lit(1_000, pl.Int64),
    )
    people = known(replace(crm, contracts=runs.lazy()), made_on, there=AS_OF)
    churned = dict(people.select("customer_id", "churned").iter_rows())
    assert not any(churned[each] for each in held)
    assert all(churned[each] for each in ended)
    rest = ~pl.col("customer_id").is_in(held)
    ended_on = people.filter(pl.col("customer_id").is_in(ended))["contract_ended_on"]
    assert ended_on.to_list() == [made_on] * 5
    rest &= ~pl.col("customer_id").is_in(ended)
    lapsed = ("lapsed", "tau_then_days", "gap_then_days", "silent_then_days", "ended_then_on")
    assert people.filter(rest).drop(lapsed).equals(alone.filter(rest).drop(lapsed))


def test_two_years_of_orders_are_needed(crm):
    short = type(crm)(
        orders=crm.orders.filter(pl.col("ordered_on") > AS_OF - timedelta(days=700)),
        customers=crm.customers,
    )
    assert backtest(short, as_of=AS_OF) is None
    nothing = type(crm)(orders=crm.orders.head(0), customers=crm.customers)
    assert backtest(nothing, as_of=AS_OF) is None


def test_nobody_and_few_have_no_value(crm):
    people = known(crm, AS_OF, there=AS_OF)
    none = forecast(people.head(0), FIVE_YEARS, as_of=AS_OF)
    assert none.customers.is_empty()
    assert none.problem
    few = forecast(people.head(20), FIVE_YEARS, as_of=AS_OF)
    assert few.customers["clv"].null_count() == 20
    whole = forecast(people, FIVE_YEARS, as_of=AS_OF)
    assert whole.customers["customer_id"].to_list() == people["customer_id"].to_list()
    assert whole.customers.null_count().row(0) == (0, 0, 0, 0)
