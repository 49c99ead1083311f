"""Kaplan–Meier, by published figures, by hand and against lifelines."""

import math
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from metrics.survival import at_risk, counts, kaplan_meier, lifetimes, risk_table, survival_at
from metrics.survival_comparison import log_rank, restricted_mean, restricted_mean_difference

# Freireich et al. 1963, weeks of remission in acute leukaemia; + censored.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
CONTROL = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def lives(*rows):
    """(group, entry, duration, event, customers)"""
    return pl.DataFrame(
        rows, schema=["group", "entry", "duration", "event", "customers"], orient="row"
    )


def trial(name, text):
    return [(name, 0, int(word.rstrip("+")), not word.endswith("+"), 1) for word in text.split()]


REMISSION = lives(*trial("6-MP", TREATED), *trial("placebo", CONTROL))


def values(curve, group, column):
    rows = curve.filter((pl.col("group") == group) & (pl.col("events") > 0))
    return dict(zip(rows["day"], rows[column], strict=True))


def test_the_published_remission_curve_is_reproduced():
    curve = kaplan_meier(REMISSION, few=1)
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    got = values(curve, "6-MP", "survival")
    assert {day: round(value, 3) for day, value in got.items()} == published
    assert values(curve, "6-MP", "at_risk") == {6: 21, 7: 17, 10: 15, 13: 12, 16: 11, 22: 7, 23: 6}
    placebo = values(curve, "placebo", "survival")
    assert placebo[8] == pytest.approx(8 / 21)
    assert placebo[23] == 0.0


def test_the_published_log_rank_test_is_reproduced():
    # Chi-squared 16.793 with one degree of freedom (Kleinbaum & Klein, Survival Analysis).
    assert log_rank(REMISSION) == pytest.approx(math.erfc(math.sqrt(16.793 / 2)), rel=1e-3)


def test_band_and_curve_agree_with_lifelines():
    curve = kaplan_meier(REMISSION, few=1)
    for group, text in (("6-MP", TREATED), ("placebo", CONTROL)):
        rows = trial(group, text)
        km = KaplanMeierFitter().fit([row[2] for row in rows], [row[3] for row in rows])
        mine = curve.filter((pl.col("group") == group) & (pl.col("day") > 0))
        days = mine["day"].to_list()
        assert mine["survival"].to_list() == pytest.approx(
            km.survival_function_.loc[days].iloc[:, 0].tolist()
        )
        band = km.confidence_interval_.loc[days].to_numpy()
        inside = mine["low"].is_not_null().to_numpy()
        assert inside.sum() >= 10
        assert mine["low"].to_numpy()[inside] == pytest.approx(band[inside, 0])
        assert mine["high"].to_numpy()[inside] == pytest.approx(band[inside, 1])


def random_lives(n=4000, seed=0):
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n)
    time = np.ceil(rng.exponential(np.where(group == "a", 300, 200)))
    end = np.ceil(rng.uniform(1, 500, n))
    frame = pl.DataFrame(
        {
            "tier": group,
            "entry": 0,
            "duration": np.minimum(time, end).astype(int),
            "event": time <= end,
        }
    )
    return frame, counts(frame.lazy(), "tier").collect()


def test_counts_and_single_rows_give_the_same_log_rank_as_lifelines():
    frame, counted = random_lives()
    assert counted["customers"].sum() == frame.height
    assert counted.height < frame.height
    theirs = multivariate_logrank_test(
        frame["duration"].to_numpy(), frame["tier"].to_numpy(), frame["event"].to_numpy()
    )
    assert log_rank(counted) == pytest.approx(theirs.p_value, rel=1e-6)
    assert log_rank(counted.filter(pl.col("group") == "a")) is None
    assert log_rank(counted.with_columns(event=pl.lit(value=False))) is None


