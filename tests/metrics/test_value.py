"""Value of a customer at month ends: by hand."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from metrics.value import value_months

OCT, NOV, OLD = date(2026, 10, 1), date(2026, 11, 1), date(2025, 10, 1)


def months(*rows):
    schema = {"month": pl.Date, "buyers": pl.Int64, "revenue_12m": pl.Int64}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def kept(*rows):
    schema = {"month": pl.Date, "base": pl.Int64, "retained": pl.Int64}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def test_by_hand():
    """Two groups, so the ratio is of sums: (900 + 300) ÷ (3 + 1) = 300 against 200 a year ago.

    Retention 8 of 10; lifetime over three years 1 + 0.8 + 0.64 = 2.44, so CLV is
    300 × 0.8 × 2.44 − 50 = 535.6.
    """
    tiers = months((OLD, 2, 400), (OCT, 3, 900), (OCT, 1, 300))
    found = value_months(tiers, kept((OCT, 4, 4), (OCT, 6, 4)), years=3, cost=50)
    now = found.row(1, named=True)
    assert now["buyers"] == 4
    assert now["yearly"] == pytest.approx(300)
    assert now["growth"] == pytest.approx(0.5)
    assert now["retention"] == pytest.approx(0.8)
    assert now["base"] == 10
    assert now["clv"] == pytest.approx(535.6)


def test_what_is_not_known_is_null():
    tiers = months((OLD, 2, 400), (OCT, 3, 900), (NOV, 0, 0))
    found = value_months(tiers, kept((OCT, 0, 0)), years=3, cost=50)
    old, now, empty = found.iter_rows(named=True)
    assert (old["growth"], old["clv"]) == (None, None)
    assert (now["growth"], now["retention"], now["clv"]) == (pytest.approx(0.5), None, None)
    assert (empty["yearly"], empty["growth"]) == (None, None)


def test_nothing_gives_a_typed_empty_frame():
    found = value_months(months(), kept(), years=5, cost=0)
    assert found.is_empty()
    assert found.columns == ["month", "buyers", "yearly", "growth", "retention", "base", "clv"]
