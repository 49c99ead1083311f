"""Expected churners and revenue at risk: worked by hand, and against the exact distribution."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from metrics.churn.expected import expected_churn
from metrics.measure import measure

Z = 1.959964


def people(*rows: tuple[str | None, float | None, int | None]) -> pl.LazyFrame:
    """Tier, p90 and revenue of a year."""
    schema = {"tier": pl.String, "p90": pl.Float64, "revenue_365": pl.Int64}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    risk = (pl.col("p90") * pl.col("revenue_365").clip(0)).round().cast(pl.Int64)
    free = pl.lit(None, pl.Int64)  # of contracts
    return frame.lazy().with_columns(revenue_at_risk=risk, monthly_amount=free)


def told(*rows: tuple[str | None, float | None, int | None]) -> dict[str, float]:
    return people(*rows).select(**expected_churn()).collect().row(0, named=True)


def test_two_customers_by_hand():
    found = told(("high", 0.5, 100), ("high", 0.2, 1000))
    assert found["churners"] == pytest.approx(0.7)
    assert found["churners_low"] == 0  # 0.7 - 1.25 would be less than nobody
    assert found["churners_high"] == pytest.approx(0.7 + Z * math.sqrt(0.25 + 0.16))
    assert found["revenue_at_risk"] == 250
    spread = Z * math.sqrt(0.25 * 100**2 + 0.16 * 1000**2)
    assert found["revenue_at_risk_low"] == 0
    assert found["revenue_at_risk_high"] == pytest.approx(250 + spread)
    assert (found["churn_share"], found["revenue_share"]) == (0.35, pytest.approx(250 / 1100))
    assert (found["scored"], found["may_churn"], found["revenue"]) == (2, 2, 1100)


def test_no_interval_leaves_nobody_or_everybody():
    found = told(("high", 0.9, 100), ("high", 0.9, 100))
    assert (found["churners_high"], found["revenue_at_risk_high"]) == (2, 200)
    certain = told(("high", 1.0, 100), ("high", 0.0, 900))
    assert (certain["churners_low"], certain["churners"], certain["churners_high"]) == (1, 1, 1)
    assert (certain["revenue_at_risk_low"], certain["revenue_at_risk_high"]) == (100, 100)


def test_who_is_not_scored_adds_nothing_and_alone_is_unknown():
    found = told(("high", None, 5000), ("high", 0.5, -300), ("high", 0.5, 100))
    assert (found["scored"], found["revenue"], found["revenue_at_risk"]) == (2, 100, 50)
    nobody = told(("high", None, 5000))
    assert nobody["scored"] == 0
    assert [nobody[name] for name in ("churners", "churners_low", "revenue_at_risk")] == [None] * 3
    assert (nobody["churn_share"], told()["churners"]) == (None, None)


def test_groups_add_up_and_the_unknown_is_one_of_them():
    rows = people(("high", 0.5, 100), (None, 0.25, 40), ("low", 0.1, 10), ("high", 0.3, 20))
    groups = measure(rows, "tier", **expected_churn()).collect()
    whole = rows.select(**expected_churn()).collect()
    for name in ("churners", "revenue_at_risk", "scored", "revenue"):
        assert groups[name].sum() == pytest.approx(whole[name].item())
    assert groups["tier"].to_list() == ["high", "low", None]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_interval_holds_95_of_100_of_the_exact_distribution(seed: int):
    """Poisson-binomial by convolution: each customer churns on their own."""
    p = np.random.default_rng(seed).beta(0.4, 2.0, 300)
    exact = np.ones(1)
    for each in p:
        exact = np.convolve(exact, [1 - each, each])
    found = told(*(("high", float(each), 1) for each in p))
    inside = np.arange(len(exact))
    held = (inside >= found["churners_low"]) & (inside <= found["churners_high"])
    assert 0.93 < exact[held].sum() < 0.97
