"""Tiers that the CRM keeps by the other schemes: four tiers, and contribution of the three axes.

Rules of the company's own, written down once more: the records are what somebody entered by the
plans, not what the dashboard computes. Places among the best are those within a chunk of customers,
which is a sample of the company.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, blank, frame, ids, pick, times
from data_access.demo.customers import Base, customer_ids
from data_access.demo.orders import CANCELLED, COMPLETED, Sales
from data_access.demo.seasons import Seasons
from data_access.demo.service import COMPLAINT, INQUIRY, Tickets

HIGH, MID, POTENTIAL, LOW = range(4)
FOUR_TIERS = ("high", "mid", "potential", "low_or_risk")
AXIS_TIERS = ("core", "important", "ordinary")
_YEAR = 365.0
_FOUR_BOUNDS = (50_000_00, 100_000_00)  # fen a year
_RISK_COMPLAINTS, _RISK_SILENCE = 2, 180.0
_FIRST_SHARES = (0.2, 0.5)  # core, and core with important
_BEFORE, _NOW = 197.0, 15.0  # days before the end on which tiers were set: a half-year apart


@dataclass(frozen=True, slots=True)
class Standing:
    """What tiers are set by, of everybody at a moment: sums of the year before."""

    moment: float
    spent: Floats
    earned: Floats
    first: Floats  # purchase; infinity for none
    last: Floats  # minus infinity for none
    complaints: Ints
    inquiries: Ints

    @property
    def there(self) -> Flags:
        """Who is a customer."""
        return np.isfinite(self.first)


def standing(
    sold: Sales, profit: Floats, tickets: Tickets, customers: int, moment: float
) -> Standing:
    """Of orders with their profit (NaN: not recorded) and tickets, both in the order of time."""
    year, now = np.searchsorted(sold.when, (moment - _YEAR, moment), side="right")
    kept = np.flatnonzero(sold.status[year:now] != CANCELLED) + year
    whose = sold.who[kept]
    bought = np.flatnonzero(sold.status[:now] == COMPLETED)
    who, when = sold.who[bought], sold.when[bought]
    first, last = np.full(customers, np.inf), np.full(customers, -np.inf)
    first[who[::-1]], last[who] = when[::-1], when  # of several the one written last stays
    since, until = np.searchsorted(tickets.when, (moment - _YEAR, moment), side="right")
    kind, asker = tickets.kind[since:until], tickets.who[since:until]
    return Standing(
        moment,
        np.bincount(whose, sold.amount[kept], customers).astype(np.float64),
        np.bincount(whose, np.nan_to_num(profit[kept]), customers).astype(np.float64),
        first,
        last,
        np.bincount(asker[kind == COMPLAINT], minlength=customers),
        np.bincount(asker[kind == INQUIRY], minlength=customers),
    )


def four_tiers(of: Standing) -> Ints:
    """Positions in FOUR_TIERS; -1: no customer yet."""
    usual = np.median(of.inquiries[of.there]) if of.there.any() else 0.0
    at_risk = (of.complaints >= _RISK_COMPLAINTS) | (of.moment - of.last > _RISK_SILENCE)
    promising = (of.moment - of.first <= _YEAR) | (of.inquiries > usual)
    rest = np.where(promising & ~at_risk, POTENTIAL, LOW)
    tier = np.where(of.spent >= _FOUR_BOUNDS[0], MID, rest)
    return np.where(of.there, np.where(of.spent > _FOUR_BOUNDS[1], HIGH, tier), -1)


def contribution(of: Standing) -> Ints:
    """Positions in AXIS_TIERS; -1: no customer yet."""
    if not of.there.any():
        return np.full(len(of.first), -1)
    core, important = (np.quantile(of.earned[of.there], 1 - share) for share in _FIRST_SHARES)
    best = np.where(of.earned >= core, 0, np.where(of.earned >= important, 1, 2))
    return np.where(of.there, np.where(of.earned > 0, best, 2), -1)


@dataclass(frozen=True, slots=True)
class Book:
    """How the CRM keeps the tiers of a scheme.

    Attributes:
        scheme: Its code in the rules.
        tiers: Its tiers, best first.
        of: Who is in which at a moment.
        kept: Share of the customers for whom tiers are kept at all.
        stale: Of these, for whom nobody looked again the last time.
        wrong: Share of the records that were wrong from the start.
        reviewed: Share of the records in force that somebody looked at since.
    """

    scheme: str
    tiers: tuple[str, ...]
    of: Callable[[Standing], Ints]
    kept: float
    stale: float
    wrong: float
    reviewed: float


BOOKS = (
    Book("value_tier_s1", FOUR_TIERS, four_tiers, 0.42, 0.14, 0.05, 0.05),
    Book("three_axis_s2", AXIS_TIERS, contribution, 0.34, 0.18, 0.07, 0.06),
)
_SEEN = 0.93  # of the records that are wrong or stale, by who looks


def axis_frames(
    rng: Callable[[str], np.random.Generator],
    orders: pl.DataFrame,
    sold: Sales,
    tickets: Tickets,
    base: Base,
    numbers_from: int,
    seasons: Seasons,
) -> list[pl.DataFrame]:
    """The `tier_records` of the other schemes: set half a year ago, and anew where they changed.

    Args:
        rng: Randomness by topic.
        orders: The rows of `sold`, with their profit.
        sold: The orders.
        tickets: The tickets.
        base: The customers.
        numbers_from: First number of a record.
        seasons: The calendar.
    """
    profit = orders["profit"].cast(pl.Float64).to_numpy()
    moments = seasons.end - _BEFORE, seasons.end - _NOW
    before, now = (standing(sold, profit, tickets, len(base.number), at) for at in moments)
    told: list[pl.DataFrame] = []
    for book in BOOKS:
        records = _records(rng(f"tier records {book.scheme}"), book, before, now)
        told.append(_frame(records, book, base, numbers_from, seasons))
        numbers_from += len(records.who)
    return told


@dataclass(frozen=True, slots=True)
class _Records:
    who: Ints
    start: Floats
    stop: Floats  # NaN: in force
    tier: Ints
    judged: Flags
    verdict: Flags


def _records(rng: np.random.Generator, book: Book, before: Standing, now: Standing) -> _Records:
    was, is_now = book.of(before), book.of(now)
    kept = (rng.random(len(was)) < book.kept) & (is_now >= 0)
    looked = (was < 0) | (rng.random(len(was)) >= book.stale)
    early = np.flatnonzero(kept & (was >= 0))
    late = np.flatnonzero(kept & looked & (is_now != was))
    who = np.concatenate([early, late])
    right = np.concatenate([was[early], is_now[late]])
    start = np.repeat((before.moment, now.moment), (len(early), len(late)))
    replaced = np.append(np.isin(early, late, assume_unique=True), np.zeros(len(late), np.bool_))
    count, tiers = len(who), len(book.tiers)
    wrong = rng.random(count) < book.wrong
    tier = np.where(wrong, (right + rng.integers(1, tiers, count)) % tiers, right)
    judged = ~replaced & (rng.random(count) < book.reviewed)
    verdict = (tier == is_now[who]) | (rng.random(count) > _SEEN)
    return _Records(who, start, np.where(replaced, now.moment, np.nan), tier, judged, verdict)


def _frame(
    records: _Records, book: Book, base: Base, numbers_from: int, seasons: Seasons
) -> pl.DataFrame:
    count = len(records.who)
    changed = np.where(np.isnan(records.stop), records.start, records.stop)
    return frame(
        "tier_records",
        {
            "record_id": ids("D", numbers_from + np.arange(count), 10),
            "customer_id": customer_ids(base, records.who),
            "scheme": pick((book.scheme,), np.zeros(count, np.int64)),
            "tier": pick(book.tiers, records.tier),
            "valid_from_at": times(seasons.origin, records.start),
            "valid_to_at": times(seasons.origin, records.stop),
            "review_correct": blank(pl.Series(records.verdict), ~records.judged),
            "updated_at": times(seasons.origin, changed),
        },
    )
