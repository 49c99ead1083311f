"""The panel of cross-selling: accessories to suggest to those who bought the product."""

from __future__ import annotations

from functools import partial

from dashboard import i18n, panel, table
from dashboard.answers import cross_sell
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.table import Column
from dashboard.view import View

_COUNTS = ("buyers", "attached", "advised", "unadvised", "judged")


def pairs(view: View) -> None:
    """Each product with its accessory: who has both, who was advised, to whom to suggest it."""
    if not cross_sell.any_pair(view):
        return
    frame = cross_sell.by_pair(view)
    total = frame["unadvised"].sum()
    title = t("cross_sell.title" if total else "cross_sell.none", n=i18n.number(total))
    subtitle = t("cross_sell.subtitle", first=i18n.day(cross_sell.first_day(view)))
    columns = [
        Column("product", t("cross_sell.product")),
        Column("accessory", t("cross_sell.accessory")),
        *(Column(name, t(f"cross_sell.{name}"), "count") for name in _COUNTS),
        Column("take_up", t("cross_sell.take_up"), "share"),
    ]
    kpis = ("cross_sell_open", "cross_sell_take_up")
    behind = partial(_rows, view)
    with panel.panel("cross_sell", title, subtitle, data=(frame, columns), kpis=kpis, rows=behind):
        table.show(frame, columns, alt=title)


def _rows(view: View, key: str) -> None:
    """The customers to suggest an accessory to."""
    found = {str(place): row for place, row in enumerate(cross_sell.by_pair(view).to_dicts())}
    groups = {
        code: counted(
            t("cross_sell.pair", product=row["product"], accessory=row["accessory"]),
            row["unadvised"],
        )
        for code, row in found.items()
    }
    customer_list.behind(
        key,
        view,
        groups,
        lambda code: cross_sell.to_suggest(view, found[code]["product"], found[code]["accessory"]),
        Column("bought_on", t("cross_sell.bought"), "date"),
    )
