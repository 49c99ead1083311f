"""Membership keeps nobody in the demo company; the comparison must not say that it does."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data_access.demo.generate import generate_chunks
from metrics.lifecycle import order_totals, purchase_dates
from metrics.loyalty.landmark import landmark, landmark_rows
from metrics.loyalty.members import Memberships
from metrics.loyalty.rule import rule
from metrics.purchase_days import bought_on, in_order, purchase_bits
from metrics.revenue import customer_months
from metrics.standardised import difference
from metrics.tiers.history import tiers_at
from metrics.tiers.marts import tier_marts
from metrics.tiers.scheme import scheme

AS_OF = date(2026, 10, 31)
DAY = landmark(AS_OF, rule().landmark_months)
ZONE = "Asia/Shanghai"


def on(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(ZONE).dt.date()


@pytest.fixture(scope="module")
def rows() -> pl.LazyFrame:
    """The customers of a year ago, with the class by which they joined as `value_class`."""
    company = next(generate_chunks(12_000, seed=6))
    orders = company.tables["orders"].lazy().with_columns(ordered_on=on("ordered_at"))
    days = in_order(bought_on(orders, as_of=AS_OF))
    dates = purchase_dates(order_totals(orders, as_of=AS_OF), days)
    people = dates.sort("customer_id").with_columns(tau_days=pl.lit(150)).collect()
    history = tier_marts(
        customer_months(orders, as_of=AS_OF),
        people.lazy(),
        schemes=[scheme()],
        as_of=AS_OF,
        money_scale=2,
    )[scheme().code].history
    accounts = company.tables["loyalty_accounts"].with_columns(
        enrolled_on=on("enrolled_at"), closed_on=on("closed_at")
    )
    missing = ("segment", "region", "owner_id", "acquisition_channel", "stage")
    known = people.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    found = landmark_rows(
        known.lazy(),
        Memberships.of(accounts, people["customer_id"]),
        purchase_bits(days).lazy(),
        tiers_at(history, DAY),
        day=DAY,
        as_of=AS_OF,
        observed_from=date(2023, 11, 1),
        tenure_days=rule().tenure_days,
        purchase_days=rule().purchase_days,
    )
    classes = company.truth.lazy().select("customer_id", "value_class")
    return found.join(classes, on="customer_id", how="left", validate="1:1").collect().lazy()


def test_members_seem_to_stay_because_better_customers_join(rows: pl.LazyFrame):
    stayed, member = pl.col("stayed"), pl.col("member")
    raw = difference(rows, stayed, member)
    by_truth = difference(rows, stayed, member, ("value_class",))
    matched = difference(rows, stayed, member, ("tier", "tenure"))
    assert raw.low is not None
    assert raw.low > 0
    for found in (by_truth, matched):
        assert found.low is not None
        assert found.high is not None
        assert found.low < 0 < found.high
        assert abs(found.value or 1) < 0.012 < 0.75 * (raw.value or 0)


def test_whoever_joins_later_is_no_member_yet(rows: pl.LazyFrame):
    """Credited with the year before they joined, members would stay far longer."""
    counted = rows.select(pl.len(), pl.col("member").sum()).collect().row(0)
    assert 0.4 < counted[1] / counted[0] < 0.55
