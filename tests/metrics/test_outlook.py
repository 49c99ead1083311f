"""Will a target be met: against closed forms, cases worked by hand, and what then came."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from metrics.outlook import (
    NET,
    SHARE,
    Outlook,
    Spending,
    chance,
    expected,
    spending_chance,
    spending_spread,
)
from metrics.rules import load

NEAR = 0.012  # more than three standard errors of 20,000 draws


# ---- shares and net scores


@pytest.mark.parametrize(
    ("so_far", "learnt", "rest", "target"),
    [
        ((80, 20), (80, 20), 50, 0.82),
        ((80, 20), (160, 60), 300, 0.75),
        ((0, 0), (9, 1), 40, 0.85),
        ((900, 100), (400, 60), 500, 0.895),
        ((3, 2), (3, 2), 7, 0.5),
    ],
)
def test_the_chance_of_a_share_is_that_of_the_beta_binomial(so_far, learnt, rest, target):
    size = sum(so_far) + rest
    need = int(np.ceil(target * size - so_far[0] - 1e-9))
    exact = betabinom.sf(need - 1, rest, learnt[0] + 0.5, learnt[1] + 0.5)
    found = chance(Outlook(SHARE, so_far, learnt, rest, target))
    assert found == pytest.approx(exact, abs=NEAR)


@pytest.mark.parametrize(
    ("so_far", "learnt", "rest", "target"),
    [
        ((50, 30, 20), (50, 30, 20), 60, 0.33),
        ((10, 0, 10), (30, 5, 15), 30, 0.2),
        ((200, 80, 60), (210, 90, 55), 120, 0.42),
    ],
)
def test_the_chance_of_a_net_score_is_the_exact_sum(so_far, learnt, rest, target):
    """Dirichlet-multinomial as two beta-binomials: passives, then promoters of the others."""
    alpha = np.asarray(learnt) + 0.5
    need = target * (sum(so_far) + rest) - so_far[0] + so_far[2]
    exact = 0.0
    for passives in range(rest + 1):
        others = rest - passives
        promoters = np.arange(others + 1)
        enough = promoters - (others - promoters) >= need - 1e-9
        weight = betabinom.pmf(passives, rest, alpha[1], alpha[0] + alpha[2])
        exact += weight * betabinom.pmf(promoters, others, alpha[0], alpha[2])[enough].sum()
    found = chance(Outlook(NET, so_far, learnt, rest, target))
    assert found == pytest.approx(exact, abs=NEAR)


def test_of_very_many_answers_no_more_is_learnt_than_of_so_many():
    most = load("outlook")["simulation"]["evidence"]
    few = Outlook(SHARE, (0, 0), (most * 8 // 10, most * 2 // 10), 5_000, 0.8)
    many = Outlook(SHARE, (0, 0), (most * 80, most * 20), 5_000, 0.8)
    assert chance(many) == chance(few)


def test_the_same_question_has_the_same_answer():
    asked = Outlook(NET, (50, 30, 20), (50, 30, 20), 60, 0.33)
    assert chance(asked) == chance(asked)


def test_a_higher_target_is_never_likelier():
    found = [
        chance(Outlook(NET, (50, 30, 20), (50, 30, 20), 60, target / 100))
        for target in range(-60, 80, 5)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] == 1
    assert found[-1] == 0


def test_by_hand_what_is_still_needed():
    """100 answers, +30; 100 more to come at the same pace. For +40 of all 200 the rest needs +50:
    20 promoters in place of passives, or 10 detractors who become promoters."""
    asked = Outlook(NET, (50, 30, 20), (50, 30, 20), 100, 0.40)
    assert asked.now == pytest.approx(0.30)
    assert asked.end == pytest.approx(0.30)
    assert asked.asked == pytest.approx(0.50)
    assert asked.lacking == 20
    assert asked.reachable
    assert not asked.certain


def test_by_hand_what_may_still_be_lost():
    asked = Outlook(SHARE, (90, 10), (90, 10), 100, 0.85)
    assert asked.end == pytest.approx(0.90)
    assert asked.lacking == -10


def test_beyond_reach_and_certain_need_no_draws():
    beyond = Outlook(SHARE, (10, 90), (1, 1), 50, 0.5)  # at best 60 of 150
    assert not beyond.reachable
    assert chance(beyond) == 0
    sure = Outlook(SHARE, (90, 10), (1, 1), 20, 0.75)  # at worst 90 of 120
    assert sure.certain
    assert chance(sure) == 1


def test_a_period_that_is_over_is_met_or_not():
    met = Outlook(NET, (60, 30, 10), (60, 30, 10), 0, 0.5)
    assert (met.end, met.asked, met.lacking, chance(met)) == (0.5, None, 0, 1)
    missed = Outlook(NET, (59, 30, 11), (), 0, 0.5)
    assert (missed.lacking, chance(missed)) == (2, 0)


def test_with_nothing_to_learn_from_there_is_no_chance_told():
    blind = Outlook(NET, (5, 5, 5), (0, 0, 0), 30, 0.5)
    assert (chance(blind), blind.end, blind.lacking) == (None, None, None)
    nothing = Outlook(NET, (0, 0, 0), (0, 0, 0), 0, 0.5)
    assert (chance(nothing), nothing.now, nothing.end) == (None, None, None)


def test_how_many_are_still_to_come():
    assert expected(900, 90, 61) == 610
    assert expected(0, 90, 61) == 0
    assert expected(10, 0, 61) == 0


def test_chances_come_true_as_often_as_they_say():
    """Rates drawn at random, 90 days learnt from, and the rest drawn by the same rate."""
    random = np.random.default_rng(7)
    told, came = [], []
    for _ in range(400):
        rate = random.beta(40, 10)
        learnt, rest = int(random.integers(30, 400)), int(random.integers(20, 300))
        good, more = int(random.binomial(learnt, rate)), int(random.binomial(rest, rate))
        found = chance(Outlook(SHARE, (good, learnt - good), (good, learnt - good), rest, 0.8))
        told.append(found)
        came.append(good + more >= 0.8 * (learnt + rest) - 1e-9)
    told, came = np.array(told, float), np.array(came)
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        inside = (told >= low) & (told < high)
        spread = 3 * np.sqrt(0.25 / inside.sum())
        assert came[inside].mean() == pytest.approx(told[inside].mean(), abs=spread)


# ---- spending


def test_by_hand_where_a_budget_ends():
    """Three months of 100 with 90, 100 and 110 spent; three more of 100.

    The rate is 1, so the end is 600. Variance per unit of plan: (1 + 0 + 1) / 2 = 1, so the
    spread is sqrt(300 + 300 ** 2 / 300) = sqrt(600).
    """
    year = Spending((100, 100, 100), (90, 100, 110), 300, 0.15)
    assert year.end == 600
    assert year.room == (pytest.approx(210), pytest.approx(390))
    assert spending_spread(year) == pytest.approx(600**0.5)


def test_the_chance_of_a_budget_is_that_of_a_simulation():
    """Variance from its posterior (chi-squared, two degrees of freedom), the end normal by it."""
    year = Spending((100, 100, 100), (118, 96, 134), 300, 0.15)
    random = np.random.default_rng(3)
    variance = spending_spread(year) ** 2 * 2 / random.chisquare(2, 200_000)
    ends = random.normal(year.end, np.sqrt(variance))
    within = (np.abs(ends - 600) <= 90).mean()
    assert spending_chance(year) == pytest.approx(within, abs=0.005)


def test_a_budget_without_enough_months_has_no_chance_told():
    assert spending_chance(Spending((100, 100), (90, 110), 300, 0.15)) is None
    assert spending_chance(Spending((0, 0, 0), (9, 9, 9), 300, 0.15)) is None
    assert spending_chance(Spending((), (), 300, 0.15)) is None


def test_a_budget_year_that_is_over_is_met_or_not():
    over = Spending((100, 100, 100), (120, 120, 120), 0, 0.15)
    assert spending_chance(over) == 0
    assert spending_chance(Spending((100, 100, 100), (90, 110, 130), 0, 0.15)) == 1
