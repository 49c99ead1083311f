"""BG/NBD and Gamma-Gamma reproduce what their authors published of CDNOW.

The data are the authors' own summary of 2,357 customers (brucehardie.com, notes 8 and 25), as
shipped with lifetimes under the MIT licence: x, t_x and T in weeks, zbar in dollars.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import hyp2f1

from metrics.clv.bg_nbd import BgNbd, fit_bg_nbd
from metrics.clv.gamma_gamma import GammaGamma, fit_gamma_gamma
from metrics.clv.likelihood import NotFittedError
from metrics.clv.rule import Terms
from metrics.clv.second import Second

CDNOW = Path(__file__).parent / "data" / "cdnow.parquet"
PUBLISHED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4)
AMOUNTS = GammaGamma(p=6.25, q=3.74, v=15.44)


def one(*values):
    return tuple(np.array([value]) for value in values)


@pytest.fixture(scope="module")
def cdnow():
    return pl.read_parquet(CDNOW)


def test_the_published_parameters_of_cdnow(cdnow):
    found = fit_bg_nbd(*(cdnow[name].to_numpy() for name in ("x", "t_x", "T")))
    assert found.r == pytest.approx(0.243, abs=5e-4)
    assert found.alpha == pytest.approx(4.414, abs=5e-3)
    assert found.a == pytest.approx(0.793, abs=5e-3)
    assert found.b == pytest.approx(2.426, abs=1e-2)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_the_published_example_of_one_customer():
    x, recency, age = one(2, 30.43, 38.86)
    assert PUBLISHED.expected(39.0, x, recency, age)[0] == pytest.approx(1.2259, abs=5e-4)
    assert PUBLISHED.alive(x, recency, age)[0] == pytest.approx(0.7266, abs=5e-4)


def test_the_published_values_of_purchases(cdnow):
    spent = cdnow.filter(pl.col("x") > 0)
    found = fit_gamma_gamma(spent["x"].to_numpy(), spent["zbar"].to_numpy())
    assert (found.p, found.q, found.v) == (
        pytest.approx(6.25, abs=0.01),
        pytest.approx(3.74, abs=0.01),
        pytest.approx(15.44, abs=0.03),
    )


def test_the_published_means_of_the_first_customers(cdnow):
    first = cdnow.head(10)
    means = AMOUNTS.expected(first["x"].to_numpy(), first["zbar"].to_numpy())
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert means == pytest.approx(published, abs=0.06)


def test_expected_purchases_agree_with_the_form_in_print():
    x = np.array([0, 1, 2, 7, 29])
    recency, age = np.array([0.0, 5.0, 30.0, 20.0, 37.0]), np.full(5, 38.86)
    r, alpha, a, b = PUBLISHED.r, PUBLISHED.alpha, PUBLISHED.a, PUBLISHED.b
    series = hyp2f1(r + x, b + x, a + b + x - 1, 39 / (alpha + age + 39))
    power = ((alpha + age) / (alpha + age + 39)) ** (r + x)
    printed = (a + b + x - 1) / (a - 1) * (1 - power * series) * PUBLISHED.alive(x, recency, age)
    assert PUBLISHED.expected(39.0, x, recency, age) == pytest.approx(printed, rel=1e-9)


def test_hundreds_of_purchases_do_not_overflow():
    x, recency, age = one(900, 150.0, 150.0)
    found = PUBLISHED.expected(260.0, x, recency, age)[0]
    assert np.isfinite(found)
    assert 0 < found < 260 * 900 / 150


def test_who_bought_once_is_alive_and_long_silence_says_gone():
    x, recency, age = np.array([0, 20, 20]), np.array([0.0, 37.0, 10.0]), np.full(3, 38.0)
    once, fresh, silent = PUBLISHED.alive(x, recency, age)
    assert once == 1.0
    assert fresh > 0.9
    assert silent < 0.01


def test_what_has_no_maximum_is_refused():
    nobody_again = np.zeros(50, np.int64), np.zeros(50), np.full(50, 30.0)
    with pytest.raises(NotFittedError):
        fit_bg_nbd(*nobody_again)
    with pytest.raises(NotFittedError):
        fit_gamma_gamma(np.ones(50, np.int64), np.ones(50))


DAY = date(2026, 6, 30)


def people(**changes):
    row = {"first_on": DAY - timedelta(days=272), "last_on": DAY - timedelta(days=59)}
    return pl.DataFrame([row | {"purchase_days": 3, "revenue_total": 90} | changes])


def test_the_second_opinion_is_purchases_times_their_value():
    second = Second(PUBLISHED, AMOUNTS, unit=1.0, customers=1)
    year = second.values(people(), Terms.revenue(12), as_of=DAY)[0]
    x, recency, age = one(2, 213 / 7, 272 / 7)
    purchases = PUBLISHED.expected(365 / 7, x, recency, age)[0]
    value = AMOUNTS.expected(np.array([3]), np.array([30.0]))[0]
    assert year == pytest.approx(purchases * value)
    # five years at 12 %, half the margin, 10 for winning the customer: never more than undiscounted
    terms = Terms(months=60, discount_rate=0.12, margin=0.5, acquisition_cost=10)
    bought = [PUBLISHED.expected(365 / 7 * n, x, recency, age)[0] for n in range(6)]
    by_hand = sum((bought[n] - bought[n - 1]) * 1.12 ** (0.5 - n) for n in range(1, 6))
    assert second.values(people(), terms, as_of=DAY)[0] == pytest.approx(0.5 * value * by_hand - 10)


def test_returns_that_outweigh_purchases_leave_the_mean_of_all():
    second = Second(PUBLISHED, AMOUNTS, unit=1.0, customers=1)
    lost = second.values(people(revenue_total=-5), Terms.revenue(12), as_of=DAY)[0]
    mean = AMOUNTS.expected(np.array([0]), np.array([0.0]))[0]
    x, recency, age = one(2, 213 / 7, 272 / 7)
    assert lost == pytest.approx(PUBLISHED.expected(365 / 7, x, recency, age)[0] * mean)
