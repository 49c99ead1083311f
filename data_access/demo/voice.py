"""What else customers say: ratings of single aspects, feedback, needs; all with their own chance.

Of the five dimensions of SERVQUAL responsiveness goes most with being recommended, as the plan
says of others; nothing else is true of the demo company by these rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, blank, by_time, frame, ids, pick, times
from data_access.demo.customers import Base, Life, customer_ids
from data_access.demo.processes import at_hours
from data_access.demo.seasons import Seasons
from data_access.demo.tier_records import NEEDS, SOURCES

SCENARIOS = ("shopping", "after_sales", "complaint")
_LOADINGS = {  # mean, and how far it goes with the score of the recommendation
    "tangibles": (4.15, 0.10),
    "reliability": (4.02, 0.32),
    "responsiveness": (3.88, 0.55),
    "assurance": (4.10, 0.22),
    "empathy": (3.95, 0.28),
}
_ASPECTS = {"product": 4.22, "service": 4.05, "communication": 3.98}
_SKIPPED = 0.04
_FEEDBACK_SOURCES = (
    *("after_sales_survey", "app", "hotline", "interview", "suggestion_box", "social"),
)
_SOURCE_SHARES = (0.30, 0.24, 0.22, 0.06, 0.12, 0.06)
_KINDS = ("product_issue", "service_dissatisfaction", "need_suggestion")
_GRADES = ("general", "complex", "major")
_PER_CUSTOMER = 0.42  # feedback a year
_NEEDS_FOUND = 0.35  # of the customers, each year
_RIGHT = 0.82  # of the needs found


def scores(
    rng: np.random.Generator,
    csat: Ints,
    nps: Ints,
    answered: Flags,
    after_service: Flags,
    complaint: Flags,
) -> Mapping[str, pl.Series]:
    """Scenario and ratings of single aspects; relationship surveys ask for the latter."""
    count = len(csat)
    place = np.where(complaint, 2, np.where(after_service, 1, 0))
    asked = answered & ~after_service
    liking = (nps - 7.6) / 2.0
    # every other relationship survey follows no purchase
    untold = ~after_service & (rng.random(count) < 0.5)
    found: dict[str, pl.Series] = {"scenario": blank(pick(SCENARIOS, place), untold)}
    for name, (mean, loading) in _LOADINGS.items():
        noise = 0.62 * rng.standard_normal(count)
        found[name] = _rating(rng, mean + loading * liking + noise, asked)
    for name, mean in _ASPECTS.items():
        noise = 0.55 * rng.standard_normal(count)
        found[name] = _rating(rng, mean + 0.55 * (csat - 4.1) + noise, asked)
    return found


def _rating(rng: np.random.Generator, score: Floats, asked: Flags) -> pl.Series:
    skipped = rng.random(len(score)) < _SKIPPED
    return blank(pl.Series(np.clip(np.rint(score), 1, 5).astype(np.int64)), ~asked | skipped)


def feedback_frame(
    rng: np.random.Generator, base: Base, life: Life, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `feedback` table; the interviews of success managers began a year ago."""
    many = rng.poisson(_PER_CUSTOMER * seasons.end / 365, len(base.number))
    who = np.repeat(np.arange(len(base.number)), many)
    when = at_hours(rng, rng.random(len(who)) * seasons.end, 8, 21)
    source = rng.choice(len(_FEEDBACK_SOURCES), len(who), p=_SOURCE_SHARES)
    interview = _FEEDBACK_SOURCES.index("interview")
    there = (when > base.entry[who]) & (life.gone_days(who, when) < 30) & (when < seasons.end - 0.1)
    there &= (source != interview) | (when > seasons.end - 365)
    kept = np.flatnonzero(there)
    order = kept[by_time(when[kept])]
    who, when, source = who[order], when[order], source[order]
    count = len(who)
    boxed = source == _FEEDBACK_SOURCES.index("suggestion_box")
    kind = np.where(boxed, 2, rng.choice(3, count, p=(0.44, 0.34, 0.22)))
    suggested = kind == 2
    grade = rng.choice(3, count, p=(0.74, 0.2, 0.06))
    valid = suggested & (rng.random(count) < 0.68)
    wait = rng.exponential(34.0, count) + 4
    adopted = valid & (rng.random(count) < 0.39) & (when + wait < seasons.end)
    taken = np.where(adopted, when + wait, np.nan)
    return frame(
        "feedback",
        {
            "feedback_id": ids("K", numbers_from + np.arange(count), 10),
            "customer_id": blank(customer_ids(base, who), rng.random(count) < 0.03),
            "source": pick(_FEEDBACK_SOURCES, source),
            "kind": pick(_KINDS, kind),
            "grade": pick(_GRADES, grade),
            "created_at": times(seasons.origin, when),
            "valid": blank(pl.Series(valid), ~suggested),
            "adopted_at": times(seasons.origin, taken),
            "updated_at": times(seasons.origin, np.fmax(when, taken)),
        },
    )


def need_frame(
    rng: np.random.Generator, base: Base, life: Life, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `needs` table: found in the last two years, most of them confirmed later, most right."""
    many = rng.poisson(2 * _NEEDS_FOUND, len(base.number))
    who = np.repeat(np.arange(len(base.number)), many)
    when = seasons.end - 1 - rng.random(len(who)) * 729
    there = (when > base.entry[who]) & (life.gone_days(who, when) < 0)
    who, when = who[there], when[there]
    order = by_time(when)
    who, when = who[order], when[order]
    count = len(who)
    thought = rng.integers(0, len(NEEDS), count)
    # Lately more of them are right: the plan's work begins to show.
    right = rng.random(count) < _RIGHT + 0.05 * (when > seasons.end - 120)
    turned_out = np.where(right, thought, (thought + rng.integers(1, 9, count)) % len(NEEDS))
    known = when + rng.exponential(40.0, count) + 3
    confirmed = (rng.random(count) < 0.7) & (known < seasons.end)
    day = np.where(confirmed, known, np.nan)
    return frame(
        "needs",
        {
            "need_id": ids("J", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, who),
            "need": pick(NEEDS, thought),
            "source": pick(SOURCES, rng.choice(len(SOURCES), count, p=(0.4, 0.3, 0.1, 0.2))),
            "identified_at": times(seasons.origin, when),
            "confirmed_need": blank(pick(NEEDS, turned_out), ~confirmed),
            "confirmed_at": times(seasons.origin, day),
            "updated_at": times(seasons.origin, np.fmax(when, day)),
        },
    )
