"""Coupons, some of them withheld for comparison, and customers who bring others."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, blank, by_time, frame, ids, pick, times
from data_access.demo.customers import ACTIVE, Base, Life, customer_ids
from data_access.demo.orders import COMPLETED, Sales
from data_access.demo.seasons import Seasons
from data_access.demo.truth import ACQUISITION_CHANNELS

KINDS = ("recall", "exclusive", "newcomer", "birthday", "mass")
_RECALL, _EXCLUSIVE, _NEWCOMER, _BIRTHDAY, _MASS = range(5)
_VALUE = np.array([50_000, 80_000, 3_000, 5_000, 1_000])  # fen
_USED = np.array([0.55, 0.7, 0.6, 0.5, 0.25])  # of those who buy while it is valid
_VALID_DAYS = 30.0
_WAVES, _EVERY_DAYS = 12, 90.0
_CONTROL = 0.15
_SPAN = 1e5
_HOUSE_REWARD = 20_000  # fen


def coupon_frame(
    rng: np.random.Generator,
    base: Base,
    life: Life,
    sold: Sales,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """The `coupons` table: quarterly waves, and one for every newcomer."""
    who, when, kind = _issued(rng, base, life, seasons)
    order = by_time(when)
    order = order[when[order] < seasons.end]
    who, when, kind = who[order], when[order], kind[order]
    count = len(who)
    control = (kind != _NEWCOMER) & (rng.random(count) < _CONTROL)
    bought = _next_purchase(sold, who, when)
    used = ~control & (bought < when + _VALID_DAYS) & (rng.random(count) < _USED[kind])
    redeemed = np.where(used, bought, np.nan)
    return frame(
        "coupons",
        {
            "coupon_id": ids("V", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, who),
            "kind": pick(KINDS, kind),
            "issued_at": times(seasons.origin, when),
            "expires_on": times(seasons.origin, when + _VALID_DAYS).dt.date(),
            "redeemed_at": times(seasons.origin, redeemed),
            "face_value": _VALUE[kind],
            "is_control": control,
            "updated_at": times(seasons.origin, np.fmax(when, redeemed)),
        },
    )


def _issued(
    rng: np.random.Generator, base: Base, life: Life, seasons: Seasons
) -> tuple[Ints, Floats, Ints]:
    everyone = np.arange(len(base.number))
    found: list[tuple[Ints, Floats, int]] = []
    for wave in range(_WAVES):
        moment = seasons.end - 20.0 - wave * _EVERY_DAYS
        at = np.full(len(everyone), moment)
        state, gone = life.state(everyone, at), life.gone_days(everyone, at)
        known = base.buys_from < moment
        groups: tuple[tuple[int, Flags, float], ...] = (
            (_RECALL, (state != ACTIVE) & (gone < 330), 0.3),
            (_EXCLUSIVE, base.value == 0, 0.3),
            (_BIRTHDAY, state == ACTIVE, 0.04),
            (_MASS, base.value >= 0, 0.05),
        )
        for kind, fits, share in groups:
            chosen = np.flatnonzero(fits & known & (rng.random(len(everyone)) < share))
            found.append((chosen, moment + rng.uniform(0, 4, len(chosen)), kind))
    new = np.flatnonzero(base.registered > 0)
    found.append((new, base.registered[new] + 0.01, _NEWCOMER))
    kinds = np.concatenate([np.full(len(each[0]), each[2]) for each in found])
    return (
        np.concatenate([each[0] for each in found]),
        np.concatenate([each[1] for each in found]),
        kinds,
    )


def _next_purchase(sold: Sales, who: Ints, when: Floats) -> Floats:
    """When each customer next bought after a moment; infinity if not."""
    done = sold.status == COMPLETED
    buyer, day = sold.who[done], sold.when[done]
    if not len(buyer):
        return np.full(len(who), np.inf)
    order = np.lexsort((day, buyer))
    buyer, day = buyer[order], day[order]
    place = np.searchsorted(buyer * _SPAN + day, who * _SPAN + when, side="right")
    place = np.minimum(place, len(day) - 1)
    same = (buyer[place] == who) & (day[place] > when)
    return np.where(same, day[place], np.inf)


def referral_frame(
    rng: np.random.Generator, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `referrals` table: whoever came by recommendation was sent by somebody content."""
    likes: Floats = np.exp(0.9 * base.mood)
    came = (base.channel == ACQUISITION_CHANNELS.index("referral")) & (base.registered > 0)
    came &= rng.random(len(came)) < 0.8
    came[:1] = True  # the smallest company has one, too
    referred = np.flatnonzero(came)
    more = round(0.7 * len(referred))
    arrived = np.concatenate([base.registered[referred], rng.uniform(0, seasons.end, more)])
    arrived = np.maximum(arrived - rng.uniform(1, 20, len(arrived)), 0.0)
    by = _senders(rng, likes, base, len(arrived))
    target = np.concatenate([referred, np.full(more, -1)])
    bought = (target >= 0) & (base.buys_from[target] < seasons.end)
    order = by_time(arrived)
    return frame(
        "referrals",
        {
            "referral_id": ids("F", numbers_from + np.arange(len(order)), 10),
            "customer_id": customer_ids(base, by[order]),
            "referred_id": blank(
                customer_ids(base, np.maximum(target, 0)[order]), target[order] < 0
            ),
            "referred_at": times(seasons.origin, arrived[order]),
            "reward": np.where(bought[order], _HOUSE_REWARD, 0),
            "updated_at": times(seasons.origin, arrived[order]),
        },
    )


def _senders(rng: np.random.Generator, likes: Floats, base: Base, count: int) -> Ints:
    """Customers from before the data who recommend; the more content, the more often."""
    able = np.isfinite(base.buys_from) & (base.registered < 0)
    odds: Floats = np.cumsum(np.where(able, likes, 1e-9))
    place = np.searchsorted(odds, rng.random(count) * float(odds[-1]), side="right")
    return np.minimum(place.astype(np.int64), len(odds) - 1)
