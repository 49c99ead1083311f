"""Lifecycle stages: boundaries, precedence, come-backs and complaints."""

import itertools
from datetime import date

import polars as pl
import pytest

from metrics.come_back import won_back_on
from metrics.lifecycle import STAGES, open_tickets, stage, stage_mix
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


CUSTOMER = {
    "first_order_on": date(2024, 3, 1),
    "silent_days": 5,
    "usual_gap_days": 20.0,
    "churned": False,
    "won_back_on": None,
    "open_complaints": 0,
}
SCHEMA = {
    "first_order_on": pl.Date,
    "silent_days": pl.Int32,
    "usual_gap_days": pl.Float64,
    "churned": pl.Boolean,
    "won_back_on": pl.Date,
    "open_complaints": pl.Int64,
}


def stage_of(as_of=TODAY, **changes):
    row = pl.DataFrame([CUSTOMER | changes], schema=SCHEMA)
    return row.select(stage(as_of=as_of)).item()


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (date(2024, 6, 30), "new"),
        (date(2024, 4, 1), "new"),  # a day short of 3 months
        (date(2024, 3, 31), "existing"),  # 3 months end on the last day of June
        (date(2024, 3, 30), "existing"),  # exactly 3 months
        (date(2023, 6, 30), "existing"),  # exactly 12 months
        (date(2023, 6, 29), "mature"),
    ],
)
def test_age_in_calendar_months_decides_between_new_existing_and_mature(first, expected):
    assert stage_of(first_order_on=first) == expected


def test_months_end_with_shorter_months():
    november = date(2023, 11, 30)
    assert stage_of(date(2024, 2, 28), first_order_on=november) == "new"
    assert stage_of(date(2024, 2, 29), first_order_on=november) == "existing"


@pytest.mark.parametrize(
    ("silent", "expected"),
    [(39, "existing"), (40, "warning"), (79, "warning")],
)
def test_silence_warns_at_two_usual_gaps(silent, expected):
    assert stage_of(silent_days=silent, first_order_on=date(2024, 3, 30)) == expected


def test_who_counts_as_churned_is_in_that_stage_also_without_silence_or_a_purchase():
    assert stage_of(churned=True, silent_days=80) == "churned"
    assert stage_of(churned=True) == "churned"  # a contract has ended
    assert stage_of(churned=True, silent_days=None, first_order_on=None) == "churned"


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        (date(2024, 6, 30), "won_back"),
        (date(2024, 4, 2), "won_back"),  # 89 days ago
        (date(2024, 4, 1), "existing"),  # 90 days ago
        (date(2024, 7, 1), "existing"),  # not yet
    ],
)
def test_a_customer_is_won_back_for_ninety_days(back, expected):
    assert stage_of(won_back_on=back, first_order_on=date(2024, 1, 1)) == expected


def test_an_open_complaint_warns_but_does_not_revive_the_churned():
    back = {"won_back_on": TODAY}
    assert stage_of(open_complaints=1) == "warning"
    assert stage_of(open_complaints=1, **back) == "warning"
    assert stage_of(open_complaints=1, silent_days=80, churned=True, **back) == "churned"
    assert stage_of(open_complaints=None) == "existing"


def test_who_never_bought_has_no_stage():
    never = {"first_order_on": None, "silent_days": None, "open_complaints": 2}
    assert stage_of(**never, churned=None) is None
    assert stage_of(**never) is None  # under contract
    assert stage_of(first_order_on=date(2024, 7, 1)) is None


def test_an_unknown_rhythm_is_no_sign_of_churn():
    assert stage_of(usual_gap_days=None, silent_days=100) == "existing"


def test_every_buyer_has_exactly_one_stage_whatever_the_combination():
    grid = itertools.product(
        [date(2024, 6, 30), date(2024, 1, 1), date(2020, 1, 1)],
        [None, 0, 50, 90],
        [None, 20.0],
        [None, False, True],
        [None, TODAY, date(2023, 1, 1)],
        [None, 0, 3],
    )
    rows = pl.DataFrame(list(grid), schema=SCHEMA, orient="row").with_columns(stage(as_of=TODAY))
    assert rows["stage"].null_count() == 0
    mix = stage_mix(rows.lazy()).collect()
    assert mix["stage"].to_list() == list(STAGES)
    assert mix["customers"].sum() == rows.height
    assert mix["customers"].min() > 0  # all six occur


def test_the_stage_mix_shows_empty_stages_and_ignores_prospects():
    found = stage_mix(pl.LazyFrame({"stage": ["new", "new", None, "churned"]})).collect()
    assert found["customers"].to_list() == [2, 0, 0, 0, 1, 0]
    assert found["share"][0] == 2 / 3
    nobody = stage_mix(pl.LazyFrame({"stage": []}, schema={"stage": pl.String})).collect()
    assert nobody["share"].null_count() == len(STAGES)


RHYTHM = pl.LazyFrame({"customer_id": ["ann"], "tau_days": [60]})


def comeback(*days, as_of=TODAY):
    days = in_order(bought_on(orders(*bought("ann", *days)), as_of=as_of))
    found = won_back_on(days, RHYTHM, as_of=as_of)
    return found.select("won_back_on", "broken_silence_days").collect().rows()


def test_a_comeback_ends_a_silence_of_at_least_tau():
    assert comeback("2024-04-01", "2024-05-31") == [(date(2024, 5, 31), 60)]
    assert comeback("2024-04-01", "2024-05-30") == []  # 59 days


def test_a_comeback_lies_within_the_last_ninety_days():
    assert comeback("2023-01-01", "2024-04-02") == [(date(2024, 4, 2), 457)]  # 89 days ago
    assert comeback("2023-01-01", "2024-04-01") == []
    assert comeback("2023-01-01", "2024-04-01", "2024-04-20") == []  # the later gap is short


def test_the_latest_of_two_comebacks_counts_and_the_first_purchase_is_none():
    assert comeback("2024-01-01", "2024-04-02", "2024-06-20") == [(date(2024, 6, 20), 79)]
    assert comeback("2024-06-20", "2024-06-20") == []
    assert comeback("2024-01-01", "2024-07-01") == []  # after as_of


def test_complaints_are_open_until_resolved_or_closed():
    tickets = pl.LazyFrame(
        [
            ("ann", "complaint", date(2024, 6, 30), None, None),
            ("ann", "complaint", date(2024, 6, 1), date(2024, 7, 1), None),  # solved tomorrow
            ("bob", "complaint", date(2024, 6, 1), date(2024, 6, 30), None),
            ("bob", "complaint", date(2024, 6, 1), None, date(2024, 6, 30)),
            ("bob", "complaint", date(2024, 7, 1), None, None),
            ("bob", "inquiry", date(2024, 6, 1), None, None),
            (None, "complaint", date(2024, 6, 1), None, None),
        ],
        schema=["customer_id", "kind", "created_on", "resolved_on", "closed_on"],
        orient="row",
        schema_overrides={"resolved_on": pl.Date, "closed_on": pl.Date},
    )
    found = open_tickets(tickets, as_of=TODAY).sort("customer_id").collect()
    columns = ["customer_id", "open_tickets", "open_complaints"]
    assert found.select(columns).rows() == [("ann", 2, 2), ("bob", 1, None)]
    nothing = pl.lit(None, pl.Date)
    unended = tickets.with_columns(resolved_on=nothing, closed_on=nothing)  # as a read gives them
    assert open_tickets(unended, as_of=TODAY).collect().is_empty()
