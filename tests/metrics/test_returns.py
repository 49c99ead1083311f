"""What money brings: flows, ratio, payback, present value, retention, insurance, unit costs."""

from datetime import date

import polars as pl
import pytest

from data_access.contract import TABLES
from metrics import returns, service_cost, what_if
from metrics.returns import Flow

SCHEMA = {"subject": pl.String, "month": pl.Date, "actual": pl.Int64}


def months(*rows):
    return pl.LazyFrame(rows, schema=SCHEMA, orient="row")


def earned(*rows):
    schema = {"subject": pl.String, "earned_on": pl.Date, "amount": pl.Int64}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def month(number):
    return date(2026, number, 1)


def test_flows_have_every_subject_in_every_month_and_no_running_one():
    found = returns.flows(
        months(("a", month(1), 100), ("a", month(3), 50), ("a", month(4), 9), ("b", month(2), 5)),
        earned(("a", date(2026, 2, 28), 30), ("c", date(2026, 3, 31), 7), ("a", month(4), 1)),
        as_of=date(2026, 4, 15),
    )
    assert found.rows() == [
        ("a", month(1), 100, 0),
        ("a", month(2), 0, 30),
        ("a", month(3), 50, 0),
        ("b", month(1), 0, 0),
        ("b", month(2), 5, 0),
        ("b", month(3), 0, 0),
        ("c", month(1), 0, 0),
        ("c", month(2), 0, 0),
        ("c", month(3), 0, 7),
    ]
    by_subject = dict(returned_ratio(found))
    assert by_subject == {"a": pytest.approx(0.2), "b": 0.0, "c": None}
    assert returns.returned(found)["ratio"].item() == pytest.approx(37 / 155)


def returned_ratio(found):
    return returns.returned(found, "subject").select("subject", "ratio").iter_rows()


def test_no_rows_have_no_return():
    found = returns.flows(months(), earned(), as_of=date(2026, 4, 15))
    assert found.is_empty()
    assert returns.flow_of(found) == Flow((), ())
    assert returns.payback(Flow((), ())).years is None
    assert returns.discounted(Flow((), ())).ratio is None
    assert returns.cumulative(Flow((), ()), months=12) == []


def test_a_flow_begins_with_its_first_money():
    rows = returns.flows(
        months(("a", month(1), 0), ("a", month(2), 8), ("b", month(1), 1)),
        earned(),
        as_of=date(2026, 2, 28),
    )
    assert returns.flow_of(rows, "a") == Flow((8,), (0,))
    assert returns.flow_of(rows) == Flow((1, 8), (0, 0))


def test_payback_is_the_first_month_in_which_benefits_have_caught_up():
    assert returns.payback(Flow((100, 0, 0), (30, 30, 40))) == returns.Payback(
        0.25, projected=False
    )
    # benefits before any cost pay nothing back
    assert returns.payback(Flow((0, 100, 0), (50, 50, 0))).years == 2 / 12


def test_payback_ahead_goes_on_as_the_last_twelve_months():
    flow = Flow((100,) + (0,) * 12, (0,) + (5,) * 12)  # 40 are missing, 5 come a month
    assert returns.payback(flow) == returns.Payback(21 / 12, projected=True)
    assert returns.payback(Flow((100, 10), (0, 10))).years is None
    assert returns.payback(Flow((10, 10), (5, 15))).years == 2 / 12


def test_a_year_from_now_is_worth_what_its_discount_says():
    flow = Flow((112,) * 12, (0,) * 11 + (224,))
    once = returns.discounted(Flow((0,) * 12, (0,) * 11 + (112,)), years=1, rate=0.12)
    assert once.benefit == pytest.approx(100)
    assert returns.discounted(flow, years=1, rate=0.0).ratio == pytest.approx(224 / (12 * 112))


def test_five_years_are_the_sum_of_an_annuity():
    monthly = 1.12 ** (1 / 12) - 1
    annuity = (1 - 1.12**-5) / monthly
    value = returns.discounted(Flow((10,) * 12, (23,) * 12))
    assert value.cost == pytest.approx(10 * annuity)
    assert value.ratio == pytest.approx(2.3)


