"""The risk list as a file: its columns, and what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from dashboard.answers import churn_list
from dashboard.answers.churn_list import Choice
from dashboard.i18n import t
from dashboard.list_files import ListFile
from dashboard.panels import churn_chips, churn_columns, churn_definition
from dashboard.table import Column
from dashboard.view import View

_ALWAYS = (
    *("warning", "p30", "p60", "p90", "revenue_at_risk", "revenue_12m"),
    *("silent_days", "usual_gap_days", "tau_days", "tier", "stage", "segment", "region"),
    *("owner", "last_contact_on", "open_tickets", "last_nps"),
)


def file(view: View, choice: Choice, shown: Sequence[Column], title: str) -> ListFile:
    """The list as chosen, with the columns shown and those that it needs off the screen."""
    total, _, _ = churn_list.totals(view, choice)
    return ListFile(
        "churn_risk",
        title,
        partial(churn_list.listed, view, choice),
        columns(shown),
        total,
        chosen={each.name: each.words for each in churn_chips.active(choice)},
        more=[
            (t("risk.export.sort"), t(f"risk.sort.{choice.sort}")),
            (t("risk.definition.label"), churn_definition.rule(view)),
        ],
        name=choice.kind,
    )


def columns(shown: Sequence[Column]) -> list[Column]:
    """Those of the screen, and what a list that leaves the screen needs besides."""
    offered = churn_columns.every("risk")
    more = [Column("customer_id", t("list_file.customer_id")), *(offered[name] for name in _ALWAYS)]
    # two numbers in one cell are none: they have columns of their own
    known = {column.name: column for column in shown if column.name != "reason_rhythm"}
    added = [column for column in more if column.name not in known]
    return [_alone(column) for column in (added[0], *known.values(), *added[1:])]


def _alone(column: Column) -> Column:
    """A column as it is headed where no title stands above it."""
    if column.name not in ("p30", "p60", "p90"):
        return column
    return replace(column, heading=t(f"risk.export.{column.name}"))
