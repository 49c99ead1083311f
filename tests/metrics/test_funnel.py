"""First, second and third order: conversion, time to convert, and who is too young to judge."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from lifelines import KaplanMeierFitter

from metrics.funnel import funnel, ordered_again, second_order_curve, verdict
from metrics.selection import Period

SCHEMA = {"first_order_on": pl.Date, "second_order_on": pl.Date, "third_order_on": pl.Date}
PERIOD = Period(date(2024, 1, 1), date(2024, 4, 1))
AS_OF = date(2024, 5, 30)


def people(*rows):
    padded = [(*row, None, None)[:3] for row in rows]
    return pl.LazyFrame(padded, schema=SCHEMA, orient="row")


def day(text):
    return date.fromisoformat(f"2024-{text}")


def steps(*rows):
    found = funnel(people(*rows), period=PERIOD, as_of=AS_OF).collect()
    return {row["step"]: row for row in found.iter_rows(named=True)}


def test_conversion_judges_only_who_was_watched_for_ninety_days():
    found = steps(
        (day("01-01"), day("01-11"), day("01-31")),
        (day("01-01"), day("01-31")),
        (day("01-01"), day("04-05")),  # 95 days: ever, but not within 90
        (day("01-01"),),
        (day("03-31"), day("04-01")),  # 60 days old: too young, though converted
        (day("04-01"), day("04-02")),  # first order after the period
    )
    second = found["second"]
    assert found["first"]["customers"] == 5
    assert (second["customers"], second["previous"], second["ever_share"]) == (4, 5, 0.8)
    assert (second["judged"], second["too_young"]) == (4, 1)
    assert (second["converted"], second["conversion"]) == (2, 0.5)
    assert second["conversion_low"] < 0.5 < second["conversion_high"]
    assert second["median_days"] == 20.0  # of 10 and 30
    third = found["third"]
    # Of four with a second order two had it 90 days ago: 11 and 31 January.
    assert (third["customers"], third["previous"], third["judged"]) == (1, 4, 2)
    assert (third["converted"], third["median_days"]) == (1, 20.0)


@pytest.mark.parametrize(
    ("first", "second", "judged", "converted"),
    [
        ("03-01", "05-30", 1, 1),  # watched for exactly 90 days, converted on the last
        ("03-02", "03-03", 0, 0),  # 89 days
        ("01-01", "03-31", 1, 1),  # after 90 days
        ("01-01", "04-01", 1, 0),  # after 91 days
    ],
)
def test_ninety_days_are_inclusive(first, second, judged, converted):
    found = steps((day(first), day(second)))["second"]
    assert (found["judged"], found["converted"]) == (judged, converted)


def test_the_verdict_of_each_customer_is_what_the_funnel_counts():
    won = people(
        (day("01-01"), day("01-11"), day("01-31")),
        (day("01-01"), day("04-05")),  # 95 days: not within 90
        (day("01-01"),),
        (day("03-31"), day("04-01")),  # 60 days old
    )
    found = won.select(
        second=verdict("second", as_of=AS_OF),
        third=verdict("third", as_of=AS_OF),
        soon=ordered_again(10),
    ).collect()
    assert found["second"].to_list() == ["converted", "not_converted", "not_converted", "too_young"]
    assert found["third"].to_list() == ["converted", "too_young", None, "too_young"]
    assert found["soon"].to_list() == [True, False, False, True]


def test_nobody_won_gives_counts_of_zero_and_no_shares():
    found = steps()
    assert list(found) == ["first", "second", "third"]
    assert found["second"]["customers"] == 0
    assert found["second"]["conversion"] is None
    assert found["second"]["median_days"] is None


def curve(*rows, as_of=AS_OF):
    return second_order_curve(people(*rows), period=PERIOD, as_of=as_of).collect()


def test_the_curve_by_hand():
    found = curve((day("01-01"), day("01-11")), (day("01-01"),), (day("03-31"),), (day("03-31"),))
    # One of four after 10 days; two are censored at 60 days, so at 180 days nobody is left.
    assert found["days"].to_list() == [30, 60, 90, 180]
    assert found["share"].to_list() == [0.25, 0.25, 0.25, None]
    assert found["watched"].to_list() == [4, 4, 2, 1]
    assert found["converted"].to_list() == [1, 1, 1, 1]


def test_the_curve_is_one_minus_kaplan_meier():
    pick = random.Random(6)
    rows = []
    for _ in range(300):
        first = PERIOD.start + timedelta(days=pick.randrange(91))
        second = first + timedelta(days=1 + int(pick.expovariate(1 / 70)))
        rows.append((first, second if second <= AS_OF else None))
    durations = [((second or AS_OF) - first).days for first, second in rows]
    events = [second is not None for _, second in rows]
    fitted = KaplanMeierFitter().fit(durations, events)
    found = curve(*rows).filter(pl.col("share").is_not_null())
    expected = [1 - fitted.predict(days) for days in found["days"]]
    assert found["share"].to_list() == pytest.approx(expected)
    assert found.height == 3


def test_nobody_won_gives_an_empty_curve_with_its_days():
    found = curve()
    assert found["customers"].to_list() == [0] * 4
    assert found["share"].to_list() == [None] * 4
