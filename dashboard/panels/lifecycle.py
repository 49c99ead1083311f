"""Panels of the lifecycle page: stages, the funnel of repeat orders, the customers of a stage."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboard import drilldown, i18n, panel, theme
from dashboard.answers import lifecycle
from dashboard.charts import bars
from dashboard.charts import funnel as funnels
from dashboard.i18n import t
from dashboard.panels import customer_list, lifecycle_rows, untold
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics import rules
from metrics.catalog import KPIS
from metrics.lifecycle import STAGES

_JUDGED = {"warning": "watch", "churned": "bad", "won_back": "good"}
_KEY = "lifecycle"
_FIRST = "warning"  # shown first: whom one can still keep


def any_customer(view: View) -> bool:
    """Whether anybody ever bought; else there is nothing to draw below the cards."""
    return bool(lifecycle.stages(view)["customers"].sum())


def lead(view: View, readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    if not any_customer(view):
        return untold.sentence("active_customers", readings["active_customers"])
    counts = dict(lifecycle.stages(view).select("stage", "customers").rows())
    value, target = readings["annual_retention"].value, KPIS["annual_retention"].target
    words = {name: i18n.number(counts[name]) for name in ("warning", "churned")}
    if value is None or target is None:
        return t(
            "lifecycle.lead.unknown",
            active=i18n.number(readings["active_customers"].value),
            **words,
        )
    return t(
        "lifecycle.lead.met" if value >= target.value else "lifecycle.lead.missed",
        retention=i18n.share(value),
        target=i18n.share(target.value, 0),
        gap=i18n.number(abs(value - target.value) * 100, 1),
        **words,
    )


def stages(view: View) -> None:
    """Customers by stage today, in the order of a customer's life."""
    frame = lifecycle.stages(view)
    rows = {row["stage"]: row for row in frame.iter_rows(named=True)}
    title = t(
        "lifecycle.stages.title",
        churned=i18n.share(rows["churned"]["share"]),
        warning=i18n.share(rows["warning"]["share"]),
    )
    subtitle = t("lifecycle.stages.subtitle", n=i18n.number(frame["customers"].sum()))
    if view.without("stage") != view:
        subtitle = t("lifecycle.and").join([subtitle, t("lifecycle.not_by_stage")])
    columns = [
        Column("stage", t("dimension.stage"), "code"),
        Column("customers", t("lifecycle.customers"), "count"),
        Column("share", t("column.share"), "share"),
    ]
    with panel.panel(
        "stages",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("churned_customers",),
        rows=partial(lifecycle_rows.stages, view),
    ) as draw:
        drawn = [_stage_bar(rows[stage]) for stage in STAGES]
        figure = bars.horizontal(drawn, theme.palette(), row=36)
        draw(figure)
        _definitions()


def _stage_bar(row: Mapping[str, Any]) -> bars.Bar:
    return bars.Bar(
        i18n.code("stage", row["stage"]),
        row["customers"],
        t(
            "lifecycle.stages.bar",
            n=i18n.number(row["customers"]),
            share=i18n.share(row["share"]),
        ),
        _JUDGED.get(row["stage"], "accent"),
    )


def _definitions() -> None:
    """How each stage is defined, with the numbers of the rule."""
    read, churn = rules.load("lifecycle"), rules.load("churn")["definition"]
    numbers = {
        "new": read["stages"]["new_months"],
        "existing": read["stages"]["existing_months"],
        "gaps": i18n.number(read["warning"]["silence_times"]),
        "back": read["won_back"]["within_days"],
        **{name: i18n.number(churn[name]) for name in ("times", "floor_days", "cap_days")},
    }
    said = [
        f"**{i18n.markdown(i18n.code('stage', stage))}** "
        + i18n.markdown(t(f"lifecycle.stage.{stage}", **numbers))
        for stage in STAGES
    ]
    st.caption(" · ".join(said))


