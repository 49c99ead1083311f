"""The customers behind the charts of the tiers page, a group of them at a time."""

from __future__ import annotations

from dashboard import i18n, kpi
from dashboard.answers import tier_customers, tiers
from dashboard.answers.tier_customers import pair
from dashboard.answers.tiers import direction
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.tiers.scheme import scheme

_ORDER = ("down", "up", "new", "gone", "stayed")


def mix(view: View, key: str) -> None:
    """The customers of each tier at the end of the period."""
    ends = tiers.mix_at_end(view)
    groups = {
        tier: counted(i18n.code("tier", tier), row["customers"]) for tier, row in ends.items()
    }
    customer_list.behind(key, view, groups, lambda tier: tier_customers.in_tier(view, tier))


def moves(view: View, key: str) -> None:
    """The customers of each band of the flow, and of each cell of the matrix."""
    found = [
        (row["from_tier"], row["to_tier"], row["customers"])
        for row in tiers.moved(view).iter_rows(named=True)
        if row["customers"]
    ]
    codes = scheme(view.scheme).codes
    found.sort(key=lambda move: _ORDER.index(direction(codes, move[0], move[1])))
    groups = {pair(source, target): move(source, target, n) for source, target, n in found}
    customer_list.behind(
        key,
        view,
        groups,
        lambda moves: tier_customers.customers(view, moves),
        Column("from_tier", t("tiers.list.before"), "code", "tier"),
        Column("tier", t("tiers.list.now"), "code"),
    )


def move(source: str, target: str, customers: int) -> str:
    """A move in words, with how many made it."""
    return t(
        "tiers.list.pair",
        source=i18n.code("tier", source),
        target=i18n.code("tier", target),
        n=i18n.number(customers),
    )


def concentration(view: View, key: str) -> None:
    """The customers above each cut-off, the highest first."""
    groups = {
        str(cut): counted(t("tiers.concentration.rows", above=money(cut)), n)
        for cut, n in reversed(tiers.cut_offs(view).select("cut_off", "customers").rows())
    }
    customer_list.behind(key, view, groups, lambda cut: tier_customers.above(view, int(cut)))


def money(units: int) -> str:
    """A cut-off in the company's money."""
    return kpi.money(units * 10 ** settings().money_scale, compact=False)
