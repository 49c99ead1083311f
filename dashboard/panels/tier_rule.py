"""A tier scheme in words, and what it looks at of one customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import i18n, kpi
from dashboard.answers import tiers
from dashboard.i18n import t
from dashboard.settings import settings
from dashboard.view import View
from metrics.tiers.condition import Bound, Condition, known_fields
from metrics.tiers.scheme import Scheme, Tier, scheme


def rule(view: View) -> None:
    """The scheme in words, from its rule; and what of it cannot be applied here."""
    chosen = scheme(view.scheme)
    parts = [
        t(
            "tiers.rule.tier",
            tier=i18n.code("tier", tier.code),
            conditions=_conditions(tier),
        )
        for tier in chosen.tiers
    ]
    best = tiers.mix_at_end(view).get(tiers.top(view))
    if best is not None and best["profit_12m"] is None and "profit_12m" in chosen.fields:
        parts.append(t("tiers.rule.no_profit"))
    name = i18n.code("tier_scheme", chosen.code)
    text = t("tiers.rule.scheme", name=name, rules=t("tiers.rule.and").join(parts))
    st.caption(i18n.markdown(text))


def _conditions(tier: Tier) -> str:
    if tier.is_rest:
        return t("tiers.rule.rest")
    either = t("tiers.rule.or").join(_condition(each) for each in tier.any)
    if not tier.all:
        return either
    if len(tier.any) > 1:
        either = t("tiers.rule.group", either=either)
    together = [_condition(each) for each in tier.all] + ([either] if either else [])
    return t("tiers.rule.band").join(together)


def _condition(each: Condition) -> str:
    field = t("list.and").join(t(f"tiers.field.{name}") for name in each.fields)
    if each.top_percent is not None:
        key = "tiers.rule.top" if len(each.fields) == 1 else "tiers.rule.top_mean"
        return t(key, field=field, percent=each.top_percent)
    if each.above_median:
        return t("tiers.rule.above_median", field=field)
    bounds = [
        _bound(each.field, bound, sign)
        for bound, sign in ((each.lower, (">", "≥")), (each.upper, ("<", "≤")))
        if bound is not None
    ]
    return f"{field} {t('tiers.rule.band').join(bounds)}"


def _bound(field: str, bound: Bound, signs: tuple[str, str]) -> str:
    amount = i18n.number(bound.value)
    if known_fields()[field].money:
        amount = kpi.money(bound.value * 10 ** settings().money_scale, compact=False)
    return f"{signs[bound.inclusive]} {amount}"


def facts(chosen: Scheme, row: Mapping[str, Any]) -> str:
    """What the scheme looks at of a customer, each with its value."""
    asked = dict.fromkeys(
        name for tier in chosen.tiers for each in tier.conditions for name in each.read
    )
    return t("list.and").join(
        t("tiers.rule.fact", field=t(f"tiers.field.{name}"), value=_value(name, row[name]))
        for name in asked
    )


def _value(name: str, value: float | None) -> str:
    return kpi.money(value, compact=False) if known_fields()[name].money else i18n.number(value)
