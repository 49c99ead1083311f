"""The calls behind the calls by hour."""

from __future__ import annotations

from functools import partial

from dashboard import drilldown
from dashboard.answers import contact_named, service_call_rows, service_calls
from dashboard.drilldown import Rows, counted
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


def calls(view: View, key: str) -> None:
    """The calls of all hours, the busiest or one: those that nobody answered first."""
    hours = service_calls.by_hour(view)["hour"].to_list()
    bar = drilldown.bar()
    with bar:
        named = (service_call_rows.PEAK, service_call_rows.EVERY)
        names = {code: t(f"service_quality.calls.hours.{code}") for code in named}
        names |= {f"{hour}": f"{hour:02d}:00" for hour in hours}
        chosen = drilldown.pick(key, names, name="hours", width=220)
        sizes = service_call_rows.counted(view, chosen)
        groups = {
            name: counted(t(f"service_quality.calls.group.{name}"), sizes[name])
            for name in service_call_rows.GROUPS
        }
        group = drilldown.pick(key, groups)
    columns = [
        Column("made", t("column.date"), "moment"),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("answered", t("service_quality.calls.answered"), "flag"),
        Column("waited_seconds", t("service_quality.calls.waited"), "count"),
        Column("purpose", t("service_quality.calls.purpose"), "code"),
        Column("agent", t("service.column.agent")),
    ]
    found = service_call_rows.listed(view, chosen, group)
    told = partial(contact_named.told, view)
    by = (view, chosen, group)
    rows = Rows(found, by, told, contact_named.ASKED, contact_named.TOLD)
    drilldown.paged(rows, columns, key=key, alt=groups[group], size=drilldown.IN_DIALOG)
