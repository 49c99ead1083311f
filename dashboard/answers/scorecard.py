"""The scorecard: measures of every area against their targets, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from dashboard import data
from dashboard.answers import (
    budget_choice,
    budget_headline,
    campaigns_headline,
    care,
    contact_headline,
    data_health_headline,
    gaps,
    lifecycle_headline,
    lifecycle_progress,
    loyalty_headline,
    returns_measures,
    service,
    service_headline,
    service_quality_headline,
    value_growth,
    voice,
)
from dashboard.answers.over_time import by_grain
from dashboard.reading import Reading, unavailable
from dashboard.settings import settings
from dashboard.view import View
from metrics import reorders
from metrics.calendar import Grain, bucket, first_day
from metrics.catalog import KPIS, Target
from metrics.programme import Pace, Way, due, horizon, pace, programme_month
from metrics.rules import load

Asked = Callable[[View], Mapping[str, Reading]]

_PAGES: Mapping[str, Asked] = {
    "voice": voice.headline,
    "service": service_headline.promises,
    "care": care.headline,
    "engagement": contact_headline.headline,
    "lifecycle": lambda view: {
        **lifecycle_headline.headline(view),
        **lifecycle_progress.headline(view),
    },
    "loyalty": loyalty_headline.headline,
    "data_health": data_health_headline.headline,
    "budget": lambda view: budget_headline.headline(view, budget_choice.default(view)),
    "campaigns": campaigns_headline.headline,
    "service_quality": service_quality_headline.quality,
    "returns": returns_measures.headline,
    "scorecard": value_growth.headline,
}
_RANK = {"bad": 0, "watch": 1, "good": 2, "neutral": 3}
_NO_PACE = Pace()
GRAINS = ("week", "month", "quarter")


@dataclass(frozen=True, slots=True)
class Line:
    """One measure on the scorecard.

    Attributes:
        key: Of the catalogue.
        reading: Its value, with what it rests on.
        target: The target in force; None without one.
        level: What must be reached; None without a target, or a baseline that it needs.
        judgement: `good`, `watch`, `bad` or `neutral`.
        term: `short`, `mid` or `long`; empty for a target without months.
        until: The last day of the target's months.
        pace: What it takes to get there.
    """

    key: str
    reading: Reading
    target: Target | None
    level: float | None
    judgement: str
    term: str = ""
    until: date | None = None
    pace: Pace = _NO_PACE

    @property
    def met(self) -> bool:
        """Whether its target is met; within a band also where it is watched."""
        banded = self.target is not None and self.target.kind == "within"
        return self.judgement == "good" or (banded and self.judgement == "watch")


def measures(view: View) -> tuple[Line, ...]:
    """The measures of `scorecard.toml`: targets missed by most first, what has no value last."""
    return tuple(sorted(lines(view, load("scorecard")["measures"]), key=_order))


def dimensions(view: View) -> dict[str, tuple[Line, ...]]:
    """The five dimensions by which the plan evaluates, each with the measures that tell it."""
    return {
        name: tuple(lines(view, keys)) for name, keys in load("scorecard")["dimensions"].items()
    }


def loop(view: View) -> dict[str, Line]:
    """The steps of the plan's loop: reached, known, served in time, satisfied."""
    steps: dict[str, str] = load("scorecard")["loop"]
    return dict(zip(steps, lines(view, steps.values()), strict=True))


def lines(view: View, keys: Iterable[str]) -> list[Line]:
    """Measures of the catalogue, in the order given; the source's own flag where it stands in."""
    return [_line(view, _stands_in(view, key)) for key in keys]


def today(view: View) -> date:
    """The day by which the programme is told: the last one of the orders."""
    return data.as_of(view, "orders")


def month(view: View) -> int | None:
    """The month of the programme; None without one."""
    start = settings().programme_start
    return None if start is None else programme_month(start, today(view))


def _stands_in(view: View, key: str) -> str:
    if key != "sla_attainment" or not data.present(view, service.TABLE):
        return key
    return "source_sla" if service.SOURCE in service.clocks(view) else key


def _line(view: View, key: str) -> Line:
    entry = KPIS[key]
    asked = _PAGES[entry.page](view)
    reading = asked.get(key) or gaps.gap(view, key) or unavailable("no_rows")
    target = entry.target
    if target is None:
        return Line(key, reading, None, None, "neutral")
    level = target.level(reading.baseline)
    judgement = entry.judge(reading.value, reading.baseline)
    until = due(settings().programme_start, target)
    found = Line(key, reading, target, level, judgement, horizon(target), until)
    return found if reading.value is None or level is None else _with_pace(found, view)


def _with_pace(line: Line, view: View) -> Line:
    start, value, level = settings().programme_start, line.reading.value, line.level
    if start is None or line.until is None or value is None or level is None:
        return line
    told = pace(
        Way(start, today(view), line.until),
        value=value,
        baseline=line.reading.baseline,
        level=level,
        met=line.met,
    )
    return replace(line, pace=told)


def _order(line: Line) -> tuple[int, float]:
    """Missed first, those furthest from their level in proportion to it; without a value last."""
    value, level = line.reading.value, line.level
    if value is None:
        return 4, 0.0
    away = abs(value - level) / abs(level) if level else 0.0
    return _RANK[line.judgement], -away


@data.answer
def over_time(view: View, key: str, grain: str) -> pl.DataFrame | None:
    """A measure of the five by week, month or quarter, with its interval where there is one.

    Returns:
        bucket, the figure under the name of the key, its bounds, complete; None where the data do
        not tell it so finely, or not at all.
    """
    if KPIS[key].page == "voice":
        return _voice(view, key, grain)
    if grain == "week":
        return None
    if key == "customer_value_growth":
        return _growth(view, grain)
    if key == "reorder_after_follow_up" and data.present(view, "interactions"):
        return _reorders(view, grain)
    return None


def _voice(view: View, key: str, grain: str) -> pl.DataFrame | None:
    if not data.present(view, voice.TABLE):
        return None
    _, figure, _ = voice.MEASURES[key]
    rows = voice.drawn(voice.over_time(view, key, grain), key)
    return _renamed(rows, figure, key)


def _renamed(rows: pl.DataFrame, figure: str, key: str) -> pl.DataFrame:
    names = {figure: key, f"{figure}_low": f"{key}_low", f"{figure}_high": f"{key}_high"}
    known = {old: new for old, new in names.items() if old in rows.columns}
    return rows.rename(known).select("bucket", *known.values(), "complete")


def _reorders(view: View, grain: str) -> pl.DataFrame:
    unit = Grain(grain)
    rows = by_grain(lifecycle_progress.following(view), reorders.CONVERSION, view, unit)
    return _renamed(rows, "reorder_share", "reorder_after_follow_up")


def _growth(view: View, grain: str) -> pl.DataFrame:
    """Month ends, or those that end a quarter: a state, not a sum."""
    key = "customer_value_growth"
    window = lifecycle_progress.turning(view).window(view)
    first = first_day(window.start, Grain.MONTH)
    rows = value_growth.months(view, key).filter(
        pl.col("month").is_between(first, window.last_month)
    )
    told = rows.select(bucket="month", **{key: pl.col("growth")}, complete="complete")
    if grain == "month":
        return told
    quarter = bucket(pl.col("bucket"), Grain.QUARTER)
    ends = told.group_by(bucket=quarter, maintain_order=True).agg(
        pl.col(key).last(),
        complete=pl.col("complete").last() & (pl.len() == 3),
    )
    return ends.sort("bucket")
