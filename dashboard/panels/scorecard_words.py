"""The words of a line of the scorecard: value, standing, target, pace."""

from __future__ import annotations

from dashboard import i18n, kpi
from dashboard.answers.scorecard import Line
from dashboard.i18n import t
from dashboard.palette import SIGNS
from metrics.catalog import KPIS

BETWEEN = " · "


def value(line: Line, figure: float | None) -> str:
    """A figure in the unit of the measure."""
    return kpi.value_text(KPIS[line.key], figure, currency=line.reading.currency)


def interval(line: Line) -> str:
    """The interval of the value, from and to; a dash without one."""
    low, high = line.reading.low, line.reading.high
    if low is None or high is None:
        return i18n.DASH
    return t("scorecard.interval", low=value(line, low), high=value(line, high))


def per_month(line: Line) -> str:
    """The change needed each month; a dash where there is no pace."""
    change = line.pace.per_month
    if change is None:
        return i18n.DASH
    return kpi.change_text(KPIS[line.key], change, line.reading.currency)


def standing(line: Line) -> str:
    """Whether the target is met, with its sign; a dash without a value or a target."""
    if line.reading.value is None or line.target is None:
        return i18n.DASH
    if line.judgement == "neutral":
        return t("card.no_baseline")
    return f"{SIGNS[line.judgement]} {t(f'status.{line.judgement}')}"


def rests_on(line: Line) -> str:
    """The interval of the value and how many it is of, as far as they are known."""
    told = [] if line.reading.low is None else [interval(line)]
    if line.reading.n is not None:
        lines = KPIS[line.key].page == "budget"
        told.append(t("card.lines" if lines else "card.n", n=i18n.compact(line.reading.n)))
    return BETWEEN.join(told)


def level(line: Line) -> str:
    """What must be reached; of a relative target the level and the target."""
    if line.target is None:
        return i18n.DASH
    said = kpi.target_text(KPIS[line.key], line.target)
    if line.target.basis == "level":
        return said
    return said if line.level is None else f"{value(line, line.level)} ({said})"


def by_when(line: Line) -> str:
    """Until when the target holds, or that nothing can reach it; empty where neither is known."""
    if line.target is not None and KPIS[line.key].out_of_reach(line.target, line.reading.baseline):
        return t("card.unreachable")
    if line.until is None:
        return ""
    when = "ended" if line.pace.over else "by_when"
    term = t(f"scorecard.term.{line.term}") if line.term else ""
    return t(f"scorecard.{when}", term=term, day=i18n.short_day(line.until))


def on_the_way(line: Line) -> str:
    """Of a target still to come, whether it is neared fast enough."""
    kept = line.pace.kept
    return "" if kept is None else t("scorecard.kept" if kept else "scorecard.behind")


def by_now(line: Line) -> str:
    """Where the straight way to the target is today; empty where there is no pace."""
    if line.pace.by_now is None:
        return ""
    return t("scorecard.by_now", value=value(line, line.pace.by_now))
