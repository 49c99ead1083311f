"""The members, customers, coupons and recommendations behind the charts of the loyalty page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from dashboard import drilldown, i18n
from dashboard.answers import loyalty_rows, word_of_mouth
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.table import Column
from dashboard.view import View

_WRONG = "mass_to_top"


def _told(groups: Mapping[str, int], words: str) -> dict[str, str]:
    return {name: counted(t(f"{words}.{name}"), n) for name, n in groups.items()}


def _of_members() -> list[Column]:
    return [
        Column("level", t("loyalty.level"), "code"),
        Column("balance", t("loyalty.points.balance"), "count"),
        Column("enrolled_on", t("loyalty.enrolled"), "date"),
        Column("used_on", t("loyalty.used"), "date"),
        Column("visited_on", t("loyalty.visited"), "date"),
    ]


def members(view: View, key: str) -> None:
    """Members who take part, who do not, who never redeemed, and who left."""
    groups = _told(loyalty_rows.counted(view), "loyalty.group")
    customer_list.behind(
        key, view, groups, lambda group: loyalty_rows.members(view, group), *_of_members()
    )


def levels(view: View, key: str) -> None:
    """The members of each level, with the level that the rule gives."""
    sizes = loyalty_rows.of_levels(view)
    groups = {code: counted(i18n.code("level", code or None), n) for code, n in sizes.items()}
    ruled = Column("rule_level", t("loyalty.rule_level"), "code", "level")
    customer_list.behind(
        key,
        view,
        groups,
        lambda level: loyalty_rows.of_level(view, level),
        ruled,
        Column("tier", t("dimension.tier"), "code"),
        *_of_members()[1:3],
    )


def landmark(view: View, key: str) -> None:
    """Members and others of the landmark who stayed, or left, within the year after."""
    groups = _told(loyalty_rows.outcomes(view), "loyalty.landmark")
    customer_list.behind(key, view, groups, lambda outcome: loyalty_rows.of_landmark(view, outcome))


def coupons(view: View, key: str) -> None:
    """Coupons of a kind: used, not used, withheld; and those that break the rule."""
    kinds = word_of_mouth.by_kind(view)["kind"].to_list()
    groups: dict[str, str] = {}
    rows: dict[str, Callable[[], pl.LazyFrame]] = {}
    wrong = loyalty_rows.violations(view).select(pl.len()).collect().item()
    if wrong:
        groups[_WRONG] = counted(t("loyalty.coupons.violations"), wrong)
        rows[_WRONG] = lambda: loyalty_rows.violations(view)
    for kind in kinds:
        for use, n in loyalty_rows.used(view, kind).items():
            code = f"{kind or ''}.{use}"
            name = t(f"loyalty.use.{use}", kind=i18n.code("coupon_kind", kind))
            groups[code] = counted(name, n)
            rows[code] = _lazily(view, kind, use)
    shown = [
        Column("customer", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("issued_on", t("loyalty.coupons.issued"), "date"),
        Column("redeemed_on", t("loyalty.coupons.used"), "date"),
        Column("face_value", t("loyalty.coupons.worth"), "money"),
        Column("orders", t("loyalty.coupons.orders"), "count"),
        Column("coupon_id", t("loyalty.coupons.id")),
    ]
    _list(key, view, groups, lambda code: rows[code](), shown)


def _lazily(view: View, kind: str | None, use: str) -> Callable[[], pl.LazyFrame]:
    return lambda: loyalty_rows.coupons(view, kind, use)


def recommendations(view: View, key: str) -> None:
    """Recommendations by what came of them."""
    groups = _told(loyalty_rows.came(view), "loyalty.came")
    shown = [
        Column("customer", t("loyalty.referrals.who"), "customer"),
        Column("referred", t("loyalty.referrals.whom")),
        Column("referred_on", t("loyalty.referrals.day"), "date"),
        Column("won_on", t("lifecycle.first_order"), "date"),
        Column("reward", t("loyalty.referrals.reward"), "money"),
        Column("referral_id", t("loyalty.referrals.id")),
    ]
    _list(key, view, groups, lambda code: loyalty_rows.recommendations(view, code), shown)


def _list(
    key: str,
    view: View,
    groups: Mapping[str, str],
    found: Callable[[str], pl.LazyFrame],
    shown: list[Column],
) -> None:
    code = drilldown.pick(key, groups)
    rows = drilldown.Rows(found(code), (view, code))
    drilldown.paged(rows, shown, key=key, alt=groups[code], size=drilldown.IN_DIALOG)
