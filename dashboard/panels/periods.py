"""Periods in words, and trends from tidy frames: what the panels of several pages share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from dashboard import drilldown, i18n, kpi
from dashboard.answers.over_time import WHOLE
from dashboard.charts.axes import Reference
from dashboard.charts.lines import Trend
from dashboard.i18n import t
from metrics.catalog import KPIS


def bucket_labels(buckets: list[date], grain: str) -> list[str]:
    """Short axis labels; the year is told where it changes."""
    labels: list[str] = []
    for index, day in enumerate(buckets):
        new_year = index == 0 or buckets[index - 1].year != day.year
        if grain == "quarter":
            text = t("axis.quarter", quarter=(day.month - 1) // 3 + 1)
        elif grain == "week":
            text = f"{day.month}/{day.day}"
        else:
            text = i18n.month(day, year=False)
        labels.append(t("axis.with_year", text=text, year=day.year) if new_year else text)
    return labels


def trend_of(
    frame: pl.DataFrame, figure: str, grain: str, write: Callable[[float | None], str]
) -> Trend:
    """A tidy trend frame (bucket, figure, its bounds, complete) as something to draw."""
    low, high = f"{figure}_low", f"{figure}_high"
    bounded = low in frame.columns
    return Trend(
        labels=bucket_labels(frame["bucket"].to_list(), grain),
        values=frame[figure].to_list(),
        texts=[write(value) for value in frame[figure].to_list()],
        low=frame[low].to_list() if bounded else (),
        high=frame[high].to_list() if bounded else (),
        running=not frame.is_empty() and not frame["complete"][-1],
    )


def months_missing(frame: pl.DataFrame, figure: str, target: float) -> int:
    """How many complete buckets in a row, up to the last one, lie below a target."""
    values = frame.filter(pl.col("complete"))[figure].to_list()
    run = 0
    for value in reversed(values):
        if value is None or value >= target:
            break
        run += 1
    return run


def target_lines(key: str) -> list[Reference]:
    """The targets of a KPI as lines of a chart, the base one solid and first.

    A change against a baseline is no level to draw.
    """
    entry = KPIS[key]
    return [
        Reference(
            target.value,
            t(f"target_line.{target.role}", value=kpi.target_text(entry, target)),
            dashed=target.role != "base",
        )
        for target in entry.targets
        if target.basis == "level"
    ]


def pick_point(key: str, buckets: list[date], grain: str) -> str:
    """The whole period or one point of a trend, the latest first: its first day in ISO format."""
    points = {day.isoformat(): bucket_name(day, grain) for day in reversed(buckets)}
    words = {WHOLE: t("panel.whole_period"), **points}
    return drilldown.pick(key, words, name="point", width=240)


def bucket_name(day: date, grain: str) -> str:
    """A bucket in words of its own, with its year."""
    if grain == "quarter":
        quarter = t("axis.quarter", quarter=(day.month - 1) // 3 + 1)
        return t("axis.of_year", text=quarter, year=day.year)
    if grain == "week":
        return t("axis.week_of", day=i18n.day(day))
    if grain == "rolling":
        return t("axis.until", month=i18n.month(day))
    return i18n.month(day)
