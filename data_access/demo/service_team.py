"""Training of those who serve customers, and what serving costs; tables of the company."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import frame, ids, pick, times
from data_access.demo.people import AGENTS, MANAGERS
from data_access.demo.seasons import Seasons

_COURSES = (  # course, level, every so many days, share who pass
    ("product_update", "frontline", 180.0, 0.985),
    ("communication_skill", "frontline", 365.0, 0.975),
    ("emergency_handling", "frontline", 365.0, 0.965),
    ("data_analysis", "specialist", 365.0, 0.9),
    ("team_motivation", "management", 365.0, 0.95),
)
_BOT_COST, _PERSON_COST = 20_500, 2_450_000  # fen a month
_EVERYBODY, _FEW = 3, 6  # courses for all; of the others one employee in so many


def training_frame(rng: np.random.Generator, seasons: Seasons) -> pl.DataFrame:
    """The `trainings` table of two years."""
    staff = np.arange(MANAGERS, MANAGERS + AGENTS)
    who: list[np.ndarray] = []
    course: list[np.ndarray] = []
    when: list[np.ndarray] = []
    passed: list[np.ndarray] = []
    for place, (_, _, every, share) in enumerate(_COURSES):
        for turn in range(int(730 // every)):
            some = staff if place < _EVERYBODY else staff[place::_FEW]
            who.append(some)
            course.append(np.full(len(some), place))
            when.append(seasons.end - 20 - turn * every - rng.uniform(0, 60, len(some)))
            passed.append(rng.random(len(some)) < share)
    moment = np.concatenate(when)
    order = np.argsort(moment, kind="stable")
    place, count = np.concatenate(course)[order], len(order)
    people = [f"E{number:04d}" for number in range(1, MANAGERS + AGENTS + 1)]
    return frame(
        "trainings",
        {
            "training_id": ids("L", np.arange(1, count + 1), 5),
            "employee_id": pick(people, np.concatenate(who)[order]),
            "course": pick([each[0] for each in _COURSES], place),
            "level": pick([each[1] for each in _COURSES], place),
            "held_at": times(seasons.origin, moment[order]),
            "passed": np.concatenate(passed)[order],
            "updated_at": times(seasons.origin, moment[order]),
        },
    )
