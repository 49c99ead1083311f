"""Panels of the page of follow-ups: what is due, how late, and who came back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from dashboard import drilldown, i18n, kpi, navigation, panel, theme
from dashboard.answers import customer_follow_up, follow_ups
from dashboard.charts import bars
from dashboard.charts.axes import Reference
from dashboard.i18n import t
from dashboard.panels import follow_up_words as words
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.reactivation import reactivation_reference

_SIZE = 15
_OUTCOMES = {
    "reactivation": "accent",
    "unhelped": "neutral",
    "kept": "accent",
    "unhelped_kept": "neutral",
}


def lead(view: View) -> str:
    """The sentence the page begins with: what is overdue."""
    if follow_ups.is_empty(view):
        return t("missing.no_case")
    found = follow_ups.headline(view)
    late, running = (int(found[key].value or 0) for key in ("overdue_plans", "open_plans"))
    if not running:
        return t("follow_ups.nothing")
    return i18n.part("follow_ups.lead", late, running)


def way_on() -> None:
    """To whom a plan is worth starting for, where there is nothing to see yet."""
    st.page_link(
        navigation.page("worklist"),
        label=t("page.worklist.title"),
        icon=":material/arrow_forward:",
        query_params={},
    )


def due(view: View) -> None:
    """The steps to do, the most overdue first; a row opens the customer."""
    frame = follow_ups.ageing(view)
    total = int(frame["plans"].sum())
    title = t("follow_ups.due.title", n=i18n.number(total))
    with panel.panel("due", title, t("follow_ups.due.subtitle")):
        _list(view, "due", age="")


def _list(view: View, key: str, age: str) -> None:
    people = customer_follow_up.people(view)
    columns = [
        Column("name", t("column.customer"), "customer"),
        Column("next_step", t("follow_ups.column.step"), write=_step),
        Column("due_at", t("follow_ups.column.due"), write=_due),
        Column("owner_id", t("dimension.owner_id"), write=lambda each: words.owner(people, each)),
        Column("reason", t("follow_ups.column.reason"), write=words.why),
        Column("tier", t("dimension.tier"), "code"),
        Column("revenue_at_risk", t("risk.column.revenue_at_risk"), "money"),
        Column("steps_done", t("follow_ups.column.done"), "count"),
    ]
    rows = drilldown.Rows(follow_ups.due(view, age), (*follow_ups.decided_by(view), age))
    drilldown.paged(rows, columns, key=key, alt=t("follow_ups.due.subtitle"), size=_SIZE)


def _step(kind: str | None) -> str:
    return t("follow_ups.age.to_close") if kind is None else words.step(kind)


def _due(at: datetime | None) -> str:
    return i18n.DASH if at is None else words.moment(at)


def ageing(view: View) -> None:
    """How late the next steps of open plans are."""
    frame = follow_ups.ageing(view)
    counts = dict(frame.iter_rows())
    late = sum(counts[code] for code in follow_ups.LATE)
    title = i18n.part("follow_ups.ageing.title", late, sum(counts.values()))
    columns = [
        Column("age", t("follow_ups.column.age"), write=lambda code: t(f"follow_ups.age.{code}")),
        Column("plans", t("kpi.open_plans.label"), "count"),
    ]
    if not sum(counts.values()):
        panel.empty("no_open_step", t("follow_ups.ageing.name"))
        return
    with panel.panel(
        "ageing",
        title,
        t("follow_ups.ageing.subtitle"),
        data=(frame, columns),
        kpis=("open_plans", "overdue_plans"),
        rows=partial(_rows_of_age, view),
    ) as draw:
        shown = [
            bars.Bar(
                name=t(f"follow_ups.age.{code}"),
                value=float(plans),
                text=i18n.number(plans),
                judgement="bad" if code in follow_ups.LATE and plans else "accent",
            )
            for code, plans in counts.items()
        ]
        draw(bars.horizontal(shown, theme.palette()))


def _rows_of_age(view: View, key: str) -> None:
    counts = dict(follow_ups.ageing(view).iter_rows())
    named = {
        code: drilldown.counted(t(f"follow_ups.age.{code}"), plans)
        for code, plans in counts.items()
    }
    first = next((code for code, plans in counts.items() if plans), None)
    with drilldown.bar():
        age = drilldown.pick(key, named, default=first)
    _list(view, key, age)


def reactivation(view: View) -> None:
    """Who ordered again or stayed, with a plan and without one, with the line of elsewhere."""
    found = follow_ups.reactivation(view)
    if found["reactivation"] is None and found["kept"] is None:
        panel.empty("no_old_plan", t("kpi.reactivation.label"))
        return
    reference = reactivation_reference()
    title = t(
        f"follow_ups.reactivation.{_verdict(found)}",
        share=i18n.share(found["reactivation"], 0),
        kept=i18n.share(found["kept"], 0),
        low=i18n.percentage_points(found["advantage_low"], 0),
        high=i18n.percentage_points(found["advantage_high"], 0),
    )
    subtitle = t("follow_ups.reactivation.subtitle")
    with panel.panel("reactivation", title, subtitle, kpis=("reactivation",)) as draw:
        shown = [
            bars.Bar(
                name=t(f"follow_ups.reactivation.{name}"),
                value=found[name],
                text=t(
                    "follow_ups.reactivation.bar",
                    share=kpi.value_text(KPIS["reactivation"], found[name]),
                    n=i18n.compact(found[f"{name}_n"]),
                ),
                judgement=tone,
                low=found[f"{name}_low"],
                high=found[f"{name}_high"],
            )
            for name, tone in _OUTCOMES.items()
            if found[name] is not None
        ]
        line = t("follow_ups.reactivation.reference", share=i18n.share(reference, 0))
        draw(bars.horizontal(shown, theme.palette(), reference=Reference(reference, line), top=1.0))


def _verdict(found: Any) -> str:
    """Whether those with a plan come back more often than those without, as far as is known."""
    if found["reactivation"] is None:
        return "kept_only"
    if found["advantage"] is None:
        return "alone"
    if found["advantage_low"] > 0:
        return "more"
    return "less" if found["advantage_high"] < 0 else "unsure"
