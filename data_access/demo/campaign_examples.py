"""Two campaigns more: the plan's worked example of 2024, and one that is running."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, blank, frame, ids, pick, times
from data_access.demo.campaigns import COUNT, SCENARIOS, Members, after_purchase
from data_access.demo.customers import Base, customer_ids
from data_access.demo.orders import COMPLETED, Sales
from data_access.demo.processes import EventIndex
from data_access.demo.seasons import SHANGHAI, Seasons

_MID = 1
_TARGETS = 200


@dataclass(frozen=True, slots=True)
class Example:
    """One of them; `first` and `last` contact in days, or days before today."""

    name: str
    scenario: int
    channel: str
    first: datetime | float
    lasts: float

    def span(self, seasons: Seasons) -> tuple[float, float]:
        """First and last planned contact, in days since the origin."""
        if isinstance(self.first, datetime):
            start = seasons.day(self.first)
        else:
            start = float(np.floor(seasons.end - self.first)) + 9 / 24
        return start, start + self.lasts


EXAMPLES = (
    Example(
        "2024 老客户唤醒月 · 30天产品使用挑战",
        0,
        "phone",
        datetime(2024, 4, 11, 9, tzinfo=SHANGHAI),
        19.5,  # until 30 April
    ),
    Example("2026 会员成长季 · 30天打卡挑战", 2, "wechat", 12.0, 26.0),
)
WAKE_UP, CHALLENGE = COUNT, COUNT + 1


def example_frame(seasons: Seasons) -> pl.DataFrame:
    """Their rows of the `campaigns` table, without the plan."""
    spans = np.array([example.span(seasons) for example in EXAMPLES])
    return frame(
        "campaigns",
        {
            "campaign_id": ids("K", COUNT + 1 + np.arange(len(EXAMPLES)), 2),
            "name": [example.name for example in EXAMPLES],
            "scenario": pick(SCENARIOS, np.array([example.scenario for example in EXAMPLES])),
            "channel": [example.channel for example in EXAMPLES],
            "starts_at": times(seasons.origin, spans[:, 0]),
            "ends_at": times(seasons.origin, spans[:, 1]),
            "updated_at": times(seasons.origin, spans[:, 0] - 11),
        },
    )


@dataclass(frozen=True, slots=True)
class Invited:
    """The targets of one example; times in days."""

    who: Ints
    contacted: Floats
    joined: Floats  # NaN: did not take part
    satisfaction: Ints  # 0: not asked, or no answer


def wake_up(rng: np.random.Generator, base: Base, sold: Sales, seasons: Seasons) -> Invited:
    """200 customers of middle value, 65 % take part, 15 % of these buy within 30 days after.

    Who took part is chosen by what they bought, because the plan states its results. Those who
    had not bought for longest come first. A small company has fewer of them.
    """
    start, end = EXAMPLES[0].span(seasons)
    bought = sold.status == COMPLETED
    purchases = EventIndex(sold.who[bought], sold.when[bought])
    pool = np.flatnonzero((base.value == _MID) & (base.buys_from < start - 20))
    at = np.full(len(pool), np.floor(end) + 1)
    recent = purchases.count(pool, np.zeros(len(pool)), np.full(len(pool), start))
    pool = pool[np.argsort(recent, kind="stable")]
    again = purchases.count(pool, at, at + 30) > 0
    size = min(_TARGETS, len(pool))
    part = round(0.65 * size)
    buyers = pool[again][: round(0.15 * part)]
    others = rng.permutation(pool[~again][: size - len(buyers)])
    chosen = np.concatenate([buyers, others[: part - len(buyers)]])
    rest = others[part - len(buyers) :]
    rest = np.concatenate([rest, pool[~np.isin(pool, [*chosen, *rest])]])[: size - len(chosen)]
    who = np.concatenate([chosen, rest])
    contacted = start + rng.integers(0, 5, len(who)) + rng.random(len(who)) * 0.35
    joined = contacted + 0.5 + rng.exponential(3.0, len(who))
    joined = np.minimum(joined, end - rng.random(len(who)))
    joined[len(chosen) :] = np.nan
    scores = np.zeros(len(who), np.int64)
    answers = np.repeat([5, 4, 3], [39, 39, 12])[: len(chosen)]  # 90 answers, 4.3 on average
    scores[: len(answers)] = answers
    order = np.argsort(who, kind="stable")
    return Invited(who[order], contacted[order], joined[order], scores[order])


def running(rng: np.random.Generator, base: Base, seasons: Seasons) -> Invited:
    """Invited over the first ten days; fewer take part than the plan wants."""
    start, _ = EXAMPLES[1].span(seasons)
    pool = np.flatnonzero((base.value == _MID) & (base.buys_from < start - 90))
    who = np.sort(rng.choice(pool, min(2 * _TARGETS, len(pool)), replace=False))
    contacted = start + np.floor(10 * rng.random(len(who))) + rng.random(len(who)) * 0.3
    joined = contacted + rng.exponential(1.4, len(who))
    stays_away = (rng.random(len(who)) > 0.58) | (joined > seasons.end)
    return Invited(who, contacted, np.where(stays_away, np.nan, joined), np.zeros_like(who))


def example_members(
    rng: np.random.Generator, base: Base, sold: Sales, seasons: Seasons, numbers_from: int
) -> pl.DataFrame:
    """Their rows of the `campaign_members` table."""
    groups = (wake_up(rng, base, sold, seasons), running(rng, base, seasons))
    campaign = np.repeat(COUNT + np.arange(len(groups)), [len(each.who) for each in groups])
    who = np.concatenate([each.who for each in groups])
    contacted = np.concatenate([each.contacted for each in groups])
    joined = np.concatenate([each.joined for each in groups])
    scores = np.concatenate([each.satisfaction for each in groups])
    took: Flags = np.isfinite(joined)
    members = Members(campaign, who, contacted, *_flags(took))
    by_phone = rng.random(len(who)) < np.where(took, 0.7, 0.35)
    return frame(
        "campaign_members",
        {
            "member_id": ids("M", numbers_from + np.arange(len(who)), 10),
            "campaign_id": ids("K", campaign + 1, 2),
            "customer_id": customer_ids(base, who),
            "contacted_at": times(seasons.origin, contacted),
            "is_control": np.zeros(len(who), np.bool_),
            "participated": took,
            "converted": after_purchase(members, sold, seasons),
            "participated_at": times(seasons.origin, joined),
            "form": pick(("challenge", "visit"), (rng.random(len(who)) < 0.3).astype(np.int64)),
            "channels": pick(("email", "phone+community"), by_phone.astype(np.int64)),
            "satisfaction": blank(pl.Series(scores), scores == 0),
            "updated_at": times(seasons.origin, contacted),
        },
    )


def _flags(took: Flags) -> tuple[Flags, Flags, Flags, Flags]:
    """Nobody is held out, everybody is reached, who took part, nobody bought because of it."""
    nobody = np.zeros(len(took), np.bool_)
    return nobody, ~nobody, took, nobody
