"""Panels of the page Rectification: the ledger, the loop, what tickets are about, checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import polars as pl

from dashboard import i18n, panel, table, theme
from dashboard.answers import rectification, service_cases, service_team
from dashboard.answers.over_time import by_grain
from dashboard.charts import bars, funnel, lines, parts
from dashboard.i18n import t
from dashboard.panels import rectification_ledger, untold
from dashboard.panels import service_quality_rows as behind
from dashboard.panels.periods import target_lines, trend_of
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.calendar import Grain
from metrics.service.measures import checks as checks_of


def lead(view: View, readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    overdue, kept = readings["rectification_overdue"], readings["rectification_on_time"]
    if overdue.value is None:
        return untold.sentence("rectification_overdue", overdue)
    if not overdue.value:
        return t("rectification.lead.none")
    worst = rectification.by_department(view).row(0, named=True)
    words = {
        "n": i18n.number(overdue.value),
        "worst": i18n.code("responsible", worst["department"]),
        "most": i18n.number(worst["overdue"]),
    }
    if kept.value is None:
        return t("rectification.lead.now", **words)
    return t("rectification.lead.some", share=i18n.share(kept.value), **words)


def departments(view: View) -> None:
    """What each department still has to mend, overdue in red."""
    frame = rectification.by_department(view)
    if frame.is_empty():
        panel.empty("no_ledger", t("rectification.ledger.name"))
        return
    late = frame.filter(pl.col("overdue") > 0).height
    total = int(frame["overdue"].sum())
    title = t(
        "rectification.departments.title" if late else "rectification.departments.none",
        n=i18n.number(total),
        late=i18n.number(late),
        of=i18n.number(frame.height),
    )
    subtitle = t("rectification.departments.subtitle", day=i18n.day(rectification.today(view)))
    columns = [
        Column("department", t("rectification.department"), "code", "responsible"),
        Column("overdue", t("rectification.state.overdue"), "count"),
        Column("oldest", t("rectification.oldest"), "days"),
        Column("open", t("rectification.state.open"), "count"),
        Column("on_time", t("kpi.rectification_on_time.label"), "share"),
        Column("on_time_low", t("column.low"), "share"),
        Column("on_time_high", t("column.high"), "share"),
        Column("on_time_of", t("rectification.due"), "count"),
    ]
    rows = [
        parts.Whole(
            name=i18n.code("responsible", row["department"]),
            total=row["overdue"] + row["open"],
            part=row["overdue"],
            text=t(
                "rectification.departments.bar",
                overdue=i18n.number(row["overdue"]),
                open=i18n.number(row["open"]),
            ),
        )
        for row in frame.iter_rows(named=True)
    ]
    keys = ("rectification_overdue", "rectification_on_time", "ledger_complete")
    behind_it = partial(rectification_ledger.behind, view)
    with panel.panel(
        "departments", title, subtitle, data=(frame, columns), kpis=keys, rows=behind_it
    ) as draw:
        draw(parts.parts(rows, theme.palette()))


def loop(view: View) -> None:
    """How far the feedback of the period has come, and what waits where."""
    frame = rectification.loop(view)
    first = frame.row(0, named=True)
    if not first["reached"]:
        panel.empty("no_feedback", t("rectification.loop.name"))
        return
    last = frame.row(-1, named=True)
    title = t("rectification.loop.title", share=i18n.share(last["share"]))
    waiting = int(frame["waiting"].sum())
    subtitle = t("rectification.loop.subtitle", n=i18n.number(first["reached"]))
    columns = [
        Column("step", t("rectification.loop.step"), "code", "loop_step"),
        Column("reached", t("rectification.loop.reached"), "count"),
        Column("share", t("column.share"), "share"),
        Column("waiting", t("rectification.loop.waiting"), "count"),
        *(Column(age, t(f"rectification.loop.{age}"), "count") for age in rectification.AGES),
    ]
    items = [
        funnel.Step(
            i18n.code("loop_step", row["step"]),
            row["reached"],
            t(
                "rectification.loop.bar",
                n=i18n.number(row["reached"]),
                share=i18n.share(row["share"]),
            ),
        )
        for row in frame.iter_rows(named=True)
    ]
    held = dict(frame.filter(pl.col("step") != last["step"]).select("step", "waiting").iter_rows())
    rows = partial(behind.at_step, view, waiting=held) if waiting else None
    with panel.panel(
        "loop", title, subtitle, data=(frame, columns), kpis=("loop_verified",), rows=rows
    ) as draw:
        draw(funnel.steps(items, theme.palette(), row=46))
        told = frame.head(len(held))
        table.show(told, [columns[0], *columns[3:]], alt=t("rectification.loop.waiting"))


def pareto(view: View) -> None:
    """What tickets are about, the most frequent first, with what comes back."""
    frame = service_cases.pareto(view)
    if frame.is_empty() or not frame["category"].count():
        panel.empty("no_categories", t("rectification.pareto.name"))
        return
    few = frame.filter(pl.col("running").shift(1).fill_null(0.0) < 0.8).height
    title = t(
        "rectification.pareto.title",
        n=i18n.number(few),
        of=i18n.number(frame.height),
        share=i18n.share(frame["running"][few - 1], 0),
    )
    columns = [
        Column("category", t("service.column.category"), "code"),
        Column("tickets", t("service.column.tickets"), "count"),
        Column("share", t("column.share"), "share"),
        Column("running", t("rectification.pareto.running"), "share"),
        Column("before", t("rectification.pareto.before"), "count"),
        Column("recurrence", t("kpi.recurrence.label"), "share"),
        Column("recurrence_of", t("rectification.pareto.judged"), "count"),
    ]
    drawn = [
        bars.Bar(
            i18n.code("category", row["category"]),
            row["share"],
            t(
                "rectification.pareto.bar",
                share=i18n.share(row["share"], 0),
                running=i18n.share(row["running"], 0),
                again=i18n.share(row["recurrence"]),
            ),
        )
        for row in frame.head(12).iter_rows(named=True)
    ]
    subtitle = t("rectification.pareto.subtitle", n=i18n.number(int(frame["tickets"].sum())))
    rows = partial(behind.of_category, view, categories=frame["category"].to_list())
    keys = ("recurrence", "service_analyses")
    with panel.panel(
        "pareto", title, subtitle, data=(frame, columns), kpis=keys, rows=rows
    ) as draw:
        if theme.is_narrow():  # beside the bars on two lines, or the names have no room
            drawn = [replace(bar, text="\n".join(bar.text.rsplit(" · ", 1))) for bar in drawn]
        draw(bars.horizontal(drawn, theme.palette(), row=40 if theme.is_narrow() else 30))


def checks(view: View) -> None:
    """Compliance of what was checked, by month, against its target."""
    key = "qa_compliance"
    topic, what = service_team.checked(view), checks_of()[key]
    frame = by_grain(topic, what, view, Grain.MONTH)
    known = frame.drop_nulls(key)
    if known.is_empty():
        panel.empty("no_checks", t("rectification.checks.name"))
        return
    last, n = known.row(-1, named=True), int(known[f"{key}_of"].sum())
    title = t("rectification.checks.title", share=i18n.share(last[key]))
    subtitle = t("rectification.checks.subtitle", n=i18n.number(n))
    columns = [
        Column("bucket", t("column.period"), "date"),
        Column(key, t(f"kpi.{key}.label"), "share"),
        Column(f"{key}_low", t("column.low"), "share"),
        Column(f"{key}_high", t("column.high"), "share"),
        Column(f"{key}_of", t("service_team.agents.checks"), "count"),
    ]
    keys = (key, "operation_consistency", "qa_sample", "qa_record_complete", "mystery_visits")
    with panel.panel(
        "checks",
        title,
        subtitle,
        data=(frame, columns),
        kpis=keys,
        rows=partial(behind.faults, view),
    ) as draw:
        draw(
            lines.trend(
                trend_of(frame, key, "month", i18n.share),
                theme.palette(),
                references=target_lines(key),
                tick_format=".0%",
                floor=0.0,
                ceiling=1.0,
            )
        )
