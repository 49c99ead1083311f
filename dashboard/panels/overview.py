"""Panels of the overview: the sentence on the promises, and whom to contact first."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard import drilldown, i18n, kpi, panel
from dashboard.answers import overview, service
from dashboard.i18n import t
from dashboard.panels import service as service_panels
from dashboard.panels.reasons import reason
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS


def lead(readings: Mapping[str, Reading]) -> str:
    """How many promises are off target, and which."""
    judged = [
        key
        for key, reading in readings.items()
        if KPIS[key].target is not None and reading.value is not None
    ]
    off = [
        key
        for key in judged
        if KPIS[key].judge(readings[key].value, readings[key].baseline) == "bad"
    ]
    if not judged:
        return t("overview.lead.nothing")
    named = t("list.and").join(_off(key, readings[key]) for key in off)
    return i18n.part("overview.lead.off", len(off), len(judged), named=named)


def _off(key: str, reading: Reading) -> str:
    entry = KPIS[key]
    target = kpi.target_text(entry, entry.targets[0])
    name = t(f"kpi.{key}.label")
    return t("overview.off", name=name, value=kpi.value_text(entry, reading.value), target=target)


def any_promise(view: View) -> bool:
    """Whether there is a promise of service to draw."""
    return bool(service.clocks(view))


def service_promises(view: View) -> None:
    """Promises of service by grade, or the source's own flag where ours cannot be judged."""
    clocks = service.clocks(view)
    if service.SOURCE in clocks:
        service_panels.by_group(view, service.SOURCE, "grade")
    elif clocks:
        service_panels.by_promise(view)


def contact_first(view: View) -> None:
    """Those with the most revenue at risk whom nobody follows up; a row opens the customer."""
    rows, choice = overview.contact_first(view)
    title = t("overview.contact.title")
    with panel.panel("contact", title, t("overview.contact.subtitle")):
        columns = [
            Column("name", t("column.customer"), "customer"),
            Column("tier", t("dimension.tier"), "code"),
            Column("p90", t("risk.column.p90"), "share_bar"),
            Column("revenue_at_risk", t("risk.column.revenue_at_risk"), "money"),
            Column("reason", t("risk.column.reason"), write=reason),
            Column("owner", i18n.t("dimension.owner_id")),
        ]
        listed = drilldown.Rows(rows, (view, choice))
        drilldown.paged(listed, columns, key="contact", alt=title)
