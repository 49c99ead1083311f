"""How long customers stay, by group: curves, numbers at risk, restricted means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

import polars as pl
import streamlit as st

from dashboard import address, i18n, panel, table, theme
from dashboard.answers import casework, survival, survival_rows
from dashboard.answers.survival import Comparison
from dashboard.charts.survival import Curve, Ticks, kaplan_meier
from dashboard.choice import choose
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.panels import customer_list
from dashboard.table import Column
from dashboard.view import View

_ALL_STRONG = 3  # groups up to which every curve is drawn with its band
_ALPHA = 0.05
_TINY = 0.001
_ON_A_PHONE = 4  # ticks


def survival_by_group(view: View) -> None:
    """Kaplan–Meier curves by tier, segment or channel, with restricted means."""
    address.seed_one("risk_by", survival.DIMENSIONS, survival.DIMENSIONS[0])
    dimension = str(st.session_state["risk_by"])
    found = survival.comparison(view, dimension)
    title = title_of(found, dimension)
    subtitle = t(f"risk.survival.subtitle.{'tier' if dimension == 'tier' else 'other'}")
    if survival.is_narrowed(view):
        subtitle += t("risk.survival.without_outcomes")
    with panel.panel(
        "survival",
        title,
        subtitle,
        data=(found.curve, curve_columns(dimension)) if found else None,
        kpis=("year_survival",),
        rows=partial(_customers, view, dimension) if found else None,
    ) as draw:
        choose(
            "risk_by",
            survival.DIMENSIONS,
            default=survival.DIMENSIONS[0],
            label=t("risk.survival.by"),
            name=lambda code: t(f"dimension.{code}"),
        )
        if found is None:
            st.html(f'<div class="sl-sub">{escape(t("missing.too_short"))}</div>')
            return
        figure = kaplan_meier(curves(found, dimension), theme.palette(), ticks=ticks(found))
        draw(figure)
        table.show(found.means, mean_columns(found, dimension), alt=t("risk.survival.means"))
        st.html(f'<div class="sl-sub">{escape(_footnote(found))}</div>')


def _customers(view: View, dimension: str, key: str) -> None:
    """The customers of each curve."""
    found = survival.comparison(view, dimension)
    means = found.means.iter_rows(named=True) if found else ()
    sizes: dict[str, tuple[str | None, int]] = {
        row["group"] or "": (row["group"], row["customers"]) for row in means
    }
    state = casework.readable_state()
    customer_list.behind(
        key,
        view,
        {code: counted(i18n.code(dimension, name), n) for code, (name, n) in sizes.items()},
        lambda code: survival_rows.customers(view, dimension, sizes[code][0], state),
        Column("duration", t("risk.survival.lived"), "days"),
        Column("event", i18n.code("stage", "churned"), "flag"),
        also=(dimension, state),
        crm_owner=False,
    )


def title_of(found: Comparison | None, dimension: str) -> str:
    """What the curves say, in one line."""
    if found is None:
        return t("risk.survival.title.none")
    named = found.means.filter(pl.col("group").is_not_null() & pl.col("mean_days").is_not_null())
    if named.height < 2:
        return (
            t("risk.survival.title.one", share=i18n.share(found.means["after_year"][0]))
            if found.means["after_year"][0] is not None
            else t("risk.survival.title.none")
        )
    first, last = named.row(0, named=True), named.row(-1, named=True)
    gap = first["mean_days"] - last["mean_days"]
    high = last["difference_high"]
    if found.p_value is None or found.p_value >= _ALPHA or (high is not None and high >= 0):
        return t("risk.survival.title.same", dimension=t(f"dimension.{dimension}"))
    return t(
        "risk.survival.title.differ",
        first=i18n.code(dimension, first["group"]),
        last=i18n.code(dimension, last["group"]),
        days=i18n.number(gap),
        horizon=t(f"risk.horizon.{found.horizon}"),
    )


def curves(found: Comparison, dimension: str) -> list[Curve]:
    """The curves of a comparison, those that are told drawn strongly."""
    groups: list[str | None] = found.means["group"].to_list()
    late = dict(found.means.select("group", "is_late").iter_rows())
    told = [group for group in groups if group is not None and not late[group]] or groups
    curves: list[Curve] = []
    for group in groups:
        mine = pl.col("group").eq_missing(pl.lit(group, dtype=pl.String))
        rows, numbers = found.curve.filter(mine), found.numbers.filter(mine)
        name = i18n.code(dimension, group) + ("*" if late[group] else "")
        curves.append(
            Curve(
                name=name,
                days=rows["day"].to_list(),
                values=rows["survival"].to_list(),
                low=rows["low"].to_list(),
                high=rows["high"].to_list(),
                texts=[
                    t(
                        "risk.survival.hover",
                        group=name,
                        day=i18n.number(day),
                        share=i18n.share(value),
                        n=i18n.number(n),
                    )
                    for day, value, n in rows.select("day", "survival", "at_risk").iter_rows()
                ],
                at_risk=[i18n.compact(n) for n in numbers["at_risk"].to_list()],
                emphasis=_emphasis(group, told),
            )
        )
    return curves


def _emphasis(group: str | None, told: Sequence[str | None]) -> str:
    """Few groups are all strong; of many, the longest and the shortest stay."""
    strong = ("first", "second", "third")
    if group not in told:
        return "rest"
    place = told.index(group)
    if len(told) <= _ALL_STRONG:
        return strong[place]
    return {0: "first", len(told) - 1: "third"}.get(place, "rest")


def ticks(found: Comparison) -> Ticks:
    """The axis of months, with the customers at risk."""
    labels = [i18n.number(month) for _, month in found.ticks]
    labels[-1:] = [t("risk.survival.months", n=label) for label in labels[-1:]]  # a phone is narrow
    return Ticks(
        days=[day for day, _ in found.ticks],
        labels=labels,
        at_risk=t("risk.survival.at_risk"),
        every=every(found.ticks),
    )


def every(marked: Sequence[object]) -> int:
    """How many ticks one is written of: on a phone no more than four have room."""
    return 2 if theme.is_narrow() and len(marked) > _ON_A_PHONE else 1


def curve_columns(dimension: str) -> list[Column]:
    """The columns of the curves as a table."""
    return [
        Column("group", t(f"dimension.{dimension}"), "code", dimension),
        Column("day", t("risk.column.day"), "days"),
        Column("survival", t("risk.column.survival"), "share"),
        Column("low", t("column.low"), "share"),
        Column("high", t("column.high"), "share"),
        Column("at_risk", t("risk.survival.at_risk"), "count"),
    ]


def mean_columns(found: Comparison, dimension: str) -> list[Column]:
    """The columns of the restricted means."""
    columns = [
        Column("group", t(f"dimension.{dimension}"), "code", dimension),
        Column("customers", t("risk.column.customers"), "count"),
        Column("events", t("risk.column.events"), "count"),
        Column("after_year", t("risk.column.after_year"), "share"),
    ]
    if not found.horizon:
        return columns
    horizon = t(f"risk.horizon.{found.horizon}")
    return [
        *columns,
        Column("mean_days", t("risk.column.mean_days", horizon=horizon), "days"),
        Column("difference_range", t("risk.column.difference"), write=_range),
    ]


def _range(value: Mapping[str, float | None] | None) -> str:
    """A difference with its interval."""
    if value is None:
        return i18n.DASH
    return t(
        "risk.column.difference_range",
        **{name: i18n.number(number, sign=True) for name, number in value.items()},
    )


def _footnote(found: Comparison) -> str:
    text = t("risk.survival.definition")
    if found.means["is_late"].any():
        text += t("risk.survival.late")
    if found.p_value is not None:
        p = found.p_value
        told = t("risk.survival.tiny") if p < _TINY else f"= {i18n.number(p, 3)}"
        text += t("risk.survival.log_rank", p=told)
    return text
