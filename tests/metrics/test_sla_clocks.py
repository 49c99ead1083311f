"""Clocks that close at night, stand while the customer is silent, and know the grade of the time.

Times of day are of Shanghai unless said otherwise; Friday is 20 November 2026.
"""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from metrics import sla
from metrics.rules import load

CHINA = "Asia/Shanghai"
AS_OF = datetime(2026, 12, 1, 4, tzinfo=UTC)
WEEK = ("mon", "tue", "wed", "thu", "fri")
DAY = ["09:00-17:00"]
LUNCH = ["09:00-12:00", "13:00-17:00"]
TIME = pl.Datetime("us", "UTC")
TICKET = {
    **dict.fromkeys(("ticket_id", "kind", "grade", "channel", "customer_id"), pl.String),
    **dict.fromkeys(("created_at", *sorted(sla.TIMES)), TIME),
}
EVENT = {
    "ticket_id": pl.String,
    "event_number": pl.Int32,
    "occurred_at": TIME,
    "status": pl.String,
    "grade": pl.String,
}


def at(text, zone=CHINA):
    """A moment from `2026-11-20 16:30` of a time zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def rules(minutes=60, hours=None, *, clock="resolution", others=(), versions=None, **week):
    """One promise to every general inquiry, by a calendar if hours are given."""
    opened = {"open": dict.fromkeys(WEEK, hours) | week} if hours else None
    calendars = {"office": versions or [{"holidays": "CN", **opened}]} if hours else {}
    promise = {
        "key": "general",
        "source": "S0",
        "kinds": ["inquiry"],
        "grade": "general",
        "clock": clock,
        "limit_minutes": minutes,
        "calendar": "office" if hours else "24x7",
    }
    return sla.policies(
        {
            "precedence": "strictest_of_grade_and_channel",
            "promises": [promise, *({**promise, **other} for other in others)],
            "calendars": calendars,
            "states": load("sla")["states"],
        }
    )


def judge(
    policies, created, *events, zone=CHINA, as_of=AS_OF, grade="general", recorded=sla.TIMES, **ends
):
    """One ticket by what happened to it: `(moment, status)` or `(moment, status, grade)`."""
    row = {"ticket_id": "t", "kind": "inquiry", "grade": grade, "channel": "chat"}
    row |= {"created_at": at(created, zone)} | {k: at(v, zone) for k, v in ends.items()}
    tickets = pl.LazyFrame([{**dict.fromkeys(TICKET), **row}], schema=TICKET)
    told = [
        ("t", number, at(moment, zone), status, *(more or [None]))
        for number, (moment, status, *more) in enumerate(events, 1)
    ]
    known = pl.LazyFrame(told, schema=EVENT, orient="row")
    turns = sla.turns(known, policies.states, as_of=as_of)
    times = policies.times(zone=zone, as_of=as_of)
    pieces = sla.segments(tickets, turns, policies.states)
    turned = sla.turned_due(pieces, policies, times, as_of=as_of)
    found = sla.judged(
        tickets,
        policies=policies,
        as_of=as_of,
        recorded=frozenset(recorded),
        time_zone=zone,
        turned=turned,
    )
    return found.collect().row(0, named=True)


def due(policies, created, *events, clock="resolution", zone=CHINA, **given):
    found = judge(policies, created, *events, zone=zone, **given)[f"{clock}_due_at"]
    return found and found.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("created", "minutes", "expected"),
    [
        ("2026-11-20 16:30", 60, "2026-11-23 09:30"),  # Friday into Monday
        ("2026-11-20 16:30", 30, "2026-11-20 17:00"),  # exactly at closing, not the next morning
        ("2026-11-21 03:00", 10, "2026-11-23 09:10"),  # asked in the night of a Saturday
        ("2026-11-20 08:00", 480, "2026-11-20 17:00"),  # before opening
        ("2026-11-20 09:00", 481, "2026-11-23 09:01"),
    ],
)
def test_a_limit_goes_on_when_the_office_opens_again(created, minutes, expected):
    assert due(rules(minutes, DAY), created) == expected


def test_lunch_does_not_count():
    assert due(rules(60, LUNCH), "2026-11-20 11:30") == "2026-11-20 13:30"
    assert due(rules(60, LUNCH), "2026-11-20 12:30") == "2026-11-20 14:00"
    assert due(rules(30, LUNCH), "2026-11-20 11:30") == "2026-11-20 12:00"


def test_a_public_holiday_is_closed_and_its_make_up_saturday_is_open():
    office = rules(60, DAY, make_up=DAY)
    assert due(office, "2026-09-30 16:30") == "2026-10-08 09:30"  # National Day, seven days
    assert due(office, "2026-10-09 16:30") == "2026-10-10 09:30"  # Saturday the 10th is worked
    assert due(rules(60, DAY), "2026-10-09 16:30") == "2026-10-12 09:30"  # closed without a rule


@pytest.mark.parametrize(
    ("created", "hours", "expected"),
    [
        ("2026-03-28 12:00", 24, "2026-03-29 13:00"),  # 24 hours later, summer time has begun
        ("2026-10-24 12:00", 24, "2026-10-25 11:00"),  # and ended
    ],
)
def test_around_the_clock_an_hour_is_an_hour_when_the_clocks_change(created, hours, expected):
    assert due(rules(hours * 60), created, zone="Europe/Berlin") == expected


def test_office_hours_are_times_of_day_before_and_after_the_clocks_change():
    office = rules(60, DAY)
    zone = "Europe/Berlin"
    assert due(office, "2026-03-27 16:30", zone=zone) == "2026-03-30 09:30"
    assert due(office, "2026-10-23 16:30", zone=zone) == "2026-10-26 09:30"
    night = rules(120, ["01:00-05:00"], sun=["01:00-05:00"])
    assert due(night, "2026-03-29 00:00", zone=zone) == "2026-03-29 04:00"  # 2 to 3 is skipped
    assert due(night, "2026-10-25 00:00", zone=zone) == "2026-10-25 02:00"  # 2 comes twice


def test_hours_that_change_leave_older_promises_alone():
    later = date(2026, 11, 23)
    versions = [
        {"open": dict.fromkeys(WEEK, DAY)},
        {"since": later, "open": {day: ["10:00-16:00"] for day in WEEK}},
    ]
    office = rules(60, DAY, versions=versions)
    assert due(office, "2026-11-19 16:30") == "2026-11-20 09:30"
    assert due(office, "2026-11-20 16:30") == "2026-11-23 10:30"


def test_a_silent_customer_stops_the_clock_of_the_solution():
    waits = [("2026-11-20 10:00", "answered"), ("2026-11-20 10:20", "awaiting_customer")]
    found = judge(rules(60), "2026-11-20 10:00", *waits)
    assert found["resolution_state"] == "due"  # open for eleven days, of which 20 minutes count
    assert found["resolution_due_at"] == AS_OF + timedelta(minutes=40)  # if it went on now
    back = [*waits, ("2026-11-22 08:00", "customer_replied")]
    assert due(rules(60), "2026-11-20 10:00", *back) == "2026-11-22 08:40"
    kept = judge(rules(60), "2026-11-20 10:00", *back, resolved_at="2026-11-22 08:40")
    late = judge(rules(60), "2026-11-20 10:00", *back, resolved_at="2026-11-22 08:41")
    assert (kept["resolution_state"], late["resolution_state"]) == ("met", "missed")


def test_asking_back_does_not_stop_the_clock_of_the_first_answer():
    answer = rules(60, clock="first_response")
    waits = [("2026-11-20 10:20", "awaiting_customer"), ("2026-11-22 08:00", "customer_replied")]
    found = due(answer, "2026-11-20 10:00", *waits, clock="response")
    assert found == "2026-11-20 11:00"


def test_a_pause_over_the_weekend_takes_no_open_hours():
    waits = [("2026-11-20 16:00", "awaiting_customer"), ("2026-11-23 09:15", "active")]
    assert due(rules(90, DAY), "2026-11-20 15:30", *waits) == "2026-11-23 10:15"


URGENT = {"key": "urgent", "grade": "urgent", "limit_minutes": 30}


def test_the_grade_of_the_time_decides_and_a_pause_outlives_its_change():
    policies = rules(60, others=[URGENT])
    raised = ("2026-11-20 10:20", "active", "urgent")
    opened = ("2026-11-20 10:00", "opened", "general")
    given = {"grade": "urgent"}
    assert due(policies, "2026-11-20 10:00", opened, raised, **given) == "2026-11-20 10:30"
    paused = [opened, ("2026-11-20 10:10", "pending"), ("2026-11-20 11:10", "active", "urgent")]
    assert due(policies, "2026-11-20 10:00", *paused, **given) == "2026-11-20 11:30"


def test_a_grade_that_is_raised_too_late_is_due_at_once():
    policies = rules(60, others=[URGENT])
    events = [("2026-11-20 10:00", "opened", "general"), ("2026-11-20 10:40", "active", "urgent")]
    assert due(policies, "2026-11-20 10:00", *events, grade="urgent") == "2026-11-20 10:40"


def test_what_was_broken_under_its_grade_stays_broken():
    policies = rules(60, others=[URGENT])
    events = [("2026-11-20 10:00", "opened", "urgent"), ("2026-11-20 10:40", "active", "general")]
    ends = {"resolved_at": "2026-11-20 10:50"}
    assert judge(policies, "2026-11-20 10:00", *events, **ends)["resolution_state"] == "missed"
    early = [events[0], ("2026-11-20 10:20", "active", "general")]
    assert judge(policies, "2026-11-20 10:00", *early, **ends)["resolution_state"] == "met"


def test_a_reopened_ticket_goes_on_from_where_it_was_solved():
    events = [("2026-11-20 10:40", "resolved"), ("2026-11-22 10:00", "reopened")]
    assert due(rules(60), "2026-11-20 10:00", *events) == "2026-11-22 10:20"
    events.append(("2026-11-22 10:20", "resolved"))
    ends = {"resolved_at": "2026-11-22 10:20"}
    assert judge(rules(60), "2026-11-20 10:00", *events, **ends)["resolution_state"] == "met"
    ends = {"resolved_at": "2026-11-22 10:21"}
    assert judge(rules(60), "2026-11-20 10:00", *events, **ends)["resolution_state"] == "missed"


def test_open_past_its_limit_is_missed_and_within_it_is_due():
    now = at("2026-11-20 11:00")
    assert judge(rules(60), "2026-11-20 10:00", as_of=now)["resolution_state"] == "due"
    later = now + timedelta(microseconds=1)
    assert judge(rules(60), "2026-11-20 10:00", as_of=later)["resolution_state"] == "missed"
    weekend = at("2026-11-22 12:00")
    assert judge(rules(60, DAY), "2026-11-20 16:30", as_of=weekend)["resolution_state"] == "due"


def test_the_strictest_of_grade_and_channel_holds_and_each_is_told_by_its_own_limit():
    chat = {"key": "chat", "grade": None, "channel": "chat", "limit_minutes": 20}
    ends = {"resolved_at": "2026-11-20 10:30"}
    found = judge(rules(60, others=[chat]), "2026-11-20 10:00", **ends)
    assert found["resolution_state"] == "missed"
    assert (found["promises_met"], found["promises_missed"]) == (0b01, 0b10)


def test_an_event_of_tomorrow_is_not_known_today():
    events = [("2026-11-20 10:20", "awaiting_customer"), ("2026-11-20 10:50", "active")]
    then = at("2026-11-20 10:30")
    found = judge(rules(60), "2026-11-20 10:00", *events, as_of=then)
    assert found["resolution_due_at"] == then + timedelta(minutes=40)


def walked(policies, created, events, minutes):
    """The same clock, a minute at a time."""
    hours = policies.calendars["office"][0].open
    zone, moment, ran = ZoneInfo(CHINA), created, 0
    states = dict(events)
    state = "running"
    while True:
        state = states.get(moment, state)
        local = moment.astimezone(zone)
        now = local.hour * 60 + local.minute
        day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[local.weekday()]
        is_open = any(begin <= now < end for begin, end in hours[day])
        if state not in ("pending", "resolved") and is_open:
            ran += 1
        moment += timedelta(minutes=1)
        if ran == minutes:
            return moment


def test_looking_up_says_what_walking_minute_by_minute_says():
    random = Random(5)
    policies = rules(200, LUNCH, versions=[{"open": dict.fromkeys(WEEK, LUNCH)}])
    for _ in range(30):
        created = at("2026-11-16 00:00") + timedelta(minutes=random.randrange(4000))
        moments = sorted(created + timedelta(minutes=random.randrange(1, 3000)) for _ in range(4))
        states = ["pending", "active", "resolved", "active"]
        events = list(zip(moments, states, strict=True))
        told = [
            (moment.astimezone(ZoneInfo(CHINA)).replace(tzinfo=None).isoformat(), state)
            for moment, state in events
        ]
        start = created.astimezone(ZoneInfo(CHINA)).replace(tzinfo=None).isoformat()
        found = judge(policies, start, *told, as_of=AS_OF + timedelta(days=30))
        assert found["resolution_due_at"] == walked(policies, created, events, 200)


def test_what_a_source_does_not_record_is_not_missed_by_tickets_that_waited_either():
    waited = (("2026-10-09 10:00", "pending"), ("2026-10-09 11:00", "open"))
    policies = rules(60, clock="first_response")
    known = judge(policies, "2026-10-09 09:30", *waited)
    blind = judge(policies, "2026-10-09 09:30", *waited, recorded={"resolved_at", "closed_at"})
    assert known["response_state"] == known["sla_state"] == "missed"
    assert blind["response_state"] is blind["sla_state"] is blind["response_due_at"] is None
