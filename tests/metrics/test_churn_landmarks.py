"""Landmark rows: who is at risk, what may be known, and what counts as the next purchase."""

import sqlite3
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.churn.features import features
from metrics.churn.landmarks import LandmarkRule, landmark_days, landmark_rows, sample
from metrics.churn.rhythm import Definition
from metrics.churn.tables import CrmTables
from tests.metrics.churn_company import AS_OF, company, known, moments, until

STANDARD = Definition.standard()
RULE = LandmarkRule.standard()


def day(offset):
    return AS_OF - timedelta(days=offset)


def tables(purchases, deleted=None, **more):
    """Purchases as (customer, days before AS_OF)."""
    orders = pl.LazyFrame(
        {
            "customer_id": [customer for customer, _ in purchases],
            "ordered_on": [day(offset) for _, offset in purchases],
            "status": ["completed"] * len(purchases),
            "amount": [100] * len(purchases),
        }
    )
    ids = sorted({customer for customer, _ in purchases})
    gone = [day(deleted[c]) if deleted and c in deleted else None for c in ids]
    customers = pl.LazyFrame(
        {"customer_id": ids, "deleted_on": gone},
        schema={"customer_id": pl.String, "deleted_on": pl.Date},
    )
    return CrmTables.read(orders=orders, customers=customers, **more)


def outcomes(crm):
    rows = landmark_rows(crm, as_of=AS_OF)
    return {
        (row["customer_id"], (AS_OF - row["landmark_on"]).days): (row["duration"], row["event"])
        for row in rows.to_dicts()
    }


def test_the_duration_runs_to_the_first_purchase_after_the_landmark():
    got = outcomes(tables([("A", 300), ("A", 200), ("A", 60), ("A", 50)]))
    assert got[("A", 90)] == (30, 1)  # the first of two purchases in the window, day 60
    assert got[("A", 180)] == (90, 0)  # nobody bought from day 180 to day 90: censored
    assert ("A", 270) not in got  # 30 days of history behind it; 90 are needed


def test_windows_share_no_day():
    # Purchases on the last day of one window and the first of the next.
    got = outcomes(tables([("A", 400), ("A", 300), ("A", 90), ("A", 89), ("A", 0)]))
    assert got[("A", 180)] == (90, 1)  # day 90 before is the 90th day after landmark 180
    assert got[("A", 90)] == (1, 1)  # and not after landmark 90, whose first day is 89


def test_a_deleted_customer_is_censored_and_then_gone():
    crm = tables([("A", 400), ("A", 300), ("A", 200), ("B", 400), ("B", 250)], deleted={"A": 150})
    got = outcomes(crm)
    assert got[("A", 180)] == (30, 0)  # until deletion; not churned, not bought
    assert ("A", 90) not in got


def test_a_customer_silent_for_a_year_is_no_longer_at_risk():
    got = outcomes(tables([("A", 600), ("A", 454), ("B", 600), ("B", 455), ("B", 10)]))
    assert ("A", 90) in got  # silent 364 days
    assert ("B", 90) not in got  # silent 365 days, even though he came back


def test_landmarks_need_history_and_are_limited():
    assert landmark_days(day(10_000), as_of=AS_OF, rule=RULE) == [
        day(90 * n) for n in range(8, 0, -1)
    ]
    assert landmark_days(day(269), as_of=AS_OF, rule=RULE) == [day(90)]
    assert landmark_days(day(100), as_of=AS_OF, rule=RULE) == []
    assert landmark_days(None, as_of=AS_OF, rule=RULE) == []


def test_short_or_empty_data_give_no_rows():
    assert landmark_rows(tables([("A", 100), ("A", 20)]), as_of=AS_OF).is_empty()
    empty = tables([("A", 100)])
    empty = replace(empty, orders=empty.orders.head(0))
    assert landmark_rows(empty, as_of=AS_OF).is_empty()


def test_rows_agree_with_plain_sql():
    crm = company(400, seed=3)
    rows = landmark_rows(crm, as_of=AS_OF)
    db = sqlite3.connect(":memory:")
    db.execute("create table o (c text, d integer)")
    db.execute("create table u (c text, x integer)")
    epoch = date(1970, 1, 1)
    bought = crm.orders.filter("bought").collect()
    db.executemany(
        "insert into o values (?, ?)",
        [(r["customer_id"], (r["ordered_on"] - epoch).days) for r in bought.to_dicts()],
    )
    db.executemany(
        "insert into u values (?, ?)",
        [
            (r["customer_id"], (r["deleted_on"] - epoch).days if r["deleted_on"] else 10**6)
            for r in crm.customers.collect().to_dicts()
        ],
    )
    expected = []
    for step in range(1, 9):
        mark = (day(90 * step) - epoch).days
        if mark - db.execute("select min(d) from o").fetchone()[0] < 90:
            continue
        query = """
            select o.c, min(ifnull(n.d, 10000000), ? + 90, u.x) - ?,
                   ifnull(n.d, 10000000) <= min(? + 90, u.x), count(distinct o.d)
            from o join u on u.c = o.c and u.x > ?
            left join (select c, min(d) d from o where d > ? group by c) n on n.c = o.c
            where o.d <= ? group by o.c having max(o.d) > ? - 365"""
        expected += [(mark, *row) for row in db.execute(query, [mark] * 7)]
    got = [
        (
            (r["landmark_on"] - epoch).days,
            r["customer_id"],
            r["duration"],
            r["event"],
            r["purchase_days"],
        )
        for r in rows.to_dicts()
    ]
    assert len(got) > 1000
    assert sorted(got) == sorted(expected)


