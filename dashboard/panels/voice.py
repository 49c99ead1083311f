"""Panels of the voice page: NPS and CSAT over time, scores."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from dashboard import i18n, panel, theme
from dashboard.answers import voice
from dashboard.charts import bars, lines
from dashboard.choice import choose
from dashboard.i18n import t
from dashboard.panels import untold, voice_rows, voice_words
from dashboard.panels.periods import months_missing, target_lines, trend_of
from dashboard.reading import Reading
from dashboard.table import Column
from dashboard.view import View
from metrics.catalog import KPIS


def any_answer(readings: Mapping[str, Reading]) -> bool:
    """Whether there is anything to draw below the cards."""
    return any(readings[key].value is not None for key in ("nps", "csat"))


def lead(readings: Mapping[str, Reading]) -> str:
    """The first sentence of the page."""
    value = readings["nps"].value
    target = KPIS["nps"].target
    if value is None or target is None:
        return untold.sentence("nps", readings["nps"])
    met = KPIS["nps"].judge(value) == "good"
    key = "voice.lead.met" if met else "voice.lead.missed"
    return t(
        key,
        nps=i18n.number(value, 1),
        target=i18n.number(target.value),
        gap=i18n.number(abs(value - target.value), 1),
        csat=i18n.share(readings["csat"].value),
        n=i18n.number(readings["nps"].n),
    )


def choose_grain() -> str:
    """Week, month, quarter or rolling three months; kept in the address."""
    return choose(
        "voice_grain",
        tuple(voice.GRAINS),
        default="rolling",
        label=t("voice.grain"),
        name=lambda code: t(f"grain.{code}"),
    )


def nps_trend(view: View, grain: str, *, height: int = 280) -> None:
    """NPS over time with interval and both targets."""
    frame = voice.over_time(view, "nps", grain)
    target = KPIS["nps"].target.value if KPIS["nps"].target else 0.0
    drawn = voice.drawn(frame, "nps")
    title = voice_words.trend("nps", drawn["nps"], months_missing(drawn, "nps", target), grain)
    subtitle = t(
        "voice.nps_trend.subtitle",
        grain=t(f"grain_said.{grain}"),
        n=i18n.number(frame["responses"].sum() if grain != "rolling" else frame["responses"][-1]),
    )
    subtitle += voice_words.left_out(frame["responses"])
    columns = [
        Column("bucket", t("column.period"), "date"),
        Column("nps", t("kpi.nps.label"), "points"),
        Column("nps_low", t("column.low"), "points"),
        Column("nps_high", t("column.high"), "points"),
        Column("promoters", t("voice.promoters"), "count"),
        Column("passives", t("voice.passives"), "count"),
        Column("detractors", t("voice.detractors"), "count"),
        Column("responses", t("column.answers"), "count"),
    ]
    behind = partial(voice_rows.trend, view, measure="nps", grain=grain)
    data = (frame, columns)
    with panel.panel("nps_trend", title, subtitle, data=data, kpis=("nps",), rows=behind) as draw:
        series = trend_of(drawn, "nps", grain, lambda value: i18n.number(value, 1))
        figure = lines.trend(series, theme.palette(), references=target_lines("nps"), height=height)
        draw(figure)


def csat_trend(view: View, grain: str) -> None:
    """Satisfied share over time with interval and targets."""
    frame = voice.over_time(view, "csat", grain)
    target = KPIS["csat"].target.value if KPIS["csat"].target else 0.0
    drawn = voice.drawn(frame, "csat")
    below = months_missing(drawn, "csat_share", target)
    title = voice_words.trend("csat", drawn["csat_share"], below, grain)
    subtitle = t("voice.csat_trend.subtitle", grain=t(f"grain_said.{grain}"))
    subtitle += voice_words.left_out(frame["rated"])
    columns = [
        Column("bucket", t("column.period"), "date"),
        Column("csat_share", t("kpi.csat.label"), "share"),
        Column("csat_share_low", t("column.low"), "share"),
        Column("csat_share_high", t("column.high"), "share"),
        Column("csat_mean", t("kpi.csat_mean.label"), "score"),
        Column("rated", t("column.answers"), "count"),
    ]
    with panel.panel(
        "csat_trend",
        title,
        subtitle,
        data=(frame, columns),
        kpis=("csat", "csat_mean"),
        rows=partial(voice_rows.trend, view, measure="csat", grain=grain),
    ) as draw:
        figure = lines.trend(
            trend_of(drawn, "csat_share", grain, i18n.share),
            theme.palette(),
            references=target_lines("csat"),
            tick_format=".0%",
            ceiling=1.0,
        )
        draw(figure)


def score_distribution(view: View) -> None:
    """How many answers at each score, 0 to 10."""
    frame = voice.distribution(view)
    title = voice_words.distribution(frame)
    subtitle = t("voice.distribution.subtitle", n=i18n.number(frame["responses"].sum()))
    columns = [
        Column("score", t("column.score"), "count"),
        Column("responses", t("column.answers"), "count"),
        Column("share", t("column.share"), "share"),
    ]
    behind = partial(voice_rows.scores, view)
    with panel.panel(
        "scores", title, subtitle, data=(frame, columns), kpis=("nps",), rows=behind
    ) as draw:
        figure = bars.columns(
            [i18n.number(score) for score in frame["score"].to_list()],
            frame["share"].to_list(),
            [i18n.share(share, 0) for share in frame["share"].to_list()],
            ["bad"] * 7 + ["neutral"] * 2 + ["good"] * 2,
            theme.palette(),
        )
        draw(figure)
