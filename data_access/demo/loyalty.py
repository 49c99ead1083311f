"""Members, their points, coupons, referrals and reviews.

Joining goes by value class, not by a lower hazard: members stay longer only because better
customers join. Coupons bring no order that would not have come; who bought anyway used one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_access.demo.arrays import (
    Flags,
    Floats,
    Ints,
    blank,
    by_time,
    frame,
    ids,
    pick,
    times,
    values,
)
from data_access.demo.customers import Base, customer_ids
from data_access.demo.orders import COMPLETED, Sales
from data_access.demo.seasons import Seasons
from data_access.demo.truth import Truth

LEVELS = ("silver", "gold", "platinum")
KINDS = ("earn", "redeem", "expire", "adjust")
_EARN, _REDEEM, _EXPIRE, _ADJUST = range(4)
_YEAR = 365.0
_POINTS_PER_FEN = 1 / 1000  # one for ten yuan
_REDEEMED = (0.7, 0.55)  # of what was there, the first and the second time
_REDEEMS = (0.52, 0.3)  # share of members


@dataclass(frozen=True, slots=True)
class Members:
    """Who joined, when, and until when (infinity while it lasts)."""

    who: Ints
    since: Floats
    until: Floats


def draw_members(rng: np.random.Generator, base: Base, truth: Truth, seasons: Seasons) -> Members:
    """The members of the programme."""
    count = len(base.number)
    joins = rng.random(count) < values(truth.member_share)[base.value]
    since = base.entry + rng.exponential(90.0, count)
    leaves = np.where(rng.random(count) < 0.04, since + rng.exponential(400.0, count), np.inf)
    who = np.flatnonzero(joins & (since < seasons.end))
    return Members(who, since[who], np.where(leaves[who] < seasons.end, leaves[who], np.inf))


def account_frame(
    rng: np.random.Generator, members: Members, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `loyalty_accounts` table."""
    count = len(members.who)
    level = np.clip(2 - base.value[members.who] + (rng.random(count) < 0.12), 0, 2)
    changed = np.where(np.isfinite(members.until), members.until, members.since)
    return frame(
        "loyalty_accounts",
        {
            "account_id": ids("L", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, members.who),
            "enrolled_at": times(seasons.origin, members.since),
            "closed_at": times(seasons.origin, members.until),
            "level": pick(LEVELS, level),
            "updated_at": times(seasons.origin, changed),
        },
    )


@dataclass(frozen=True, slots=True)
class _Moves:
    member: Ints  # position among the members
    when: Floats
    kind: Ints
    points: Ints


def transaction_frame(
    rng: np.random.Generator,
    members: Members,
    sold: Sales,
    base: Base,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """The `loyalty_transactions` table: the last 365 days, and what was brought forward to them."""
    start = seasons.end - _YEAR
    opening = _opening(rng, members, start)
    earned = _earned(members, sold, base, start)
    parts = [opening, earned, *_spent(rng, members, opening, earned, start, seasons)]
    parts.append(_expired(opening, start))
    every = _Moves(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))
    order = by_time(every.when)
    order = order[every.points[order] > 0]
    count = len(order)
    moment = times(seasons.origin, every.when[order])
    return frame(
        "loyalty_transactions",
        {
            "transaction_id": ids("T", numbers_from + np.arange(count), 10),
            "account_id": ids("L", numbers_from + every.member[order], 10),
            "customer_id": customer_ids(base, members.who[every.member[order]]),
            "occurred_at": moment,
            "kind": pick(KINDS, every.kind[order]),
            "points": every.points[order],
            "updated_at": moment,
        },
    )


_NAMES = ("member", "when", "kind", "points")


def _opening(rng: np.random.Generator, members: Members, start: float) -> _Moves:
    old = np.flatnonzero(members.since < start)
    points = np.rint(np.exp(rng.normal(6.0, 0.8, len(old)))).astype(np.int64)
    return _Moves(old, np.full(len(old), start + 0.1), np.full(len(old), _ADJUST), points)


def _earned(members: Members, sold: Sales, base: Base, start: float) -> _Moves:
    place = np.full(len(base.number), -1)
    place[members.who] = np.arange(len(members.who))
    member = place[sold.who]
    inside = (sold.when > start) & (member >= 0) & (sold.status == COMPLETED)
    inside[inside] &= (sold.when[inside] > members.since[member[inside]]) & (
        sold.when[inside] < members.until[member[inside]]
    )
    rows = np.flatnonzero(inside)
    points = np.floor(sold.amount[rows] * _POINTS_PER_FEN).astype(np.int64)
    return _Moves(member[rows], sold.when[rows] + 0.02, np.full(len(rows), _EARN), points)


def _spent(
    rng: np.random.Generator,
    members: Members,
    opening: _Moves,
    earned: _Moves,
    start: float,
    seasons: Seasons,
) -> list[_Moves]:
    """Two times at which some redeem, each never more than there is."""
    count = len(members.who)
    moments = (start + rng.uniform(60, 200, count), start + rng.uniform(210, 364, count))
    left = np.zeros(count)
    left += np.bincount(opening.member, opening.points, count) / 2  # the rest may expire
    counted = np.zeros(count)
    found: list[_Moves] = []
    for when, share, chance in zip(moments, _REDEEMED, _REDEEMS, strict=True):
        before = earned.when < when[earned.member]
        total = np.bincount(earned.member[before], earned.points[before], count)
        left += total - counted
        counted = total
        active = (rng.random(count) < chance) & (members.since < when) & (when < members.until)
        points = np.where(active & (when < seasons.end), np.floor(left * share), 0.0)
        left -= points
        kind = np.full(count, _REDEEM)
        found.append(_Moves(np.arange(count), when, kind, points.astype(np.int64)))
    return found


def _expired(opening: _Moves, start: float) -> _Moves:
    """A third of what was brought forward, half a year later."""
    count = len(opening.member)
    return _Moves(
        opening.member, np.full(count, start + 182.0), np.full(count, _EXPIRE), opening.points // 3
    )


def review_frame(
    rng: np.random.Generator, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `reviews` table."""
    writes: Flags = rng.random(len(base.number)) < 0.05
    writes[:1] = True
    who = np.flatnonzero(writes)
    count = len(who)
    when = base.entry[who] + rng.random(count) * (seasons.end - base.entry[who])
    stars = np.clip(np.rint(4.1 + 0.8 * base.mood[who] + rng.normal(0, 0.6, count)), 1, 5)
    return frame(
        "reviews",
        {
            "review_id": ids("R", numbers_from + np.arange(count), 10),
            "customer_id": blank(customer_ids(base, who), rng.random(count) < 0.1),
            "posted_at": times(seasons.origin, when),
            "rating": stars.astype(np.int64),
            "shared": (stars >= 4) & (rng.random(count) < 0.3),
            "updated_at": times(seasons.origin, when),
        },
    )
