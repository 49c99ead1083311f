"""Where the risk lies: expected churners and revenue at risk by group, a click from the list."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel
from dashboard.answers import churn_risk, churn_segments
from dashboard.answers.churn_segments import DIMENSIONS
from dashboard.i18n import t
from dashboard.strays import set_aside
from dashboard.table import Column, choose
from dashboard.view import View

_BY = "risk_segments"
_SHOWN = 12
_GROUP = "_group"  # the place of a row


def segments(view: View) -> None:
    """Expected churn by tier, segment and region; picking a group narrows the page to it."""
    if not churn_risk.is_scored(view):
        return
    address.seed_many(_BY, DIMENSIONS, default=DIMENSIONS[:1])
    by = tuple(name for name in DIMENSIONS if name in st.session_state[_BY])
    rows = churn_segments.segments(view, by)
    title = _title(rows, by)
    data = (_written(rows), _columns(by, intervals=True))
    with panel.panel("segments", title, t("risk.segments.subtitle"), data=data) as _:
        st.pills(
            t("risk.segments.by"),
            DIMENSIONS,
            format_func=lambda name: t(f"dimension.{name}"),
            selection_mode="multi",
            key=_BY,
            label_visibility="collapsed",
        )
        address.write(_BY, *(by if by != DIMENSIONS[:1] else ()))
        if rows.is_empty():
            st.html(f'<div class="sl-sub">{t("list.empty")}</div>')
            return
        known, left_out = set_aside(rows, by, "scored")
        shown = _written(known).head(_SHOWN)
        picked = choose(
            shown,
            _columns(by, intervals=False),
            key=f"segments_{shown.hash_rows(seed=1).sum()}",
            identity=_GROUP,
            alt=title,
        )
        st.html(f'<div class="sl-sub">{_footnote(known.height)}{left_out}</div>')
        if picked is not None:
            _narrow(known.row(int(picked), named=True), by)


def _written(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their place, and each interval as one value."""
    return rows.with_row_index(_GROUP).with_columns(
        churners_range=pl.struct("churners", "churners_low", "churners_high"),
        revenue_range=pl.struct("revenue_at_risk", "revenue_at_risk_low", "revenue_at_risk_high"),
    )


def _title(rows: pl.DataFrame, by: tuple[str, ...]) -> str:
    if rows.height < 2:
        return t("risk.segments.plain")
    first, whole = rows.row(0, named=True), rows["revenue_at_risk"].sum()
    if not whole:
        return t("risk.segments.plain")
    return t(
        "risk.segments.title",
        group=_group(first, by),
        share=i18n.share(first["revenue_at_risk"] / whole, 0),
    )


def _group(row: dict[str, str | None], by: tuple[str, ...]) -> str:
    return " · ".join(i18n.code(name, row[name]) for name in by)


def _columns(by: tuple[str, ...], *, intervals: bool) -> list[Column]:
    names = [Column(name, t(f"dimension.{name}"), "code") for name in by]
    if intervals:
        measures = [
            Column("scored", t("risk.segments.scored"), "count"),
            Column("may_churn", t("risk.segments.may_churn"), "count"),
            Column("churners", t("risk.segments.churners"), "points"),
            Column("churners_low", t("risk.segments.churners_low"), "points"),
            Column("churners_high", t("risk.segments.churners_high"), "points"),
            Column("revenue_at_risk", t("risk.column.revenue_at_risk"), "money"),
            Column("revenue_at_risk_low", t("risk.segments.revenue_low"), "money"),
            Column("revenue_at_risk_high", t("risk.segments.revenue_high"), "money"),
            Column("revenue", t("risk.column.value"), "money"),
        ]
        return [*names, *measures]
    return [
        *names,
        Column("scored", t("risk.segments.scored"), "count"),
        Column("churn_share", t("risk.segments.churn_share"), "share_bar"),
        Column("churners_range", t("risk.segments.churners"), write=_churners),
        Column("revenue_share", t("risk.segments.revenue_share"), "share_bar"),
        Column("revenue_range", t("risk.column.revenue_at_risk"), write=_revenue),
    ]


def _churners(row: dict[str, float]) -> str:
    return t(
        "risk.segments.range",
        value=i18n.number(row["churners"]),
        low=i18n.number(row["churners_low"]),
        high=i18n.number(row["churners_high"]),
    )


def _revenue(row: dict[str, float]) -> str:
    return t(
        "risk.segments.range",
        value=kpi.money(row["revenue_at_risk"]),
        low=kpi.money(row["revenue_at_risk_low"]),
        high=kpi.money(row["revenue_at_risk_high"]),
    )


def _footnote(groups: int) -> str:
    text = t("risk.segments.note")
    if groups > _SHOWN:
        text += t("risk.segments.more", n=_SHOWN, groups=i18n.number(groups))
    return text


def _narrow(row: dict[str, str | None], by: tuple[str, ...]) -> None:
    """Narrow the page to a group, as if its filters had been chosen; to an unknown one nothing can.

    The address is what the filters begin with in the run that follows.
    """
    wanted = {name: [str(row[name])] for name in by if row[name] is not None}
    narrowed = all(st.query_params.get_all(name) == values for name, values in wanted.items())
    if len(wanted) < len(by) or narrowed:
        return
    st.query_params.update({**wanted, "risk_page": "1"})
    st.rerun()
