"""Panels of the data-health page: the read, the tables, the door, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import data, i18n, panel, table
from dashboard.answers import data_health
from dashboard.i18n import t
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS

_AT_ONCE = 24  # rows; more scroll in their own panel
_MINUTES_FROM = 90  # seconds


def _height(frame: pl.DataFrame) -> int | None:
    return 420 if frame.height > _AT_ONCE else None


def lead(view: View, readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page: targets missed, and what was read."""
    verdicts = [KPIS[key].judge(each.value, each.baseline) for key, each in readings.items()]
    judged, missed = [each for each in verdicts if each != "neutral"], verdicts.count("bad")
    known = data_health.tables(view)
    caught = int(data_health.rejections(view)["rows"].sum())
    read = t(
        "data_health.lead" if caught else "data_health.lead_clean",
        rows=i18n.compact(float(known["read"].sum())),
        tables=i18n.part("data_health.tables_read", int(known["present"].sum()), known.height),
        caught=i18n.number(caught),
    )
    if not judged:
        return read
    told = {"missed": i18n.number(missed), "of": i18n.number(len(judged))}
    return t("data_health.targets" if missed else "data_health.targets_met", **told) + read


def source(view: View) -> None:
    """Where the data are from, and whether the last refresh failed."""
    shown = data_health.source(view)
    facts = {
        "read_at": i18n.moment(shown.read_at.astimezone(data.time_zone())),
        "version": shown.version,
        "url": shown.url,
        "size": t("data_health.megabytes", size=i18n.number(shown.bytes / 1e6, 1)),
    }
    cells = "".join(
        f"<div><dt>{escape(t(f'data_health.source.{name}'))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts.items()
    )
    with panel.panel("source", t("data_health.source.title"), t("data_health.source.subtitle")):
        st.html(f'<dl class="sl-facts">{cells}</dl>')
        if running := data.refresh_running():
            st.info(_running(running))
        if failure := data.refresh_failure():
            said = i18n.failure(failure["code"], failure["fields"])
            st.warning(t("header.refresh_failed", sentence=said))


def _running(refresh: Mapping[str, Any]) -> str:
    """How far a running refresh is."""
    rows, stage = i18n.number(refresh["rows"]), refresh["stage"]
    left = refresh.get("seconds_left")
    if left is None:
        return t(f"data_health.running.{stage}", rows=rows)
    unit, amount = ("minutes", left / 60) if left > _MINUTES_FROM else ("seconds", left)
    share = i18n.share(refresh["share"], 0)
    return t(f"data_health.running.{unit}", rows=rows, share=share, left=i18n.number(amount))


def tables(view: View) -> None:
    """Every contract table with its rows and until when it is complete."""
    frame = data_health.tables(view)
    columns = [
        Column("table", t("data_health.column.table")),
        Column("present", t("data_health.column.present"), "flag"),
        Column("read", t("data_health.column.read"), "count"),
        Column("admitted", t("data_health.column.admitted"), "count"),
        Column("turned_away", t("data_health.column.turned_away"), "count"),
        Column("orphans", t("data_health.column.orphans"), "count"),
        Column("grown", t("data_health.column.grown"), "count", sign=True),
        Column("latest_at", t("data_health.column.latest"), "moment"),
        Column("complete_until", t("data_health.column.complete_until"), "moment"),
        Column("silent_days", t("data_health.column.silent"), "days"),
    ]
    title = i18n.part("data_health.tables.title", int(frame["present"].sum()), frame.height)
    with panel.panel("tables", title, t("data_health.tables.subtitle"), data=(frame, columns)):
        table.show(frame, columns, alt=title, height=_height(frame))


def door(view: View) -> None:
    """What the checks at the door caught, and what was done with it."""
    frame = data_health.rejections(view)
    columns = [
        Column("table", t("data_health.column.table")),
        Column("column", t("data_health.column.column")),
        Column("rule", t("data_health.column.rule"), "code", "rule"),
        Column("action", t("data_health.column.action"), "code", "action"),
        Column("rows", t("data_health.column.rows"), "count"),
        Column("examples", t("data_health.column.examples")),
    ]
    rows = int(frame["rows"].sum())
    title = t(
        "data_health.door.title" if rows else "data_health.door.clean", rows=i18n.number(rows)
    )
    with panel.panel("door", title, t("data_health.door.subtitle"), data=(frame, columns)):
        if rows:
            table.show(frame, columns, alt=title, height=_height(frame))


def missing(view: View) -> None:
    """What the CRM does not have, and what that switches off."""
    frame = data_health.findings(view)
    said = frame.with_columns(
        off=pl.Series(
            [
                t("list.and").join(i18n.code("power", power) for power in powers) or i18n.DASH
                for powers in frame["powers"].to_list()
            ],
            dtype=pl.String,
        )
    )
    columns = [
        Column("table", t("data_health.column.table")),
        Column("column", t("data_health.column.column")),
        Column("code", t("data_health.column.finding"), "code", "finding"),
        Column("off", t("data_health.column.off")),
    ]
    key = "data_health.missing.title" if frame.height else "data_health.missing.none"
    title = t(key, n=i18n.number(frame.height))
    if frame.is_empty():
        with panel.panel("missing", title, t("data_health.missing.complete")):
            return
    with panel.panel("missing", title, t("data_health.missing.subtitle"), data=(said, columns)):
        if frame.height:
            table.show(said, columns, alt=title, height=_height(frame))
