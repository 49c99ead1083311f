"""Panels of the quality page: how long a list, how much of it was right; rules and model."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, i18n, panel, table, theme
from dashboard.answers import list_quality, model_quality, warnings
from dashboard.charts import list_size
from dashboard.charts.axes import Reference
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View
from metrics.churn.lead_time import LONG_DAYS
from metrics.churn.lists import MODEL, ORDERS
from metrics.churn.summary import at_risk_probability
from metrics.rules import load

_KEY = "list_size"


def seeded(view: View) -> int:
    """The length of list that the address asks for; 0 where there is no list."""
    options = tuple(map(str, list_quality.list_sizes(view)))
    address.seed_one(_KEY, options, str(list_quality.usual_size(view)))
    return int(st.session_state[_KEY])


def choose(view: View, size: int) -> None:
    """The lengths of list to choose from; cards and charts follow."""
    options = tuple(map(str, list_quality.list_sizes(view)))
    if len(options) < 2:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<div class="sl-sub">{t("quality.list.choose")}</div>', width="content")
        st.segmented_control(
            t("quality.list.choose"),
            options,
            format_func=lambda code: i18n.number(int(code)),
            required=True,
            key=_KEY,
            label_visibility="collapsed",
        )
    address.write(_KEY, str(size), default=str(list_quality.usual_size(view)))


def by_length(view: View, size: int) -> None:
    """Precision and recall against the length of the list, with the plans' figures as lines."""
    frame = list_quality.by_size(view)
    if frame.is_empty():
        panel.empty("no_list", t("quality.list.name"))
        return
    chosen = frame.filter(pl.col("size") == size).row(0, named=True)
    title = t(
        "quality.list.title",
        size=i18n.number(size),
        precision=i18n.share(chosen["precision"], 0),
        recall=i18n.share(chosen["recall"], 0),
    )
    tenth = i18n.share(list_quality.top_tenth(view), 0)
    subtitle = t("quality.list.subtitle", tenth=tenth, n=i18n.number(chosen["listed"]))
    columns = [
        Column("size", t("quality.column.size"), "count"),
        Column("precision", t("kpi.list_precision.label"), "share"),
        Column("precision_low", t("column.low"), "share"),
        Column("precision_high", t("column.high"), "share"),
        Column("recall", t("kpi.list_recall.label"), "share"),
        Column("lift", t("quality.column.lift"), "points"),
        Column("listed", t("quality.column.listed"), "count"),
        Column("caught", t("quality.column.caught"), "count"),
    ]
    kpis = ("list_precision", "list_recall")
    with panel.panel("by_length", title, subtitle, data=(frame, columns), kpis=kpis) as draw:
        draw(_curve(frame, size))


def _curve(frame: pl.DataFrame, size: int) -> Any:
    sizes: list[int] = frame["size"].to_list()
    plans: dict[str, float] = load("churn")["references"]
    words = {name: t(f"quality.plan.{name}", value=i18n.share(plans[name], 0)) for name in plans}
    return list_size.by_length(
        sizes,
        (_line(frame, "precision"), _line(frame, "recall")),
        theme.palette(),
        references=(
            Reference(plans["precision"], words["precision"]),
            Reference(plans["recall"], words["recall"], dashed=True),
        ),
        chosen=(size, t("quality.list.chosen", size=i18n.number(size))),
        axis=[(mark, i18n.compact(mark)) for mark in list_size.marks(sizes)],
        height=320,
    )


def _line(frame: pl.DataFrame, name: str) -> list_size.Line:
    label = t(f"quality.line.{name}")
    texts = [
        t("quality.list.hover", name=label, size=i18n.number(size), share=i18n.share(value))
        for size, value in frame.select("size", name).iter_rows()
    ]
    return list_size.Line(label, frame[name].to_list(), texts)


def by_order(view: View, size: int) -> None:
    """The list sorted by chance beside the one sorted by money, of everybody and of each tier."""
    if not size:
        return
    frame = list_quality.by_order(view, size)
    whole = frame.row(0, named=True)
    chance, money = (whole[f"{order}_money_recall"] for order in ORDERS)
    title = t(
        "quality.order.title",
        size=i18n.number(size),
        money=i18n.share(money, 0),
        chance=i18n.share(chance, 0),
    )
    named = frame.with_columns(name=pl.Series(list(map(_tier, frame["tier"])), dtype=pl.String))
    columns = [
        Column("name", t("quality.column.among")),
        Column("churned", t("quality.column.churned"), "count"),
    ]
    columns += [
        Column(f"{order}_{name}", t(f"quality.order.{order}.{name}"), "share")
        for order in ORDERS
        for name in ("precision", "recall", "money_recall")
    ]
    subtitle = t("quality.order.subtitle", size=i18n.number(size))
    with panel.panel("by_order", title, subtitle, data=(named, columns)):
        table.show(named, columns, alt=title)


def _tier(code: str | None) -> str:
    return t("quality.order.everybody") if code is None else i18n.code("tier", code)


def rules(view: View) -> None:
    """Each warning rule beside the model's list of the same length."""
    leads = list_quality.leads(view).filter(pl.col("origin").is_null())
    told = list_quality.rules(view).join(
        leads.select("level", "median_days", "long_share"), on="level", how="left"
    )
    frame = told.with_columns(name=pl.Series(list(map(_name, told["level"])), dtype=pl.String))
    columns = [
        Column("name", t("quality.column.list")),
        Column("flagged", t("quality.column.flagged"), "count"),
        Column("precision", t("quality.line.precision"), "share"),
        Column("model_precision", t("quality.column.model_precision"), "share"),
        Column("recall", t("quality.line.recall"), "share"),
        Column("model_recall", t("quality.column.model_recall"), "share"),
        Column("median_days", t("quality.column.lead"), "days"),
        Column("long_share", t("quality.column.long", days=LONG_DAYS), "share"),
    ]
    title = _rules_title(told)
    subtitle = t("quality.rules.subtitle")
    if "regime" in model_quality.groups(view):
        subtitle += t("quality.rules.no_lead", p=i18n.share(at_risk_probability(), 0))
    off = warnings.switched_off(view)
    if off:
        subtitle += _off(off)
    kpis = ("warning_lead", "customers_warned")
    with panel.panel("rules", title, subtitle, data=(frame, columns), kpis=kpis):
        table.show(frame, columns, alt=title)


def _off(levels: tuple[str, ...]) -> str:
    named = t("list.and").join(i18n.code("warning", level) for level in levels)
    return t("warnings.off", levels=named)


def _name(level: str) -> str:
    if level == MODEL:
        return t("quality.rule.model", p=i18n.share(at_risk_probability(), 0))
    rule = load("warnings").get(level, {})
    words = t(
        f"warnings.rule.{level}",
        n=rule.get("unanswered"),
        hours=24 * load("churn")["features"]["answer_days"],
        days=rule.get("days"),
        drop=i18n.share(rule.get("drop"), 0),
    )
    return t("quality.rule.level", level=i18n.code("warning", level), rule=words)


def _rules_title(told: pl.DataFrame) -> str:
    rules = told.filter(pl.col("level") != MODEL).drop_nulls("precision")
    better = int((rules["model_precision"] > rules["precision"]).sum())
    return i18n.part("quality.rules.title", better, rules.height)
