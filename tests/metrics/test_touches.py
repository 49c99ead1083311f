"""Touches with a clock, by hand: when it starts, what stops it, where it stands, what counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from metrics.touches import KEPT, STATES, cross_sell, facts, readers, touches, with_states

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
SINCE = date(2025, 1, 1)
SHANGHAI = "Asia/Shanghai"
TIME = pl.Datetime("us", "UTC")
RULES = {touch.code: touch for touch in touches()}
CONTACTS = {
    "customer_id": pl.Int32,
    "occurred_at": TIME,
    "direction": pl.String,
    "channel": pl.String,
    "content": pl.String,
    "purpose": pl.String,
    "rule": pl.String,
    "responded": pl.Boolean,
    "delivered": pl.Boolean,
}


def contacts(*rows: dict[str, object]) -> pl.LazyFrame:
    usual = {"customer_id": 1, "direction": "outbound", "channel": "sms"}
    whole = [dict.fromkeys(CONTACTS) | usual | row for row in rows]
    frame = pl.LazyFrame(whole, schema=CONTACTS)
    return frame.with_columns(occurred_on=pl.col("occurred_at").dt.date())


def starts(*moments: tuple[int, datetime]) -> pl.LazyFrame:
    schema = {"customer_id": pl.Int32, "started_at": TIME}
    return pl.LazyFrame(moments, schema=schema, orient="row")


def made(touch: str, *rows: dict[str, object]) -> list[tuple[object, ...]]:
    begun = starts((1, START))
    found = readers.made(contacts(*rows), begun, RULES[touch], since=SINCE)
    owed = facts.by_the_hour(begun, found, RULES[touch]).collect()
    return owed.select("due_at", "tried_at", "done_at").rows()


def stand(touch: str, done: timedelta | None, *, now: timedelta) -> str:
    """Where a touch stands whose limit is at 0, done and looked at so long after."""
    row = pl.LazyFrame(
        {"touch": [touch], "due_at": [START], "done_at": [None if done is None else START + done]},
        schema_overrides={"due_at": TIME, "done_at": TIME},
    )
    row = row.with_columns(tried_at="done_at")
    return with_states(row, now=START + now).collect()["state"].item()


@pytest.mark.parametrize(
    ("done", "now", "state"),
    [
        (None, -25 * HOUR, "running"),
        (None, -24 * HOUR, "due"),
        (None, timedelta(0), "overdue"),  # at the limit it is over
        (None, 14 * DAY, "missed"),
        (timedelta(0), timedelta(0), "met"),  # done exactly at the limit
        (HOUR, 2 * HOUR, "late"),
        (3 * HOUR, 2 * HOUR, "overdue"),  # not known yet
        (-2 * HOUR, -HOUR, "running"),  # done, judged with those of the same day
    ],
)
def test_where_a_thank_you_stands(done: timedelta | None, now: timedelta, state: str):
    assert stand("thank_you", done, now=now) == state


def test_open_and_overdue_count_as_missed_and_running_not_at_all():
    rows = pl.LazyFrame(
        {
            "state": ["met", "met", "late", "overdue", "missed", "due", "running", "running"],
            "tried": [True, True, True, False, False, True, True, False],
        }
    )
    told = rows.select(**KEPT.over_rows()).collect().row(0, named=True)
    assert (told["judged"], told["met"], told["on_time"]) == (5, 2, 0.4)
    assert told["tried_share"] == 3 / 5
    assert told["on_time_low"] == pytest.approx(0.1176, abs=1e-4)  # Wilson, 2 of 5
    assert sum(told[state] for state in STATES) == 8


@pytest.mark.parametrize(("tried", "in_time"), [(timedelta(0), True), (HOUR, False), (None, False)])
def test_what_is_tried_counts_up_to_the_limit(tried: timedelta | None, in_time: bool):
    row = pl.LazyFrame(
        {
            "touch": ["need_follow_up"],
            "due_at": [START],
            "tried_at": [None if tried is None else START + tried],
            "done_at": [None],
        },
        schema_overrides=dict.fromkeys(("due_at", "tried_at", "done_at"), TIME),
    )
    assert with_states(row, now=START + DAY).collect()["tried"].item() is in_time


def test_thanks_are_owed_24_elapsed_hours_after_the_first_order():
    thanks = {"content": "thanks"}
    assert made("thank_you", {"occurred_at": START + 25 * HOUR, **thanks}) == [
        (START + 24 * HOUR, START + 25 * HOUR, START + 25 * HOUR)
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"occurred_at": START - HOUR, "content": "thanks"},  # before the order
        {"occurred_at": START + HOUR, "content": "guide"},
        {"occurred_at": START + HOUR},
        {"occurred_at": START + HOUR, "content": "thanks", "direction": "inbound"},
        {"occurred_at": START + HOUR, "content": "thanks", "customer_id": 2},
        {"occurred_at": START + HOUR, "content": "thanks", "delivered": False},
    ],
)
def test_what_is_no_thanks(row: dict[str, object]):
    assert made("thank_you", row) == [(START + 24 * HOUR, None, None)]


@pytest.mark.parametrize("told", [{"content": "thanks"}, {"rule": "thank_you_24h"}])
def test_the_earliest_thanks_count_however_they_are_told(told: dict[str, str]):
    rows = [{"occurred_at": START + hours * HOUR, **told} for hours in (9, 2, 5)]
    assert made("thank_you", *rows)[0][1:] == (START + 2 * HOUR, START + 2 * HOUR)


def test_a_follow_up_is_done_when_it_is_answered_and_tried_before():
    asked = {"purpose": "follow_up"}
    rows = [
        {"occurred_at": START + 2 * DAY, "responded": False, **asked},
        {"occurred_at": START + 3 * DAY, "responded": None, **asked},
        {"occurred_at": START + 9 * DAY, "responded": True, **asked},
    ]
    assert made("need_follow_up", *rows) == [(START + 7 * DAY, START + 2 * DAY, START + 9 * DAY)]


def test_wechat_care_follows_each_message_of_a_new_product():
    news = {"channel": "sms", "content": "new_product"}
    rows = contacts(
        {"occurred_at": START, **news},
        {"occurred_at": START, **news},  # the same message twice is one
        {"occurred_at": START + 3 * DAY, **news},
        {"occurred_at": START + DAY, "channel": "wechat"},
        {"occurred_at": START, "channel": "email", "content": "new_product"},
    )
    touch = RULES["wechat_care"]
    begun = readers.announcements(rows, touch, since=SINCE)
    assert sorted(begun.select("customer_id", "started_at").collect().rows()) == [
        (1, START),
        (1, START + 3 * DAY),
    ]
    found = readers.made(rows, begun.select("customer_id", "started_at"), touch, since=SINCE)
    owed = facts.by_the_hour(begun, found, touch).sort("due_at").collect()
    assert owed["done_at"].to_list() == [START + DAY, None]


def test_the_first_order_is_the_first_purchase_of_its_day():
    day = date(2025, 3, 3)
    rows = [
        (1, START + HOUR, day, "completed", 10),
        (1, START, day, "cancelled", 10),
        (1, START + 2 * HOUR, day, "completed", 10),
        (2, START, day, "completed", 10),  # nobody asks for them
    ]
    schema = {
        "customer_id": pl.Int32,
        "ordered_at": TIME,
        "ordered_on": pl.Date,
        "status": pl.String,
        "amount": pl.Int64,
    }
    firsts = pl.LazyFrame(
        {"customer_id": [1], "first_order_on": [day]}, schema_overrides={"customer_id": pl.Int32}
    )
    found = readers.first_orders(pl.LazyFrame(rows, schema=schema, orient="row"), firsts)
    assert found.collect().rows() == [(1, START + HOUR)]


def test_who_is_owed_a_survey_each_quarter_and_what_answers_it():
    firsts = {
        1: date(2025, 1, 1),  # three months on 1 April: existing from then on
        2: date(2025, 1, 2),  # a day too young in April
        3: date(2024, 4, 1),  # twelve months on 1 April: still existing
        4: date(2024, 3, 31),  # a day too old
    }
    customers = pl.LazyFrame(
        {"customer_id": list(firsts), "first_order_on": list(firsts.values())},
        schema_overrides={"customer_id": pl.Int32},
    )
    asked = datetime(2025, 3, 31, 20, tzinfo=UTC)  # 1 April in Shanghai
    invitations = pl.LazyFrame(
        {
            "customer_id": [1, 3, 3],
            "invited_at": [asked, asked, None],
            "invited_on": [date(2025, 4, 1), date(2025, 4, 1), None],
            "answered_at": [None, asked + 80 * DAY, asked + 95 * DAY],
            "answered_on": [None, date(2025, 6, 20), date(2025, 7, 5)],
        },
        schema_overrides={"customer_id": pl.Int32, "answered_at": TIME, "answered_on": pl.Date},
    )
    touch = RULES["need_survey"]
    owed = facts.by_the_quarter(
        customers,
        readers.surveys(invitations, touch, since=SINCE),
        touch,
        since=SINCE,
        as_of=date(2025, 6, 30),
        time_zone=SHANGHAI,
    )
    rows = facts.with_days(owed, time_zone=SHANGHAI).sort("triggered_on", "customer_id").collect()
    second = rows.filter(pl.col("triggered_on") == date(2025, 4, 1))
    assert second["customer_id"].to_list() == [1, 3]
    assert second["due_on"].unique().to_list() == [date(2025, 6, 30)]
    assert second["due_at"][0] == datetime(2025, 6, 30, 16, tzinfo=UTC)  # midnight in Shanghai
    assert second["tried_at"].to_list() == [asked, asked]
    assert second["done_at"].to_list() == [None, asked + 80 * DAY]


def test_an_occasion_is_kept_until_midnight_of_its_day():
    occasion = pl.LazyFrame(
        {
            "customer_id": [1, 2, 3],
            "occasion": ["birthday", "birthday", "moon_festival"],  # the last is in no rule
            "due_on": [date(2025, 3, 3)] * 3,
            "delivered_at": [
                datetime(2025, 3, 3, 15, 59, tzinfo=UTC),
                datetime(2025, 3, 3, 16, 0, 1, tzinfo=UTC),  # the fourth in Shanghai
                None,
            ],
        },
        schema_overrides={"delivered_at": TIME},
    )
    found = readers.occasions(occasion, since=SINCE)
    owed = facts.by_the_day(found, touches("occasion"), time_zone=SHANGHAI)
    told = with_states(facts.with_days(owed, time_zone=SHANGHAI), now=START + 90 * DAY).collect()
    assert told["state"].to_list() == ["met", "late"]
    assert told["due_on"].to_list() == [date(2025, 3, 3)] * 2


def test_a_day_that_begins_at_one_oclock_still_begins():
    day = pl.LazyFrame(
        {"customer_id": [1], "occasion": ["birthday"], "due_on": [date(2025, 3, 29)]}
    ).with_columns(delivered_at=pl.lit(None, TIME))
    owed = facts.by_the_day(day, touches("occasion"), time_zone="Asia/Beirut").collect()
    assert owed["due_at"].item() == datetime(2025, 3, 29, 22, tzinfo=UTC)  # 30 March, 01:00 +3


@pytest.mark.parametrize(
    ("row", "judged"),
    [
        ({"content": "thanks"}, {"thank_you", "wechat_care"}),
        ({"purpose": "care"}, {"thank_you"}),  # no follow-up is known without answers
        ({"purpose": "care", "responded": True}, {"thank_you", "need_follow_up", "need_survey"}),
        ({}, set()),
    ],
)
def test_what_the_contacts_do_not_tell_is_not_judged(row: dict[str, object], judged: set[str]):
    told = readers.recorded(contacts({"occurred_at": START, **row}), since=SINCE)
    owed = {code for code, touch in RULES.items() if touch.trigger != "occasion"}
    assert {code for code in owed if readers.can_be_judged(RULES[code], told)} == judged


def test_who_took_the_accessory_after_the_advice():
    day = date(2025, 3, 1)
    rows = [  # bought, advised and taken so many days after 1 March
        (0, 1, 31),  # on the thirtieth day after the advice
        (0, 1, 32),  # too late
        (0, 1, None),  # not taken
        (0, 5, 3),  # taken before the advice: needed none
        (0, None, 3),
        (0, None, None),  # to be advised
        (0, 40, None),  # the time is not over
    ]
    dates = [[None if n is None else day + n * DAY for n in row] for row in rows]
    frame = pl.LazyFrame(
        dates, schema=dict.fromkeys(("bought_on", "advised_on", "taken_on"), pl.Date), orient="row"
    )
    what = cross_sell.take_up(as_of=day + 60 * DAY)
    told = frame.select(**what.over_rows()).collect().row(0, named=True)
    counts = ("buyers", "attached", "unadvised", "advised", "judged", "taken")
    assert [told[name] for name in counts] == [7, 4, 1, 4, 3, 1]
    assert told["take_up"] == pytest.approx(1 / 3)


def test_who_bought_a_product_without_its_accessory():
    products = pl.DataFrame(
        {"product": ["case", "phone", "pen"], "accessory_of": ["phone", None, None]}
    )
    pairs = cross_sell.pairs(products)
    assert pairs.rows() == [("phone", "case")]
    day = date(2025, 3, 1)
    orders = pl.LazyFrame(
        {
            "order_id": ["a", "b", "c", "d"],
            "customer_id": pl.Series([1, 1, 2, 2], dtype=pl.Int32),
            "ordered_on": [day, day + 2 * DAY, day, day + DAY],
            "status": ["completed"] * 4,
            "amount": [100] * 4,
        }
    )
    lines = pl.LazyFrame(
        {
            "order_id": ["a", "b", "c", "d", "d"],
            "product": ["phone", "case", "case", "phone", "pen"],
            "quantity": [1] * 5,
        }
    )
    first = cross_sell.first_bought(lines, orders, ["case", "phone"], since=day)
    sold = cross_sell.cross_sells(first, pairs).collect()
    # the second customer had the accessory before
    assert sold.select("customer_id", "bought_on", "taken_on").rows() == [(1, day, day + 2 * DAY)]
