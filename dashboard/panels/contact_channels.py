"""Panels of the contact page: touchpoints, and who answers where and when."""

from __future__ import annotations

from functools import partial
from html import escape

import polars as pl
import streamlit as st

from dashboard import address, i18n, panel, table, theme
from dashboard.answers import contact, contact_channels
from dashboard.charts import heat
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import contact_rows
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.contact.rule import level

_FEW = 20  # contacts; a cell that rests on fewer has no colour
_EVERY = 3  # hours between two that are named: a phone is narrow
_ALL = "all"


def touchpoints(view: View) -> None:
    """All touchpoints in one table, with the levels that the plans tell of some."""
    frame = contact_channels.touchpoints(view)
    planned = frame.filter(pl.col("planned"))
    connected = planned.filter(pl.col("connected")).height
    told = [_level(row["channel"]) for row in frame.iter_rows(named=True)]
    shown = frame.with_columns(level=pl.Series("level", told, dtype=pl.String))
    columns = [
        Column("channel", t("dimension.channel"), "code"),
        Column("connected", t("contact.column.connected"), "flag"),
        Column("volume", t("contact.column.volume"), "count"),
        Column("per_week", t("contact.column.per_week"), "points"),
        Column("per_day", t("contact.column.per_day"), "points"),
        Column("delivered_rate", t("contact.column.delivered"), "share"),
        Column("open_rate", t("contact.column.opened"), "share"),
        Column("click_rate", t("contact.column.clicked"), "share"),
        Column("response_rate", t("contact.column.answered"), "share"),
        Column("conversion_rate", t("contact.column.converted"), "share"),
        Column("unit_cost", t("contact.column.cost"), write=_cost),
        Column("level", t("contact.column.level")),
        Column("connected_on", t("contact.column.since"), "date"),
    ]
    title = t("contact.touchpoints.plain")
    if planned.height:
        title = i18n.part("contact.touchpoints", connected, planned.height)
    subtitle = t("contact.touchpoints.subtitle")
    keys = ("touchpoint_coverage", "sms_open_rate", "email_click_rate", "contact_cost")
    used = frame.filter(pl.col("volume") > 0)["channel"].to_list()
    rows = partial(contact_rows.touchpoints, view, channels=used) if used else None
    with panel.panel("touchpoints", title, subtitle, data=(shown, columns), kpis=keys, rows=rows):
        table.show(shown, columns, alt=title)


def _cost(value: float | None) -> str:
    own = settings()
    return i18n.money(
        value, scale=own.money_scale, currency=own.currency, compact=False, code=False, digits=2
    )


def _level(channel: str | None) -> str:
    """The reference level of a channel in words; a dash if no plan tells one."""
    for figure in ("per_week", "per_day", "open_rate", "click_rate", "active_share"):
        found = None if channel is None else level(channel, figure)
        if found is not None:
            rates = figure.endswith(("rate", "share"))
            value = i18n.share(found, 0) if rates else i18n.number(found)
            return t(f"contact.level.{figure}", value=value)
    return i18n.DASH


def matrix(view: View) -> None:
    """Who answers on which channel: response by segment, tier or region and channel."""
    address.seed_one("contact_matrix", contact.GROUPS, contact.GROUPS[0])
    dimension = str(st.session_state["contact_matrix"])
    frame = contact.matrix(view, dimension)
    enough = frame.filter(pl.col("judged") >= _FEW).drop_nulls(dimension)
    title = t("contact.matrix.plain")
    if enough.height > 1:
        best, worst = (
            enough.sort("share", descending=down).row(0, named=True) for down in (True, False)
        )
        title = t(
            "contact.matrix.title",
            **_pair("best", best, dimension),
            **_pair("worst", worst, dimension),
        )
    columns = [
        Column(dimension, t(f"dimension.{dimension}"), "code"),
        Column("channel", t("dimension.channel"), "code"),
        Column("judged", t("contact.column.judged"), "count"),
        Column("answered", t("contact.column.answers"), "count"),
        Column("share", t("contact.column.answered"), "share"),
        Column("share_low", t("column.low"), "share"),
        Column("share_high", t("column.high"), "share"),
    ]
    subtitle = t("contact.matrix.subtitle", n=i18n.number(frame["judged"].sum()), few=_FEW)
    with panel.panel(
        "matrix",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("contact_response", "contact_conversion"),
        rows=partial(contact_rows.matrix, view, dimension=dimension) if frame.height else None,
    ) as draw:
        choose(
            "contact_matrix",
            contact.GROUPS,
            default=contact.GROUPS[0],
            label=t("contact.by"),
            name=lambda code: t(f"dimension.{code}"),
        )
        groups = frame[dimension].unique(maintain_order=True).to_list()
        channels = frame["channel"].unique().sort(nulls_last=True).to_list()
        known = {(row[dimension], row["channel"]): row for row in frame.iter_rows(named=True)}
        cells = [
            [_cell(known.get((group, channel)), dimension) for channel in channels]
            for group in groups
        ]
        draw(
            heat.heat(
                [i18n.code(dimension, group) for group in groups],
                _in_turn([i18n.code("channel", channel) for channel in channels]),
                cells,
                theme.palette(),
                row=30,
                size=11,
            )
        )


