"""Panels of the service page: promises kept over time, by grade and by channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import polars as pl
import streamlit as st

from dashboard import i18n, panel, theme
from dashboard.answers import service, service_promises
from dashboard.answers.service import SOURCE
from dashboard.charts import bars, lines
from dashboard.charts.axes import Reference
from dashboard.choice import choose as choose_one
from dashboard.i18n import t
from dashboard.panels import promises, ticket_rows, untold
from dashboard.panels.periods import months_missing, trend_of
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS, Kpi


def lead(view: View, readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    if "source_sla" in readings:
        return _lead_of_source(readings["source_sla"])
    overall = readings["sla_attainment"]
    target = promises.target("overall")
    if overall.value is None or target is None:
        return untold.sentence("sla_attainment", overall)
    decided = service_promises.by_promise(view).drop_nulls("attainment")
    missed = decided.filter(pl.col("attainment") < target.value)
    words = {
        "target": i18n.share(target.value, 0),
        "overall": i18n.share(overall.value),
        "n": i18n.number(overall.n),
    }
    if not missed.is_empty():
        worst = missed.row(0, named=True)
        words["worst"] = promises.whom(promises.by_key()[worst["key"]])
        words["value"] = i18n.share(worst["attainment"])
    return i18n.part("service.lead.missed", missed.height, decided.height, **words)


def _lead_of_source(found: Reading) -> str:
    target = promises.target(SOURCE)
    if found.value is None or target is None:
        return untold.sentence("source_sla", found)
    return t(
        "service.lead.source",
        share=i18n.share(found.value),
        n=i18n.number(found.n),
        target=i18n.share(target.value, 0),
    )


def cards(readings: Mapping[str, Reading]) -> list[tuple[Kpi, Reading]]:
    """The cards; how many of the open tickets are overdue stands on theirs."""
    overdue = readings.get("overdue_tickets")
    shown = {key: reading for key, reading in readings.items() if key != "overdue_tickets"}
    if overdue is not None:
        note = t("service.overdue", n=i18n.number(overdue.value))
        shown["backlog"] = replace(shown["backlog"], note=note)
    return [(KPIS[key], reading) for key, reading in shown.items()]


def nothing(view: View) -> bool:
    """Say why there is nothing to draw, if there is nothing."""
    if service.clocks(view):
        if view.selection.is_everything or not service.anonymous(view):
            return False
        panel.empty("anonymous", t("kpi.tickets_created.label"))
    elif service.recorded(view, "created_at"):
        panel.empty("no_policy", t("kpi.sla_attainment.label"))
    return True


def choose(view: View) -> tuple[str, str]:
    """The clock and the length of one point; both kept in the address."""
    clocks, grains = service.clocks(view), tuple(service.GRAINS)
    with st.container(horizontal=True, gap="medium"):
        clock = clocks[0]
        if len(clocks) > 1:
            clock = _choice("service_clock", clocks, clocks[0], "service.clock")
        grain = _choice("service_grain", grains, "month", "grain")
    return clock, grain


def _choice(key: str, options: tuple[str, ...], default: str, words: str) -> str:
    label = t(f"service.choose.{key}")
    return choose_one(
        key, options, default=default, label=label, name=lambda code: t(f"{words}.{code}")
    )


def _reference(clock: str) -> list[Reference]:
    target = promises.target(clock)
    if target is None:
        return []
    return [Reference(target.value, t("target_line.base", value=i18n.share(target.value, 0)))]


def counts(clock: str) -> list[Column]:
    """The columns that stand beside an attainment in a table."""
    how = service.verdict(clock)
    shares = [
        Column(how.figure, t(f"kpi.{promises.KPI_OF[clock]}.label"), "share"),
        Column(f"{how.figure}_low", t("column.low"), "share"),
        Column(f"{how.figure}_high", t("column.high"), "share"),
        Column(how.met, t("service.state.met"), "count"),
        Column(how.missed, t("service.state.missed"), "count"),
    ]
    return shares if clock == SOURCE else [*shares, Column("due", t("service.state.due"), "count")]


def trend(view: View, clock: str, grain: str) -> None:
    """Attainment of the chosen clock over time with interval and target."""
    frame = service.over_time(view, clock, grain)
    how = service.verdict(clock)
    target = promises.target(clock)
    below = months_missing(frame, how.figure, target.value) if target else 0
    title = t(
        "service.trend.below" if below > 1 else "service.trend.plain",
        what=t(f"service.clock_measure.{clock}"),
        n=below,
        unit=t(f"grain_unit.{grain}"),
    )
    decided = int(frame[how.met].sum()) + int(frame[how.missed].sum())
    key = "service.trend.subtitle_source" if clock == SOURCE else "service.trend.subtitle"
    subtitle = t(key, grain=t(f"grain.{grain}").lower(), n=i18n.number(decided))
    columns = [Column("bucket", t("column.period"), "date"), *counts(clock)]
    with panel.panel(
        "sla_trend",
        title,
        subtitle,
        data=(frame, columns),
        kpis=(promises.KPI_OF[clock],),
        rows=partial(ticket_rows.trend, view, clock=clock, grain=grain),
    ) as draw:
        figure = lines.trend(
            trend_of(frame, how.figure, grain, i18n.share),
            theme.palette(),
            references=_reference(clock),
            tick_format=".0%",
            floor=0.0,
            ceiling=1.0,
        )
        draw(figure)


def by_promise(view: View) -> None:
    """Every promise by its own limit against the target, lowest first."""
    known = promises.by_key()
    frame = service_promises.by_promise(view).with_columns(
        whom=pl.col("key").replace_strict(
            {key: promises.whom(promise) for key, promise in known.items()}, return_dtype=pl.String
        ),
        clock=pl.col("key").replace_strict(
            {key: promise.clock.value for key, promise in known.items()}, return_dtype=pl.String
        ),
        limit=pl.col("key").replace_strict(
            {key: promises.limit(promise.limit_minutes) for key, promise in known.items()},
            return_dtype=pl.String,
        ),
    )
    columns = [
        Column("whom", t("service.column.whom")),
        Column("clock", t("service.column.clock"), "code"),
        Column("limit", t("service.column.limit")),
        *(column for column in counts("overall") if column.name != "due"),
    ]
    drawn = frame.drop_nulls("attainment")
    rows = [
        _bar(f"{row['whom']}\n{row['limit']}", row, "overall")
        for row in drawn.iter_rows(named=True)
    ]
    title = _title("promise", drawn, "overall")
    behind = partial(ticket_rows.by_promise, view)
    subtitle = t("service.by_promise.subtitle")
    _bars_panel("sla_promises", (title, subtitle), rows, (frame, columns), behind)


def by_group(view: View, clock: str, dimension: str) -> None:
    """Attainment on the chosen clock by channel (or by grade of the source), lowest first."""
    frame = service.by_group(view, clock, dimension)
    rows = [
        _bar(_name(dimension, row[dimension], clock), row, clock)
        for row in frame.iter_rows(named=True)
    ]
    columns = [Column(dimension, t(f"service.column.{dimension}"), "code"), *counts(clock)]
    title = _title("priority" if dimension == "grade" else dimension, frame, clock)
    words = "subtitle" if clock != SOURCE else "subtitle_source"
    subtitle = t(f"service.by_group.{words}", what=t(f"service.clock_measure.{clock}"))
    behind = partial(ticket_rows.by_group, view, clock=clock, dimension=dimension)
    _bars_panel(f"sla_{dimension}", (title, subtitle), rows, (frame, columns), behind, clock)


def _bars_panel(
    key: str,
    words: tuple[str, str],
    rows: list[bars.Bar],
    data: tuple[pl.DataFrame, list[Column]],
    behind: Callable[[str], None],
    clock: str = "overall",
) -> None:
    kpis = (promises.KPI_OF[clock],)
    with panel.panel(key, *words, data=data, kpis=kpis, rows=behind if rows else None) as draw:
        if not rows:
            st.html(f'<div class="sl-sub">{t("service.undecided")}</div>')
            return
        reference = next(iter(_reference(clock)), None)
        figure = bars.horizontal(rows, theme.palette(), reference=reference, top=1.0, row=40)
        draw(figure)


def _name(dimension: str, value: str | None, clock: str) -> str:
    name = i18n.code(dimension, value)
    promised = promises.of_channel(value, clock) if dimension == "channel" else ""
    return f"{name} · {promised}" if promised else name


def _bar(name: str, row: Mapping[str, float], clock: str) -> bars.Bar:
    how = service.verdict(clock)
    judgement = KPIS[promises.KPI_OF[clock]].judge(row[how.figure])
    return bars.Bar(
        name=name,
        value=row[how.figure],
        text=t(
            "service.bar",
            share=i18n.share(row[how.figure]),
            n=i18n.compact(row[how.met] + row[how.missed]),
        ),
        judgement=judgement,
    )


def _title(what: str, frame: pl.DataFrame, clock: str) -> str:
    target = promises.target(clock)
    figure = service.verdict(clock).figure
    missed = frame.filter(pl.col(figure) < (target.value if target else 0.0)).height
    wanted = i18n.share(target.value, 0) if target else ""
    return i18n.part(f"service.below.{what}", missed, frame.height, target=wanted)
