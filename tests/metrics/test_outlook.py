"""Will a target be met: against closed forms, cases worked by hand, and what then came."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from metrics.outlook import (
    NET,
    SHARE,
    Outlook,
    chance,
    dispersion,
    expected,
)
from metrics.rules import load

NEAR = 0.012  # more than three standard errors of 20,000 draws


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


def test_by_hand_how_much_stretches_differ():
    """Three stretches of 100 with 80, 90 and 70 of 240 in 300: variance 0.16, so
    φ = 100 × (0 + 0.01 + 0.01) ÷ 0.16 ÷ 2 = 6.25."""
    assert dispersion(SHARE, [(80, 20), (90, 10), (70, 30)]) == pytest.approx(6.25)
    assert dispersion(SHARE, [(80, 20), (80, 20), (80, 20)]) == 1
    assert dispersion(SHARE, [(80, 20), (10, 90)]) == 1  # too few to tell
    assert dispersion(SHARE, [(100, 0)] * 5) == 1
    assert dispersion(SHARE, [(80, 20), (90, 10), (70, 30), (0, 29)]) == pytest.approx(6.25)


def test_answers_that_come_by_chance_alone_have_no_dispersion():
    random = np.random.default_rng(11)
    drawn = random.multinomial(400, (0.5, 0.3, 0.2), (300, 12))
    found = [dispersion(NET, counts) for counts in drawn]
    assert np.mean(found) < 1.25  # never below 1, so a little above it


@pytest.mark.parametrize("spread", [1.0, 2.0, 6.0])
def test_the_rest_varies_as_many_times_as_the_dispersion(spread):
    """The chance of being above the mean plus one standard deviation is that of a normal."""
    learnt, rest, share = (160_000, 40_000), 4_000, 0.8
    evidence = min(load("outlook")["simulation"]["evidence"], sum(learnt) / spread)
    variance = share * (1 - share) * (spread / rest + 1 / evidence)
    target = share + variance**0.5
    found = chance(Outlook(SHARE, (0, 0), learnt, rest, target, spread))
    assert found == pytest.approx(0.1587, abs=0.02)


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


@pytest.mark.parametrize("drift", [0.0, 0.05])
def test_chances_come_true_as_often_as_they_say(drift):
    """A rate drawn at random that drifts from month to month; a year known, two months ahead."""
    random = np.random.default_rng(7)
    told, came = [], []
    for _ in range(150):
        rate = random.beta(40, 10)
        months = np.clip(rate + random.normal(0, drift, 14), 0.01, 0.99)
        good = random.binomial(300, months)
        year = [(int(each), 300 - int(each)) for each in good[:12]]
        learnt = tuple(np.sum(year[-3:], axis=0).tolist())
        spread = dispersion(SHARE, year)
        told.append(chance(Outlook(SHARE, (0, 0), learnt, 600, 0.8, spread)))
        came.append(good[12:].sum() >= 480)
    told, came = np.array(told, float), np.array(came)
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        inside = (told >= low) & (told < high)
        spread = 3 * np.sqrt(0.25 / inside.sum())
        assert came[inside].mean() == pytest.approx(told[inside].mean(), abs=spread)
