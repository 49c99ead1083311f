"""Customer files: contact data, preferences, consent; and how well they are kept."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_access.demo.arrays import Floats, Ints, blank, frame, ids, pick, times, weighted
from data_access.demo.contact_details import CONTACT_CHANNELS
from data_access.demo.customers import Base, customer_ids
from data_access.demo.orders import PRODUCTS
from data_access.demo.seasons import Seasons
from data_access.demo.truth import REGIONS

OWN_CHANNELS = ("wechat", "app", "miniprogram", "mall", "community")
SERVICE_NEEDS = ("training", "fast_delivery", "on_site", "consulting", "financing")
BLOCKS = ("basic", "transaction", "preference", "profile")
_ENTRIES = ("phone", "amount", "preferred_channel", "tags")
_STREETS = ("人民路", "建设大道", "科技一路", "滨江路", "中山路", "兴业街")
_PERSON = np.array([0.0, 0.08, 0.25])  # by value class
_ACCOUNTS = np.array([0.74, 0.52, 0.34, 0.48, 0.16])  # share with an account, by own channel
_MATCHED = 0.945
_ACCURATE = np.array([0.986, 0.978, 0.952, 0.912])  # by block
_CONSISTENT = 0.962
_AUDITED = 0.015  # of the customers, each quarter
_QUARTER = 91.25


def profile_columns(
    rng: np.random.Generator, base: Base, preferred: Ints, seasons: Seasons
) -> dict[str, pl.Series]:
    """The columns of `customers` about the file: some entries are missing, wrong or double.

    Args:
        rng: Source of randomness.
        base: The customers.
        preferred: Position in CONTACT_CHANNELS of each; beyond them where nobody asked.
        seasons: The calendar.
    """
    count = len(base.number)
    abroad = base.region == REGIONS.index("overseas")
    alive = np.maximum(seasons.end - base.registered, 0.0)
    confirmed = seasons.end - np.minimum(rng.exponential(210.0, count), alive)
    born = 365.25 * rng.uniform(22, 68, count)
    product = rng.integers(0, len(PRODUCTS), count)
    need = rng.integers(0, len(SERVICE_NEEDS), count)
    agreed = pl.Series(rng.random(count) < 0.905)
    return {
        "kind": pick(("company", "person"), (rng.random(count) < _PERSON[base.value]).astype(int)),
        "phone": _phones(rng, count, abroad),
        "email": _emails(rng, base.number),
        "address": blank(
            pick(_STREETS, rng.integers(0, len(_STREETS), count))
            + pl.Series(rng.integers(1, 900, count)).cast(pl.String)
            + "号",
            rng.random(count) < 0.06,
        ),
        "born_on": blank(
            times(seasons.origin, seasons.end - born).dt.date(), rng.random(count) < 0.22
        ),
        "preferred_channel": pick((*CONTACT_CHANNELS, None), preferred),
        "preferred_product": blank(pick(PRODUCTS, product), rng.random(count) < 0.44),
        "service_need": blank(pick(SERVICE_NEEDS, need), rng.random(count) < 0.5),
        "profile_updated_at": times(seasons.origin, confirmed),
        "marketing_consent": blank(agreed, rng.random(count) < 0.05),
    }


def _phones(rng: np.random.Generator, count: int, abroad: np.typing.NDArray[np.bool_]) -> pl.Series:
    """Mobile numbers; 3 % missing, 1 % too short, and 6 in 1000 those of another customer."""
    number = rng.integers(10**7, 10**8, count)
    twice = np.flatnonzero(rng.random(count) < 0.006)
    other = rng.integers(0, max(count, 1), len(twice))
    number[twice] = number[other]
    series = np.array([130, 135, 138, 150, 158, 186])[number % 6]
    home = pl.Series(series).cast(pl.String) + pl.Series(number).cast(pl.String)
    text = pl.select(
        pl.when(pl.Series(abroad))
        .then(pl.lit("+65 ") + pl.Series(number).cast(pl.String))
        .otherwise(home)
    ).to_series()
    # Whoever typed it a second time typed it with dashes.
    dashed = text.str.slice(0, 3) + "-" + text.str.slice(3, 4) + "-" + text.str.slice(7)
    again = np.zeros(count, np.bool_)
    again[twice] = True
    short = rng.random(count) < 0.01
    text = pl.select(
        pl.when(pl.Series(again & ~abroad))
        .then(dashed)
        .when(pl.Series(short))
        .then(text.str.slice(0, 6))
        .otherwise(text)
    ).to_series()
    return blank(text, rng.random(count) < 0.03)


def _emails(rng: np.random.Generator, number: Ints) -> pl.Series:
    """Addresses in a domain that nobody can own; 9 % missing, 1 % without an @."""
    count = len(number)
    known = "office@c" + pl.Series(number).cast(pl.String) + ".example"
    broken = rng.random(count) < 0.01
    text = pl.select(
        pl.when(pl.Series(broken)).then(known.str.replace("@", " ")).otherwise(known)
    ).to_series()
    return blank(text, rng.random(count) < 0.09)


def preferences(rng: np.random.Generator, who: Ints, channel: Ints, count: int) -> Ints:
    """The channel each customer says to prefer: mostly the one they are met on most.

    Returns:
        Positions in CONTACT_CHANNELS, beyond them where nobody asked.
    """
    kinds = len(CONTACT_CHANNELS)
    met = np.bincount(who * kinds + channel, minlength=count * kinds).reshape(count, kinds)
    usual = met.argmax(axis=1)
    any_of = weighted(rng, (0.18, 0.34, 0.2, 0.1, 0.1, 0.04, 0.04), count)
    said = np.where((rng.random(count) < 0.8) & (met.sum(axis=1) > 0), usual, any_of)
    return np.where(rng.random(count) < 0.6, said, kinds)


def identity_frame(
    rng: np.random.Generator, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `identities` table: accounts on own channels, some of nobody the CRM knows."""
    count = len(base.number)
    tilt = np.array([1.15, 1.0, 0.85])[base.value][:, None]
    who, channel = np.nonzero(rng.random((count, len(OWN_CHANNELS))) < _ACCOUNTS * tilt)
    since: Floats = np.minimum(base.entry[who] + rng.exponential(120.0, len(who)), seasons.end)
    unknown = rng.random(len(who)) > _MATCHED
    return frame(
        "identities",
        {
            "identity_id": ids("A", numbers_from + np.arange(len(who)), 10),
            "customer_id": blank(customer_ids(base, who), unknown),
            "channel": pick(OWN_CHANNELS, channel),
            "seen_at": times(seasons.origin, since),
            "updated_at": times(seasons.origin, since),
        },
    )


def audit_frame(
    rng: np.random.Generator, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    """The `profile_audits` table: each quarter a sample of files, one entry of each block."""
    quarters = int(seasons.end // _QUARTER)
    sampled = rng.random((len(base.number), quarters)) < _AUDITED
    sampled[:1] = True  # the smallest company has audits, too
    person, quarter = np.nonzero(sampled)
    day = quarter * _QUARTER + rng.uniform(70, 85, len(person))
    known = day > base.entry[person]
    person, day = person[known], np.minimum(day[known], seasons.end)
    who, when = np.repeat(person, len(BLOCKS)), np.repeat(day, len(BLOCKS))
    block = np.tile(np.arange(len(BLOCKS)), len(person))
    count = len(who)
    return frame(
        "profile_audits",
        {
            "audit_id": ids("P", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, who),
            "audited_at": times(seasons.origin, when),
            "block": pick(BLOCKS, block),
            "entry": pick(_ENTRIES, block),
            "accurate": rng.random(count) < _ACCURATE[block],
            "consistent": rng.random(count) < _CONSISTENT,
            "updated_at": times(seasons.origin, when),
        },
    )