def test_cumulative_sums_tell_what_has_come():
    found = returns.cumulative(Flow((10, 20), (1, 3)), months=4)
    assert found == [(10, 1, True), (30, 4, True), (45, 6, False), (60, 8, False)]


# ---- what if


def test_the_plans_example_of_retention():
    found = what_if.retention(0.58, 0.65)
    before = sum((0.58 / 1.12) ** year for year in (1, 2, 3, 4, 5))
    after = sum((0.65 / 1.12) ** year for year in (1, 2, 3, 4, 5))
    assert found.change == pytest.approx(after / before - 1)
    assert found.change == pytest.approx(0.2493, abs=1e-4)
    assert found.by_formula == pytest.approx(0.1207, abs=1e-4)  # 65 / 58
    # the quoted 37 % needs an acquisition cost of two thirds of the old value
    assert found.quoted_at == pytest.approx(0.674, abs=5e-4)
    cost = found.quoted_at or 0.0
    assert (0.65 / 0.58 - cost) / (1 - cost) - 1 == pytest.approx(0.37)


def test_what_cannot_be_divided_is_null():
    found = what_if.retention(0.0, 0.5)
    assert (found.change, found.by_formula, found.quoted_at) == (None, None, None)
    assert what_if.retention(0.5, 0.9).quoted_at is None  # more than quoted without any cost


def test_insurance_is_for_what_is_expected_to_cost_more_than_bearing_it():
    day = date(2026, 6, 30)
    policies = pl.LazyFrame(
        {
            "policy_id": ["p1", "p2", "p3", "p4"],
            "risk": ["a", "b", "c", "d"],
            "starts_on": [month(1), month(1), month(1), month(7)],
            "ends_on": [None, date(2026, 12, 31), day, None],
            "insured": [None, 500, 1, 1],
            "premium": [None, 5, 1, 1],
            "probability": [10, 2, None, 50],
            "loss": [1000, 1000, 1000, 1000],
            "retained_cost": [60, 20, 1, 1],
        },
        schema_overrides={"probability": pl.Int32, "insured": pl.Int64, "premium": pl.Int64},
    )
    found = what_if.insurance(policies, as_of=day).collect()
    assert found.select("policy_id", "expected", "surplus", "insure").rows() == [
        ("p1", 100, 40, True),
        ("p2", 20, 0, False),  # not above 0
        ("p3", None, None, None),
    ]


# ---- unit costs


def costs(*rows):
    names = ("month", "handled_by", "labour", "other", "contacts", "value_added")
    kinds = {name: TABLES["service_costs"].schema[name] for name in names}
    return pl.LazyFrame(rows, schema=kinds, orient="row")


def figures(*rows):
    return (
        service_cost.ready(costs(*rows)).select(**service_cost.SERVICE_COST.over_rows()).collect()
    )


def test_unit_costs_are_ratios_of_sums():
    row = figures(
        (month(1), "human", 900, 100, 10, 300),
        (date(2026, 2, 9), "human", 100, None, 90, 300),
        (month(1), "bot", 0, 20, 100, None),
        (month(2), "bot", 0, 30, None, None),  # no contacts told: no cost per contact
    ).row(0, named=True)
    assert row["human_unit_cost"] == 1100 / 100
    assert row["bot_unit_cost"] == 20 / 100
    assert row["saving"] == pytest.approx(1 - 0.2 / 11)
    assert row["labour_month"] == 1000 / 2
    assert row["coverage"] == 600 / 1000


def test_months_without_value_added_are_not_held_against_it():
    row = figures((month(1), "human", 100, 0, 1, 60), (month(2), "human", 100, 0, 1, None))
    assert row["coverage"].item() == 0.6


def test_nothing_recorded_is_null():
    row = figures().row(0, named=True)
    keys = ("bot_unit_cost", "human_unit_cost", "saving", "labour_month", "coverage")
    assert [row[key] for key in keys] == [None] * 5
