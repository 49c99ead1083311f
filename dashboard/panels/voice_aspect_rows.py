"""The ratings, feedback and needs behind the charts of single aspects."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.delta_generator import DeltaGenerator

from dashboard import drilldown, i18n
from dashboard.answers import feedback, voice_aspect_rows, voice_ratings
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


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


def _rated(view: View, key: str, column: str, scenario: str, bar: DeltaGenerator) -> None:
    sizes = voice_aspect_rows.counted(view, column, scenario)
    groups = {name: counted(t(f"voice.rows.csat.{name}"), n) for name, n in sizes.items()}
    with bar:
        group = drilldown.pick(key, groups)
    frame = voice_aspect_rows.ratings(view, column, scenario, group)
    rows = drilldown.Rows(frame, (view, column, scenario, group))
    columns = [
        Column("answered_on", t("column.date"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("score", t("voice.aspect.score"), "count"),
        Column("nps", t("kpi.nps.label"), "count"),
        Column("csat", t("column.csat"), "count"),
    ]
    drilldown.paged(rows, columns, key=key, alt=groups[group], size=drilldown.IN_DIALOG)


def came(view: View, key: str, *, dimension: str) -> None:
    """The feedback of one source, kind or grade."""
    frame = feedback.by(view, dimension)
    values = frame[dimension].to_list()
    sizes = dict(zip(values, frame["feedback"].to_list(), strict=True))
    with drilldown.bar():
        names = {
            value or "": counted(i18n.code(f"feedback_{dimension}", value), sizes[value])
            for value in values
        }
        chosen = drilldown.pick(key, names)
    rows = drilldown.Rows(
        voice_aspect_rows.came(view, dimension, chosen or None), (view, dimension, chosen)
    )
    columns = [
        Column("created_on", t("column.date"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("source", t("feedback.by.source"), "code", "feedback_source"),
        Column("kind", t("feedback.by.kind"), "code", "feedback_kind"),
        Column("grade", t("feedback.by.grade"), "code", "feedback_grade"),
        Column("valid", t("feedback.valid"), "flag"),
        Column("adopted_on", t("feedback.adopted"), "date"),
    ]
    drilldown.paged(rows, columns, key=key, alt=names[chosen], size=drilldown.IN_DIALOG)


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