def test_late_entries_by_hand():
    # Two enter on day 0, two on day 10. Day 5: 1 event of 2. Day 10: the entrants of day 10 are
    # not yet at risk: 1 event of 1 would be 0 — so nobody goes then. Day 20: 1 of 3.
    frame = lives(
        ("x", 0, 5, True, 1), ("x", 0, 30, False, 1), ("x", 10, 20, True, 1),
        ("x", 10, 30, False, 1),
    )  # fmt: skip
    table = risk_table(frame)
    assert table["at_risk"].to_list() == [2, 3, 2]
    curve = kaplan_meier(frame, few=1)
    assert curve["survival"].to_list() == pytest.approx([1, 1 / 2, 1 / 3, 1 / 3])
    assert at_risk(frame, [0, 5, 10, 11, 20, 21, 30, 31])["at_risk"].to_list() == [
        2, 2, 1, 3, 3, 2, 2, 0]  # fmt: skip


def test_an_entry_on_the_day_of_an_event_is_not_yet_at_risk():
    frame = lives(("x", 0, 10, True, 1), ("x", 0, 30, False, 1), ("x", 10, 30, False, 8))
    assert risk_table(frame)["at_risk"].to_list() == [2, 9]


def test_customers_older_than_the_data_do_not_flatter_the_curve():
    # Everyone stays an exponential time of mean 400 days; the last 700 days are seen.
    rng = np.random.default_rng(4)
    n = 40_000
    age = np.ceil(rng.uniform(1, 2000, n))
    stay = np.ceil(rng.exponential(400, n))
    entry = np.maximum(age - 700, 0)
    seen = stay > entry
    frame = pl.DataFrame(
        {
            "all": "all",
            "entry": entry.astype(int),
            "duration": np.minimum(stay, age).astype(int),
            "event": stay <= age,
        }
    ).filter(pl.Series(seen))
    with_entry = kaplan_meier(counts(frame.lazy(), "all").collect())
    without = kaplan_meier(counts(frame.with_columns(entry=0).lazy(), "all").collect())
    truth = math.exp(-365 / 400)
    assert survival_at(with_entry, [365])["survival"][0] == pytest.approx(truth, abs=0.01)
    assert survival_at(without, [365])["survival"][0] > truth + 0.1  # the trap


def test_a_tiny_early_risk_set_does_not_throw_the_curve_to_the_floor():
    frame = lives(("x", 0, 3, True, 2), ("x", 10, 100, False, 200), ("x", 10, 50, True, 20))
    curve = kaplan_meier(frame)
    assert curve["day"].to_list() == [49, 50, 100]
    assert curve["survival"].to_list() == pytest.approx([1.0, 200 / 220, 200 / 220])
    assert not curve["is_thin"].any()
    assert kaplan_meier(frame, few=1)["survival"][1] == 0.0  # the trap


def test_a_small_group_is_marked_throughout():
    curve = kaplan_meier(REMISSION)
    assert curve["is_thin"].all()
    assert curve["day"][0] == 0


def test_reading_the_curve_between_and_beyond_its_steps():
    got = survival_at(kaplan_meier(REMISSION, few=1), [0, 12, 23, 35, 36])
    treated = got.filter(pl.col("group") == "6-MP")
    assert [v and round(v, 3) for v in treated["survival"]] == [1.0, 0.753, 0.448, 0.448, None]
    assert treated["low"][0] is None
    assert treated["low"][1] == pytest.approx(0.503, abs=1e-3)  # at day 10


def test_restricted_means_by_hand():
    curve = kaplan_meier(REMISSION, few=1)
    means = restricted_mean(curve, horizon=35)
    treated, placebo = means.to_dicts()
    # Nobody of the placebo group is censored: the plain mean, and its standard error.
    weeks = np.array([int(word) for word in CONTROL.split()])
    assert placebo["mean_days"] == pytest.approx(weeks.mean())
    assert placebo["standard_error"] == pytest.approx(weeks.std() / math.sqrt(21))
    assert treated["mean_days"] == pytest.approx(23.29, abs=0.01)
    assert treated["standard_error"] == pytest.approx(2.83, abs=0.01)  # R survfit, rmean = 35
    gap = restricted_mean_difference(means, "placebo").row(0, named=True)
    assert gap["group"] == "6-MP"
    assert gap["difference"] == pytest.approx(23.287 - 8.667, abs=0.01)
    assert gap["low"] < gap["difference"] < gap["high"]
    assert restricted_mean(curve, horizon=36)["mean_days"].to_list()[0] is None


