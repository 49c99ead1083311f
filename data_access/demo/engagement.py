"""Touchpoints, use of the app, experiments, care, articles and the tiers the CRM keeps."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import Floats, Ints, by_time, frame, ids, pick, times
from data_access.demo.customers import ACTIVE, Base, Life, customer_ids
from data_access.demo.seasons import Seasons
from data_access.demo.truth import Truth

TOUCHPOINTS = (  # channel, kind, planned, synced, connected since (days before the end)
    ("store", "store", True, True, 800),
    ("mall", "mall", True, True, 900),
    ("social", "social", True, False, 250),
    ("phone", "hotline", True, True, 1_090),
    ("app", "app", True, True, 700),
    ("miniprogram", "app", True, True, 400),
    ("community", "community", True, False, None),
    ("wechat", "message", True, True, 1_000),
    ("sms", "message", True, True, 1_090),
    ("email", "message", True, True, 1_090),
    ("chat", "message", True, False, None),
    ("visit", "visit", True, True, 1_090),
)
MODES = (
    *("ai_script", "question_script", "location_push", "co_creation", "video_greeting"),
    *("group_chat", "gift_first"),
)
_FAILED = (False, True, False, True, None, None, None)  # by number from the oldest; null: open
_EXPERIMENT_COST = (18_000, 26_000, 45_000, 31_000, 22_000, 12_000, 9_000)  # yuan
_EVERY_DAYS, _LASTS_DAYS = 118.0, 60.0
_SHARE = 0.1  # of the active customers in an experiment
_APP_USERS = np.array([0.5, 0.42, 0.26])  # by value class
_USE_DAYS, _USE = 92, 0.075
_YEAR = 365.0
OCCASIONS = ("birthday", "holiday", "purchase_anniversary")
METHODS = ("sms", "gift", "call")
_AHEAD_DAYS = 30.0


def channel_frame(seasons: Seasons) -> pl.DataFrame:
    """The `channels` table: ten of the twelve planned touchpoints are connected."""
    since = np.array([np.nan if row[4] is None else seasons.end - row[4] for row in TOUCHPOINTS])
    return frame(
        "channels",
        {
            "channel": [row[0] for row in TOUCHPOINTS],
            "kind": [row[1] for row in TOUCHPOINTS],
            "planned": [row[2] for row in TOUCHPOINTS],
            "connected_at": times(seasons.origin, np.floor(since)),
            "synced": [row[3] for row in TOUCHPOINTS],
            "updated_at": times(seasons.origin, np.where(np.isnan(since), 0.0, since)),
        },
    )


def activity_frame(
    rng: np.random.Generator, base: Base, life: Life, seasons: Seasons
) -> pl.DataFrame:
    """The `activity_days` table: who used the app on which of the last 92 days."""
    count = len(base.number)
    users = np.flatnonzero(rng.random(count) < _APP_USERS[base.value])
    if not len(users):
        users = np.arange(1)
    pace = rng.gamma(1.4, 1 / 1.4, len(users)) * _USE
    person, back = np.nonzero(rng.random((len(users), _USE_DAYS)) < pace[:, None])
    who, when = users[person], np.floor(seasons.end) - back - 0.5
    there = (life.state(who, when) == ACTIVE) & (when > base.entry[who])
    there[:1] = True
    who, when = who[there], when[there]
    order = by_time(when)
    who, when = who[order], when[order]
    used = times(seasons.origin, when)
    return frame(
        "activity_days",
        {
            "customer_id": customer_ids(base, who),
            "active_on": used.dt.date(),
            "channel": pick(("app",), np.zeros(len(who), np.int64)),
            "updated_at": used,
        },
    )


def _starts(seasons: Seasons) -> Floats:
    return np.floor(seasons.end - 40.0 - _EVERY_DAYS * np.arange(len(MODES))[::-1])


def experiment_frame(seasons: Seasons) -> pl.DataFrame:
    """The `experiments` table: one every four months, the last one still running."""
    starts = _starts(seasons)
    ends = np.where(starts + _LASTS_DAYS < seasons.end, starts + _LASTS_DAYS, np.nan)
    names = (
        "智能话术",
        "提问式话术",
        "到店定位推送",
        "客户共创会",
        "视频问候",
        "企业微信群",
        "先送礼",
    )
    return frame(
        "experiments",
        {
            "experiment_id": ids("X", np.arange(1, len(MODES) + 1), 2),
            "name": list(names),
            "mode": list(MODES),
            "started_at": times(seasons.origin, starts),
            "ended_at": times(seasons.origin, ends),
            "cost": np.array(_EXPERIMENT_COST) * 100,
            "failed": list(_FAILED),
            "updated_at": times(seasons.origin, starts),
        },
    )


def experiment_member_frame(
    rng: np.random.Generator,
    base: Base,
    life: Life,
    truth: Truth,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """The `experiment_members` table: chance decides who is a control."""
    everyone = np.arange(len(base.number))
    starts = _starts(seasons)
    found: list[tuple[Ints, Ints]] = []
    for number, start in enumerate(starts):
        there = (life.state(everyone, np.full(len(everyone), start)) == ACTIVE) & (
            base.buys_from < start
        )
        chosen = rng.random(len(everyone)) < _SHARE
        chosen[:1] = True
        who = np.flatnonzero((there | (everyone == 0)) & chosen)
        found.append((np.full(len(who), number), who))
    which = np.concatenate([each[0] for each in found])
    who = np.concatenate([each[1] for each in found])
    count = len(who)
    control = rng.random(count) < 0.5
    lift = np.where(control, 0.0, np.array(truth.experiment_lift)[which])
    when = starts[which] + rng.uniform(0.4, 0.7, count)
    return frame(
        "experiment_members",
        {
            "member_id": ids("Y", numbers_from + np.arange(count), 10),
            "experiment_id": ids("X", which + 1, 2),
            "customer_id": customer_ids(base, who),
            "variant": pick(("control", "tried"), (~control).astype(np.int64)),
            "assigned_at": times(seasons.origin, when),
            "engaged": rng.random(count) < truth.experiment_engaged + lift,
            "converted": rng.random(count) < truth.experiment_converted + lift / 2,
            "updated_at": times(seasons.origin, when),
        },
    )


def care_frame(
    rng: np.random.Generator,
    base: Base,
    life: Life,
    born_on: pl.Series,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """The `care_events` table: the occasions of the last 365 days and of the 30 days to come."""
    who, when, occasion = _occasions(base, born_on, seasons)
    state = life.state(who, np.minimum(when, seasons.end))
    kept = (when > np.maximum(base.buys_from[who], seasons.end - _YEAR)) & (
        (state == ACTIVE) | (rng.random(len(who)) < 0.4)
    )
    kept &= (base.value[who] < 2) | (rng.random(len(who)) < 0.35)
    if len(kept):
        kept[0] = True
    who, when, occasion = who[kept], np.floor(when[kept]), occasion[kept]
    order = by_time(when)
    who, when, occasion = who[order], when[order], occasion[order]
    count = len(who)
    chance = rng.random(count)
    delay = np.where(chance < 0.86, rng.uniform(0.35, 0.7, count), rng.uniform(1.2, 4, count))
    done = np.where((chance < 0.93) & (when + delay < seasons.end), when + delay, np.nan)
    method = np.where(base.value[who] == 0, rng.integers(0, 3, count), 0)
    return frame(
        "care_events",
        {
            "care_id": ids("G", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, who),
            "occasion": pick(OCCASIONS, occasion),
            "due_on": times(seasons.origin, when + 0.5).dt.date(),  # the day of the company
            "method": pick(METHODS, method),
            "delivered_at": times(seasons.origin, done),
            "updated_at": times(seasons.origin, np.fmin(np.fmax(when - 20, done), seasons.end)),
        },
    )


def _occasions(base: Base, born_on: pl.Series, seasons: Seasons) -> tuple[Ints, Floats, Ints]:
    """Birthdays, two holidays and anniversaries of the first order, by day of the year."""
    last = np.floor(seasons.end)
    known = np.flatnonzero(born_on.is_not_null().to_numpy())
    place = born_on.dt.ordinal_day().fill_null(1).to_numpy().astype(np.float64)[known]
    today = float((seasons.origin.timetuple().tm_yday + last) % 365.25)
    birthday = last + _AHEAD_DAYS - np.mod(today + _AHEAD_DAYS - place, 365.0)
    buyers = np.flatnonzero(np.isfinite(base.buys_from) & (base.buys_from < seasons.end))
    first = np.floor(base.buys_from[buyers])
    years = np.ceil((last - _YEAR + _AHEAD_DAYS - first) / 365.0)
    anniversary = first + 365.0 * np.maximum(years, 1)
    soon = anniversary < last + _AHEAD_DAYS
    who = [known, *([buyers] * 2), buyers[soon]]
    when = [
        birthday,
        *(np.full(len(buyers), last - back) for back in (31.0, 256.0)),
        anniversary[soon],
    ]
    return (
        np.concatenate(who),
        np.concatenate(when),
        np.repeat([0, 1, 1, 2], [len(each) for each in who]),
    )
