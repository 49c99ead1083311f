"""Surveys: satisfaction, who was asked and answered, tiers and comments behind the number."""

from datetime import UTC, date, datetime

import polars as pl

from metrics import csat, nps, surveys
from metrics.calendar import Grain
from metrics.measure import measure
from metrics.selection import Period
from metrics.trends import Buckets, trend

SCHEMA = {
    "response_id": pl.String,
    "customer_id": pl.String,
    "survey": pl.String,
    "channel": pl.String,
    "invited_at": pl.Datetime("us", "UTC"),
    "invited_on": pl.Date,
    "answered_at": pl.Datetime("us", "UTC"),
    "answered_on": pl.Date,
    "nps": pl.Int16,
    "csat": pl.Int16,
    "comment": pl.String,
}


def responses(*rows):
    blank = dict.fromkeys(SCHEMA)
    numbered = [{**blank, "response_id": f"r{i}", **row} for i, row in enumerate(rows)]
    return pl.LazyFrame(numbered, schema=SCHEMA)


def card(frame, measures):
    return measure(frame, **measures).collect().row(0, named=True)


def test_satisfied_is_four_or_five_of_five():
    found = card(
        responses(*({"csat": score} for score in (1, 3, 4, 5, None, 9))), csat.CSAT.over_rows()
    )
    assert (found["satisfied"], found["rated"]) == (2, 4)  # 9 is off the scale
    assert found["csat_share"] == 0.5
    assert found["csat_mean"] == 3.25
    assert 0 < found["csat_share_low"] < 0.5 < found["csat_share_high"] < 1
    assert 1 <= found["csat_mean_low"] < 3.25 < found["csat_mean_high"] <= 5


def test_mean_and_share_are_different_figures():
    steady = card(responses(*({"csat": 4} for _ in range(4))), csat.CSAT.over_rows())
    split = card(responses(*({"csat": s} for s in (5, 5, 5, 1))), csat.CSAT.over_rows())
    assert steady["csat_mean"] == split["csat_mean"] == 4
    assert (steady["csat_share"], split["csat_share"]) == (1.0, 0.75)


def test_nobody_rated_is_null():
    found = card(responses({}), csat.CSAT.over_rows())
    assert found["rated"] == 0
    assert found["csat_share"] is found["csat_mean"] is found["csat_share_low"] is None


def test_small_scores_do_not_overflow_when_squared_and_summed():
    many = responses(*({"csat": 5} for _ in range(2000)))  # 2,000 × 25 is beyond 16 bits
    assert card(many, csat.CSAT.over_rows())["csat_mean_high"] == 5


def test_facts_keep_every_row_once_also_anonymous_ones():
    facts = surveys.survey_facts(responses({"customer_id": "ana"}, {"customer_id": None})).collect()
    assert facts["response_id"].sort().to_list() == ["r0", "r1"]
    assert facts.columns == [
        *("response_id", "customer_id", "invited_on", "answered_on", "nps", "csat"),
        *("comment", "survey", "channel", "sampled"),
    ]


def test_the_event_day_is_that_of_the_answer_else_of_the_invitation():
    facts = responses(
        {"invited_on": date(2024, 1, 30), "answered_on": date(2024, 2, 2)},
        {"invited_on": date(2024, 1, 30)},
        {"answered_on": date(2024, 3, 1)},
    )
    days = facts.select(day=surveys.event_day()).collect()["day"].to_list()
    assert days == [date(2024, 2, 2), date(2024, 1, 30), date(2024, 3, 1)]


def test_response_rate_is_answered_of_invited():
    invited = {"invited_on": date(2024, 1, 1)}
    answered = {"answered_on": date(2024, 1, 2)}
    found = card(
        responses({**invited, **answered}, invited, invited, invited, answered),
        surveys.RESPONSE.over_rows(),
    )
    assert (found["invited"], found["answered"]) == (4, 1)
    assert found["answers_without_invitation"] == 1
    assert found["response_rate"] == 0.25


def test_response_rate_is_null_where_only_answers_are_recorded():
    found = card(responses({"answered_on": date(2024, 1, 2)}), surveys.RESPONSE.over_rows())
    assert found["answered"] == 0
    assert found["response_rate"] is None


def test_invitations_of_the_last_days_are_not_judged_yet():
    facts = responses({"invited_on": date(2024, 1, 15)}, {"invited_on": date(2024, 2, 15)})
    cut = Buckets("invited_on", Grain.MONTH, Period(date(2024, 1, 1), date(2024, 3, 1)))
    as_of = date(2024, 3, 3)  # February has ended, but only three days ago
    found = trend(facts, surveys.RESPONSE, cut, as_of=surveys.settled(as_of)).collect()
    assert found["complete"].to_list() == [True, False]


def test_a_trend_counts_an_answer_on_its_business_day_and_not_on_its_utc_day():
    # 31 January 16:30 UTC is 1 February 00:30 in Shanghai; the extraction wrote answered_on.
    late = {
        "answered_at": datetime(2024, 1, 31, 16, 30, tzinfo=UTC),
        "answered_on": date(2024, 2, 1),
        "nps": 10,
    }
    cut = Buckets("answered_on", Grain.MONTH, Period(date(2024, 1, 1), date(2024, 3, 1)))
    found = trend(responses(late), nps.NPS, cut, as_of=date(2024, 3, 1)).collect()
    assert found["responses"].to_list() == [0, 1]


def test_comments_come_latest_first_and_without_blanks():
    facts = responses(
        {"answered_on": date(2024, 1, 1), "nps": 10, "comment": "great"},
        {"answered_on": date(2024, 1, 3), "nps": 2, "comment": "<b>slow</b>"},
        {"answered_on": date(2024, 1, 3), "nps": 8, "comment": "  "},
        {"answered_on": None, "nps": None, "comment": "no score"},
        {"answered_on": date(2024, 1, 3), "nps": None, "comment": None},
    )
    found = surveys.comments(facts).collect()
    assert found["comment"].to_list() == ["<b>slow</b>", "great", "no score"]
    assert found["nps_group"].to_list() == ["detractor", "promoter", None]
    assert surveys.comments(responses()).collect().is_empty()
