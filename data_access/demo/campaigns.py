"""Campaigns with control groups and a real lift in some value classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, blank, frame, ids, pick, times, values
from data_access.demo.customers import ACTIVE, DECLINING, GONE, Base, Life, customer_ids
from data_access.demo.orders import COMPLETED, Sales
from data_access.demo.processes import EventIndex
from data_access.demo.seasons import Seasons
from data_access.demo.service import COMPLAINT, Tickets
from data_access.demo.truth import Truth

SCENARIOS = ("reactivation", "repair", "retention", "brand")
_REACTIVATION, _REPAIR, _RETENTION, _BRAND = range(4)
_PLAN = (_RETENTION, _BRAND, _REACTIVATION, _REPAIR, _RETENTION)  # repeats
COUNT = 20
CAMPAIGN_CHANNELS = ("wechat", "phone", "email", "app")
_NAMES = {
    _REACTIVATION: ("沉睡客户唤醒", "老友回归", "Win-back wave", "再续合作"),
    _REPAIR: ("服务体验修复", "投诉客户回访", "服务关怀行动", "Service recovery"),
    _RETENTION: ("重点客户维系", "年度续约礼遇", "VIP 专属顾问", "Key account care"),
    _BRAND: ("品牌开放日", "行业沙龙", "新品体验会", "User community day"),
}
_FORMS = (  # two of each scenario
    *("discount", "challenge", "visit", "service_review"),
    *("salon", "solution_review", "product_launch", "live_class"),
)
_WAYS = ("phone+community", "phone+wechat", "wechat", "email")
_EVERY_DAYS = 54.0
_LAST_BEFORE_END = 24.0
LASTS_DAYS = 21.0
_CONVERSION_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Members:
    """Members of all campaigns; `planned` is when the contact was due, in days."""

    campaign: Ints
    who: Ints
    planned: Floats
    control: Flags
    reached: Flags
    participated: Flags
    lifted: Flags  # bought because of the campaign


def campaign_starts(seasons: Seasons) -> Floats:
    """The first planned contact of each campaign, in days."""
    last = np.floor(seasons.end - _LAST_BEFORE_END)
    return last - _EVERY_DAYS * np.arange(COUNT)[::-1] + 9.5 / 24


def scenarios() -> Ints:
    """The scenario of each campaign."""
    return np.array([_PLAN[number % len(_PLAN)] for number in range(COUNT)])


def campaign_frame(seasons: Seasons) -> pl.DataFrame:
    """The `campaigns` table: one every 54 days, the last one still running at `as_of`."""
    starts, kinds = campaign_starts(seasons), scenarios()
    begun = times(seasons.origin, starts)
    year = begun.dt.year().cast(pl.String)
    names = [_NAMES[int(kind)][(number // 5) % 4] for number, kind in enumerate(kinds)]
    return frame(
        "campaigns",
        {
            "campaign_id": ids("K", np.arange(1, COUNT + 1), 2),
            "name": year + " " + pl.Series(names),
            "scenario": pick(SCENARIOS, kinds),
            "channel": pick(CAMPAIGN_CHANNELS, np.arange(COUNT) % len(CAMPAIGN_CHANNELS)),
            "starts_at": begun,
            "ends_at": times(seasons.origin, starts + LASTS_DAYS),
            "updated_at": times(seasons.origin, starts - 20),
        },
    )


def draw_members(
    rng: np.random.Generator,
    base: Base,
    life: Life,
    tickets: Tickets,
    truth: Truth,
    seasons: Seasons,
) -> Members:
    """Targets and controls of every campaign, and who of the targets buys because of it."""
    chosen = [
        (number, _targets(rng, int(kind), float(start), base, life, tickets))
        for number, (kind, start) in enumerate(
            zip(scenarios(), campaign_starts(seasons), strict=True)
        )
    ]
    who = np.concatenate([targets for _, targets in chosen])
    campaign = np.repeat([number for number, _ in chosen], [len(targets) for _, targets in chosen])
    count = len(who)
    hours = np.floor(rng.beta(1.3, 2.2, count) * LASTS_DAYS) + rng.random(count) * 0.35
    planned = campaign_starts(seasons)[campaign] + hours
    control = rng.random(count) < truth.campaign_control_share
    reached = ~control & (rng.random(count) < 0.92) & (planned < seasons.end)
    joins = np.array([0.58, 0.22, 0.07])[life.state(who, planned)]
    kind = scenarios()[campaign]
    lift = values(truth.campaign_lift)[base.value[who]]
    lift = np.where(kind == _BRAND, lift / 2, lift)
    lift = np.where(kind == _REACTIVATION, truth.campaign_lift_reactivation, lift)
    lifted = reached & (rng.random(count) < lift)
    participated = reached & ((rng.random(count) < joins) | lifted)
    return Members(campaign, who, planned, control, reached, participated, lifted)


def _targets(
    rng: np.random.Generator, kind: int, start: float, base: Base, life: Life, tickets: Tickets
) -> Ints:
    everyone = np.arange(len(base.number))
    moment = np.full(len(everyone), start)
    state = life.state(everyone, moment)
    known = base.buys_from < start - 20
    if kind == _REPAIR:
        unhappy = ((tickets.kind == COMPLAINT) | ~tickets.met) & (tickets.when < start)
        recent = np.unique(tickets.who[unhappy & (tickets.when > start - 120)])
        fits, share = np.isin(everyone, recent) & (state != GONE), 0.75
    elif kind == _REACTIVATION:
        gone = life.gone_days(everyone, moment)
        fits, share = (state == DECLINING) | ((gone > 0) & (gone < 330)), 0.8
    elif kind == _RETENTION:
        fits, share = (base.value < 2) & (state == ACTIVE), 0.24
    else:
        fits, share = state != GONE, 0.12
    return np.flatnonzero(fits & known & (rng.random(len(everyone)) < share))


def extra_orders(
    rng: np.random.Generator, members: Members, seasons: Seasons
) -> tuple[Ints, Floats]:
    """Orders that exist only because of a campaign, 1 to 28 days after the contact."""
    lifted = np.flatnonzero(members.lifted)
    when = members.planned[lifted] + rng.uniform(1, 28, len(lifted))
    kept = when < seasons.end
    return members.who[lifted][kept], when[kept]


def after_purchase(members: Members, sold: Sales, seasons: Seasons) -> pl.Series:
    """Whether a purchase came within 30 days of the contact.

    For controls and those not reached the 30 days run from the day they would have been
    contacted. Null while the 30 days are running and nothing was bought.
    """
    bought = sold.status == COMPLETED
    purchases = EventIndex(sold.who[bought], sold.when[bought])
    until = members.planned + _CONVERSION_DAYS
    converted = purchases.count(members.who, members.planned, until) > 0
    return blank(pl.Series(converted), (until > seasons.end) & ~converted)


def member_frame(
    rng: np.random.Generator,
    detail: np.random.Generator,
    members: Members,
    sold: Sales,
    base: Base,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """The `campaign_members` table; converted means a purchase within 30 days of the contact."""
    count = len(members.who)
    contacted = np.where(members.reached, members.planned, np.nan)
    changed = np.minimum(members.planned + rng.uniform(0, 5, count), seasons.end)
    return frame(
        "campaign_members",
        {
            "member_id": ids("M", numbers_from + np.arange(count), 10),
            "campaign_id": ids("K", members.campaign + 1, 2),
            "customer_id": customer_ids(base, members.who),
            "contacted_at": times(seasons.origin, contacted),
            "is_control": members.control,
            "participated": blank(pl.Series(members.participated), members.control),
            "converted": after_purchase(members, sold, seasons),
            **_details(detail, members, base, seasons),
            "updated_at": times(seasons.origin, changed),
        },
    )


def _details(
    rng: np.random.Generator, members: Members, base: Base, seasons: Seasons
) -> dict[str, pl.Series]:
    """When they took part, in what, what reached them, and what they said of it afterwards."""
    count, took = len(members.who), members.participated
    joined = np.minimum(members.planned + rng.exponential(1.2, count), seasons.end)
    ended = campaign_starts(seasons)[members.campaign] + LASTS_DAYS + 2 < seasons.end
    answers = took & ended & (rng.random(count) < 0.45)
    mood = 4.35 + 0.3 * base.mood[members.who] + 0.65 * rng.standard_normal(count)
    first = rng.random(count) < np.where(took, 0.58, 0.46)
    form = 2 * scenarios()[members.campaign] + ~first
    way = np.searchsorted([0.44, 0.68, 0.86], rng.random(count) * np.where(took, 1.0, 1.5))
    return {
        "participated_at": times(seasons.origin, np.where(took, joined, np.nan)),
        "form": blank(pick(_FORMS, form), members.control),
        "channels": blank(pick(_WAYS, way), ~members.reached),
        "satisfaction": blank(pl.Series(np.clip(np.rint(mood), 1, 5)), ~answers),
    }
