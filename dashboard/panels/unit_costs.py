"""Panels of the return page: bots and people, cover by services of value, tiers, what if."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import address, data, i18n, kpi, panel, table, theme
from dashboard.answers import returns, returns_measures
from dashboard.answers import unit_costs as answers
from dashboard.charts import lines
from dashboard.i18n import t
from dashboard.panels.periods import target_lines, trend_of
from dashboard.settings import settings
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.returns import discounted
from metrics.rules import load

_RULE = load("returns")["what_if"]
_HUNDRED = 100


def costs(view: View) -> None:
    """A contact by a bot and by a person; labour covered by services of value."""
    known = data.present(view, answers.COSTS) and not answers.cost_months(view).is_empty()
    left, right = st.columns(2)
    with left:
        _contacts(view) if known else panel.empty("no_service_costs", t("returns.contacts.plain"))
    with right:
        _coverage(view) if known else panel.empty("no_service_costs", t("returns.coverage.plain"))


def _in_units(amount: float | None) -> str:
    return kpi.amount(None if amount is None else amount / 10 ** settings().money_scale)


def _contacts(view: View) -> None:
    scale = 10 ** settings().money_scale
    unit = pl.col("bot_unit_cost", "human_unit_cost") / scale
    frame = answers.cost_months(view).with_columns(unit)
    readings = returns_measures.headline(view)
    bot, human = (readings[key].value for key in ("bot_unit_cost", "human_unit_cost"))
    title = t("returns.contacts.plain")
    if bot is not None and human is not None:
        share = readings["bot_saving"].value
        told = {"bot": kpi.amount(bot), "human": kpi.amount(human)}
        less = i18n.share(None if share is None else -share, 0, sign=True)
        title = t("returns.contacts.title", share=less, **told)
    columns = [
        Column("bucket", t("column.period"), "month"),
        Column("bot_unit_cost", t("kpi.bot_unit_cost.label"), "figure", write=kpi.amount),
        Column("human_unit_cost", t("kpi.human_unit_cost.label"), "figure", write=kpi.amount),
        Column("saving", t("kpi.bot_saving.label"), "share"),
        Column("bot_contacts", t("returns.column.bot_contacts"), "count"),
        Column("human_contacts", t("returns.column.human_contacts"), "count"),
    ]
    keys = ("bot_unit_cost", "human_unit_cost", "bot_saving")
    subtitle = t("returns.contacts.subtitle")
    with panel.panel("contacts", title, subtitle, data=(frame, columns), kpis=keys) as draw:
        series = trend_of(frame, "bot_unit_cost", "month", kpi.amount)
        draw(
            lines.trend(
                series,
                theme.palette(),
                references=target_lines("bot_unit_cost"),
                tick_format=".2f",
                floor=0.0,
            )
        )


def _coverage(view: View) -> None:
    frame = answers.cost_months(view)
    found = returns_measures.headline(view)["value_added_coverage"].value
    labour = returns_measures.headline(view)["labour_month"].value
    title = t("returns.coverage.plain")
    if found is not None:
        title = t("returns.coverage.title", share=i18n.share(found), labour=kpi.money(labour))
    columns = [
        Column("bucket", t("column.period"), "month"),
        Column("coverage", t("kpi.value_added_coverage.label"), "share"),
        Column("value_added", t("returns.column.value_added"), "money"),
        Column("labour", t("returns.column.labour"), "money"),
    ]
    keys = ("value_added_coverage", "labour_month")
    subtitle = t("returns.coverage.subtitle")
    with panel.panel("coverage", title, subtitle, data=(frame, columns), kpis=keys) as draw:
        series = trend_of(frame, "coverage", "month", i18n.share)
        references = target_lines("value_added_coverage")
        palette = theme.palette()
        draw(lines.trend(series, palette, references=references, tick_format=".0%", floor=0.0))


def tiers(view: View) -> None:
    """What a customer of each tier costs to serve, beside what they bring."""
    frame = answers.to_serve(view)
    if frame.is_empty() or not frame["contacts"].sum():
        panel.empty("no_contact_costs", t("returns.tiers.plain"))
        return
    top = frame.row(0, named=True)
    title = t(
        "returns.tiers.title",
        tier=i18n.code("tier", top["tier"]),
        cost=_in_units(top["per_customer"]),
        share=i18n.share(top["share"], 2),
    )
    columns = [
        Column("tier", t("dimension.tier"), "code"),
        Column("customers", t("returns.column.customers"), "count"),
        Column("contacts", t("returns.column.contacts"), "count"),
        Column("per_customer", t("returns.column.per_customer"), "figure", write=_in_units),
        Column("revenue", t("returns.column.revenue"), "money"),
        Column(
            "share", t("returns.column.of_revenue"), "figure", write=partial(i18n.share, digits=2)
        ),
    ]
    keys = ("maintenance_cost", "acquisition_cost")
    readings = returns_measures.headline(view)
    kept, won = (kpi.value_text(KPIS[key], readings[key].value) for key in keys)
    subtitle = t("returns.tiers.subtitle", kept=kept, won=won)
    with panel.panel("to_serve", title, subtitle, data=(frame, columns), kpis=keys):
        table.show(frame, columns, alt=title)


def what_if(view: View) -> None:
    """What another retention would be worth; both ends stand in the address."""
    bounds = (int(_RULE["lowest"]), int(_RULE["highest"]))
    usual = (int(_RULE["before"]), int(_RULE["after"]))
    before, after = address.seed_range("retention", *bounds, usual)
    found, margin, customers = answers.raised(view, before, after)
    cost = discounted(returns.flow(view)).cost
    each = None if margin is None else margin * (found.after - found.before)
    gain = None if each is None else each * customers
    rows = [
        ("discounted", i18n.share(found.change, sign=True)),
        ("formula", i18n.share(found.by_formula, sign=True)),
        ("each", kpi.money(each, sign=True, compact=False)),
        ("all", kpi.money(gain, sign=True)),
        ("per_cost", i18n.number(gain / cost if gain is not None and cost else None, 2, sign=True)),
    ]
    frame = pl.DataFrame(
        {"what": [t(f"returns.what_if.{key}", n=i18n.number(customers)) for key, _ in rows],
         "value": [value for _, value in rows]}
    )  # fmt: skip
    columns = [
        Column("what", t("returns.column.what")),
        Column("value", t("returns.column.value"), "figure"),
    ]
    told = {"before": i18n.share(before / _HUNDRED, 0), "after": i18n.share(after / _HUNDRED, 0)}
    title = t("returns.what_if.title", change=i18n.share(found.change, sign=True), **told)
    subtitle = t("returns.what_if.subtitle", rate=i18n.share(load("returns")["discount_rate"], 0))
    with panel.panel("what_if", title, subtitle, data=(frame, columns), kpis=("clv",)):
        st.slider(t("returns.what_if.choose"), *bounds, key="retention", format="%d%%")
        usual_one = (before, after) == usual
        address.write("retention", *(() if usual_one else (str(before), str(after))))
        table.show(frame, columns, alt=title)
        if found.quoted_at is not None:
            quoted = i18n.share(_RULE["quoted"], 0, sign=True)
            note = t("returns.what_if.quoted", quoted=quoted, cost=i18n.share(found.quoted_at, 0))
            st.caption(i18n.markdown(note))
