"""Surveys: a rolling relationship survey and a question after each solved ticket."""

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
from data_access.demo.comments import CHINESE, ENGLISH, GROUP_SIZES, GROUP_STARTS
from data_access.demo.customers import DECLINING, GONE, Base, Life, customer_ids
from data_access.demo.processes import EventIndex, at_hours
from data_access.demo.seasons import Seasons
from data_access.demo.service import COMPLAINT, Tickets
from data_access.demo.truth import CLASSES, REGIONS, Truth
from data_access.demo.voice import scores

SURVEYS = ("relationship", "after_service")
SURVEY_CHANNELS = ("email", "wechat", "sms", "app", "phone")
_CHANNEL_ANSWERS = np.array([0.88, 1.15, 0.80, 1.05, 1.35])
_QUARTER = 91.25


@dataclass(frozen=True, slots=True)
class _Invitations:
    who: Ints
    when: Floats
    after_service: Flags
    complaint: Flags  # whether the ticket asked about was one
    csat_shift: Floats  # effect of the ticket asked about


def survey_frame(
    rng: np.random.Generator,
    rated: np.random.Generator,
    base: Base,
    life: Life,
    tickets: Tickets,
    truth: Truth,
    numbers_from: int,
    seasons: Seasons,
) -> pl.DataFrame:
    """The `survey_responses` table: one row per invitation."""
    sent = _sent(rng, base, life, tickets, truth, seasons)
    count = len(sent.who)
    state = life.state(sent.who, sent.when)
    channel = rng.choice(len(SURVEY_CHANNELS), count, p=[0.32, 0.34, 0.14, 0.12, 0.08])
    chance = values(truth.survey_response)[base.value[sent.who]] * _CHANNEL_ANSWERS[channel]
    chance *= np.array([1.0, truth.decline_survey_response, 0.06])[state]
    delay = rng.exponential(1.3, count) + 0.01
    answered = (rng.random(count) < chance) & (sent.when + delay < seasons.end)
    shared = base.mood[sent.who]
    nps = _nps(rng, base, sent, state, shared, tickets, truth, seasons)
    csat = _csat(rng, sent, state, shared, truth)
    asks_nps = answered & ~sent.after_service
    group = np.where(
        sent.after_service, 5 - np.clip(csat, 3, 5), np.select([nps >= 9, nps >= 7], [0, 1], 2)
    )
    text = np.array(GROUP_STARTS)[group] + rng.integers(0, np.array(GROUP_SIZES)[group])
    abroad = base.region[sent.who] == REGIONS.index("overseas")
    says = answered & (rng.random(count) < np.array([0.15, 0.18, 0.34])[group])
    reply = np.where(answered, sent.when + delay, np.nan)
    return frame(
        "survey_responses",
        {
            "response_id": ids("S", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, sent.who),
            "survey": pick(SURVEYS, sent.after_service.astype(np.int64)),
            "channel": pick(SURVEY_CHANNELS, channel),
            "invited_at": times(seasons.origin, sent.when),
            "answered_at": times(seasons.origin, reply),
            "nps": blank(pl.Series(nps), ~asks_nps),
            "csat": blank(pl.Series(csat), ~answered),
            **scores(rated, csat, nps, answered, sent.after_service, sent.complaint),
            "comment": blank(pick((*CHINESE, *ENGLISH), text + abroad * len(CHINESE)), ~says),
            "updated_at": times(seasons.origin, np.fmax(sent.when, reply)),
        },
    )


def _sent(
    rng: np.random.Generator,
    base: Base,
    life: Life,
    tickets: Tickets,
    truth: Truth,
    seasons: Seasons,
) -> _Invitations:
    quarters = int(np.ceil(seasons.end / _QUARTER))
    share = values(truth.survey_share_per_quarter)[base.value][:, None]
    who, quarter = np.nonzero(rng.random((len(base.number), quarters)) < share)
    when = at_hours(rng, (quarter + rng.random(len(who))) * _QUARTER, 9, 18)
    right_time = (when > base.entry[who] + 30) & (life.gone_days(who, when) < 100)
    who, when = who[right_time], when[right_time]
    asked = np.flatnonzero((rng.random(len(tickets.who)) < 0.5) & np.isfinite(tickets.solution))
    shift = np.where(tickets.met[asked], 0.0, truth.csat_late)
    shift += np.where(tickets.kind[asked] == COMPLAINT, truth.csat_complaint, 0.0)
    after = tickets.when[asked] + tickets.solution[asked] + rng.uniform(0.1, 1.2, len(asked))
    everyone = np.concatenate([who, tickets.who[asked]])
    moment = np.concatenate([when, after])
    order = by_time(moment)
    order = order[moment[order] < seasons.end]
    about = np.repeat([False, True], [len(who), len(asked)])
    shifts = np.concatenate([np.zeros(len(who)), shift])
    complaint = np.concatenate([np.zeros(len(who), np.bool_), tickets.kind[asked] == COMPLAINT])
    return _Invitations(
        everyone[order], moment[order], about[order], complaint[order], shifts[order]
    )


def _nps(
    rng: np.random.Generator,
    base: Base,
    sent: _Invitations,
    state: Ints,
    mood: Floats,
    tickets: Tickets,
    truth: Truth,
    seasons: Seasons,
) -> Ints:
    complaints = tickets.kind == COMPLAINT
    known = EventIndex(tickets.who[complaints], tickets.when[complaints])
    recent = known.count(sent.who, np.maximum(sent.when - 60, 0.0), sent.when) > 0
    high = base.value[sent.who] == CLASSES.index("high")
    falls = high & (sent.when > seasons.end - truth.nps_recent_fall_days)
    score = (
        truth.nps_mean
        + values(truth.nps_region)[base.region[sent.who]]
        + truth.decline_nps * ((state == DECLINING) | (state == GONE))
        + truth.nps_after_complaint_60d * recent
        + truth.nps_recent_fall_high * falls
        + truth.nps_spread * (0.6 * mood + 0.8 * rng.standard_normal(len(mood)))
    )
    return np.clip(np.rint(score), 0, 10).astype(np.int64)


def _csat(
    rng: np.random.Generator, sent: _Invitations, state: Ints, mood: Floats, truth: Truth
) -> Ints:
    score = (
        truth.csat_mean
        + sent.csat_shift
        + truth.decline_csat * (state != 0)
        + truth.csat_spread * (0.5 * mood + 0.866 * rng.standard_normal(len(mood)))
    )
    return np.clip(np.rint(score), 1, 5).astype(np.int64)
