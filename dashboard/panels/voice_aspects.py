"""Panels of the voice page: satisfaction by scenario and subject, SERVQUAL, after an incident."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from dashboard import i18n, panel, theme
from dashboard.answers import voice_ratings
from dashboard.charts import bars
from dashboard.i18n import t
from dashboard.panels import voice_aspect_rows
from dashboard.panels.periods import target_lines
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS
from metrics.rules import load
from metrics.voice import aspects

_RATED = ("product", "service", "communication")


def _columns(first: Column) -> list[Column]:
    return [
        first,
        Column("csat_share", t("kpi.csat.label"), "share"),
        Column("csat_share_low", t("column.low"), "share"),
        Column("csat_share_high", t("column.high"), "share"),
        Column("csat_mean", t("kpi.csat_mean.label"), "score"),
        Column("rated", t("voice.rated"), "count"),
    ]


def _shares(frame: pl.DataFrame, name: str, dimension: str, kpi: str) -> list[bars.Bar]:
    """Satisfied shares, judged by the target of a KPI where it has one."""
    return [
        bars.Bar(
            i18n.code(dimension, row[name]),
            row["csat_share"],
            t("voice.bar", value=i18n.share(row["csat_share"]), n=i18n.compact(row["rated"])),
            KPIS[kpi].judge(row["csat_share"]),
            low=row["csat_share_low"],
            high=row["csat_share_high"],
        )
        for row in frame.iter_rows(named=True)
    ]


def scenarios(view: View) -> None:
    """The satisfied share of each scenario, lowest first, against the target."""
    name, kpi = t("voice.scenario.name"), "scenario_csat"
    frame = voice_ratings.by_scenario(view)
    target = KPIS[kpi].target
    if frame.is_empty() or target is None:
        panel.empty("no_scenarios", name)
        return
    missed = frame.filter(pl.col("csat_share") < target.value).height
    first = Column("scenario", t("voice.scenario.one"), "code", "survey_scenario")
    with panel.panel(
        "scenarios",
        i18n.part("voice.scenario.missed", missed, frame.height),
        t("voice.scenario.subtitle", n=i18n.number(frame["rated"].sum())),
        data=(frame, _columns(first)),
        kpis=(kpi,),
        rows=partial(voice_aspect_rows.scenarios, view),
    ) as draw:
        reference = next(iter(target_lines(kpi)), None)
        drawn = _shares(frame, "scenario", "survey_scenario", kpi)
        draw(bars.horizontal(drawn, theme.palette(), reference=reference, top=1.0, row=44))


def subjects(view: View) -> None:
    """Satisfaction with the product, the service and the communication, lowest first."""
    frame = voice_ratings.by_aspect(view, aspects.subjects()).sort("csat_share")
    if frame.is_empty():
        panel.empty("no_subjects", t("voice.subject.name"))
        return
    lowest = frame.row(0, named=True)
    said = {"subject": i18n.code("aspect", lowest["aspect"])}
    title = t("voice.subject.title", share=i18n.share(lowest["csat_share"]), **said)
    first = Column("aspect", t("voice.aspect.one"), "code")
    with panel.panel(
        "subjects",
        title,
        t("voice.subject.subtitle", n=i18n.number(max(frame["rated"].to_list()))),
        data=(frame, _columns(first)),
        kpis=tuple(f"csat_{name}" for name in _RATED),
        rows=partial(voice_aspect_rows.ratings, view, names=frame["aspect"].to_list()),
    ) as draw:
        drawn = _shares(frame, "aspect", "aspect", "csat_product")
        draw(bars.horizontal(drawn, theme.palette(), top=1.0, row=44))


def servqual(view: View) -> None:
    """The five dimensions, the one that weighs most first: how they are rated."""
    rated = voice_ratings.by_aspect(view, aspects.servqual())
    if rated.is_empty():
        panel.empty("no_servqual", t("voice.servqual.name"))
        return
    weights = voice_ratings.weights(view)
    frame = rated.join(weights, on="aspect", how="left", validate="1:1").sort(
        "weight", "csat_mean", descending=[True, False], nulls_last=True
    )
    first = frame.row(0, named=True)
    told = {
        "dimension": i18n.code("aspect", first["aspect"]),
        "mean": i18n.number(first["csat_mean"], 2),
        "weight": i18n.number(first["weight"], 2),
    }
    known = first["weight"] is not None
    columns = [
        *_columns(Column("aspect", t("voice.servqual.one"), "code")),
        Column("weight", t("voice.servqual.weight"), "score"),
        Column("weight_low", t("column.low"), "score"),
        Column("weight_high", t("column.high"), "score"),
    ]
    with panel.panel(
        "servqual",
        t("voice.servqual.title" if known else "voice.servqual.plain", **told),
        t("voice.servqual.subtitle", n=i18n.number(max(frame["rated"].to_list()))),
        data=(frame, columns),
        kpis=("servqual_mean", "responsiveness_weight"),
        rows=partial(voice_aspect_rows.ratings, view, names=frame["aspect"].to_list()),
    ) as draw:
        drawn = [
            bars.Bar(
                i18n.code("aspect", row["aspect"]),
                row["csat_mean"],
                t(
                    "voice.servqual.bar",
                    mean=i18n.number(row["csat_mean"], 2),
                    weight=i18n.number(row["weight"], 2),
                ),
                low=row["csat_mean_low"],
                high=row["csat_mean_high"],
            )
            for row in frame.iter_rows(named=True)
        ]
        draw(bars.horizontal(drawn, theme.palette(), top=5.0))
        plan = load("surveys")["aspects"]["plan_responsiveness"]
        st.caption(t("voice.servqual.why", plan=i18n.number(plan, 2)))


def recovery(view: View) -> None:
    """Satisfaction before, during and after the last slump of the service."""
    frame, kpi = voice_ratings.recovery(view), "satisfaction_recovery"
    found = voice_ratings.incident(view)
    if found is None or frame.drop_nulls("csat_share").is_empty():
        panel.empty("no_slump", t("voice.recovery.name"))
        return
    after = frame.row(-1, named=True)
    judged = KPIS[kpi].judge(after["csat_share"])
    told = {"share": i18n.share(after["csat_share"]), "day": i18n.day(found["ended_on"])}
    days = (after["until"] - after["from"]).days + 1
    columns = [
        Column("window", t("voice.recovery.window"), "code", "recovery"),
        Column("from", t("voice.recovery.from"), "date"),
        Column("until", t("voice.recovery.until"), "date"),
        *_columns(Column("rated", t("voice.rated"), "count"))[1:],
    ]
    with panel.panel(
        "recovery",
        t(f"voice.recovery.{judged}", **told),
        t("voice.recovery.subtitle", days=days, **told),
        data=(frame, columns),
        kpis=(kpi,),
        rows=partial(voice_aspect_rows.recovery, view),
    ) as draw:
        reference = next(iter(target_lines(kpi)), None)
        drawn = _shares(frame, "window", "recovery", kpi)
        draw(bars.horizontal(drawn, theme.palette(), reference=reference, top=1.0, row=44))
