"""Trends: every bucket, honest completeness, and rolling sums that are not averages."""

from datetime import date

import polars as pl
import pytest

from metrics.calendar import Grain
from metrics.measure import ratio
from metrics.selection import Period
from metrics.trends import Additive, Buckets, trend

HITS = Additive(
    {"hits": pl.col("hit").sum(), "tries": pl.col("hit").count().cast(pl.Int64)},
    lambda counts: {"share": ratio(counts["hits"], counts["tries"])},
)
AS_OF = date(2024, 4, 20)


def rows(*values):
    names = ("day", "segment", "hit")
    schema = {"day": pl.Date, "segment": pl.String, "hit": pl.Int64}
    frame = pl.DataFrame(values, schema=names, orient="row", schema_overrides=schema)
    return frame.lazy()


FACTS = rows(
    (date(2024, 1, 10), "a", 1),
    (date(2024, 1, 11), "a", 1),
    (date(2024, 1, 12), "a", 0),
    (date(2024, 1, 13), "a", 1),  # January a: 3 of 4
    (date(2024, 2, 29), "a", 0),  # February a: 0 of 1
    (date(2024, 4, 2), None, 1),  # April unknown: 1 of 1
)
MONTHS = Period(date(2024, 1, 1), date(2024, 4, 21))


def run(facts, *by, rolling=1, period=MONTHS, grain=Grain.MONTH, as_of=AS_OF):
    cut = Buckets("day", grain, period, rolling)
    return trend(facts, HITS, cut, *by, as_of=as_of).collect()


def test_months_without_rows_exist_with_zero_counts_and_null_figures():
    found = run(FACTS)
    assert found["bucket"].to_list() == [date(2024, month, 1) for month in (1, 2, 3, 4)]
    assert found["tries"].to_list() == [4, 1, 0, 1]
    assert found["share"].to_list() == [0.75, 0.0, None, 1.0]
    assert found["complete"].to_list() == [True, True, True, False]  # 20 April is not its end


def test_rolling_three_months_is_a_ratio_of_sums_and_not_an_average_of_averages():
    found = run(FACTS, rolling=3, period=Period(date(2024, 3, 1), date(2024, 4, 1)))
    assert found["bucket"].to_list() == [date(2024, 3, 1)]
    assert found["share"].to_list() == [3 / 5]  # the average of 75 % and 0 % would be 37.5 %
    assert found["complete"].to_list() == [True]


def test_a_rolling_window_that_begins_before_the_data_is_not_complete():
    found = run(FACTS, rolling=3)
    assert found["complete"].to_list() == [False, False, True, False]


def test_groups_are_kept_apart_also_the_unknown_one_and_sorted_last():
    found = run(FACTS, "segment", rolling=3)
    assert found.select("segment", "tries").rows() == [
        ("a", 4),
        ("a", 5),
        ("a", 5),
        ("a", 1),  # April: February and March and April
        (None, 0),
        (None, 0),
        (None, 0),
        (None, 1),
    ]


def test_the_trend_adds_up_to_the_card_of_the_same_period():
    period = Period(date(2024, 1, 12), date(2024, 3, 1))
    found = run(FACTS, period=period)
    card = FACTS.filter(period.holds(pl.col("day"))).select(**HITS.over_rows()).collect()
    assert found["tries"].sum() == card["tries"].item() == 3
    assert found["complete"].to_list() == [False, True]  # January is cut by the period


def test_weeks_begin_on_monday_and_quarters_in_january():
    weeks = run(FACTS, grain=Grain.WEEK, rolling=2)
    assert weeks["bucket"][0] == date(2024, 1, 1)
    assert weeks.filter(bucket=date(2024, 1, 15))["tries"].item() == 4  # 8 to 21 January
    quarters = run(FACTS, grain=Grain.QUARTER)
    assert quarters["tries"].to_list() == [5, 1]


def test_the_last_day_of_a_month_completes_it():
    assert run(FACTS, as_of=date(2024, 4, 30))["complete"].to_list()[-1] is False  # period cuts it
    whole = Period(date(2024, 1, 1), date(2024, 5, 1))
    assert run(FACTS, period=whole, as_of=date(2024, 4, 30))["complete"].to_list()[-1] is True
    assert run(FACTS, period=whole, as_of=date(2024, 4, 29))["complete"].to_list()[-1] is False


@pytest.mark.parametrize("by", [(), ("segment",)])
@pytest.mark.parametrize("rolling", [1, 3])
def test_no_rows_give_the_same_columns(by, rolling):
    found = run(FACTS.filter(pl.lit(value=False)), *by, rolling=rolling)
    assert found.columns == ["bucket", *by, "hits", "tries", "share", "complete"]
    assert found.height == (0 if by else 4)


def test_an_empty_period_gives_no_buckets():
    assert run(FACTS, period=Period(date(2024, 2, 1), date(2024, 2, 1))).is_empty()


def test_rows_and_roll_ups_give_the_same_figures():
    rolled = FACTS.group_by("segment", "day").agg(**HITS.stored("of_"))
    by_rows = FACTS.select(**HITS.over_rows()).collect()
    assert rolled.select(**HITS.rolled_up("of_").over_rows()).collect().equals(by_rows)


def test_the_days_of_a_bucket_are_those_that_it_adds_up():
    """February reaches back to December with three rolling months; the period cuts January."""
    period = Period(date(2024, 1, 10), date(2024, 4, 21))
    february = date(2024, 2, 1)
    alone = Buckets("day", Grain.MONTH, period)
    assert alone.days_of(february) == Period(february, date(2024, 3, 1))
    assert alone.days_of(date(2024, 1, 1)) == Period(date(2024, 1, 10), february)
    assert alone.days_of(date(2024, 4, 1)) == Period(date(2024, 4, 1), date(2024, 4, 21))
    rolling = Buckets("day", Grain.MONTH, period, 3)
    assert rolling.days_of(february) == Period(date(2023, 12, 1), date(2024, 3, 1))
    weeks = Buckets("day", Grain.WEEK, period, 2)
    assert weeks.days_of(date(2024, 1, 15)) == Period(date(2024, 1, 8), date(2024, 1, 22))
