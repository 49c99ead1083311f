"""The tier a fact is counted under: what was known on its day."""

import random
from datetime import date, timedelta

import polars as pl
import pytest

from metrics.dimensions import Dimensions
from metrics.numbering import NUMBER
from metrics.tiers.history import codes, known_by_month, tiers_at, with_tier
from metrics.tiers.scheme import default_code

HISTORY = pl.LazyFrame(
    {
        "customer_id": ["ann", "ann", "ann", "bob"],
        "month": [date(2024, 1, 1), date(2024, 3, 1), date(2024, 6, 1), date(2024, 2, 1)],
        "tier": ["basic", "mid", None, "high"],
    }
)


@pytest.mark.parametrize(
    ("day", "tier"),
    [
        (date(2023, 12, 31), None),  # not a customer yet
        (date(2024, 1, 1), "basic"),  # in the first month its own end, nothing else is known
        (date(2024, 3, 31), "basic"),  # the rise of March is known from April on
        (date(2024, 4, 1), "mid"),
        (date(2024, 6, 30), "mid"),
        (date(2024, 7, 1), None),  # deleted in June
    ],
)
def test_a_fact_gets_the_tier_known_at_its_day(day, tier):
    facts = pl.LazyFrame({"customer_id": ["ann"], "day": [day]})
    assert with_tier(facts, HISTORY, day="day").collect()["tier"].to_list() == [tier]


def test_a_fact_without_customer_or_day_stays_without_tier_and_none_is_doubled():
    facts = pl.LazyFrame(
        {
            "id": [1, 2, 3, 4, 5],
            "customer_id": [None, "ann", "stranger", "bob", "ann"],
            "day": [date(2024, 5, 1), None, date(2024, 5, 1), date(2024, 5, 1), date(2024, 5, 1)],
            "tier": ["stale"] * 5,
        }
    )
    found = with_tier(facts, HISTORY, day="day").sort("id").collect()
    assert found["tier"].to_list() == [None, None, None, "high", "mid"]
    assert found.columns.count("tier") == 1
    assert with_tier(facts.clear(), HISTORY, day="day").collect().height == 0
    assert with_tier(facts, HISTORY.clear(), day="day").collect()["tier"].null_count() == 5


def test_the_tier_of_a_day_is_the_state_at_the_end_of_its_month():
    found = {
        day: dict(tiers_at(HISTORY, day).collect().rows())
        for day in (date(2024, 1, 31), date(2024, 3, 1), date(2024, 8, 1))
    }
    assert found[date(2024, 1, 31)] == {"ann": "basic"}
    assert found[date(2024, 3, 1)] == {"ann": "mid", "bob": "high"}
    assert found[date(2024, 8, 1)] == {"bob": "high"}


MONTHS = [date(2023 + number // 12, number % 12 + 1, 1) for number in range(18)]
IDS = pl.Series("customer_id", range(30), dtype=pl.Int32)


def some_history(pick: random.Random) -> pl.DataFrame:
    rows = [
        (customer, month, pick.choice(["high", "mid", "basic", None]))
        for customer in IDS
        for month in sorted(pick.sample(MONTHS, pick.randrange(5)))
    ]
    types = {"customer_id": pl.Int32, "month": pl.Date, "tier": pl.String}
    return pl.DataFrame(rows, schema=types, orient="row")


def test_what_is_known_by_month_is_what_a_fact_of_that_month_gets():
    history = some_history(random.Random(5))
    tiers = codes(history)
    asked = MONTHS[3::2]
    for month, known in zip(asked, known_by_month(history, asked, IDS, tiers), strict=True):
        facts = pl.LazyFrame({"customer_id": IDS, "day": [month] * len(IDS)})
        found = with_tier(facts, history.lazy(), day="day").sort("customer_id").collect()
        told = [*tiers, None]
        assert [told[code] for code in known] == [*found["tier"], None]


@pytest.mark.parametrize("rows", [slice(0, None), slice(0, 1), slice(0, 0)])
def test_what_is_looked_up_by_number_is_what_a_fact_of_that_day_gets(rows: slice):
    pick = random.Random(7)
    history = some_history(pick)[rows].lazy()
    days = [date(2022, 12, 31) + timedelta(days=40 * number) for number in range(20)]
    facts = pl.DataFrame(
        [
            (number, pick.choice([*IDS, None]), pick.choice([*days, None]), "stale")
            for number in range(2000)
        ],
        schema={"n": pl.Int32, "customer_id": pl.Int32, "day": pl.Date, "tier": pl.String},
        orient="row",
    ).lazy()
    expected = with_tier(facts, history, day="day").sort("n").collect()
    known = Dimensions.of(IDS.to_frame().lazy(), {default_code(): history})
    found = known.beside(facts.with_columns(pl.col("customer_id").alias(NUMBER)), day=pl.col("day"))
    assert found.collect()["tier"].to_list() == expected["tier"].to_list()
