"""The answers and invitations behind the charts of the voice page, commented or not."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from dashboard import drilldown
from dashboard.answers import voice, voice_changes, voice_rows
from dashboard.answers.voice_rows import GROUPS, Cut
from dashboard.i18n import t
from dashboard.panels.periods import pick_point
from dashboard.table import Column
from dashboard.view import View

_WORDS = {
    "promoter": "voice.promoters",
    "passive": "voice.passives",
    "detractor": "voice.detractors",
}


def trend(view: View, key: str, *, measure: str, grain: str) -> None:
    """The rows behind a trend: of the period, or of one of its points."""
    buckets = voice.over_time(view, measure, grain)["bucket"].to_list()
    bar = drilldown.bar()
    with bar:
        point = pick_point(key, buckets, grain)
    _listed(view, key, Cut(measure, point, grain), _without_scores(measure), bar)


def by_group(view: View, key: str, *, measure: str, dimension: str) -> None:
    """The rows behind one bar."""
    groups = voice_changes.against_the_rest(view, measure, dimension)[dimension]
    bar = drilldown.bar()
    with bar:
        value = drilldown.pick_group(key, dimension, groups.to_list())
    _listed(
        view, key, Cut(measure, dimension=dimension, value=value), _without_scores(measure), bar
    )


def silent(view: View, key: str, *, dimension: str) -> None:
    """Who was invited, by group: those who did not answer first."""
    groups = voice_changes.against_the_rest(view, "response_rate", dimension)[dimension]
    bar = drilldown.bar()
    with bar:
        value = drilldown.pick_group(key, dimension, groups.to_list())
    cut = Cut("response_rate", dimension=dimension, value=value)
    _listed(view, key, cut, list(GROUPS["response_rate"]), bar)


def _without_scores(measure: str) -> list[str]:
    return [name for name in GROUPS[measure] if not name.isdigit()]


def scores(view: View, key: str) -> None:
    """The answers of the period by score."""
    _listed(view, key, Cut("nps"), list(GROUPS["nps"]), drilldown.bar())


def _listed(view: View, key: str, cut: Cut, groups: list[str], bar: DeltaGenerator) -> None:
    counts = voice_rows.counted(view, cut)
    names = {name: drilldown.counted(_name(cut.measure, name), counts[name]) for name in groups}
    with bar:
        group = drilldown.pick(key, names)
    rows = drilldown.Rows(voice_rows.rows(view, cut, group), (view, cut, group))
    columns = _invited() if cut.measure == "response_rate" else answered()
    drilldown.paged(rows, columns, key=key, alt=names[group], size=drilldown.IN_DIALOG)


def _name(measure: str, group: str) -> str:
    if group.isdigit():
        return t("voice.rows.score", score=group)
    return t(_WORDS.get(group, f"voice.rows.{measure}.{group}"))


def answered() -> list[Column]:
    """The columns of a list of answers."""
    return [
        Column("answered_on", t("column.date"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("nps", t("kpi.nps.label"), "count"),
        Column("csat", t("column.csat"), "count"),
        Column("comment", t("column.comment")),
    ]


def comments() -> list[Column]:
    """The columns of a list of comments: the words stand where a phone shows them."""
    *others, comment = answered()
    return [others[0], comment, *others[1:]]


def _invited() -> list[Column]:
    return [
        Column("invited_on", t("voice.rows.invited_on"), "date"),
        Column("answered_on", t("voice.rows.answered_on"), "date"),
        Column("name", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("channel", t("service.column.channel"), "code"),
    ]
