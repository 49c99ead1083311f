"""Panels of the page of care: which promised touches are made in time, and what is open."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl
import streamlit as st

from dashboard import i18n, panel, theme
from dashboard.answers import care
from dashboard.charts import bars, lines, parts
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import care_rows
from dashboard.panels.periods import trend_of
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.touches import JUDGED, touches

_OWNERS = 8  # on screen; the table has all


def lead(view: View, readings: Mapping[str, Reading]) -> str:
    """The sentence the page begins with."""
    if not care.recorded(view):
        return t("care.nothing")
    overdue, due = (i18n.number(readings[f"touches_{state}"].value) for state in ("overdue", "due"))
    found, kinds = care.in_period(view), care.by_touch(view)
    if found.value is None:
        return t("care.lead.open", overdue=overdue, due=due)
    worst = kinds.row(0, named=True)
    return t(
        "care.lead.one" if kinds.height == 1 else "care.lead.some",
        share=i18n.share(found.value, 0),
        n=i18n.number(found.n),
        worst=name(worst["touch"]),
        value=i18n.share(worst["on_time"], 0),
        overdue=overdue,
        due=due,
    )


def name(code: str) -> str:
    """A touch in words."""
    return t(f"care.touch.{code}")


def _limit(code: str) -> str:
    """What is asked for and until when, in words."""
    touch = next(each for each in touches() if each.code == code)
    hours = touch.hours or 0
    return t(f"care.limit.{code}", hours=hours, days=hours // 24)


def counts() -> list[Column]:
    """The columns of counts and shares in a table of touches."""
    return [
        Column("on_time", t("care.column.on_time"), "share"),
        Column("on_time_low", t("column.low"), "share"),
        Column("on_time_high", t("column.high"), "share"),
        Column("judged", t("care.column.judged"), "count"),
        *(Column(state, t(f"care.state.{state}"), "count") for state in JUDGED),
        Column("tried_share", t("care.column.tried"), "share"),
    ]


def by_touch(view: View) -> None:
    """Every touch of the period, least in time first."""
    frame = care.by_touch(view)
    if frame.is_empty():
        panel.empty("no_touches", t("care.by_touch.plain"))
        return
    worst = frame.row(0, named=True)
    title = t(
        "care.by_touch.title", worst=name(worst["touch"]), share=i18n.share(worst["on_time"], 0)
    )
    names = [name(code) for code in frame["touch"]]
    limits = [_limit(code) for code in frame["touch"]]
    twin = frame.with_columns(pl.Series("name", names), pl.Series("limit", limits))
    columns = [Column("name", t("care.column.touch")), Column("limit", t("care.column.limit"))]
    subtitle = t("care.by_touch.subtitle", n=i18n.number(frame["judged"].sum()))
    kpis = [f"{code}_on_time" for code in frame["touch"]]
    behind = partial(care_rows.by_touch, view)
    with panel.panel(
        "touches", title, subtitle, data=(twin, [*columns, *counts()]), kpis=kpis, rows=behind
    ) as draw:
        shown = [
            bars.Bar(
                f"{row['name']}\n{row['limit']}",
                row["on_time"],
                t("care.bar", share=i18n.share(row["on_time"]), n=i18n.compact(row["judged"])),
                low=row["on_time_low"],
                high=row["on_time_high"],
            )
            for row in twin.iter_rows(named=True)
        ]
        draw(bars.horizontal(shown, theme.palette(), top=1.0, row=44))


def choose_touch(view: View) -> str:
    """The touch of the trend, kept in the address."""
    codes = care.recorded(view)
    return choose("touch", codes, default=codes[0], label=t("care.choose"), name=name)


def trend(view: View, code: str) -> None:
    """One touch by month of its limit, with interval."""
    frame = care.over_time(view, code)
    known = frame.filter(pl.col("on_time").is_not_null())
    if known.is_empty():
        panel.empty("no_touches", name(code))
        return
    last = known.row(-1, named=True)
    title = t(
        "care.trend.title",
        touch=name(code),
        share=i18n.share(last["on_time"], 0),
        month=i18n.month(last["bucket"]),
    )
    subtitle = t("care.trend.subtitle", limit=_limit(code), n=i18n.number(known["judged"].sum()))
    columns = [Column("bucket", t("care.column.month"), "month"), *counts()]
    with panel.panel(
        "touch_trend",
        title,
        subtitle,
        data=(frame, columns),
        kpis=(f"{code}_on_time",),
        rows=partial(care_rows.trend, view, code=code),
    ) as draw:
        figure = lines.trend(
            trend_of(frame, "on_time", "month", i18n.share),
            theme.palette(),
            tick_format=".0%",
            floor=0.0,
            ceiling=1.0,
        )
        draw(figure)


def by_owner(view: View) -> None:
    """What is open now, by the owners of the customers."""
    frame = care.by_owner(view)
    if frame.is_empty():
        panel.empty("nothing_open", t("care.by_owner.plain"))
        return
    told = [care_rows.owner(view, owner) for owner in frame["owner_id"]]
    twin = frame.with_columns(pl.Series("owner", told), open=pl.col("overdue") + pl.col("due"))
    late = int((frame["overdue"] > 0).sum())
    title = t(
        "care.by_owner.title" if late else "care.by_owner.none",
        n=i18n.number(frame["overdue"].sum()),
        owners=late,
    )
    more = frame.height - _OWNERS
    subtitle = t("care.by_owner.subtitle", moment=i18n.day(care.today(view)))
    if more > 0:
        subtitle = t("lifecycle.and").join([subtitle, t("care.by_owner.more", n=more)])
    columns = [
        Column("owner", t("dimension.owner_id")),
        Column("overdue", t("care.state.overdue"), "count"),
        Column("due", t("care.state.due"), "count"),
    ]
    with panel.panel(
        "touch_owners",
        title,
        subtitle,
        data=(twin, columns),
        kpis=("touches_overdue", "touches_due"),
        rows=partial(care_rows.by_owner, view),
    ) as draw:
        shown = [
            parts.Whole(
                row["owner"],
                row["open"],
                row["overdue"],
                t(
                    "care.by_owner.bar",
                    overdue=i18n.number(row["overdue"]),
                    due=i18n.number(row["due"]),
                ),
            )
            for row in twin.head(_OWNERS).iter_rows(named=True)
        ]
        draw(parts.parts(shown, theme.palette()))


def elsewhere() -> None:
    """Where the touches are that have a page of their own."""
    st.html(f'<div class="sl-sub">{t("care.elsewhere")}</div>')