def funnel(view: View) -> None:
    """First, second, third order of the customers won in the period."""
    frame = lifecycle.steps(view)
    second = frame.row(1, named=True)
    known = second["conversion"] is not None
    key = "title" if known else "young" if second["previous"] else "nobody"
    title = t(f"lifecycle.funnel.{key}", share=i18n.share(second["conversion"]))
    parts = [t("lifecycle.funnel.subtitle", n=i18n.number(frame["customers"][0]))]
    if lifecycle.begins_early(view):
        parts.append(t("lifecycle.funnel.early"))
    if lifecycle.judged(view) != view:
        parts.append(t("lifecycle.not_filtered"))
    subtitle = t("lifecycle.and").join(parts)
    columns = [
        Column("name", t("lifecycle.funnel.step")),
        Column("customers", t("lifecycle.customers"), "count"),
        Column("ever_share", t("lifecycle.funnel.ever"), "share"),
        Column("judged", t("lifecycle.funnel.judged"), "count"),
        Column("converted", t("lifecycle.funnel.converted"), "count"),
        Column("conversion", t("lifecycle.funnel.conversion"), "share"),
        Column("conversion_low", t("column.low"), "share"),
        Column("conversion_high", t("column.high"), "share"),
        Column("median_days", t("lifecycle.funnel.median"), "days"),
        Column("too_young", t("lifecycle.funnel.too_young"), "count"),
    ]
    names = [t(f"lifecycle.funnel.{step}") for step in frame["step"].to_list()]
    twin = frame.with_columns(pl.Series("name", names, pl.String))
    with panel.panel(
        "funnel",
        title,
        subtitle,
        data=(twin, columns),
        kpis=("second_order_conversion", "new_customers"),
        rows=partial(lifecycle_rows.funnel, view),
    ) as draw:
        figure = funnels.steps(
            [_step(row) for row in twin.iter_rows(named=True)], theme.palette(), row=94
        )
        draw(figure)


def _step(row: Mapping[str, Any]) -> funnels.Step:
    reached = i18n.number(row["customers"])
    if row["previous"] is None:
        return funnels.Step(row["name"], row["customers"], reached)
    key = "between" if row["conversion"] is not None else "between_young"
    return funnels.Step(
        row["name"],
        row["customers"],
        t("lifecycle.funnel.reached", n=reached, share=i18n.share(row["ever_share"])),
        t(
            f"lifecycle.funnel.{key}",
            conversion=i18n.share(row["conversion"]),
            judged=i18n.number(row["judged"]),
            days=i18n.number(row["median_days"]),
            too_young=i18n.number(row["too_young"]),
        ),
    )


def waits(view: View) -> None:
    """Share with a second order after 30, 60, 90 and 180 days."""
    frame = lifecycle.waits(view)
    known = frame.filter(pl.col("share").is_not_null())
    if known.is_empty():
        panel.empty("too_young", t("kpi.second_order_conversion.label"))
        return
    last = known.row(-1, named=True)
    title = t("lifecycle.waits.title", share=i18n.share(last["share"]), days=last["days"])
    subtitle = t("lifecycle.waits.subtitle", n=i18n.number(last["customers"]))
    if lifecycle.judged(view) != view:
        subtitle = t("lifecycle.and").join([subtitle, t("lifecycle.not_filtered")])
    columns = [
        Column("days", t("lifecycle.waits.days"), "days"),
        Column("share", t("lifecycle.waits.share"), "share"),
        Column("before", t(f"lifecycle.waits.before_{view.comparison}"), "share"),
        Column("converted", t("lifecycle.funnel.converted"), "count"),
        Column("watched", t("lifecycle.waits.watched"), "count"),
        Column("customers", t("lifecycle.customers"), "count"),
    ]
    with panel.panel(
        "waits",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("second_order_conversion",),
        rows=partial(lifecycle_rows.waits, view),
    ) as draw:
        figure = funnels.waits(
            [t("lifecycle.waits.after", days=days) for days in frame["days"].to_list()],
            frame["share"].to_list(),
            [i18n.share(share) for share in frame["share"].to_list()],
            theme.palette(),
            before=frame["before"].to_list(),
            before_text=t(f"lifecycle.waits.before_{view.comparison}"),
        )
        draw(figure)


def customers(view: View) -> None:
    """The customers of one stage, or of a card; a row opens the customer."""
    groups = lifecycle_rows.of_page(view)
    with panel.panel("stage_customers", t("lifecycle.list.title"), t("lifecycle.list.subtitle")):
        with st.container(horizontal=True, gap="small"):
            group = drilldown.pick(_KEY, groups, name="stage", default=_FIRST)
            sort = customer_list.choose_sort(_KEY)
        shown = customer_list.columns(
            Column("tier", t("dimension.tier"), "code"),
            Column("first_order_on", t("lifecycle.first_order"), "date"),
            Column("purchases", t("lifecycle.orders"), "count"),
        )
        rows = drilldown.Rows(lifecycle_rows.customers(view, group), (view, group))
        customer_list.show(rows, shown, key=_KEY, sort=sort, alt=t("lifecycle.list.title"))
