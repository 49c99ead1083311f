"""Campaigns: conversion without the control group, lift against it, every campaign listed."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from metrics.campaigns import members as campaigns
from metrics.measure import measure

SCHEMA = {
    "member_id": pl.String,
    "campaign_id": pl.String,
    "customer_id": pl.String,
    "contacted_at": pl.Datetime("us", "UTC"),
    "is_control": pl.Boolean,
    "participated": pl.Boolean,
    "converted": pl.Boolean,
}
REACHED = datetime(2024, 4, 12, tzinfo=UTC)
CAMPAIGNS = pl.LazyFrame(
    {
        "campaign_id": ["c1", "c2", "c3"],
        "name": ["spring", "summer", "undated"],
        "scenario": ["reactivation", None, None],
        "channel": ["phone", "email", None],
        "starts_on": [date(2024, 4, 1), date(2024, 6, 1), None],
        "ends_on": [date(2024, 5, 1), date(2024, 7, 1), None],
    },
)


def members(*groups):
    """Groups of (how many, what they have in common)."""
    rows = [
        {**dict.fromkeys(SCHEMA), "campaign_id": "c1", "contacted_at": REACHED, **given}
        for count, given in groups
        for _ in range(count)
    ]
    numbered = [{**row, "member_id": f"m{n}"} for n, row in enumerate(rows)]
    return pl.LazyFrame(numbered, schema=SCHEMA)


def card(frame, measures):
    return measure(frame, **measures).collect().row(0, named=True)


MIXED = members(
    (3, {"converted": True, "participated": True}),
    (5, {"converted": False, "participated": False}),
    (2, {"converted": False, "participated": True}),
    (10, {"converted": False, "contacted_at": None}),  # never reached
    (4, {"converted": False, "is_control": True, "contacted_at": None}),
    (1, {"converted": True, "is_control": True}),  # held out, yet contacted by mistake
)


def test_conversion_is_of_the_contacted_without_the_control_group():
    found = card(MIXED, campaigns.RESULTS.over_rows())
    assert (found["targets"], found["contacted"]) == (20, 10)
    assert found["reach_share"] == 0.5
    assert found["conversion_share"] == 0.3
    assert found["participation_share"] == 0.5
    assert found["conversion_share_low"] < 0.3 < found["conversion_share_high"]


def test_lift_compares_all_targets_with_the_control_group():
    found = card(MIXED, campaigns.LIFT.over_rows())
    assert (found["treated"], found["control"]) == (20, 5)
    assert found["treated_share"] == 0.15  # not 3 of 10: the reached are not like the rest
    assert found["control_share"] == 0.2
    assert found["lift"] == pytest.approx(-0.05)
    assert found["lift_low"] < -0.05 < found["lift_high"]


def test_without_a_control_group_there_is_no_lift():
    found = card(members((4, {"converted": True})), campaigns.LIFT.over_rows())
    assert found["treated_share"] == 1.0
    assert found["lift"] is found["lift_low"] is found["control_share"] is None


def test_an_unknown_outcome_is_on_neither_side():
    found = card(members((1, {"converted": True}), (9, {})), campaigns.RESULTS.over_rows())
    assert (found["converted"], found["conversion_known"]) == (1, 1)
    assert found["participation_share"] is None  # not recorded
    assert card(members(), campaigns.RESULTS.over_rows())["conversion_share"] is None


def test_every_campaign_is_listed_latest_first_also_without_members():
    found = campaigns.campaign_results(MIXED, CAMPAIGNS).collect()
    assert found["name"].to_list() == ["summer", "spring", "undated"]
    assert found["targets"].to_list() == [0, 20, 0]
    assert found["conversion_share"].to_list() == [None, 0.3, None]
    assert found["control"].to_list() == [0, 5, 0]


def test_members_carry_their_campaign():
    some = members((1, {"customer_id": "ana"}), (1, {}), (1, {"campaign_id": "c9"}))
    found = campaigns.member_facts(some, CAMPAIGNS).sort("member_id").collect()
    assert found.select("campaign", "campaign_channel").rows() == [
        ("spring", "phone"),
        ("spring", "phone"),
        (None, None),
    ]
