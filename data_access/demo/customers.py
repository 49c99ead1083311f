"""Customers and their latent lives: value class, rhythm, churn, decline and win-back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, frame, ids, pick, times, values, weighted
from data_access.demo.people import MANAGERS_PER_REGION, company_names
from data_access.demo.seasons import LOOK_AHEAD_DAYS, Seasons
from data_access.demo.truth import ACQUISITION_CHANNELS, CLASSES, REGIONS, SEGMENTS, Truth

OLDEST_DAYS = 1035  # the first customers registered that long before the first order kept
_STEP = 15.0  # days; the hazard is constant within a step

ACTIVE, DECLINING, GONE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Base:
    """What a customer is from the start; one row per customer, times in days."""

    number: Ints
    value: Ints  # position in CLASSES
    segment: Ints
    region: Ints
    channel: Ints
    owner: Ints
    registered: Floats
    entry: Floats  # first day observed: registration or the first day of the data
    buys_from: Floats  # infinity for those who never order
    pace: Floats  # personal factor on the order rate, mean 1
    mood: Floats  # personal satisfaction, standard normal


@dataclass(frozen=True, slots=True)
class Life:
    """When a customer declines, leaves, and perhaps comes back and leaves again; in days."""

    declines: Floats
    churns: Floats  # infinity if later than the horizon
    returns: Floats
    declines_again: Floats
    churns_again: Floats

    def state(self, who: Ints, when: Floats) -> Ints:
        """ACTIVE, DECLINING or GONE of each customer at each moment."""
        back = when >= self.returns[who]
        declines = np.where(back, self.declines_again[who], self.declines[who])
        churns = np.where(back, self.churns_again[who], self.churns[who])
        return np.where(when >= churns, GONE, np.where(when >= declines, DECLINING, ACTIVE))

    def gone_days(self, who: Ints, when: Floats) -> Floats:
        """Days since the churn in force at that moment; negative while buying."""
        back = when >= self.returns[who]
        return when - np.where(back, self.churns_again[who], self.churns[who])


def draw_base(
    rng: np.random.Generator, first: int, count: int, truth: Truth, seasons: Seasons
) -> Base:
    """Customers number `first` to `first + count - 1`."""
    segment = weighted(rng, truth.segment_share, count)
    region = weighted(rng, truth.region_share, count)
    old = rng.random(count) < truth.share_older_than_data
    # density from 0.7 to 1.36 over the years, as the inverse of its distribution
    growth = (np.sqrt(0.49 + 1.3596 * rng.random(count)) - 0.7) / 0.66
    day = np.where(old, -OLDEST_DAYS * rng.random(count), seasons.end * growth)
    registered = np.minimum(np.floor(day) + (8.5 + 10 * rng.random(count)) / 24, seasons.end)
    never = rng.random(count) < truth.never_order_share
    entry = np.maximum(registered, 0.0)
    lag = np.where(old, 0.0, rng.exponential(7.0, count))
    return Base(
        number=np.arange(first, first + count),
        value=_value_class(rng, segment, truth),
        segment=segment,
        region=region,
        channel=weighted(rng, truth.acquisition_share, count),
        owner=region * MANAGERS_PER_REGION + rng.integers(0, MANAGERS_PER_REGION, count),
        registered=registered,
        entry=entry,
        buys_from=np.where(never, np.inf, entry + lag),
        pace=rng.gamma(truth.rhythm_shape, 1 / truth.rhythm_shape, count) * 0.85 + 0.15,
        mood=rng.standard_normal(count),
    )


def _value_class(rng: np.random.Generator, segment: Ints, truth: Truth) -> Ints:
    share = values(truth.class_share)
    tilt = values(truth.class_tilt_by_segment)[segment]
    high, mid = share[0] * tilt, share[1] * np.sqrt(tilt)
    chance = rng.random(len(segment))
    return np.where(chance < high, 0, np.where(chance < high + mid, 1, 2))


def draw_life(
    rng: np.random.Generator,
    base: Base,
    complaints: tuple[Ints, Floats],
    late_answers: tuple[Ints, Floats],
    truth: Truth,
    seasons: Seasons,
) -> Life:
    """Latent churn times by proportional hazards on a grid of 15 days.

    The hazard a day is base × month × first 180 days × class × channel × a complaint in the
    last 90 days × a late first answer in the last 90 days. Decline starts 60 to 120 days before
    the churn, so that slower buying, silence and lower scores are its early signs.
    """
    count = len(base.number)
    hazard = _baseline(base, truth, seasons)
    hazard *= values(truth.hazard_ratio_class)[base.value][:, None]
    hazard *= values(truth.hazard_ratio_acquisition)[base.channel][:, None]
    for events, ratio in (
        (complaints, truth.hazard_ratio_complaint_90d),
        (late_answers, truth.hazard_ratio_late_answer_90d),
    ):
        hazard[_recent(events, hazard.shape, truth.effect_window_days)] *= ratio
    churns = np.where(np.isfinite(base.buys_from), _first_event(rng, hazard), np.inf)
    declines = np.maximum(churns - rng.uniform(*truth.decline_days, count), base.entry)
    back = rng.random(count) < truth.win_back_share
    after = truth.win_back_after_days + rng.exponential(110.0, count)
    returns = np.where(back, churns + after, np.inf)
    stays = 90 + rng.exponential(365.0 / truth.win_back_annual_hazard, count)
    again = returns + stays
    return Life(declines, churns, returns, again - 60.0, again)


def _baseline(base: Base, truth: Truth, seasons: Seasons) -> Floats:
    """Cumulative-ready hazard per step and customer, before the ratios of the customer."""
    steps = int((seasons.end + LOOK_AHEAD_DAYS) // _STEP)
    starts = np.arange(steps) * _STEP
    month = seasons.month[starts.astype(np.int64)]
    daily = truth.annual_base_hazard / 365 * np.array(truth.hazard_by_month)[month]
    exposed = np.clip(starts[None, :] + _STEP - base.entry[:, None], 0.0, _STEP)
    young = starts[None, :] - base.registered[:, None] < 180
    return exposed * daily[None, :] * np.where(young, truth.hazard_ratio_first_180_days, 1.0)


def _recent(events: tuple[Ints, Floats], shape: tuple[int, ...], window: int) -> Flags:
    """Whether a customer had an event in the steps that cover the `window` days before."""
    who, when = events
    steps = shape[1]
    cell = who * steps + np.clip((when // _STEP).astype(np.int64), 0, steps - 1)
    seen = np.bincount(cell, minlength=shape[0] * steps).reshape(shape) > 0
    recent = np.zeros(shape, np.bool_)
    for lag in range(1, int(window // _STEP) + 1):
        recent[:, lag:] |= seen[:, :-lag]
    return recent


def _first_event(rng: np.random.Generator, hazard: Floats) -> Floats:
    """Time at which the cumulative hazard of each row passes a standard exponential."""
    passed = np.cumsum(hazard, axis=1)
    threshold = rng.exponential(1.0, len(hazard))
    step = (passed < threshold[:, None]).sum(axis=1)
    inside = np.minimum(step, hazard.shape[1] - 1)
    rows = np.arange(len(hazard))
    rest = passed[rows, inside] - threshold
    share = 1 - rest / np.maximum(hazard[rows, inside], 1e-12)
    return np.where(step < hazard.shape[1], (inside + np.clip(share, 0, 1)) * _STEP, np.inf)


def customer_ids(base: Base, who: Ints) -> pl.Series:
    """Ids of the customers at these positions."""
    return ids("C", base.number, 7).gather(pl.Series(who, dtype=pl.UInt32))


def customer_frame(
    rng: np.random.Generator, base: Base, profile: Mapping[str, pl.Series], seasons: Seasons
) -> pl.DataFrame:
    """The `customers` table with the columns of the file; 1 in 700 was deleted at some time."""
    count = len(base.number)
    alive_days = np.maximum(seasons.end - base.registered, 0.0)
    changed = base.registered + alive_days * rng.random(count)
    deleted = np.where(rng.random(count) < 1 / 700, changed, np.nan)
    managers = [f"E{number:04d}" for number in range(1, MANAGERS_PER_REGION * len(REGIONS) + 1)]
    return frame(
        "customers",
        {
            "customer_id": ids("C", base.number, 7),
            "name": company_names(rng, base.segment, base.region),
            "segment": pick(SEGMENTS, base.segment),
            "region": pick(REGIONS, base.region),
            "acquisition_channel": pick(ACQUISITION_CHANNELS, base.channel),
            "owner_id": pick(managers, base.owner),
            "registered_at": times(seasons.origin, base.registered),
            **profile,
            "updated_at": times(seasons.origin, changed),
            "deleted_at": times(seasons.origin, deleted),
        },
    )


def truth_frame(base: Base, life: Life, seasons: Seasons) -> pl.DataFrame:
    """The latent truth: value class, churn (also after `as_of`), decline and return times."""
    return pl.DataFrame(
        {
            "customer_id": ids("C", base.number, 7),
            "value_class": pick(CLASSES, base.value),
            "declined_at": times(
                seasons.origin, np.where(np.isinf(life.churns), np.inf, life.declines)
            ),
            "churned_at": times(seasons.origin, life.churns),
            "returned_at": times(seasons.origin, life.returns),
            "churned_again_at": times(seasons.origin, life.churns_again),
            "pace": base.pace,
        }
    )
