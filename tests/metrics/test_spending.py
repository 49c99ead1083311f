"""Where a budget year ends: by hand, and against a simulation."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.spending import Spending, spending_chance, spending_spread


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
