"""One customer's events in one list, spending by month, and the basis of the tier."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from metrics.customer_timeline import KINDS, Records, spending_months, timeline
from metrics.tiers.basis import tier_basis
from metrics.tiers.scheme import scheme

TIME = pl.Datetime("us", "UTC")


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def frame(schema: dict, *rows: dict) -> pl.LazyFrame:
    full = {name: pl.String if dtype is None else dtype for name, dtype in schema.items()}
    return pl.DataFrame(list(rows), schema=full, orient="row").lazy()


def orders(*rows: dict) -> pl.LazyFrame:
    return frame(
        {
            "order_id": None,
            "ordered_at": TIME,
            "ordered_on": pl.Date,
            "status": None,
            "amount": pl.Int64,
            "channel": None,
        },
        *rows,
    )


def records(**tables: list[dict]) -> Records:
    flags = {"is_control": pl.Boolean, "participated": pl.Boolean, "converted": pl.Boolean}
    schemas = {
        "interactions": {
            "interaction_id": None,
            "occurred_at": TIME,
            "occurred_on": pl.Date,
            "direction": None,
            "channel": None,
            "purpose": None,
            "responded": pl.Boolean,
            "employee_id": None,
        },
        "tickets": {
            "ticket_id": None,
            "created_at": TIME,
            "created_on": pl.Date,
            "first_response_at": TIME,
            "resolved_at": TIME,
            "closed_at": TIME,
            "kind": None,
            "channel": None,
            "category": None,
            "agent_id": None,
        },
        "survey_responses": {
            "response_id": None,
            "invited_at": TIME,
            "invited_on": pl.Date,
            "answered_at": TIME,
            "answered_on": pl.Date,
            "nps": pl.Int16,
            "csat": pl.Int16,
            "comment": None,
            "survey": None,
            "channel": None,
        },
        "campaign_members": {
            "member_id": None,
            "campaign_id": None,
            "contacted_at": TIME,
            "contacted_on": pl.Date,
            **flags,
        },
        "campaigns": {
            "campaign_id": None,
            "name": None,
            "scenario": None,
            "channel": None,
            "starts_at": TIME,
            "starts_on": pl.Date,
        },
    }
    made = {name: frame(schema, *tables.get(name, [])) for name, schema in schemas.items()}
    return Records(orders=orders(*tables.get("orders", [])), **made)


def test_events_of_all_kinds_are_one_list_latest_first():
    found = timeline(
        records(
            orders=[{"order_id": "o", "ordered_at": at(1), "status": "completed", "amount": 5}],
            interactions=[{"interaction_id": "i", "occurred_at": at(3), "direction": "inbound"}],
            tickets=[{"ticket_id": "t", "created_at": at(2), "kind": "inquiry"}],
            survey_responses=[{"response_id": "s", "invited_at": at(1), "answered_at": at(5)}],
            campaign_members=[{"member_id": "m", "campaign_id": "c"}],
            campaigns=[{"campaign_id": "c", "name": "Spring", "starts_at": at(4)}],
        )
    ).collect()
    assert found["id"].to_list() == ["s", "m", "i", "t", "o"]
    assert set(found["kind"]) == set(KINDS)
    assert found.filter(kind="campaign")["text"].item() == "Spring"


def test_an_inbound_contact_is_neither_answered_nor_unanswered():
    rows = [
        {"interaction_id": "1", "occurred_at": at(1), "direction": "inbound", "responded": False},
        {"interaction_id": "2", "occurred_at": at(2), "direction": "outbound", "responded": False},
        {"interaction_id": "3", "occurred_at": at(3), "direction": "outbound", "responded": True},
        {"interaction_id": "4", "occurred_at": at(4), "direction": "outbound"},
    ]
    found = timeline(records(interactions=rows)).sort("id").collect()
    assert found["state"].to_list() == [None, "unanswered", "answered", None]


def test_a_ticket_tells_its_state_and_the_hours_to_the_first_answer():
    rows = [
        {"ticket_id": "1", "created_at": at(1), "kind": "complaint"},
        {"ticket_id": "2", "created_at": at(1), "first_response_at": at(1, 1, 30), "kind": "x"},
        {"ticket_id": "3", "created_at": at(1), "closed_at": at(2), "kind": "x"},
    ]
    found = timeline(records(tickets=rows)).sort("id").collect()
    assert found["state"].to_list() == ["open", "answered", "resolved"]
    assert found["hours"].to_list() == [None, 1.5, None]
    assert found["warns"].to_list() == [True, False, False]


def test_control_members_are_told_as_such_whatever_else_is_recorded():
    rows = [
        {"member_id": "1", "campaign_id": "c", "is_control": True, "converted": True},
        {"member_id": "2", "campaign_id": "c", "converted": True, "participated": True},
        {"member_id": "3", "campaign_id": "gone", "contacted_at": at(1)},
    ]
    campaigns = [{"campaign_id": "c", "name": "n", "starts_at": at(1)}]
    found = timeline(records(campaign_members=rows, campaigns=campaigns)).sort("id").collect()
    assert found["state"].to_list() == ["control", "converted", "reached"]


def test_a_detractor_warns_and_a_passive_does_not():
    rows = [{"response_id": str(score), "answered_at": at(1), "nps": score} for score in (6, 7)] + [
        {"response_id": "8", "invited_at": at(1)}
    ]
    found = timeline(records(survey_responses=rows)).sort("id").collect()
    assert found["warns"].to_list() == [True, False, False]
    assert found["state"].to_list() == ["answered", "answered", "unanswered"]


def test_no_records_are_no_events():
    assert timeline(records()).collect().is_empty()


def order(day: date, amount: int, status: str = "completed") -> dict:
    return {"order_id": str(day), "ordered_on": day, "amount": amount, "status": status}


def test_spending_has_every_month_and_deducts_returns():
    rows = orders(
        order(date(2026, 7, 31), 500),
        order(date(2026, 9, 1), -200, "returned"),
        order(date(2026, 9, 2), 900, "cancelled"),  # counts nowhere
        order(date(2026, 10, 3), 70),
    )
    found = spending_months(rows, as_of=date(2026, 10, 20)).collect()
    assert found["bucket"].to_list() == [date(2026, month, 1) for month in (7, 8, 9, 10)]
    assert found["revenue"].to_list() == [500, 0, -200, 70]
    assert found["complete"].to_list() == [True, True, True, False]


def test_spending_tells_at_most_the_last_months():
    rows = orders(order(date(2020, 1, 1), 1), order(date(2026, 10, 3), 70))
    found = spending_months(rows, as_of=date(2026, 10, 31), months=3).collect()
    assert found["bucket"].to_list() == [date(2026, month, 1) for month in (8, 9, 10)]
    assert found["revenue"].to_list() == [0, 0, 70]


def test_spending_without_orders_has_no_months():
    assert spending_months(orders(), as_of=date(2026, 10, 31)).collect().is_empty()


@pytest.mark.parametrize(
    ("tier", "revenue", "basis"),
    [
        ("high", 10_000_001, "revenue_12m"),  # above 100,000.00
        ("high", 10_000_000, "profit_12m"),  # not above: only the profit can have done it
        ("basic", 0, "revenue_12m"),
        ("unheard_of", 0, ""),
    ],
)
def test_the_basis_of_a_tier_is_the_condition_that_holds(tier, revenue, basis):
    row = {"revenue_12m": revenue, "profit_12m": 4_000_000}
    assert tier_basis(tier, row, scheme=scheme("value_spend_s0"), money_scale=2) == basis