def test_nothing_after_the_landmark_changes_a_feature():
    crm, mark = company(300, seed=5), day(180)
    missed = crm.tickets.select("customer_id", missed_on=pl.col("created_on"))
    crm = replace(crm, missed=missed)
    then, now = until(crm, mark), crm
    before, later = (known(t, mark).sort("customer_id").collect() for t in (then, now))
    assert before.height > 100
    assert_frame_equal(before, later)


def test_many_days_at_once_are_each_day_alone():
    crm, days = company(300, seed=5), [day(offset) for offset in (200, 180, 100, 0)]
    crm = replace(crm, missed=crm.tickets.select("customer_id", "created_on"))
    together = features(crm, moments(crm.purchases(), days, definition=STANDARD))
    alone = pl.concat(known(crm, each).collect() for each in days)
    order = ["customer_id", "as_of"]
    assert_frame_equal(together.collect().sort(order), alone.sort(order))
    assert alone["unanswered"].sum() > 100


def contacts(*rows):
    """Contacts of customer A: (days before AS_OF, direction, responded)."""
    return pl.LazyFrame(
        {
            "customer_id": ["A"] * len(rows),
            "occurred_on": [day(row[0]) for row in rows],
            "direction": [row[1] for row in rows],
            "responded": [row[2] for row in rows],
        },
        schema_overrides={"responded": pl.Boolean, "direction": pl.String},
    )


@pytest.mark.parametrize(
    ("rows", "streak"),
    [
        ([(50, "outbound", True), (40, "outbound", False), (20, "outbound", False)], 2),
        ([(40, "outbound", False), (20, "outbound", True)], 0),  # the answer ends the streak
        ([(40, "outbound", False), (20, "inbound", None), (10, "outbound", False)], 1),
        ([(40, "outbound", False), (20, "outbound", None)], 1),  # unknown counts neither way
        ([(2, "outbound", False), (3, "outbound", False)], 1),  # two days old: not judged yet
        ([(180, "outbound", False), (179, "outbound", False)], 1),  # the window is 180 days
    ],
)
def test_the_unanswered_streak_counts_since_the_customer_was_last_heard(rows, streak):
    crm = tables([("A", 300)], interactions=contacts(*rows))
    assert known(crm, AS_OF).collect()["unanswered_streak"].to_list() == [streak]


def test_features_by_hand():
    # 4 purchase days over 300 days, two in the last 90; gap (300 + 2*100)/(3+2) = 100.
    tickets = pl.LazyFrame(
        {
            "customer_id": ["A"] * 4,
            "created_on": [day(89), day(90), day(1), day(2)],
            "kind": ["complaint", "complaint", "inquiry", "complaint"],
        }
    )
    surveys = pl.LazyFrame(
        {
            "customer_id": ["A", "A", "A"],
            "answered_on": [day(300), day(5), day(400)],
            "nps": pl.Series([9, 5, 10], dtype=pl.Int16),
        }
    )
    crm = tables(
        [("A", 350), ("A", 200), ("A", 80), ("A", 50)], tickets=tickets, survey_responses=surveys
    )
    row = known(crm, AS_OF).collect().row(0, named=True)
    assert row["overdue"] == pytest.approx(0.5)  # 50 days of 100
    assert row["complaints"] == 2.0  # the one 90 days back is outside
    assert row["other_tickets"] == 1.0
    assert (row["nps_detractor"], row["nps_promoter"]) == (1.0, 0.0)  # the latest answer
    assert row["single_purchase"] == 0.0
    assert row["revenue_365"] == 400
    assert "csat_low" not in row  # the CRM asks no CSAT
    assert "unanswered" not in row
    # 2 recent orders, 4*90/350 expected: log(2.5 / 1.5286)
    assert row["order_trend"] == pytest.approx(0.4920, abs=1e-4)


def test_a_promise_is_not_counted_as_broken_before_it_could_be():
    missed = pl.LazyFrame({"customer_id": ["A", "A"], "created_on": [day(2), day(3)]})
    row = known(tables([("A", 100), ("A", 50)], missed=missed), AS_OF).collect()
    assert row["missed_promises"].to_list() == [1.0]


def test_the_sample_follows_the_id_and_not_the_order_of_rows():
    crm = company(1000)
    shuffled = replace(crm, orders=crm.orders.reverse(), customers=crm.customers.reverse())

    def chosen(crm):
        return set(sample(crm, 300).customers.collect()["customer_id"])

    first, second = chosen(crm), chosen(shuffled)
    assert first == second
    assert 240 < len(first) < 360
    assert chosen(replace(crm)) == first
    assert sample(crm, 1000) is crm
