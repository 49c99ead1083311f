"""What is true by construction of files, members, coupons and experiments of the demo company."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from data_access.demo.generate import AS_OF, generate_chunks
from data_access.demo.truth import DEMO
from metrics import sla


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


SCHEMES = ("value_spend_s0", "value_tier_s1", "three_axis_s2")


def test_a_record_in_force_of_each_customer_and_scheme(tables):
    records = tables["tier_records"]
    assert records["record_id"].is_unique().all()
    assert set(records["scheme"]) == set(SCHEMES)
    now = records.filter(pl.col("valid_to_at").is_null())
    assert now.select("scheme", "customer_id").is_unique().all()
    ended = records.drop_nulls("valid_to_at")
    follows = ended.join(
        records, left_on=["scheme", "customer_id", "valid_to_at"],
        right_on=["scheme", "customer_id", "valid_from_at"],
    )  # fmt: skip
    assert follows.height == ended.height


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tiers_of_the_crm_are_mostly_those_of_the_plan(tables, scheme):
    records = tables["tier_records"].filter(scheme=scheme)
    reviewed = records.drop_nulls("review_correct")
    assert 0.03 < reviewed.height / records.height < 0.07
    assert 0.84 < reviewed["review_correct"].mean() < 0.98


def year_of(tables, day):
    """Of everybody who bought until a day, by the plan: revenue, profit, tickets, silence, age."""
    inside = (pl.col("at") <= day) & (pl.col("at") > day - timedelta(days=365))
    sold = tables["orders"].filter(pl.col("status") != "cancelled", pl.col("ordered_at") <= day)
    bought = pl.col("status") == "completed"
    people = (
        sold.rename({"ordered_at": "at"})
        .group_by("customer_id")
        .agg(
            spent=pl.col("amount").filter(inside).sum(),
            earned=pl.col("profit").filter(inside).sum(),
            silent=(day - pl.col("at").filter(bought).max()).dt.total_days(),
            age=(day - pl.col("at").filter(bought).min()).dt.total_days(),
        )
        .drop_nulls("age")
    )
    asked = (
        tables["tickets"].rename({"created_at": "at"})
        .filter(inside)
        .group_by("customer_id")
        .agg(
            complaints=(pl.col("kind") == "complaint").sum(),
            inquiries=(pl.col("kind") == "inquiry").sum(),
        )
    )  # fmt: skip
    told = people.join(asked, on="customer_id", how="left")
    return told.with_columns(pl.col("complaints", "inquiries").fill_null(0))


def agreeing(tables, scheme, tier):
    """Of the records in force, how many have the tier that the plan gives on their last day."""
    day = AS_OF - timedelta(days=15)
    people = year_of(tables, day).with_columns(plan=tier)
    now = tables["tier_records"].filter(pl.col("valid_to_at").is_null(), scheme=scheme)
    told = now.join(people, on="customer_id")
    assert told.height > 2000
    return told.select((pl.col("tier") == pl.col("plan")).mean()).item()


def test_four_tiers_are_recorded_by_revenue_risk_and_promise(tables):
    usual = pl.col("inquiries").median()
    risk = (pl.col("complaints") >= 2) | (pl.col("silent") >= 180)
    promising = (pl.col("age") < 365) | (pl.col("inquiries") > usual)
    tier = (
        pl.when(pl.col("spent") > 100_000_00).then(pl.lit("high"))
        .when(pl.col("spent") >= 50_000_00).then(pl.lit("mid"))
        .when(promising & ~risk).then(pl.lit("potential"))
        .otherwise(pl.lit("low_or_risk"))
    )  # fmt: skip
    assert 0.88 < agreeing(tables, "value_tier_s1", tier) < 0.95


def test_contribution_is_recorded_by_rank_of_profit(tables):
    place = pl.col("earned").rank("ordinal", descending=True) / pl.len()
    earns = pl.col("earned") > 0
    tier = (
        pl.when(earns & (place <= 0.2)).then(pl.lit("core"))
        .when(earns & (place <= 0.5)).then(pl.lit("important"))
        .otherwise(pl.lit("ordinary"))
    )  # fmt: skip
    assert 0.86 < agreeing(tables, "three_axis_s2", tier) < 0.95


def test_nobody_is_thanked_before_buying(tables):
    """But for a few whose first order is dirt since."""
    bought = tables["orders"].filter(status="completed")
    first = bought.group_by("customer_id").agg(pl.col("ordered_at").min())
    thanks = tables["interactions"].filter(rule="thank_you_24h").unique("interaction_id")
    told = thanks.join(first, on="customer_id", how="left")
    early = told.filter(
        pl.col("ordered_at").is_null() | (pl.col("occurred_at") < pl.col("ordered_at"))
    )
    assert told.height > 4000
    assert early.height < 12
    settled = told.filter(pl.col("ordered_at") < AS_OF - timedelta(days=30))
    soon = (settled["occurred_at"] - settled["ordered_at"]) <= timedelta(hours=24)
    assert soon.mean() == pytest.approx(0.84, abs=0.02)


@pytest.mark.parametrize("desk", ["office", "hotline"])
def test_a_desk_acts_only_while_it_is_open(tables, desk):
    policies = sla.policies()
    calendar = policies.times(zone="Asia/Shanghai", as_of=AS_OF)["24x7"].of(desk)
    own = tables["tickets"].filter(desk=desk)
    steps = pl.col("first_response_at", "routed_at", "resolved_at")
    done = own.select(steps).unpivot().drop_nulls()
    acts = tables["ticket_events"].filter(pl.col("status").is_in(["awaiting_customer", "graded"]))
    acts = acts.join(own.select("ticket_id"), on="ticket_id", how="semi")
    assert acts.height > 20
    done = pl.concat([done.select("value"), acts.select(value="occurred_at")])
    second = pl.duration(seconds=1)
    at = pl.col("value")
    ran = done.select(calendar.elapsed(at + second) - calendar.elapsed(at)).to_series()
    dirt = done.filter(ran != 1_000_000).height  # answered before it was asked
    assert done.height > 2000
    assert dirt < 12


def test_personal_data_are_invented(tables):
    mails = tables["customers"]["email"].drop_nulls()
    assert mails.str.contains(r"\.example$").all()
    doubled = tables["customers"]["phone"].drop_nulls().str.replace_all(r"\D", "")
    assert 0 < doubled.len() - doubled.n_unique() < 0.02 * doubled.len()