def _in_turn(names: list[str]) -> list[str]:
    """Names above narrow columns, every second one a line higher."""
    return [f"{name}\n\N{NO-BREAK SPACE}" if at % 2 else name for at, name in enumerate(names)]


def _pair(name: str, row: dict[str, str], dimension: str) -> dict[str, str]:
    return {
        name: i18n.code(dimension, row[dimension]),
        f"{name}_on": i18n.code("channel", row["channel"]),
        f"{name}_share": i18n.share(float(row["share"]), 0),
    }


def _cell(row: dict[str, float] | None, dimension: str) -> heat.Cell | None:
    if row is None:
        return None
    told = t(
        "contact.matrix.hover",
        group=i18n.code(dimension, str(row[dimension]) if row[dimension] else None),
        channel=i18n.code("channel", str(row["channel"]) if row["channel"] else None),
        share=i18n.share(row["share"]),
        low=i18n.share(row["share_low"]),
        high=i18n.share(row["share_high"]),
        n=i18n.number(row["judged"]),
    )
    return heat.Cell(row["share"], i18n.share(row["share"], 0), told, row["judged"] < _FEW)


def hours(view: View) -> None:
    """When our contacts are answered: weekday by hour."""
    channels = [_ALL, *contact.channels(view)]
    address.seed_one("contact_hour", tuple(channels), _ALL)
    channel = str(st.session_state["contact_hour"])
    one = None if channel == _ALL else channel
    frame = contact.hours(view, one)
    enough = frame.filter(pl.col("judged") >= _FEW)
    title = t("contact.hours.plain")
    sure = enough.filter("surely")
    if enough.height and sure.is_empty():
        title = t("contact.hours.same")
    elif sure.height:
        best = sure.sort("share", descending=True).row(0, named=True)
        title = t(
            "contact.hours.title",
            day=i18n.code("weekday", str(best["weekday"])),
            hour=best["hour"],
            share=i18n.share(best["share"], 0),
        )
    columns = [
        Column(
            "weekday", t("contact.column.weekday"), write=lambda day: i18n.code("weekday", f"{day}")
        ),
        Column("hour", t("contact.column.hour"), "count"),
        Column("judged", t("contact.column.judged"), "count"),
        Column("answered", t("contact.column.answers"), "count"),
        Column("share", t("contact.column.answered"), "share"),
        Column("share_low", t("column.low"), "share"),
        Column("share_high", t("column.high"), "share"),
    ]
    subtitle = t("contact.hours.subtitle", n=i18n.number(frame["judged"].sum()), few=_FEW)
    rows = partial(contact_rows.hours, view, channel=one) if frame.height else None
    with panel.panel("hours", title, subtitle, data=(frame, columns), rows=rows) as draw:
        choose(
            "contact_hour",
            channels,
            default=_ALL,
            label=t("dimension.channel"),
            name=_channel,
        )
        if enough.is_empty():
            st.html(f'<div class="sl-sub">{escape(t("contact.hours.few", n=_FEW))}</div>')
            return
        drawn = enough["hour"].unique().sort().to_list()
        known = {(row["weekday"], row["hour"]): row for row in enough.iter_rows(named=True)}
        span = list(range(drawn[0], drawn[-1] + 1))
        cells = [[_hour(known.get((day, hour))) for hour in span] for day in range(1, 8)]
        draw(
            heat.heat(
                [i18n.code("weekday", str(day)) for day in range(1, 8)],
                [str(hour) if hour % _EVERY == 0 else "" for hour in span],
                cells,
                theme.palette(),
                bottom=None,
            )
        )


def _hour(row: dict[str, float] | None) -> heat.Cell | None:
    if row is None:
        return None
    told = t(
        "contact.hours.hover",
        day=i18n.code("weekday", str(row["weekday"])),
        hour=row["hour"],
        share=i18n.share(row["share"]),
        low=i18n.share(row["share_low"]),
        high=i18n.share(row["share_high"]),
        n=i18n.number(row["judged"]),
    )
    # a phone has no room for a number in each of 24 columns; pointing at a cell tells it
    text = "" if theme.is_narrow() else i18n.number(row["share"] * 100)
    return heat.Cell(row["share"], text, told)


def _channel(code: str) -> str:
    """A channel on a button; the CRM's own words are not obeyed as Markdown."""
    return t("contact.all") if code == _ALL else i18n.markdown(i18n.code("channel", code))
