"""Loyalty and word of mouth: members, points, coupons, recommendations, reviews."""

from __future__ import annotations

from metrics.catalog.kpi import Better, Kpi, Unit

_MEMBERS = ("loyalty_accounts.enrolled_at",)
_POINTS = (*_MEMBERS, "loyalty_transactions.points")
_BUYING = (*_MEMBERS, "orders.ordered_at", "orders.amount", "orders.customer_id")
_COUPONS = ("coupons.issued_at",)
_CONTROL = (*_COUPONS, "coupons.is_control", "orders.ordered_at")
_REFERRALS = ("referrals.referred_at",)
_REVIEWS = ("reviews.posted_at",)


def _kpi(key: str, unit: Unit, better: Better, needs: tuple[str, ...], *sources: str) -> Kpi:
    return Kpi(key, "loyalty", unit, better, needs, sources)


KPIS = (
    _kpi("loyalty_participation", Unit.SHARE, Better.UP, _POINTS, "S2"),
    _kpi("member_share", Unit.SHARE, Better.UP, _MEMBERS, "S2", "S4"),
    _kpi("active_members", Unit.SHARE, Better.UP, _POINTS, "S2"),
    _kpi("new_members", Unit.COUNT, Better.UP, _MEMBERS, "S2", "S4"),
    _kpi("level_agreement", Unit.SHARE, Better.NEITHER, ("loyalty_accounts.level",), "S2", "S4"),
    _kpi("points_redemption", Unit.SHARE, Better.UP, _POINTS, "S2"),
    _kpi("redeeming_members", Unit.SHARE, Better.UP, _POINTS, "S2"),
    _kpi("points_expired", Unit.SHARE, Better.DOWN, _POINTS, "S2"),
    _kpi("points_balance", Unit.COUNT, Better.NEITHER, _POINTS, "S2"),
    _kpi("points_liability", Unit.MONEY, Better.NEITHER, _POINTS, "S2"),
    _kpi("member_repurchase", Unit.SHARE, Better.UP, _BUYING, "S2"),
    _kpi("other_repurchase", Unit.SHARE, Better.UP, _BUYING, "S2"),
    _kpi("member_stay_gap", Unit.GAP, Better.UP, _BUYING, "S2"),
    _kpi("member_stay_gap_raw", Unit.GAP, Better.NEITHER, _BUYING, "S2"),
    _kpi("coupon_redemption", Unit.SHARE, Better.UP, _COUPONS, "S2", "S4"),
    _kpi("coupon_extra_orders", Unit.POINTS, Better.UP, _CONTROL, "S2"),
    _kpi("recall_redemption", Unit.SHARE, Better.UP, _COUPONS, "S2"),
    _kpi("recall_extra_orders", Unit.POINTS, Better.UP, _CONTROL, "S2"),
    _kpi("mass_to_top", Unit.COUNT, Better.DOWN, _COUPONS, "S1"),
    _kpi(
        "promoters_referring",
        Unit.SHARE,
        Better.UP,
        (*_REFERRALS, "survey_responses.nps"),
        "S1",
        "S4",
    ),
    _kpi("referral_conversion", Unit.SHARE, Better.UP, _REFERRALS, "S1", "S4"),
    _kpi("reward_per_customer", Unit.MONEY, Better.DOWN, ("referrals.reward",), "S1", "S4"),
    _kpi("review_count", Unit.COUNT, Better.UP, _REVIEWS, "S4"),
    _kpi("review_stars", Unit.SCORE, Better.UP, _REVIEWS, "S4"),
    _kpi("reviews_shared", Unit.SHARE, Better.UP, ("reviews.shared",), "S4"),
)
