"""The ratings, feedback and needs behind the charts of single aspects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from dashboard import drilldown, i18n
from dashboard.answers import feedback, voice_aspect_rows, voice_ratings
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View

_ALL = "all"


def ratings(view: View, key: str, *, names: Sequence[str]) -> None:
    """Who rated an aspect low, and who did not."""
    bar = drilldown.bar()
    with bar:
        words = {name: i18n.code("aspect", name) for name in names}
        name = drilldown.pick(key, words, name="aspect", width=240)
    _rated(view, key, name, "", bar)


def scenarios(view: View, key: str) -> None:
    """Who was not satisfied in a scenario, and who was."""
    found = voice_ratings.by_scenario(view)["scenario"].to_list()
    bar = drilldown.bar()
    with bar:
        scenario = drilldown.pick_group(key, "survey_scenario", found)
    _rated(view, key, "csat", scenario or "", bar)


def recovery(view: View, key: str) -> None:
    """Who was not satisfied before, during and after the slump, and who was."""
    bar = drilldown.bar()
    with bar:
        windows = voice_ratings.recovery(view)["window"].to_list()
        names = {name: i18n.code("recovery", name) for name in windows}
        window = drilldown.pick(key, names, name="window", default=windows[-1], width=240)
        group, words = _pick_group(key, voice_aspect_rows.counted_around(view, window))
    frame = voice_aspect_rows.around(view, window, group)
    _list(key, drilldown.Rows(frame, (view, window, group)), words)


def _pick_group(key: str, sizes: Mapping[str, int]) -> tuple[str, str]:
    groups = {name: counted(t(f"voice.rows.csat.{name}"), n) for name, n in sizes.items()}
    group = drilldown.pick(key, groups)
    return group, groups[group]


def _rated(view: View, key: str, column: str, scenario: str, bar: DeltaGenerator) -> None:
    with bar:
        group, words = _pick_group(key, voice_aspect_rows.counted(view, column, scenario))
    frame = voice_aspect_rows.ratings(view, column, scenario, group)
    _list(key, drilldown.Rows(frame, (view, column, scenario, group)), words)


def _list(key: str, rows: drilldown.Rows, alt: str) -> None:
    columns = [
        Column("answered_on", t("column.date"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("score", t("voice.aspect.score"), "count"),
        Column("nps", t("kpi.nps.label"), "count"),
        Column("csat", t("column.csat"), "count"),
    ]
    drilldown.paged(rows, columns, key=key, alt=alt, size=drilldown.IN_DIALOG)


def came(view: View, key: str, *, down: str, across: str) -> None:
    """The feedback of a cell, or of a whole row or column.

    Args:
        view: The view.
        key: Of the list.
        down: What the rows of the table are, of `feedback.DIMENSIONS`.
        across: What its columns are.
    """
    frame = feedback.crossed(view, down, across)
    with drilldown.bar():
        row = _pick_side(key, frame, "down", down)
        mine = frame if row == _ALL else frame.filter(pl.col("down").eq_missing(_value(row)))
        column = _pick_side(key, mine, "across", across)
    chosen = {down: row, across: column}
    where = {name: code or None for name, code in chosen.items() if code != _ALL}
    rows = drilldown.Rows(voice_aspect_rows.came(view, **where), (view, tuple(chosen.items())))
    columns = [
        Column("created_on", t("column.date"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("source", t("feedback.by.source"), "code", "feedback_source"),
        Column("kind", t("feedback.by.kind"), "code", "feedback_kind"),
        Column("grade", t("feedback.by.grade"), "code", "feedback_grade"),
        Column("valid", t("feedback.valid"), "flag"),
        Column("adopted_on", t("feedback.adopted"), "date"),
    ]
    drilldown.paged(rows, columns, key=key, alt=t("feedback.name"), size=drilldown.IN_DIALOG)


def _value(code: str) -> pl.Expr:
    return pl.lit(code or None, pl.String)


def _pick_side(key: str, frame: pl.DataFrame, side: str, dimension: str) -> str:
    """All, or one value of a side that has feedback; an empty code is the unknown one."""
    sums = frame.group_by(side, maintain_order=True).agg(pl.col("feedback").sum())
    words = {_ALL: counted(t(f"feedback.every.{dimension}"), int(sums["feedback"].sum()))}
    for value, n in sums.filter(pl.col("feedback") > 0).iter_rows():
        words[value or ""] = counted(i18n.code(f"feedback_{dimension}", value), n)
    return drilldown.pick(key, words, name=dimension, width=260)


def needs(view: View, key: str) -> None:
    """The needs that proved wrong, and right."""
    sizes = voice_aspect_rows.judged(view)
    groups = {name: counted(t(f"feedback.needs.{name}"), n) for name, n in sizes.items()}
    with drilldown.bar():
        group = drilldown.pick(key, groups)
    rows = drilldown.Rows(voice_aspect_rows.found(view, group), (view, group))
    columns = [
        Column("confirmed_on", t("column.date"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("source", t("feedback.needs.source"), "code", "need_source"),
        Column("need", t("feedback.needs.need"), "code"),
        Column("confirmed_need", t("feedback.needs.confirmed"), "code", "need"),
    ]
    drilldown.paged(rows, columns, key=key, alt=groups[group], size=drilldown.IN_DIALOG)
