"""Interactions: contacts with customers on all channels, answered less before they leave."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import (
    Floats,
    Ints,
    blank,
    by_time,
    frame,
    ids,
    pick,
    times,
    values,
    weighted,
)
from data_access.demo.contact_details import (
    CONTACT_CHANNELS,
    INQUIRY,
    ONBOARDING,
    PURPOSES,
    SMS,
    WIN_BACK,
    Contacts,
    detail_columns,
)
from data_access.demo.customers import Base, Life, customer_ids
from data_access.demo.orders import Sales, first_purchases
from data_access.demo.people import AGENTS, MANAGERS
from data_access.demo.processes import at_hours, poisson_times
from data_access.demo.profiles import preferences
from data_access.demo.seasons import Seasons
from data_access.demo.truth import Truth

_ANSWERS = np.array([0.66, 0.55, 0.30, 0.20, 0.36, 0.95, 0.85])  # share answered by channel
_CHANNEL_BY_CLASS = (
    (0.28, 0.30, 0.16, 0.04, 0.06, 0.10, 0.06),
    (0.16, 0.34, 0.22, 0.12, 0.12, 0.02, 0.02),
    (0.05, 0.30, 0.25, 0.26, 0.14, 0.0, 0.0),
)
_PURPOSE = (0.34, 0.30, 0.26, 0.0, 0.0, 0.10)


def interaction_frame(
    rng: np.random.Generator,
    details: np.random.Generator,
    base: Base,
    life: Life,
    sold: Sales,
    truth: Truth,
    numbers_from: int,
    seasons: Seasons,
) -> tuple[pl.DataFrame, Ints]:
    """The `interactions` table: planned contacts, onboarding, and what customers start.

    Onboarding is as planned before an hour was given to the first order, and before it could be
    cancelled (`welcomed_after_purchase`).

    Returns:
        The table, and the channel that each customer prefers (`preferences`).
    """
    planned, welcome, inbound = (
        _planned(rng, base, life, truth, seasons),
        _welcome(rng, base, seasons),
        _inbound(rng, base, life, seasons),
    )
    who = np.concatenate([planned[0], welcome[0], inbound[0]])
    when = np.concatenate([planned[1], welcome[1], inbound[1]])
    order = by_time(when)
    order = order[when[order] < seasons.end]
    kind = np.repeat([0, 1, 2], [len(planned[0]), len(welcome[0]), len(inbound[0])])[order]
    thanks = np.arange(len(when)) - len(planned[0]) < len(_newcomers(base, seasons))
    who, when = who[order], when[order]
    state = life.state(who, when)
    channel = _channels(rng, base, who)
    count = len(who)
    owner = base.owner[who]
    agent = MANAGERS + rng.integers(0, AGENTS, count)
    staff = [f"E{number:04d}" for number in range(1, MANAGERS + AGENTS + 1)]
    bought = first_purchases(sold, len(base.number))[who]
    late = np.minimum(when + rng.exponential(0.05, count), seasons.end)
    purpose = _purposes(rng, kind, state)
    responded = _responses(rng, kind, state, channel, truth)
    contacts = Contacts(
        value=base.value[who],
        channel=channel,
        purpose=purpose,
        answer=responded.cast(pl.Int8).fill_null(-1).to_numpy().astype(np.int64),
        first=(kind == 1) & thanks[order] & np.isfinite(bought),
        inbound=kind == 2,
    )
    rows = frame(
        "interactions",
        {
            "interaction_id": ids("I", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, who),
            "occurred_at": times(seasons.origin, when),
            "direction": pick(("outbound", "inbound"), (kind == 2).astype(np.int64)),
            "channel": pick(CONTACT_CHANNELS, channel),
            "purpose": pick(PURPOSES, purpose),
            "responded": responded,
            "employee_id": pick(staff, np.where(kind == 2, agent, owner)),
            **detail_columns(details, contacts),
            "updated_at": times(seasons.origin, late),
        },
    )
    return rows, preferences(details, who, channel, len(base.number))


def welcomed_after_purchase(
    contacts: pl.DataFrame, base: Base, sold: Sales, seasons: Seasons
) -> pl.DataFrame:
    """The `interactions` table with onboarding as long after the first purchase as planned.

    To be called when rows have been spoilt, so that nothing but these times depends on it.

    Args:
        contacts: Of `interaction_frame`.
        base: The customers.
        sold: Their orders.
        seasons: The calendar.
    """
    end = pl.lit(seasons.origin) + pl.duration(seconds=int(seasons.end * 86_400))
    meant = times(seasons.origin, base.buys_from)
    bought = times(seasons.origin, first_purchases(sold, len(base.number)))
    known = contacts["customer_id"].str.starts_with("C").fill_null(value=False)
    rows = ((contacts["purpose"] == PURPOSES[ONBOARDING]) & known).arg_true()
    who = contacts["customer_id"].gather(rows).str.slice(1).cast(pl.Int64) - int(base.number[0])
    few = contacts[rows].select(
        "occurred_at", "updated_at", meant=meant.gather(who), bought=bought.gather(who)
    )
    room = (end - pl.col("bought")).dt.total_seconds() * 9 // 10
    wait = pl.min_horizontal((pl.col("occurred_at") - pl.col("meant")).dt.total_seconds(), room)
    moved = pl.col("bought") + pl.duration(seconds=wait)
    said = pl.when(pl.col("occurred_at") <= end).then(moved).fill_null(pl.col("occurred_at"))
    late = pl.col("updated_at") - pl.col("occurred_at")
    few = few.with_columns(said=said).select(
        occurred_at="said",
        updated_at=pl.min_horizontal(pl.col("said") + late, end),
    )
    return contacts.with_columns(contacts[name].scatter(rows, few[name]) for name in few.columns)


def _planned(
    rng: np.random.Generator, base: Base, life: Life, truth: Truth, seasons: Seasons
) -> tuple[Ints, Floats]:
    """Owners' contacts; they go on for a while after the customer left, then thin out."""
    rate = values(truth.contacts_per_year)[base.value] / 365
    end = np.full(len(rate), seasons.end)
    who, day = poisson_times(rng, rate, base.entry, end, seasons.days, seasons.contacts)
    when = np.maximum(at_hours(rng, day, 8.8, 18.2), base.entry[who])
    gone = life.gone_days(who, when)
    kept = np.where(gone < 0, 1.0, np.where(gone < 120, 0.75, np.where(gone < 365, 0.35, 0.08)))
    keep = rng.random(len(who)) < kept
    return who[keep], when[keep]


