"""Training of those who serve customers, and what serving costs; tables of the company."""

from __future__ import annotations

from datetime import date, timedelta

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


def cost_frame(rng: np.random.Generator, seasons: Seasons) -> pl.DataFrame:
    """The `service_costs` table: complete months of two years, of a company of 20,000."""
    today = (seasons.origin + timedelta(days=seasons.end)).date()
    this = today.year * 12 + today.month - 1
    months = [date((this - back) // 12, (this - back) % 12 + 1, 1) for back in range(24, 0, -1)]
    noise = rng.normal(1.0, 0.03, (len(months), 2))
    cheaper = np.linspace(1.0, 0.86, len(months))
    bot = _BOT_COST * noise[:, 0]
    person = _PERSON_COST * cheaper * noise[:, 1]
    amount = np.rint(np.stack([bot, person], axis=1)).astype(np.int64).reshape(-1)
    month = pl.Series(months).gather(np.repeat(np.arange(len(months)), 2))
    booked = month.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + timedelta(days=28)
    return frame(
        "service_costs",
        {
            "month": month,
            "served_by": ["bot", "person"] * len(months),
            "amount": amount,
            "currency": pl.repeat("CNY", len(amount), eager=True),
            "updated_at": booked,
        },
    )
