"""Intervals: against published examples, SciPy, and the properties every interval has."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from metrics import intervals

QUICK = settings(derandomize=True, max_examples=60, deadline=None)


def bounds(pair, **columns):
    low, high = pair
    return pl.DataFrame(columns).select(low=low, high=high).row(0)


def wilson(part, whole):
    return bounds(intervals.wilson(pl.col("part"), pl.col("whole")), part=[part], whole=[whole])


def net(promoters, passives, detractors):
    pair = intervals.net_score(pl.col("up"), pl.col("down"), pl.col("n"))
    n = promoters + passives + detractors
    return bounds(pair, up=[promoters], down=[detractors], n=[n])


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_examples(part, whole, low, high):
    assert wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


@QUICK
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy_and_holds_the_share(case):
    part, whole = case
    low, high = wilson(part, whole)
    expected = binomtest(part, whole).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1


def test_the_quantile_is_the_one_of_95_percent():
    assert pytest.approx(norm.ppf(0.975), abs=1e-15) == intervals.Z95


def test_net_score_adds_three_pseudo_answers():
    # 5 promoters, 3 passives, 2 detractors: p = 5.75/13, d = 2.75/13, difference 3/13 = 0.230769;
    # variance (8.5/13 - 0.053254) / 13 = 0.046199, half 1.959964 * 0.214940 = 0.421275
    assert net(5, 3, 2) == pytest.approx((-0.190506, 0.652044), abs=1e-5)


@QUICK
@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_net_score_stays_on_its_scale_holds_the_score_and_mirrors(promoters, passives, detractors):
    n = promoters + passives + detractors
    low, high = net(promoters, passives, detractors)
    if n == 0:
        assert (low, high) == (None, None)
        return
    assert -1 <= low <= (promoters - detractors) / n <= high <= 1
    mirrored = net(detractors, passives, promoters)
    assert mirrored == pytest.approx((-high, -low), abs=1e-12)


def test_net_score_is_the_usual_wald_interval_for_many_answers():
    up, down = 0.5, 0.2
    half = 1.959964 * ((up + down - (up - down) ** 2) / 100_000) ** 0.5
    assert net(50_000, 30_000, 20_000) == pytest.approx((0.3 - half, 0.3 + half), abs=2e-5)


def test_the_mean_interval_matches_the_textbook_formula():
    # 3, 4, 5, 4: mean 4, s² = 2/3, standard error 0.408248, half 0.800152
    pair = intervals.mean(pl.col("total"), pl.col("squares"), pl.col("n"))
    found = bounds(pair, total=[16], squares=[66], n=[4])
    assert found == pytest.approx((3.199848, 4.800152), abs=1e-6)
    assert bounds(pair, total=[4], squares=[16], n=[1]) == (None, None)  # one value
    assert bounds(pair, total=[0], squares=[0], n=[0]) == (None, None)
    assert bounds(pair, total=[15], squares=[45], n=[5]) == (3.0, 3.0)  # no spread


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_gives_the_published_examples(first, second, low, high):
    pair = intervals.difference(*(pl.lit(value) for value in (*first, *second)))
    assert bounds(pair, x=[0]) == pytest.approx((low, high), abs=5e-5)


def test_nothing_to_divide_by_is_null_and_not_an_error():
    assert wilson(0, 0) == (None, None)
    pair = intervals.difference(pl.lit(1), pl.lit(2), pl.lit(0), pl.lit(0))
    assert bounds(pair, x=[0]) == (None, None)


def test_unsigned_counts_do_not_wrap_around():
    pair = intervals.net_score(*(pl.lit(n, dtype=pl.UInt32) for n in (0, 9, 10)))
    low, high = bounds(pair, x=[0])
    assert low == pytest.approx(-1.0)
    assert high < 0
