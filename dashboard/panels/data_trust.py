"""Panels of audits, accounts and reviews: right, matched, held in time."""

from __future__ import annotations

from functools import partial

import polars as pl

from dashboard import data, drilldown, i18n, panel, table
from dashboard.answers import data_trust, file_quality, file_rows
from dashboard.drilldown import Rows
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS

_ACCURACY = ("data_accuracy", "profile_accuracy", "data_consistency")


def accuracy(view: View) -> None:
    """How many of the audited entries were right, by block."""
    if not data.present(view, "profile_audits"):
        panel.empty("no_audits", t("audits.name"))
        return
    frame = table.told(
        data_trust.accuracy(view), interval=lambda row: i18n.shares(row["low"], row["high"])
    )
    columns = [
        Column("block", t("files.block"), "code", "block"),
        Column("accurate", t("audits.accurate"), "share"),
        Column("interval", t("audits.interval"), "figure"),
        Column("consistent", t("audits.consistent"), "share"),
        Column("n", t("files.n"), "count"),
    ]
    n = int(frame["n"].sum())
    title = t("audits.none")
    if n:
        worst = frame.drop_nulls("accurate").sort("accurate").row(0, named=True)
        title = t(
            "audits.title",
            block=i18n.code("block", worst["block"]),
            share=i18n.share(worst["accurate"]),
        )
    months = i18n.number(file_quality.months("audits"))
    subtitle = t("audits.subtitle", n=i18n.number(n), months=months)
    with panel.panel(
        "audits",
        title,
        subtitle,
        data=(frame, columns),
        kpis=_ACCURACY,
        rows=partial(_wrong, view) if n else None,
    ):
        table.show(frame, columns, alt=title)


def _wrong(view: View, key: str) -> None:
    """The entries that were found wrong."""
    columns = [
        Column("name", t("column.customer"), "customer"),
        Column("block", t("files.block"), "code", "block"),
        Column("entry", t("files.entry"), "code", "entry"),
        Column("audited_on", t("audits.day"), "date"),
    ]
    rows = Rows(file_rows.wrong_entries(view), (view, "audits"))
    drilldown.paged(rows, columns, key=key, alt=t("audits.name"), size=drilldown.IN_DIALOG)


def accounts(view: View) -> None:
    """On which own channels we know whose the accounts are."""
    frame = data_trust.accounts(view)
    if frame.is_empty():
        panel.empty("no_accounts", t("accounts.name"))
        return
    target = KPIS["connectivity"].target
    level = None if target is None else target.value
    columns = [
        Column("channel", t("accounts.channel"), "code", "own_channel"),
        Column("share", t("accounts.share"), "share"),
        Column("matched", t("accounts.matched"), "count"),
        Column("accounts", t("accounts.accounts"), "count"),
    ]
    below = frame.filter(pl.col("share") < level).height if level is not None else 0
    title = t("accounts.title", below=i18n.number(below), n=i18n.number(frame.height))
    subtitle = t("accounts.subtitle", target=i18n.share(level, 0))
    with panel.panel("accounts", title, subtitle, data=(frame, columns), kpis=("connectivity",)):
        table.show(frame, columns, alt=title)


def reviews(frame: pl.DataFrame, words: str) -> tuple[list[Column], dict[str, str]]:
    """Columns of a table of what was due and held, and the counts of its title in words."""
    columns = [
        Column("kind", t("reviews.kind"), "code", words),
        *(
            Column(name, t(f"reviews.{name}"), "count")
            for name in ("due", "on_time", "late", "missed")
        ),
        Column("last_held_on", t("reviews.last"), "date"),
        Column("next_due_on", t("reviews.next"), "date"),
    ]
    sums = {name: int(frame[name].sum()) for name in ("due", "late", "missed")}
    return columns, {name: i18n.number(count) for name, count in sums.items()}


def governance(view: View) -> None:
    """What was due, and whether it was held in time."""
    frame = data_trust.governance(view)
    if frame.is_empty():
        panel.empty("no_governance", t("reviews.name"))
        return
    columns, told = reviews(frame, "review")
    title = t("reviews.title", **told)
    subtitle = t("reviews.subtitle", months=i18n.number(file_quality.months("governance")))
    keys = ("governance_on_time", "privacy_audits")
    with panel.panel("reviews", title, subtitle, data=(frame, columns), kpis=keys):
        table.show(frame, columns, alt=title)
