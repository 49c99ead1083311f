"""Early warnings: worked by hand, against plain loops over days, and never ahead of their time."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.churn import warnings as module
from metrics.churn.signals import first, signals
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import switched_off, warnings, warnings_today
from metrics.customer_days import day_number
from metrics.numbering import places
from metrics.rules import load
from tests.metrics.churn_company import AS_OF, company, until

SILENT, ANSWERED, OWN, UNKNOWN = (
    ("outbound", False),
    ("outbound", True),
    ("inbound", None),
    ("outbound", None),
)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def crm(
    orders: list[int] = (), contacts: list[tuple[int, tuple]] = (), tickets: list[int] = ()
) -> CrmTables:
    """Customer A, who bought 300 days ago, with events so many days ago."""
    days = [300, *orders]
    return CrmTables.read(
        customers=pl.LazyFrame({"customer_id": ["A"]}),
        orders=pl.LazyFrame(
            {
                "customer_id": ["A"] * len(days),
                "ordered_on": [ago(each) for each in days],
                "status": ["completed"] * len(days),
                "amount": [100] * len(days),
            }
        ),
        interactions=pl.LazyFrame(
            {
                "customer_id": ["A"] * len(contacts),
                "occurred_on": [ago(each) for each, _ in contacts],
                "direction": [kind[0] for _, kind in contacts],
                "responded": [kind[1] for _, kind in contacts],
            },
            schema_overrides={
                "occurred_on": pl.Date,
                "direction": pl.String,
                "responded": pl.Boolean,
                "customer_id": pl.String,
            },
        ),
        tickets=pl.LazyFrame(
            {
                "customer_id": ["A"] * len(tickets),
                "created_on": [ago(each) for each in tickets],
                "kind": ["inquiry"] * len(tickets),
            },
            schema_overrides={
                "created_on": pl.Date,
                "customer_id": pl.String,
                "kind": pl.String,
            },
        ),
    )


def asked(tables: CrmTables, *days: date) -> list[tuple]:
    moments = pl.DataFrame({"customer_id": ["A"] * len(days), "as_of": days})
    told = warnings(tables, moments).select("warning", "warned_on", "warning_rules").rows()
    return [(level, raised and (AS_OF - raised).days, rules) for level, raised, rules in told]


def test_three_contacts_in_a_row_without_an_answer_within_72_hours_are_red():
    tables = crm(contacts=[(40, ANSWERED), (30, SILENT), (20, SILENT), (10, SILENT)])
    told = asked(tables, AS_OF, ago(7), ago(8))
    # the third is judged 3 days later, on the 7th day before the last
    assert told == [("red", 7, ["red"]), ("red", 7, ["red"]), (None, None, [])]


@pytest.mark.parametrize("sign", [(15, ANSWERED), (15, OWN), (2, OWN)])
def test_a_sign_of_the_customer_ends_red(sign):
    tables = crm(contacts=[(30, SILENT), (20, SILENT), (10, SILENT), sign])
    assert asked(tables, AS_OF) == [(None, None, [])]


def test_a_contact_of_unknown_outcome_neither_counts_nor_ends_it():
    contacts = [(30, SILENT), (25, UNKNOWN), (20, SILENT)]
    assert asked(crm(contacts=contacts), AS_OF) == [(None, None, [])]
    assert asked(crm(contacts=[*contacts, (10, SILENT)]), AS_OF)[0][0] == "red"


def test_half_of_at_least_four_events_lost_is_yellow():
    four = {"orders": [59, 50], "contacts": [(45, OWN)], "tickets": [31]}
    assert asked(crm(**four), AS_OF) == [("yellow", 1, ["yellow"])]
    two_left = {**four, "contacts": [(45, OWN), (5, OWN), (4, OWN)]}
    assert asked(crm(**two_left), AS_OF)[0][0] == "yellow"
    three_left = {**four, "contacts": [(45, OWN), (5, OWN), (4, OWN), (3, OWN)]}
    assert asked(crm(**three_left), AS_OF) == [(None, None, [])]
    three_before = {**four, "tickets": []}
    assert asked(crm(**three_before), AS_OF) == [(None, None, [])]


def test_an_answered_contact_is_activity_once_it_is_judged():
    four = [(59, OWN), (58, OWN), (57, OWN)]
    assert asked(crm(contacts=[*four, (34, ANSWERED)]), AS_OF)[0][0] == "yellow"
    # contacted 32 days ago: judged 29 days ago, so it is of the last 30 days
    assert asked(crm(contacts=[*four, (32, ANSWERED)]), AS_OF) == [(None, None, [])]


def test_one_order_less_than_in_the_quarter_before_is_blue():
    assert asked(crm(orders=[100, 95, 10]), AS_OF) == [("blue", 5, ["blue"])]
    assert asked(crm(orders=[100, 95, 10, 9]), AS_OF) == [(None, None, [])]
    assert asked(crm(orders=[170]), AS_OF) == [("blue", 80, ["blue"])]
    assert asked(crm(orders=[180]), AS_OF) == [(None, None, [])]  # neither quarter has one


def test_the_strongest_rule_gives_the_level_and_its_own_day():
    contacts = [(60, SILENT), (20, SILENT), (10, SILENT)]
    told = asked(crm(orders=[100], contacts=contacts), AS_OF, ago(8))
    assert told == [("red", 7, ["red", "blue"]), ("blue", 10, ["blue"])]


def test_what_has_held_for_long_is_told_as_raised_at_the_end_of_the_look_back(monkeypatch):
    rules = load("warnings") | {"since": {"look_back_days": 30}}
    monkeypatch.setattr(module, "load", lambda _: rules)
    assert asked(crm(orders=[170]), AS_OF) == [("blue", 30, ["blue"])]


def test_without_answers_to_contacts_red_is_off_and_the_others_are_not():
    tables = crm(orders=[170], contacts=[(30, SILENT), (20, SILENT), (10, SILENT)])
    assert switched_off(tables) == ()
    assert asked(tables, AS_OF)[0][2] == ["red", "blue"]
    bare = CrmTables(orders=tables.orders, customers=tables.customers)
    assert switched_off(bare) == ("red",)
    assert asked(bare, AS_OF)[0][2] == ["blue"]
    unrecorded = CrmTables(
        orders=tables.orders,
        customers=tables.customers,
        interactions=tables.interactions.drop("answer"),
    )
    assert switched_off(unrecorded) == ("red",)
    assert asked(unrecorded, AS_OF)[0][2] == ["blue"]


def test_nobody_is_asked_about():
    nobody = pl.DataFrame(schema={"customer_id": pl.String, "as_of": pl.Date})
    told = warnings(crm(), nobody)
    assert told.is_empty()
    assert told.columns == ["customer_id", "as_of", "warning", "warned_on", "warning_rules"]
    assert told.schema["warning_rules"] == pl.List(pl.String)


def test_only_who_can_leave_is_warned():
    customers = pl.DataFrame({"customer_id": ["A", "B", "C"], "churned": [False, True, None]})
    told = warnings_today(crm(orders=[170]), customers, as_of=AS_OF)
    assert told.select("customer_id", "warning").rows() == [("A", "blue")]


# Against loops over events and days.

DAYS = 40


@pytest.fixture(scope="module")
def big() -> CrmTables:
    return company(150, seed=4)


@pytest.fixture(scope="module")
def moments(big: CrmTables) -> pl.DataFrame:
    who = big.customers.select("customer_id").collect()
    days = pl.DataFrame({"as_of": [ago(each) for each in range(DAYS)]})
    return who.join(days, how="cross")


def events(table: pl.LazyFrame, day: str, **more: pl.Expr) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    for who, *rest in table.select("customer_id", day, **more).collect().iter_rows():
        found.setdefault(who, []).append(tuple(rest))
    return found


def test_levels_and_days_are_those_of_plain_loops(big: CrmTables, moments: pl.DataFrame):
    bought = events(big.purchases(), "ordered_on")
    contacts = events(big.interactions, "occurred_on", answer=pl.col("answer"))
    tickets = events(big.tickets, "created_on")
    answers = events(big.survey_responses, "answered_on")

    def holds(who: str, day: date) -> list[str]:
        wait = timedelta(days=3)
        known = [
            each
            for each in contacts.get(who, [])
            if day - timedelta(days=180) < each[0] <= day - wait and each[1] is not None
        ]
        streak = 0
        for on in sorted({on for on, _ in known}):
            here = [answer for when, answer in known if when == on]
            streak = 0 if any(here) else streak + len(here)
        active = [on for on, *_ in [*bought[who], *tickets.get(who, []), *answers.get(who, [])]]
        active += [on + wait for on, answer in contacts.get(who, []) if answer == 1]
        orders = [on for on, *_ in bought[who]]

        def lost(on: list[date], days: int) -> tuple[int, int]:
            size = timedelta(days=days)
            now = sum(day - size < each <= day for each in on)
            before = sum(day - 2 * size < each <= day - size for each in on)
            return before, before - now

        found = ["red"] if streak >= 3 else []
        before, less = lost(active, 30)
        found += ["yellow"] if before >= 4 and less >= before / 2 else []
        before, less = lost(orders, 90)
        return found + (["blue"] if less > 0 else [])

    told = warnings(big, moments)
    expected = [holds(who, day) for who, day in moments.rows()]
    assert told["warning_rules"].to_list() == expected
    assert set(told["warning"].drop_nulls()) == {"red", "yellow", "blue"}
    today = told.filter(pl.col("as_of") == AS_OF, pl.col("warning").is_not_null())
    for who, level, raised in today.select("customer_id", "warning", "warned_on").iter_rows():
        day = AS_OF
        while day > AS_OF - timedelta(days=180) and level in holds(who, day - timedelta(days=1)):
            day -= timedelta(days=1)
        assert raised == day, (who, level)


def test_rows_of_later_days_change_nothing(big: CrmTables, moments: pl.DataFrame):
    then = moments.filter(pl.col("as_of") == ago(DAYS - 1))
    assert_frame_equal(warnings(big, then), warnings(until(big, ago(DAYS - 1)), then))


def test_parts_of_the_moments_change_nothing(
    big: CrmTables, moments: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
):
    shuffled = moments.sample(fraction=1.0, shuffle=True, seed=1)
    whole = warnings(big, shuffled)
    assert_frame_equal(whole.select("customer_id", "as_of"), shuffled)
    monkeypatch.setattr(module, "_AT_ONCE", 77)
    assert_frame_equal(warnings(big, shuffled), whole)


def test_the_first_day_of_a_rule_is_that_of_a_walk_over_all_days(
    big: CrmTables, moments: pl.DataFrame
):
    ids = moments["customer_id"].unique().sort()
    told = warnings(big, moments).sort("customer_id", "as_of")
    asked = signals(big.numbered(ids), load("warnings"))
    who = places(ids, ids).cast(pl.Int64).to_numpy()
    after = np.full(len(ids), day_number(ago(DAYS)))
    for level, signal in asked.items():
        found = first(signal, who, after=after, until=after + DAYS)
        held = told.filter(pl.col("warning_rules").list.contains(level))
        walked = dict(held.group_by("customer_id").agg(pl.col("as_of").min()).iter_rows())
        for place, customer in enumerate(ids):
            day = walked.get(customer, AS_OF + timedelta(days=1))
            assert found[place] == day_number(day), (level, customer)
