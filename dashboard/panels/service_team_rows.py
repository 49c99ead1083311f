"""The agents behind the figures of an employer, and the attendances behind those of courses."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dashboard import drilldown, i18n
from dashboard.answers import service_team
from dashboard.drilldown import Rows, counted
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


def of_employer(view: View, key: str, *, agents: pl.DataFrame, columns: Sequence[Column]) -> None:
    """The agents of an employer, those with the most tickets first.

    Args:
        view: The view.
        key: Of the list.
        agents: All agents as they are shown, with vendor.
        columns: What is shown of them.
    """
    vendors = agents.group_by("vendor").len().sort("len", "vendor", descending=[True, False])
    own = t("service_team.employers.own")
    names = {vendor or "": counted(vendor or own, n) for vendor, n in vendors.iter_rows()}
    chosen = drilldown.pick(key, names, name="vendor")
    of = pl.col("vendor").fill_null("") == chosen
    rows = agents.lazy().filter(of).sort("tickets", "agent_id", descending=[True, False])
    shown = Rows(rows, (view, chosen))
    drilldown.paged(
        shown, columns, key=key, alt=names[chosen], size=drilldown.IN_DIALOG, identity=None
    )


def attendances(view: View, key: str) -> None:
    """Who attended which course: those who failed first."""
    counts = service_team.attendances(view)
    names = {
        result: counted(t(f"service_team.training.result.{result}"), counts[result])
        for result in service_team.RESULTS
    }
    result = drilldown.pick(key, names)
    columns = [
        Column("name", t("service.column.agent"), write=lambda name: name or i18n.DASH),
        Column("course", t("service_team.training.course"), "code"),
        Column("level", t("service_team.training.level"), "code", "training_level"),
        Column("held_on", t("column.date"), "date"),
    ]
    rows = Rows(service_team.attended(view, result), (view, result))
    drilldown.paged(
        rows, columns, key=key, alt=names[result], size=drilldown.IN_DIALOG, identity=None
    )
