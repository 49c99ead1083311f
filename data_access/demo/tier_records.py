"""The tiers that the CRM keeps: mostly right, some stale, a few looked at by a person."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import Floats, Ints, blank, frame, ids, pick, times
from data_access.demo.customers import Base, customer_ids
from data_access.demo.orders import CANCELLED, Sales
from data_access.demo.seasons import Seasons
from data_access.demo.truth import CLASSES

_BOUNDS = (10_000_00, 100_000_00)  # fen a year; the bands of the plan
_WRONG, _REVIEWED, _SEEN = 0.06, 0.05, 0.9  # share of errors, reviewed, of errors that are seen
_HALF_YEAR = 182.0
NEEDS = (  # by tier
    *("customised_solution", "executive_contact", "priority_service"),
    *("product_discount", "usage_training", "regular_follow_up"),
    *("new_product_trial", "starter_guidance", "promotion"),
)
SOURCES = ("order_history", "survey", "interview", "sales_feedback")


def tier_record_frame(
    rng: np.random.Generator, sold: Sales, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `tier_records` table: tiers of the plan, set anew every half year if they changed."""
    moments = seasons.end - 15.0 - _HALF_YEAR * np.arange(4, dtype=np.float64)[::-1]
    found = [_tiers(sold, len(base.number), moment) for moment in moments]
    first = np.where(base.entry < moments[0], found[0], -1)
    rows = _spans([first, *found[1:]], base, moments)
    who, start, stop, right = rows
    count = len(who)
    wrong = rng.random(count) < _WRONG
    tier = np.where(wrong, (right + rng.integers(1, 3, count)) % 3, right)
    judged = rng.random(count) < _REVIEWED
    judged[:1] = True
    verdict = ~wrong | (rng.random(count) > _SEEN)
    need = tier * 3 + rng.integers(0, 3, count)
    unknown = rng.random(count) < 0.18
    source = blank(pick(SOURCES, rng.integers(0, len(SOURCES), count)), unknown)
    return frame(
        "tier_records",
        {
            "record_id": ids("D", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, who),
            "scheme": pick(("value_spend_s0",), np.zeros(count, np.int64)),
            "tier": pick(CLASSES, tier),
            "valid_from_at": times(seasons.origin, start),
            "valid_to_at": times(seasons.origin, stop),
            "review_correct": blank(pl.Series(verdict), ~judged),
            "core_need": blank(pick(NEEDS, need), unknown),
            "need_source": source,
            "updated_at": times(seasons.origin, np.where(np.isnan(stop), start, stop)),
        },
    )


def _tiers(sold: Sales, count: int, moment: float) -> Ints:
    """Positions in CLASSES by the revenue of the year before a moment."""
    inside = (sold.when <= moment) & (sold.when > moment - 365) & (sold.status != CANCELLED)
    spent = np.bincount(sold.who[inside], sold.amount[inside].astype(np.float64), count)
    return np.where(spent > _BOUNDS[1], 0, np.where(spent >= _BOUNDS[0], 1, 2))


def _spans(found: list[Ints], base: Base, moments: Floats) -> tuple[Ints, Floats, Floats, Ints]:
    """Who had which tier from when until when; nothing where it stayed as it was."""
    parts: list[tuple[Ints, Floats, Ints]] = []
    before = np.full(len(base.number), -1)
    for tier, moment in zip(found, moments, strict=True):
        known = (base.entry < moment) & (tier >= 0)
        who = np.flatnonzero(known & (tier != before))
        before = np.where(known, tier, before)
        parts.append((who, np.full(len(who), moment), tier[who]))
    who = np.concatenate([part[0] for part in parts])
    start = np.concatenate([part[1] for part in parts])
    tier = np.concatenate([part[2] for part in parts])
    order = np.lexsort((start, who))
    who, start, tier = who[order], start[order], tier[order]
    following = np.append(who[1:] == who[:-1], False) if len(who) else np.zeros(0, np.bool_)
    stop = np.where(following, np.append(start[1:], np.nan), np.nan)
    return who, start, stop, tier
