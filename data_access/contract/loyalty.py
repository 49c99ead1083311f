"""Membership, points, coupons, and customers who bring or tell others."""

from __future__ import annotations

from data_access.contract.columns import (
    UPDATED_AT,
    Power,
    Scope,
    Table,
    count,
    day,
    flag,
    identifier,
    money,
    one_of,
    text,
    time,
)

LOYALTY_ACCOUNTS = Table(
    "loyalty_accounts",
    "One membership.",
    ("account_id",),
    (
        identifier("account_id", "The membership."),
        identifier("customer_id", "The customer.", "customers"),
        time("enrolled_at", "Since when.", nullable=False),
        time("closed_at", "Until when; null while it lasts.", not_before="enrolled_at"),
        text("level", "Level as the CRM keeps it.", optional=True),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.LOYALTY,),
    event_time="enrolled_at",
)

LOYALTY_TRANSACTIONS = Table(
    "loyalty_transactions",
    "One movement of points.",
    ("transaction_id",),
    (
        identifier("transaction_id", "The movement."),
        identifier("account_id", "The membership.", "loyalty_accounts"),
        identifier("customer_id", "The customer.", "customers"),
        time("occurred_at", "When.", nullable=False),
        one_of("kind", "Why points came or went.", "earn", "redeem", "expire", "adjust"),
        count("points", "Points, positive; of an adjustment with its sign."),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.POINTS,),
    event_time="occurred_at",
)

COUPONS = Table(
    "coupons",
    "One coupon given to a customer, or withheld for comparison.",
    ("coupon_id",),
    (
        identifier("coupon_id", "The coupon."),
        identifier("customer_id", "The customer.", "customers"),
        text("kind", "recall, exclusive, newcomer, birthday, mass, …"),
        time("issued_at", "When it was given, or would have been.", nullable=False),
        day("expires_on", "Last day of its use; may lie ahead.", optional=True),
        time("redeemed_at", "When it was used; null if not.", not_before="issued_at"),
        money("face_value", "What it is worth.", nullable=True, optional=True),
        flag("is_control", "True if withheld for comparison."),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.COUPONS,),
    event_time="issued_at",
)

REFERRALS = Table(
    "referrals",
    "One recommendation of a customer to somebody else.",
    ("referral_id",),
    (
        identifier("referral_id", "The recommendation."),
        identifier("customer_id", "Who recommended.", "customers"),
        identifier("referred_id", "Who came; null if nobody did.", "customers", nullable=True),
        time("referred_at", "When.", nullable=False),
        money("reward", "Paid for it.", nullable=True, optional=True),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.REFERRALS,),
    event_time="referred_at",
)

REVIEWS = Table(
    "reviews",
    "One public review.",
    ("review_id",),
    (
        identifier("review_id", "The review."),
        identifier("customer_id", "Who wrote it; null if unknown.", "customers", nullable=True),
        time("posted_at", "When.", nullable=False),
        count("rating", "Stars.", 1, 5),
        flag("shared", "Whether the company shared it."),
        UPDATED_AT,
    ),
    Scope.CUSTOMER,
    powers=(Power.REVIEWS,),
    event_time="posted_at",
)