def _welcome(rng: np.random.Generator, base: Base, seasons: Seasons) -> tuple[Ints, Floats]:
    """Thanks within a day of the first order (mostly) and a follow-up after a week."""
    new = _newcomers(base, seasons)
    first = base.buys_from[new]
    prompt = rng.random(len(new)) < 0.84
    thanks = first + np.where(
        prompt, rng.uniform(0.05, 0.95, len(new)), rng.uniform(1.1, 5, len(new))
    )
    week = first + 7 + rng.normal(0, 1.1, len(new))
    asked = rng.random(len(new)) < 0.8
    return np.concatenate([new, new[asked]]), np.concatenate([thanks, week[asked]])


def _newcomers(base: Base, seasons: Seasons) -> Ints:
    return np.flatnonzero((base.registered >= 0) & (base.buys_from < seasons.end - 1))


def _inbound(
    rng: np.random.Generator, base: Base, life: Life, seasons: Seasons
) -> tuple[Ints, Floats]:
    rate = np.array([4.0, 2.0, 0.9])[base.value] / 365
    end = np.full(len(rate), seasons.end)
    who, day = poisson_times(rng, rate, base.entry, end, seasons.days, seasons.contacts)
    when = np.maximum(at_hours(rng, day, 8, 21), base.entry[who])
    chance = np.array([1.0, 0.5, 0.03])[life.state(who, when)]
    kept = rng.random(len(who)) < chance
    return who[kept], when[kept]


def _channels(rng: np.random.Generator, base: Base, who: Ints) -> Ints:
    channel = np.zeros(len(who), np.int64)
    for value, weights in enumerate(_CHANNEL_BY_CLASS):
        of_class = base.value[who] == value
        channel[of_class] = weighted(rng, weights, int(of_class.sum()))
    return channel


def _purposes(rng: np.random.Generator, kind: Ints, state: Ints) -> Ints:
    usual = weighted(rng, _PURPOSE, len(kind))
    chance = np.array([0.0, 0.22, 0.65])[state]
    planned = np.where(rng.random(len(kind)) < chance, WIN_BACK, usual)
    return np.where(kind == 2, INQUIRY, np.where(kind == 1, ONBOARDING, planned))


def _responses(
    rng: np.random.Generator, kind: Ints, state: Ints, channel: Ints, truth: Truth
) -> pl.Series:
    """Whether an outbound contact was answered; unknown for half of the text messages."""
    factor = np.array([1.0, truth.decline_response, 0.03])[state]
    answered = rng.random(len(kind)) < _ANSWERS[channel] * factor
    unknown = (channel == SMS) & (rng.random(len(kind)) < 0.5)
    return blank(pl.Series(answered), unknown | (kind == 2))
