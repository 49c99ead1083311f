"""The pieces of a ticket's clock: running, paused, out of hours, solved."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from metrics import sla
from tests.metrics.test_sla_clocks import AS_OF, DAY, EVENT, TICKET, at, rules


def traced(policies, created, *events, end=None, promise=0, desk=None):
    row = {"ticket_id": "t", "kind": "inquiry", "grade": "general", "channel": "chat"}
    ticket = pl.LazyFrame(
        [{**dict.fromkeys(TICKET), **row, "created_at": at(created)}], schema=TICKET
    )
    told = [
        ("t", n, at(moment), status, *(more or [None]))
        for n, (moment, status, *more) in enumerate(events, 1)
    ]
    known = pl.LazyFrame(told, schema=EVENT, orient="row")
    ticket = ticket.with_columns(desk=pl.lit(desk, pl.String))
    pieces = sla.pieces_of(ticket, known, policies, as_of=AS_OF)
    chosen = policies.promises[promise]
    calendar = policies.times(zone="Asia/Shanghai", as_of=AS_OF)[chosen.calendar]
    found = sla.trace(pieces, chosen, policies, calendar, end or AS_OF)
    return pieces, [
        (row["state"], row["at"].astimezone(UTC), row["minutes"])
        for row in found.iter_rows(named=True)
    ]


def test_a_night_and_a_pause_are_told_apart():
    _, found = traced(
        rules(90, DAY),
        "2026-11-20 16:30",
        ("2026-11-23 09:10", "awaiting_customer"),
        ("2026-11-23 10:00", "active"),
        end=at("2026-11-23 10:20"),
    )
    assert found == [
        ("running", at("2026-11-20 16:30"), 30.0),
        ("off_hours", at("2026-11-20 17:00"), 0.0),
        ("running", at("2026-11-23 09:00"), 10.0),
        ("paused", at("2026-11-23 09:10"), 0.0),
        ("running", at("2026-11-23 10:00"), 20.0),
    ]


def test_hours_of_the_desk_go_before_those_of_the_promise():
    policies = replace(rules(90, DAY), desks={"night": "24x7"})
    asked, night = "2026-11-20 16:30", at("2026-11-20 20:30")
    _, found = traced(policies, asked, end=night, desk="night")
    assert found == [("running", at(asked), 240.0)]
    _, found = traced(policies, asked, end=night, desk="day")  # has no hours of its own
    assert [each[0] for each in found] == ["running", "off_hours"]


def test_what_ran_until_the_limit_is_the_limit():
    policies = rules(90, DAY)
    pieces, _ = traced(
        policies,
        "2026-11-20 16:30",
        ("2026-11-23 09:10", "pending"),
        ("2026-11-23 10:00", "active"),
    )
    times = policies.times(zone="Asia/Shanghai", as_of=AS_OF)
    due = sla.turned_due(pieces.lazy(), policies, times, as_of=AS_OF).collect().row(0, named=True)
    until = due["due_general"]
    found = sla.trace(pieces, policies.promises[0], policies, times["office"], until)
    assert found["ran_minutes"].to_list()[-1] == 90


def test_a_ticket_without_events_is_one_piece():
    _, found = traced(rules(60), "2026-11-20 16:30", end=at("2026-11-20 17:00"))
    assert found == [("running", at("2026-11-20 16:30"), 30.0)]


def test_between_solution_and_reopening_the_clock_stands():
    _, found = traced(
        rules(60),
        "2026-11-20 10:00",
        ("2026-11-20 10:40", "resolved"),
        ("2026-11-22 10:00", "reopened"),
        end=at("2026-11-22 10:05"),
    )
    assert [(state, minutes) for state, _, minutes in found] == [
        ("running", 40.0),
        ("stopped", 0.0),
        ("running", 5.0),
    ]


def test_the_promise_that_binds_a_clock_is_the_one_due_first():
    policies = sla.policies()
    soon, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    due = {f"due_{promise.key}": None for promise in policies.promises}
    due |= {"due_email": late, "due_ticket_urgent": soon, "due_feedback_major": late}
    found = sla.binding(due, policies)
    assert {clock: promise.key for clock, promise in found.items()} == {
        "first_response": "ticket_urgent",
        "resolution": "feedback_major",
    }
