"""Open tickets at the close of a day, and attainment by grade on each promise's own clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from metrics import sla

AS_OF = datetime(2024, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


CHINA = ZoneInfo("Asia/Shanghai")
CLOCKS = ("response", "routing", "resolution")


def facts(*rows, **broken):
    """Tickets by created_on, resolved_on, closed_on; `broken`: a clock's due_at, if missed."""
    columns = ("created_on", "resolved_on", "closed_on")
    frame = pl.LazyFrame(rows, schema=dict.fromkeys(columns, pl.Date), orient="row")
    due = {f"{c}_due_at": pl.lit(broken.get(c), pl.Datetime("us", "UTC")) for c in CLOCKS}
    states = {f"{c}_state": pl.lit("missed" if c in broken else "met") for c in CLOCKS}
    return frame.with_columns(**due, **states)


def open_at(rows, days):
    return sla.open_at(rows, days, time_zone=CHINA).collect()


def day(number):
    return date(2024, 3, number)


def test_a_ticket_is_open_from_its_creation_until_the_day_it_is_solved():
    rows = facts(
        (day(1), day(3), day(5)),  # open at the close of 1 and 2
        (day(2), None, day(4)),  # closed without a solution: 2 and 3
        (day(3), None, None),  # still open
    )
    days = [date(2024, 2, 29), *(day(n) for n in range(1, 6))]
    found = open_at(rows, days)
    assert found["tickets"].to_list() == [0, 1, 2, 2, 1, 1]
    assert found["day"].to_list() == days


def test_a_day_asked_twice_is_answered_twice_in_the_order_asked():
    found = open_at(facts((day(1), None, None)), [day(2), day(2), date(2024, 1, 1)])
    assert found["tickets"].to_list() == [1, 1, 0]


def test_no_tickets_are_none_open():
    found = open_at(facts(), [day(1)])
    assert found.rows() == [(day(1), 0, 0)]


def test_a_ticket_is_overdue_from_its_first_broken_promise_until_it_ends():
    evening = datetime(2024, 3, 2, 15, 59, tzinfo=UTC)  # 23:59 on the 2nd in China
    ticket = (day(1), None, day(4))
    days = [day(n) for n in range(1, 5)]
    late = facts(ticket, response=evening + timedelta(days=9), resolution=evening)
    assert open_at(late, days)["overdue"].to_list() == [0, 1, 1, 0]
    midnight = facts(ticket, response=evening + timedelta(minutes=1))  # 0:00 on the 3rd
    assert open_at(midnight, days)["overdue"].to_list() == [0, 0, 1, 0]
    kept = facts(ticket)
    assert open_at(kept, days)["overdue"].to_list() == [0, 0, 0, 0]


def test_a_ticket_said_to_be_solved_before_it_was_created_is_never_open():
    assert open_at(facts((day(3), day(1), None)), [day(1), day(2), day(3)])["tickets"].sum() == 0


def judged(*rows):
    """Tickets (kind, grade, channel, hours to answer, to route) created two days ago."""
    created = AS_OF - timedelta(days=2)
    time = pl.Datetime("us", "UTC")
    tickets = pl.LazyFrame(
        [
            {
                "ticket_id": f"t{number}",
                "customer_id": None,
                "kind": kind,
                "grade": grade,
                "channel": channel,
                "created_at": created,
                "first_response_at": created + answer * HOUR,
                "routed_at": None if routed is None else created + routed * HOUR,
                "resolved_at": None,
                "closed_at": None,
            }
            for number, (kind, grade, channel, answer, routed) in enumerate(rows)
        ],
        schema={
            **dict.fromkeys(("ticket_id", "customer_id", "kind", "grade", "channel"), pl.String),
            **dict.fromkeys(
                ("created_at", "first_response_at", "routed_at", "resolved_at", "closed_at"), time
            ),
        },
    )
    judged = sla.judged(tickets, policies=sla.policies(), as_of=AS_OF)
    return sla.ticket_facts(judged, as_of=AS_OF)


def test_each_promise_is_judged_over_its_own_tickets_on_its_own_clock():
    found = sla.by_promise(
        judged(
            ("feedback", "general", "app", 0.9, None),  # 1 h: met
            ("inquiry", "general", "app", 0.9, None),  # 30 min: missed, though the same grade
            ("feedback", "complex", "email", 30, 20),  # routed in 24 h: met, however it is answered
        ),
        sla.policies(),
    ).collect()
    told = {row["key"]: (row["met"], row["missed"]) for row in found.iter_rows(named=True)}
    assert told["feedback_general"] == (1, 0)
    assert told["ticket_general"] == (0, 1)
    assert told["feedback_complex"] == (1, 0)
    assert told["ticket_urgent"] == (0, 0)
    assert told["email"] == (0, 1)  # answered after 30 hours
    assert told["phone"] == (0, 0)


def test_a_promise_is_judged_by_its_own_limit_where_a_stricter_one_holds():
    row = sla.by_promise(judged(("inquiry", "consultation", "phone", 0.1, None)), sla.policies())
    told = {each["key"]: (each["met"], each["missed"]) for each in row.collect().to_dicts()}
    assert told["ticket_consultation"] == (1, 0)  # 6 minutes: within 1 h
    assert told["phone"] == (0, 1)  # past 3 minutes
