"""Promises: which limit holds for which ticket, and rules that make no sense are refused."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from metrics import sla
from metrics.rules import load
from metrics.sla.facts import due_times

RULES = load("sla")
CREATED = datetime(2024, 5, 1, 8, tzinfo=UTC)
KINDS = ["inquiry", "complaint", "after_sales", "feedback"]


def limits(policies, kind, grade, channel, desk=None):
    ticket = pl.DataFrame(
        [(kind, grade, channel, CREATED)],
        schema={
            "kind": pl.String,
            "grade": pl.String,
            "channel": pl.String,
            "created_at": pl.Datetime("us", "UTC"),
        },
        orient="row",
    ).with_columns(desk=pl.lit(desk, pl.String))
    times = policies.times(zone="Asia/Shanghai", as_of=CREATED)
    each = due_times(policies, times)
    due = ticket.select(policies.earliest(clock, each).alias(clock) for clock in sla.Clock)
    return tuple(moment and moment - CREATED for moment in due.row(0))


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "grade", "channel", "response", "routing", "resolution"),
    [
        ("feedback", "general", "app", HOUR, None, None),  # S0
        ("feedback", "complex", "app", None, 24 * HOUR, None),
        ("feedback", "major", "app", None, None, 48 * HOUR),
        ("inquiry", "urgent", "chat", 10 * MINUTE, None, None),  # S2
        ("complaint", "general", "chat", 30 * MINUTE, None, None),
        ("after_sales", "consultation", "chat", HOUR, None, None),
        ("inquiry", None, "phone", 3 * MINUTE, None, None),  # S4
        ("inquiry", None, "email", 24 * HOUR, None, None),
        ("feedback", None, "social", 2 * HOUR, None, None),  # S3
        ("inquiry", "consultation", "phone", 3 * MINUTE, None, None),  # the channel is stricter
        ("inquiry", "consultation", "email", HOUR, None, None),  # the grade is stricter
        ("feedback", "major", "phone", 3 * MINUTE, None, 48 * HOUR),  # other clocks: both
        ("inquiry", "p3", "self_service", None, None, None),  # a grade without a promise
        ("inquiry", "major", "chat", None, None, None),  # a grade of feedback only
        ("feedback", "urgent", "chat", None, None, None),  # a grade of tickets only
        ("inquiry", None, None, None, None, None),
        ("complaint", None, "chat", 24 * HOUR, None, None),  # S3: whatever grade and channel
    ],
)
def test_the_default_promises(kind, grade, channel, response, routing, resolution):
    assert limits(sla.policies(), kind, grade, channel) == (response, routing, resolution)


def test_a_desk_counts_by_its_own_hours():
    """Asked at 16:00 in Shanghai on 1 May, a holiday until the 5th; the 6th is a Monday."""
    monday = datetime(2024, 5, 6, 1, tzinfo=UTC) - CREATED  # 09:00
    told = {
        desk: limits(sla.policies(), "inquiry", "general", "email", desk)[0]
        for desk in ("office", "hotline", "online", None)
    }
    half = 30 * MINUTE
    assert told == {"office": monday + half, "hotline": half, "online": half, None: half}
    response, _, solved = limits(sla.policies(), "feedback", "major", "phone", "hotline")
    nights = 3 * timedelta(hours=10)  # 48 h of 14 a day: 6, 14, 14 and 14 of the fourth
    assert (response, solved) == (3 * MINUTE, 48 * HOUR + nights)


def test_a_desk_with_hours_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="desk night: unknown calendar 'moon'"):
        sla.policies({**RULES, "desks": {"night": "moon"}})


def test_the_channel_may_override_the_grade():
    policies = sla.policies({**RULES, "precedence": "channel_overrides_grade"})
    assert limits(policies, "inquiry", "urgent", "email")[0] == 24 * HOUR
    assert limits(policies, "inquiry", "urgent", "chat")[0] == 10 * MINUTE
    assert limits(policies, "feedback", "major", "email") == (24 * HOUR, None, 48 * HOUR)


def test_a_promise_may_name_grade_and_channel_together():
    row = {**RULES["promises"][0], "key": "vip", "channel": "chat", "limit_minutes": 5}
    policies = sla.policies({**RULES, "promises": [*RULES["promises"], row]})
    assert limits(policies, "feedback", "general", "chat")[0] == 5 * MINUTE
    assert limits(policies, "feedback", "general", "app")[0] == HOUR


def test_no_promises_at_all_hold_for_nothing():
    none = sla.policies({"precedence": sla.Precedence.STRICTEST, "promises": []})
    assert limits(none, "feedback", "general", "phone") == (None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": ["idea"]},
        {"kinds": []},
        {"limit_minutes": 0},
        {"calendar": "night_shift"},
        {"clock": "first_touch"},
    ],
)
def test_a_malformed_promise_is_refused(change):
    row = {**RULES["promises"][0], **change}
    with pytest.raises(ValueError, match=r"feedback_general|first_touch"):
        sla.policies({**RULES, "promises": [row]})


def test_two_promises_with_one_key_and_an_unknown_precedence_are_refused():
    twice = [RULES["promises"][0], RULES["promises"][0]]
    with pytest.raises(ValueError, match="same key"):
        sla.policies({**RULES, "promises": twice})
    with pytest.raises(ValueError, match="loudest"):
        sla.policies({**RULES, "precedence": "loudest"})


def test_desks_are_looked_up_at_once_as_each_by_itself():
    rules = sla.policies(RULES)
    as_of = datetime(2026, 10, 31, tzinfo=UTC)
    opening = next(iter(rules.times(zone="Asia/Shanghai", as_of=as_of).values()))
    moments = pl.datetime_range(
        datetime(1999, 12, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC), "977m", eager=True
    )
    for desk in (None, "none such", *rules.desks):
        rows = pl.DataFrame({"at": moments}).with_columns(desk=pl.lit(desk, pl.String))
        own, limit = opening.of(desk), 5 * 3600 * 10**6
        told = rows.with_columns(
            together=opening.moment(opening.elapsed(pl.col("at")) + limit),
            alone=own.moment(own.elapsed(pl.col("at")) + limit),
            spent=opening.elapsed(pl.col("at").dt.offset_by("9h")) - opening.elapsed(pl.col("at")),
            own=own.elapsed(pl.col("at").dt.offset_by("9h")) - own.elapsed(pl.col("at")),
        )
        assert told["together"].equals(told["alone"])
        assert told["spent"].equals(told["own"])
        long = rows.tail(1).select(at=opening.moment(opening.elapsed(pl.col("at")) + 2000 * limit))
        assert long["at"].item() > moments[-1]  # beyond what is known, not in another calendar
    assert len(rules.desks) > 1