def test_unknown_groups_have_a_curve_of_their_own_and_come_last():
    frame = lives(
        ("x", 0, 5, True, 60),
        (None, 0, 5, True, 30),
        (None, 0, 9, False, 30),
        ("x", 0, 9, True, 60),
    )
    curve = kaplan_meier(frame)
    assert curve["group"].to_list() == ["x", "x", "x", None, None, None]
    assert curve["survival"].to_list() == pytest.approx([1, 0.5, 0, 1, 0.5, 0.5])
    assert survival_at(curve, [6])["survival"].to_list() == [0.5, 0.5]
    assert at_risk(frame, [6])["at_risk"].to_list() == [60, 30]
    assert log_rank(frame) is not None


def test_nothing_in_nothing_out():
    empty = REMISSION.head(0)
    curve = kaplan_meier(empty)
    assert curve.is_empty()
    assert survival_at(curve, [10]).is_empty()
    assert restricted_mean(curve, horizon=30).is_empty()
    assert log_rank(empty) is None


AS_OF, BEGIN = date(2026, 6, 30), date(2024, 1, 1)


def lifetime(first, last, tau=100, registered=None, deleted=None):
    frame = pl.LazyFrame(
        {
            "first_on": [first],
            "last_on": [last],
            "tau_days": [tau],
            "registered_on": [registered],
            "deleted_on": [deleted],
        },
        schema={
            "first_on": pl.Date,
            "last_on": pl.Date,
            "tau_days": pl.Int32,
            "registered_on": pl.Date,
            "deleted_on": pl.Date,
        },
    )
    rows = lifetimes(frame, as_of=AS_OF, observed_from=BEGIN).collect()
    return [(row["entry"], row["duration"], row["event"]) for row in rows.to_dicts()]


def test_a_lifetime_ends_when_the_silence_reaches_its_threshold():
    first = date(2025, 1, 1)
    assert lifetime(first, date(2025, 5, 1)) == [(0, 220, True)]  # 120 days + 100
    assert lifetime(first, AS_OF - timedelta(days=100)) == [(0, 545, True)]  # today
    assert lifetime(first, AS_OF - timedelta(days=99)) == [(0, 545, False)]  # not yet


def test_deletion_censors_and_is_not_churn():
    first, last = date(2025, 1, 1), date(2025, 5, 1)
    assert lifetime(first, last, deleted=date(2025, 6, 1)) == [(0, 151, False)]
    assert lifetime(first, last, deleted=date(2026, 1, 1)) == [(0, 220, True)]  # left before


def test_a_customer_older_than_the_data_enters_with_the_first_known_purchase():
    first = BEGIN + timedelta(days=30)
    registered = BEGIN - timedelta(days=300)
    assert lifetime(first, first, registered=registered) == [(330, 430, True)]
    # First seen 200 days into the data, he had been churned, if he was a customer: he begins anew.
    late = BEGIN + timedelta(days=200)
    assert lifetime(late, late, registered=registered) == [(0, 100, True)]
    # Registered within the data: the time before the first purchase is not a customer's life.
    assert lifetime(late, late, registered=BEGIN + timedelta(days=1)) == [(0, 100, True)]


def test_a_customer_under_contract_is_older_than_the_data_too():
    """No threshold is known of them: the longest of the rules, 365 days, stands for it."""
    registered = BEGIN - timedelta(days=300)
    first = BEGIN + timedelta(days=364)
    last = date(2026, 6, 1)
    until = (AS_OF - registered).days
    assert lifetime(first, last, tau=None, registered=registered) == [(664, until, False)]
    late = BEGIN + timedelta(days=365)
    assert lifetime(late, last, tau=None, registered=registered) == [
        (0, (AS_OF - late).days, False)
    ]


def test_who_never_bought_or_only_today_has_no_lifetime_yet():
    assert lifetime(None, None, tau=None) == []
    assert lifetime(AS_OF, AS_OF) == []
