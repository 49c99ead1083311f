"""Panels of the budget page: plan, actual and forecast by month, and variance by subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from dashboard import address, i18n, kpi, panel, theme
from dashboard.answers import budget, budget_choice
from dashboard.answers.budget_choice import Budget, Slice
from dashboard.charts import signed, variance
from dashboard.i18n import t
from dashboard.panels import budget_pace, untold
from dashboard.panels.budget_words import (
    arrow,
    bare,
    completion_columns,
    judge,
    money_column,
    money_text,
    unit,
    versioned,
    window,
    year_label,
)
from dashboard.panels.periods import bucket_labels
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS, Kpi


def choose(view: View) -> str | None:
    """Which budget: kept in the address; drawn only where there are several."""
    known = budget_choice.budgets(view)
    first = budget_choice.default(view)
    if first is None or len(known) == 1:
        return first
    address.seed_one("budget_id", tuple(known), first)
    chosen = st.selectbox(
        t("budget.choose"),
        tuple(known),
        format_func=lambda code: versioned(known[code]),
        key="budget_id",
        placeholder=t("budget.choose"),
        label_visibility="collapsed",
        width=420,
    )
    address.write("budget_id", chosen, default=first)
    return chosen


def lead(view: View, budget_id: str | None, readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    found = readings["budget_variance"]
    if found.value is None or budget_id is None:
        return untold.sentence("budget_variance", found)
    currency = budget_choice.budgets(view)[budget_id].currency
    off = readings["budget_lines_red"]
    forecast = readings["budget_forecast_variance"].value
    ahead = (budget.over_time(view, budget_id)["phase"] != "complete").any()
    return t(
        f"budget.lead.{'over' if found.value > 0 else 'under'}{'' if ahead else '_closed'}",
        actual=kpi.money(readings["budget_actual"].value, currency=currency),
        share=i18n.share(abs(found.value)),
        judgement=t(f"budget.judgement.{KPIS['budget_variance'].judge(found.value)}"),
        lines=i18n.part("budget.lines_off", int(off.value or 0), off.n or 0),
        window=window(budget_choice.part(view, budget_id)),
        forecast=i18n.share(forecast, sign=True),
    )


def cards(
    view: View, budget_id: str | None, readings: Mapping[str, Reading]
) -> list[tuple[Kpi, Reading]]:
    """The cards; the full plan stands on the one of the forecast."""
    shown = dict(readings)
    if budget_id is not None and readings["budget_forecast"].value is not None:
        chosen = budget_choice.budgets(view)[budget_id]
        plan = budget.completion(view, budget_id)["planned_total"].item()
        note = t("budget.full_plan", plan=money_text(chosen, plan))
        shown["budget_forecast"] = replace(shown["budget_forecast"], note=note)
        shown["budget_forecast_variance"] = replace(
            shown["budget_forecast_variance"], note=budget_pace.words(view, chosen)
        )
    return [(KPIS[key], reading) for key, reading in shown.items()]


def over_time(view: View, budget_id: str) -> None:
    """Plan, actual and forecast by month (or year), with the variance of each above."""
    what = budget_choice.part(view, budget_id)
    frame = budget.over_time(view, budget_id)
    end = budget.completion(view, budget_id).row(0, named=True)
    yearly = what.chosen.by_year or frame.height < _months(frame)
    title = _time_title(what, frame, end)
    subtitle = t(
        "budget.over_time.subtitle",
        unit=unit(what.chosen),
        grain=t(f"budget.grain.{'year' if yearly else 'month'}"),
    )
    columns = [
        Column("name", t("column.period")),
        money_column("planned", "planned", what.chosen),
        money_column("actual", "actual", what.chosen),
        money_column("variance", "variance", what.chosen, sign=True),
        Column("variance_share", t("budget.column.share"), "share", sign=True),
        money_column("forecast", "forecast", what.chosen),
        Column("phase", t("budget.column.phase"), "code"),
    ]
    labels = _labels(frame, what, yearly=yearly)
    named = frame.with_columns(name=pl.Series([text.replace("\n", " ") for text in labels]))
    with panel.panel(
        "budget_time",
        title,
        subtitle,
        data=(named, columns),
        kpis=("budget_variance", "budget_forecast"),
    ) as draw:
        slots = [
            _slot(name, row, what.chosen)
            for name, row in zip(labels, frame.iter_rows(named=True), strict=True)
        ]
        axis = [(amount, bare(what.chosen, amount)) for amount in variance.steps(slots)]
        figure = variance.plan_and_actual(slots, theme.palette(), axis=axis)
        draw(figure)


def _time_title(what: Slice, frame: pl.DataFrame, end: Mapping[str, Any]) -> str:
    """Where the budget year ends, or ended; nothing of it where all years are shown."""
    if frame.height > 1 and what.chosen.by_year and what.whole:
        return t("budget.over_time.years")
    ahead = (frame["phase"] != "complete").any()
    share = end["forecast_variance_share"] or 0.0
    return t(
        f"budget.over_time.{'forecast' if ahead else 'plain'}_{'over' if share > 0 else 'under'}",
        total=money_text(what.chosen, end["forecast"]),
        share=i18n.share(abs(share)),
        plan=money_text(what.chosen, end["planned_total"]),
    )


def _months(frame: pl.DataFrame) -> int:
    first, last = frame["month"][0], frame["month"][-1]
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _labels(frame: pl.DataFrame, what: Slice, *, yearly: bool) -> list[str]:
    months: list[date] = frame["month"].to_list()
    if yearly:
        return [year_label(what, start) for start in months]
    return bucket_labels(months, "month")


def _slot(name: str, row: Mapping[str, Any], chosen: Budget) -> variance.Slot:
    share = row["variance_share"]
    return variance.Slot(
        name=name,
        planned=row["planned"],
        actual=row["actual"],
        forecast=row["forecast"],
        phase=row["phase"],
        deviation=share,
        text=i18n.number(share * 100, sign=True) if share is not None else "",
        judgement=judge(share, row["variance"]),
        told=t(
            f"budget.told.{row['phase']}",
            period=name.replace("\n", " "),
            planned=money_text(chosen, row["planned"]),
            actual=money_text(chosen, row["actual"]),
            forecast=money_text(chosen, row["forecast"]),
            share=i18n.share(share, sign=True),
        ),
    )


def by_subject(view: View, budget_id: str) -> None:
    """Variance of each subject in money and per cent, the largest overspend first."""
    what = budget_choice.part(view, budget_id)
    frame = budget.by_subject(view, budget_id)
    off = frame.filter(pl.col("status").is_in(["red", "unplanned"]))
    worst = frame.sort(pl.col("variance_share").abs(), descending=True, nulls_last=True)
    title = t("budget.by_subject.none")
    if not worst.is_empty() and worst["variance_share"][0] is not None:
        share = worst["variance_share"][0]
        side = "over" if share > 0 else "under"
        title = t(
            f"budget.by_subject.{side}{'' if frame.height > 1 else '_one'}",
            subject=i18n.code("subject", worst["subject"][0]),
            share=i18n.share(abs(share)),
            off=i18n.part("budget.subjects_off", off.height, frame.height),
        )
    subtitle = t(
        "budget.by_subject.subtitle",
        unit=unit(what.chosen),
        window=window(what),
        budget=what.chosen.name,
    )
    columns = [
        Column("subject", t("budget.column.subject"), "code"),
        money_column("planned_to_date", "planned", what.chosen),
        money_column("actual_to_date", "actual", what.chosen),
        money_column("variance", "variance", what.chosen, sign=True),
        Column("variance_share", t("budget.column.share"), "share", sign=True),
        Column("status", t("budget.column.status"), "code", "budget_status"),
        *completion_columns(what.chosen),
    ]
    with panel.panel(
        "budget_subjects",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("budget_variance", "budget_forecast"),
    ) as draw:
        rows = [_subject_bar(row, what.chosen) for row in frame.iter_rows(named=True)]
        figure = signed.signed(rows, theme.palette())
        draw(figure)


def _subject_bar(row: Mapping[str, Any], chosen: Budget) -> signed.SignedBar:
    return signed.SignedBar(
        name=i18n.code("subject", row["subject"]),
        value=row["variance"],
        text=t(
            "budget.bar",
            arrow=arrow(row["variance"]),
            amount=bare(chosen, row["variance"], sign=True),
            share=i18n.share(row["variance_share"], sign=True),
        ),
        judgement=judge(row["variance_share"], row["variance"]),
    )
