"""What is true by construction of files, members, coupons and experiments of the demo company."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from data_access.demo.generate import AS_OF, generate_chunks
from data_access.demo.truth import DEMO


@pytest.fixture(scope="module")
def company():
    return next(generate_chunks(12_000))


@pytest.fixture(scope="module")
def tables(company):
    return company.tables


def test_members_join_by_their_worth(company, tables):
    joined = company.truth.with_columns(
        member=pl.col("customer_id").is_in(tables["loyalty_accounts"]["customer_id"].implode())
    )
    shares = dict(joined.group_by("value_class").agg(pl.col("member").mean()).iter_rows())
    for value_class, share in DEMO.member_share.items():
        assert shares[value_class] == pytest.approx(share, abs=0.07)


def test_nobody_spends_points_that_are_not_there(tables):
    sign = pl.when(pl.col("kind").is_in(["redeem", "expire"])).then(-1).otherwise(1)
    balance = (sign * pl.col("points")).cum_sum().over("account_id")
    moves = tables["loyalty_transactions"].sort("occurred_at", maintain_order=True)
    assert moves.select(balance.min()).item() >= 0
    assert set(moves["kind"]) == {"earn", "redeem", "expire", "adjust"}
    accounts = tables["loyalty_accounts"].select("account_id", owner="customer_id")
    owned = moves.join(accounts, on="account_id", how="left", validate="m:1")
    assert (owned["owner"] == owned["customer_id"]).all()


def test_a_coupon_is_used_only_with_an_order_and_never_by_a_control(tables):
    coupons = tables["coupons"]
    used = coupons.drop_nulls("redeemed_at")
    assert used.height > 1000
    assert not used["is_control"].any()
    assert ((used["redeemed_at"] - used["issued_at"]) <= timedelta(days=30)).all()
    placed = tables["orders"].filter(status="completed")
    bought = used.join(
        placed, left_on=["customer_id", "redeemed_at"], right_on=["customer_id", "ordered_at"]
    )
    assert bought["coupon_id"].n_unique() > 0.98 * used.height  # some orders are dirt since


def test_coupons_bring_no_order(tables):
    """Controls of the exclusive coupons buy within 30 days as often as those who got one."""
    given = (
        tables["coupons"]
        .filter(kind="exclusive", issued_at=pl.col("issued_at"))
        .filter(pl.col("issued_at") < AS_OF - timedelta(days=40))
    )
    placed = tables["orders"].filter(status="completed").select("customer_id", "ordered_at")
    age = pl.col("ordered_at") - pl.col("issued_at")
    soon = (
        given.join(placed, on="customer_id", how="left")
        .group_by("coupon_id", "is_control")
        .agg(bought=age.is_between(timedelta(0), timedelta(days=30)).any())
    )
    shares = dict(soon.group_by("is_control").agg(pl.col("bought").mean()).iter_rows())
    assert shares[True] == pytest.approx(shares[False], abs=0.04)


def test_experiments_have_the_lift_they_are_given(tables):
    rows = tables["experiment_members"].group_by("experiment_id").agg(
        tried=pl.col("engaged").filter(variant="tried").mean(),
        control=pl.col("engaged").filter(variant="control").mean(),
        n=pl.len(),
    ).sort("experiment_id")  # fmt: skip
    for lift, row in zip(DEMO.experiment_lift, rows.iter_rows(named=True), strict=True):
        error = 4 * (0.25 / row["n"]) ** 0.5 * 2
        assert row["tried"] - row["control"] == pytest.approx(lift, abs=error)


def test_files_are_checked_and_mostly_right(tables):
    found = tables["profile_audits"].group_by("block").agg(pl.col("accurate").mean())
    accurate = dict(found.iter_rows())
    assert accurate["basic"] > 0.975 > accurate["preference"] > accurate["profile"]
    assert accurate["profile"] == pytest.approx(0.912, abs=0.02)


def test_tiers_of_the_crm_are_mostly_those_of_the_plan(tables):
    now = tables["tier_records"].filter(pl.col("valid_to_at").is_null())
    assert now["customer_id"].is_unique().all()
    reviewed = tables["tier_records"].drop_nulls("review_correct")
    assert 0.9 < reviewed["review_correct"].mean() < 0.98


def test_personal_data_are_invented(tables):
    mails = tables["customers"]["email"].drop_nulls()
    assert mails.str.contains(r"\.example$").all()
    doubled = tables["customers"]["phone"].drop_nulls().str.replace_all(r"\D", "")
    assert 0 < doubled.len() - doubled.n_unique() < 0.02 * doubled.len()
