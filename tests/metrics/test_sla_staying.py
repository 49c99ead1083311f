"""Leaving after a broken promise or a complaint, in companies where the truth is known."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from metrics.churn.tables import CrmTables, lots
from metrics.sla.staying import StayingRule, staying, stretches

FIRST, AS_OF = date(2023, 1, 1), date(2025, 12, 31)
RULE = StayingRule.standard()


def company(*, missed: float, complaint: float, customers: int = 3000, seed: int = 3) -> CrmTables:
    """Everybody buys once a week or so until they leave; tickets raise the hazard for 90 days.

    Args:
        missed: By how much, if a promise was broken.
        complaint: By how much, if it is a complaint.
        customers: How many.
        seed: Of the draw.
    """
    draw = np.random.default_rng(seed)
    days = (AS_OF - FIRST).days
    orders, tickets, broken = [], [], []
    pace = draw.uniform(6, 12, customers)
    hazard = draw.gamma(2, 0.0003, customers)  # a day
    for who in range(customers):
        at = np.sort(draw.integers(0, days, draw.poisson(3.0)))
        bad, angry = draw.random(len(at)) < 0.3, draw.random(len(at)) < 0.3
        risk = np.full(days, hazard[who])
        for day, was_missed, complained in zip(at, bad, angry, strict=True):
            times = (missed if was_missed else 1) * (complaint if complained else 1)
            risk[day : day + 90] *= times
        gone = np.argmax(np.cumsum(risk) > draw.exponential()) or days
        own = np.cumsum(draw.gamma(4, pace[who] / 4, 400)).astype(int)
        orders += [(who, int(day)) for day in own[own < gone]]
        there = at < gone
        tickets += [
            (who, int(day), bool(kind)) for day, kind in zip(at[there], angry[there], strict=True)
        ]
        broken += [(who, int(day)) for day in at[there & bad]]
    on = (pl.lit(FIRST) + pl.duration(days="day")).cast(pl.Date)

    def rows(told, *names):
        frame = pl.DataFrame(told, schema=["customer_id", "day", *names], orient="row")
        name = pl.format("C{}", "customer_id")
        return frame.lazy().with_columns(on.alias("created_on"), customer_id=name).drop("day")

    bought = rows(orders).rename({"created_on": "ordered_on"})
    names = pl.select(customer_id=pl.format("C{}", pl.int_range(customers))).lazy()
    return CrmTables(
        orders=bought.with_columns(amount=pl.lit(100_00), bought=pl.lit(value=True)),
        customers=lots(names),
        tickets=rows(tickets, "complaint"),
        missed=rows(broken),
    )


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    return staying(company(missed=3.0, complaint=1.8), as_of=AS_OF)


def ratios(found: pl.DataFrame) -> dict[str, tuple[float, float, float]]:
    return {row[0]: row[1:] for row in found.select("exposure", "ratio", "low", "high").rows()}


def test_a_known_hazard_ratio_is_found_again(found):
    for name, truth in (("missed", 3.0), ("complaint", 1.8)):
        ratio, low, high = ratios(found)[name]
        assert low < truth < high
        assert low > 1
        assert ratio == pytest.approx(truth, rel=0.3)


def test_where_tickets_change_nothing_nothing_is_found():
    nothing = staying(company(missed=1.0, complaint=1.0), as_of=AS_OF)
    for _, low, high in ratios(nothing).values():
        assert low < 1 < high


def test_the_counts_are_tickets_and_those_who_left(found):
    rows = found.rows_by_key("exposure", named=True, unique=True)
    missed, complaint = rows["missed"], rows["complaint"]
    whole = missed["exposed"] + missed["others"]
    assert whole == complaint["exposed"] + complaint["others"] > 200
    assert missed["exposed_left"] / missed["exposed"] > missed["others_left"] / missed["others"]
    assert missed["until"] == AS_OF - timedelta(days=90 + 365)


def test_windows_leave_time_for_every_threshold_and_do_not_overlap():
    days = stretches(FIRST, as_of=AS_OF, rule=RULE)
    assert days[-1] + timedelta(days=90 + 365) == AS_OF
    assert {(b - a).days for a, b in pairwise(days)} == {180}
    assert (days[0] - FIRST).days >= 180
    assert stretches(FIRST, as_of=FIRST + timedelta(days=500), rule=RULE) == []
    assert stretches(None, as_of=AS_OF, rule=RULE) == []


def test_what_cannot_be_compared_says_why():
    tables = company(missed=1.0, complaint=1.0, customers=30)
    few = staying(tables, as_of=AS_OF)
    assert few["ratio"].null_count() == 2
    assert few["refused"].null_count() == 0
    none = staying(replace(tables, tickets=None), as_of=AS_OF)
    assert set(none["refused"]) == {"no_table"}
    short = staying(tables, as_of=FIRST + timedelta(days=200))
    assert set(short["refused"]) == {"no_landmarks"}
