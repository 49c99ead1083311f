"""The programme of the demo company: it began five months before the month of today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from data_access.demo.arrays import frame, ids, times
from data_access.demo.programme_plan import DRILLS, RISKS, SUPPLIERS, TASKS, Day
from data_access.demo.seasons import Seasons

_FEN = 100
_SCORED = 25  # of the month before that of today
# kind, months between, month and day of the first, days late in turn (None: never held)
_MEETINGS = (
    ("management_report", 1, (1, 28), (0, 0, 3, 0, 0)),
    ("theme_training", 1, (1, 25), (0, 0, 2, None, 0, 0)),
    ("strategy_meeting", 3, (3, 15), (0, None)),
    ("emergency_drill", 3, (2, 15), (-4, 2)),
    ("star_award", 3, (2, 28), (0, 0)),
    ("risk_review", 12, (-4, 18), (0,)),
    ("third_party_assessment", 12, (2, 28), (10,)),
)
_WEEKLY = ("coordination_meeting", 2, (7, 19))  # weekday, weeks of the programme without one
_DAILY = (("stand_up", 23), ("dashboard_check", 11))  # every so manieth was left out
_AHEAD = timedelta(days=200)


class _Calendar:
    """Days of the programme as dates; what lies after today has not happened."""

    def __init__(self, seasons: Seasons) -> None:
        self.today = (seasons.origin + timedelta(days=seasons.end)).date()

    def on(self, day: Day) -> date:
        months = self.today.year * 12 + self.today.month - 7 + day[0]
        return date(months // 12, months % 12 + 1, day[1])

    def past(self, day: Day | None) -> date | None:
        return None if day is None else self.held(self.on(day))

    def held(self, day: date) -> date | None:
        return day if day <= self.today else None


def programme_frames(seasons: Seasons) -> dict[str, pl.DataFrame]:
    """The tables `programme_tasks`, `risks`, `drills` and `supplier_scores`."""
    calendar = _Calendar(seasons)

    def made(name: str, prefix: str, columns: dict[str, list[object]]) -> pl.DataFrame:
        rows = len(next(iter(columns.values())))
        key = {f"{name}_id": ids(prefix, np.arange(1, rows + 1), 3)}
        changed = {"updated_at": times(seasons.origin, np.full(rows, seasons.end - 0.5))}
        tables = {"task": "programme_tasks", "score": "supplier_scores"}
        return frame(tables.get(name, f"{name}s"), key | columns | changed)

    return {
        "programme_tasks": made(
            "task",
            "PT",
            {
                "phase": [task.phase for task in TASKS],
                "name": [task.name for task in TASKS],
                "milestone": [task.milestone for task in TASKS],
                "owner": [task.owner for task in TASKS],
                "planned_start_on": [calendar.on(task.start) for task in TASKS],
                "planned_end_on": [calendar.on(task.end) for task in TASKS],
                "started_on": [calendar.past(task.begun) for task in TASKS],
                "ended_on": [calendar.past(task.done) for task in TASKS],
                "reached": [task.reached for task in TASKS],
            },
        ),
        "risks": made(
            "risk",
            "PR",
            {
                "risk_class": [risk.kind for risk in RISKS],
                "name": [risk.name for risk in RISKS],
                "code": [risk.code for risk in RISKS],
                "probability": [risk.probability for risk in RISKS],
                "loss": [_fen(risk.loss) for risk in RISKS],
                "measure_cost": [_fen(risk.cost) for risk in RISKS],
                "response": [risk.response for risk in RISKS],
                "measure": [risk.measure for risk in RISKS],
                "owner": [risk.owner for risk in RISKS],
                "reviewed_on": [calendar.past(risk.reviewed) for risk in RISKS],
                "closed_on": [calendar.past(risk.closed) for risk in RISKS],
            },
        ),
        "drills": made(
            "drill",
            "PD",
            {
                "scenario": [drill.scenario for drill in DRILLS],
                "held_on": [calendar.on(drill.held) for drill in DRILLS],
                "recovery_minutes": [drill.minutes for drill in DRILLS],
                "notice_hours": [drill.hours for drill in DRILLS],
                "satisfaction": [drill.satisfaction for drill in DRILLS],
                "finding": [drill.finding for drill in DRILLS],
                "solved_on": [calendar.past(drill.solved) for drill in DRILLS],
            },
        ),
        "supplier_scores": made("score", "PS", _scores(calendar)),
    }


def _fen(yuan: int | None) -> int | None:
    return None if yuan is None else yuan * _FEN


def _scores(calendar: _Calendar) -> dict[str, list[object]]:
    rows: list[tuple[object, ...]] = []
    for each in SUPPLIERS:
        if each.last is not None:
            rows.append((each.name, each.service, calendar.on((-7, _SCORED)), *each.last, None))
        replaced = calendar.past(each.replaced)
        rows.append((each.name, each.service, calendar.on((5, _SCORED)), *each.this, replaced))
    names = ("supplier", "service", "scored_on", "capability", "performance", "risk", "replaced_on")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def meeting_frame(seasons: Seasons) -> pl.DataFrame:
    """What the programme adds to the `governance_events` table, since it began and some ahead."""
    calendar = _Calendar(seasons)
    rows = sorted(_meetings(calendar), key=lambda row: (row[1], row[0]))
    return frame(
        "governance_events",
        {
            "event_id": ids("WP", np.arange(1, len(rows) + 1), 4),
            "kind": [kind for kind, _, _ in rows],
            "due_on": [due for _, due, _ in rows],
            "held_on": [held for _, _, held in rows],
            "updated_at": times(seasons.origin, np.full(len(rows), seasons.end - 0.5)),
        },
    )


def _meetings(calendar: _Calendar) -> Iterator[tuple[str, date, date | None]]:
    start, until = calendar.on((1, 1)), calendar.today + _AHEAD
    for kind, months, (month, day), delays in _MEETINGS:
        for turn in range(12):
            due = calendar.on((month + turn * months, day))
            if due > until:
                break
            late = delays[turn % len(delays)]
            held = None if late is None else calendar.held(due + timedelta(days=late))
            yield kind, due, held
    kind, weekday, without = _WEEKLY
    first = start + timedelta(days=(weekday - start.weekday()) % 7)
    for week in range(30):
        due = first + timedelta(days=7 * week)
        yield kind, due, None if week in without else calendar.held(due)
    working = [start + timedelta(days=day) for day in range(1, (calendar.today - start).days + 8)]
    for kind, every in _DAILY:
        days = [day for day in working if _works(day)]
        for turn, due in enumerate(days):
            yield kind, due, None if turn % every == every - 1 else calendar.held(due)


def _works(day: date) -> bool:
    """Monday to Friday, without the holidays of May and October."""
    off = (day.month == 5 and day.day <= 5) or (day.month == 10 and day.day <= 7)
    return day.weekday() < 5 and not off
