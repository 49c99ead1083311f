"""Panels of customer files: completeness by block, doubles, and the files to mend."""

from __future__ import annotations

from functools import partial

import polars as pl

from dashboard import drilldown, i18n, list_files, panel, table
from dashboard.answers import file_quality, file_rows
from dashboard.answers.file_rows import FAULTS, SEPARATOR
from dashboard.drilldown import Rows
from dashboard.i18n import t
from dashboard.list_files import ListFile
from dashboard.table import Column
from dashboard.view import View

_TARGET = 1.0  # of core data; the rules of the measure say so


def completeness(view: View) -> None:
    """How much of each block of the file is known."""
    frame = file_quality.completeness(view).with_columns(
        target=pl.when(pl.col("core")).then(pl.lit(_TARGET))
    )
    columns = [
        Column("block", t("files.block"), "code", "block"),
        Column("entry", t("files.entry"), "code", "entry"),
        Column("share", t("files.known"), "share"),
        Column("target", t("files.target"), "share", write=_whole),
        Column("missing", t("files.missing"), "count"),
        Column("n", t("files.n"), "count"),
    ]
    least = frame.filter(pl.col("core")).drop_nulls("share").sort("share").head(1)
    title = t("files.completeness.none")
    if least.height:
        row = least.row(0, named=True)
        title = t(
            "files.completeness.title",
            entry=i18n.code("entry", row["entry"]),
            share=i18n.share(row["share"]),
        )
    keys = ("complete_core", "orders_named", "complete_preferences")
    with panel.panel(
        "completeness", title, t("files.completeness.subtitle"), data=(frame, columns), kpis=keys
    ):
        table.show(frame, columns, alt=title)


def _whole(value: float | None) -> str:
    return i18n.DASH if value is None else i18n.share(value, 0)


def duplicates(view: View) -> None:
    """Who shares a phone number, an address or a name with somebody."""
    frame = file_quality.duplicates(view)
    columns = [
        Column("by", t("files.by"), "code", "double_by"),
        Column("groups", t("files.groups"), "count"),
        Column("customers", t("files.customers"), "count"),
        Column("share", t("files.share"), "share"),
    ]
    whole = frame.filter(pl.col("by") == "any").row(0, named=True)
    title = t(
        "files.duplicates.title" if whole["customers"] else "files.duplicates.none",
        n=i18n.number(whole["customers"]),
    )
    subtitle = t("files.duplicates.subtitle", n=i18n.number(whole["n"]))
    with panel.panel("duplicates", title, subtitle, data=(frame, columns), kpis=("one_file",)):
        table.show(frame, columns, alt=title)


def to_mend(view: View) -> None:
    """How many files have which fault, and which they are."""
    counts = file_rows.counts(view)
    frame = pl.DataFrame(
        [(group, n) for group, n in counts.items()],
        schema={"fault": pl.String, "customers": pl.Int64},
        orient="row",
    )
    columns = [
        Column("fault", t("files.fault"), "code", "fault_group"),
        Column("customers", t("files.customers"), "count"),
    ]
    most = max(counts, key=lambda group: counts[group])
    title = t("files.mend.none")
    if counts[most]:
        title = t(
            "files.mend.title",
            what=i18n.code("fault_group", most),
            n=i18n.number(counts[most]),
        )
    silent = i18n.number(file_quality.months("stale", "silent_months"))
    told = i18n.number(file_quality.months("stale", "unconfirmed_months"))
    subtitle = t("files.mend.subtitle", months=told, silent=silent)
    keys = ("valid_details", "stale_files", "consent_kept")
    with panel.panel(
        "mend",
        title,
        subtitle,
        data=(frame, columns),
        kpis=keys,
        rows=partial(_list, view) if counts[most] else None,
    ):
        table.show(frame, columns, alt=title)


def _list(view: View, key: str) -> None:
    """The files of a group, with masked details, to look through or to take away."""
    counts = file_rows.counts(view)
    groups = {
        group: drilldown.counted(i18n.code("fault_group", group), counts[group])
        for group in FAULTS
        if counts.get(group)
    }
    with drilldown.bar():
        group = drilldown.pick(key, groups)
    columns = _columns(group)
    rows = Rows(
        file_rows.listed(view, group),
        (view, group),
        beside=partial(file_rows.with_details, view),
        needs=("customer_id",),
        gives=file_rows.PERSONAL,
    )
    drilldown.paged(rows, columns, key=key, alt=groups[group], size=drilldown.IN_DIALOG)
    list_files.buttons(view, _file(view, group, columns))


def _columns(group: str) -> list[Column]:
    double = [Column("twin", t("files.twin"), "count")] if group == "double" else []
    return [
        Column("name", t("column.customer"), "customer"),
        Column("wrong", t("files.wrong"), write=_faults),
        *double,
        Column("phone", t("files.phone")),
        Column("email", t("files.email")),
        Column("confirmed_on", t("files.confirmed"), "date"),
        Column("contacts", t("files.contacts"), "count"),
        Column("revenue_12m", t("customer_list.revenue"), "money"),
        Column("owner", t("customer_list.crm_owner")),
    ]


def _faults(codes: str | None) -> str:
    told = (codes or "").split(SEPARATOR)
    return t("list.and").join(i18n.code("fault", code) for code in told if code)


def _file(view: View, group: str, columns: list[Column]) -> ListFile:
    """The whole group, masked as on screen."""

    def rows() -> pl.LazyFrame:
        listed = file_rows.listed(view, group).head(view.principal.exported_rows)
        return file_rows.with_details(view, listed)

    return ListFile(
        "data_health",
        i18n.code("fault_group", group),
        rows,
        columns,
        file_rows.counts(view)[group],
        table="customers",
        name=f"files_{group}",
    )
