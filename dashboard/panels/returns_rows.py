"""The rows behind the return: recorded benefits, in a dialog."""

from __future__ import annotations

import polars as pl

from dashboard import drilldown, i18n
from dashboard.answers import returns
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View

_ALL = "all"


def benefits(view: View, key: str) -> None:
    """The records of benefit, of all subjects or of one."""
    known = returns.modules(view).filter(pl.col("benefit") != 0)["subject"].to_list()
    words = {_ALL: t("returns.rows.all"), **{each: i18n.code("subject", each) for each in known}}
    with drilldown.bar():
        subject = drilldown.pick(key, words)
    columns = [
        Column("earned_on", t("column.date"), "date"),
        Column("subject", t("budget.column.subject"), "code"),
        Column("driver", t("returns.column.driver"), "code", "driver_of_benefit"),
        Column("amount", t("returns.column.benefit"), "money"),
        Column("method", t("returns.column.method")),
    ]
    drilldown.paged(
        drilldown.Rows(
            returns.records(view, None if subject == _ALL else subject), (view, subject)
        ),
        columns,
        key=key,
        alt=t("returns.rows.title"),
        size=drilldown.IN_DIALOG,
        identity=None,
    )
