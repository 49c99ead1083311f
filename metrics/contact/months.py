"""Roll-ups of contacts by stretch of a month, topic and hour, and customers' dimensions (marts).

The contacts are read once, a month after the other (at 2 million customers 1.1M of 41M rows), and
counted for all roll-ups and tier schemes together; keys are numbers until the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, first_day, spine
from metrics.contact import flags, topics
from metrics.contact.people import People, placed
from metrics.contact.rollup import RollUp, Shape
from metrics.contact.rule import Fit, window
from metrics.tiers.versions import named

ROLLED = ("segment", "region", "acquisition_channel")
"""Dimensions of the roll-ups beside the tier at the time: today's stage follows from what came
after a contact, and is left out."""
MAPPED = ("segment", "region")
"""Of the map of weekday and hour, which needs few rows."""
_HOURS = ("judged", "answered")


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The roll-ups, of each scheme without owners (by its code), of two of them with owners, too.

    Attributes:
        months: `contact_months`: day (Date, first of the stretch), channel (null: unknown), tier
            (of the time), segment, region, acquisition_channel, and the counts `flags.COUNTS`
            (Int64; cost in minor units, talk in seconds).
        topics: `contact_topics`: day, kind (script, purpose, coupon), topic (of that kind), tier,
            the same dimensions, and `TOPIC_COUNTS` (Int64).
        hours: `contact_hours`, our contacts of the last year: channel, weekday (1 Monday … 7), hour
            (0 … 23, business time), tier, segment, region, judged (their answer is known),
            answered (Int64).
        months_by_owner: As months with owner_id: tier, and what the tier decides, by every scheme
            (`tiers.versions`).
        topics_by_owner: As topics, likewise.
    """

    months: Mapping[str, pl.LazyFrame]
    topics: Mapping[str, pl.LazyFrame]
    hours: Mapping[str, pl.LazyFrame]
    months_by_owner: pl.LazyFrame
    topics_by_owner: pl.LazyFrame


def roll_up(
    contacts: pl.LazyFrame,
    coupons: pl.LazyFrame,
    people: People,
    rules: Mapping[str, Fit],
    *,
    as_of: date,
    time_zone: str,
) -> RolledUp:
    """Count contacts and coupons.

    Args:
        contacts: Of `contact_rows`.
        coupons: By customers' number: occurred_on, coupon; without those withheld.
        people: Whose they are.
        rules: What suits whom, by scheme.
        as_of: Last day, inclusive.
        time_zone: Of the business.

    Returns:
        One row per combination that occurs; of each scheme sorted by the keys, nulls last, with
        owners by day and owner.
    """
    channels = _values(contacts, "channel")
    spoken = {kind: _values(contacts, kind) for kind in topics.SPOKEN}
    among = topics.topics({**spoken, topics.COUPON: _values(coupons, topics.COUPON)})
    channel = {"channel": pl.DataFrame({"channel": channels}, schema={"channel": pl.String})}
    clock = {name: pl.DataFrame({name: range(25)}, schema={name: pl.Int8}) for name in _CLOCK}
    months = RollUp(Shape(channel, ROLLED, flags.PLAIN, flags.BY_TIER), people)
    told = RollUp(Shape({"topic": among}, ROLLED, topics.PLAIN, topics.BY_TIER), people)
    hours = RollUp(Shape({**channel, **clock}, MAPPED, _HOURS, days=False), people, owned=False)
    known = flags.looked_up(people.known)
    every, since = list(rules.values()), as_of - timedelta(days=window("heat_days"))
    place = flags.place_among(pl.col("channel"), channels).cast(pl.UInt32).fill_null(len(channels))
    for month in _months(contacts, coupons):
        part = _of_month(contacts, month, people, as_of).collect(engine="streaming").lazy()
        tiers = people.tiers_of(month)
        plain = flags.plain_flags(part, known, every, _row="_row", day="day", channel=place)
        of_tier = {c: flags.tier_flags(every, rules[c], *tiers[c]) for c in tiers}
        months.add(month, _judged(plain, tiers, of_tier))
        ours = part.filter(pl.col("direction") == "outbound")
        counted = [topics.spoken(ours, kind, among) for kind in topics.SPOKEN]
        owed = {c: topics.coupon_flags(every, rules[c], among, *tiers[c]) for c in tiers}
        coupon = topics.given(_of_month(coupons, month, people, as_of), among)
        told.add(
            month,
            *(_judged(rows, tiers, {}) for rows in counted),
            _judged(coupon, tiers, owed),
        )
        if month >= first_day(since, Grain.MONTH):
            clocked = _clocked(ours.filter(pl.col("occurred_on") > since), place, time_zone)
            hours.add(month, _judged(clocked, tiers, {}))
    return RolledUp(
        months.by_scheme(),
        told.by_scheme(),
        hours.by_scheme(),
        months.by_owner(),
        told.by_owner(),
    )


_CLOCK = ("weekday", "hour")
_Tiers = Mapping[str, tuple[pl.Expr, pl.Series]]


def _judged(rows: pl.LazyFrame, tiers: _Tiers, of_tier: Mapping[str, flags.Flags]) -> pl.LazyFrame:
    """Rows with the tier of every scheme, and what it decides, under their names."""
    rows = rows.with_columns(**{named("tier", code): tier for code, (tier, _) in tiers.items()})
    return rows.with_columns(
        **{named(n, code): told for code, found in of_tier.items() for n, told in found.items()}
    )


def _clocked(ours: pl.LazyFrame, channel: pl.Expr, time_zone: str) -> pl.LazyFrame:
    """Our contacts whose answer is known, by weekday and hour of the business."""
    local = pl.col("occurred_at").dt.convert_time_zone(time_zone)
    return ours.filter(pl.col("responded").is_not_null()).select(
        "day",
        "_row",
        channel=channel,
        weekday=local.dt.weekday(),
        hour=local.dt.hour(),
        judged=pl.lit(value=True),
        answered="responded",
    )


def _values(rows: pl.LazyFrame, name: str) -> list[str]:
    """The texts of a column that occur, sorted."""
    found = rows.select(pl.col(name).drop_nulls().unique()).collect(engine="streaming")
    return found[name].sort().to_list()


def _of_month(rows: pl.LazyFrame, month: date, people: People, as_of: date) -> pl.LazyFrame:
    end = pl.lit(month).dt.offset_by("1mo")
    inside = rows.filter(pl.col("occurred_on") >= month, pl.col("occurred_on") < end)
    return placed(inside, people, as_of)


def _months(*tables: pl.LazyFrame) -> Iterator[date]:
    """The months of events, from the first to the last."""
    day = pl.col("occurred_on")
    ends = pl.concat(
        rows.select(first=day.min(), last=day.max()).collect(engine="streaming") for rows in tables
    )
    first, last = ends.select(pl.col("first").min(), pl.col("last").max()).row(0)
    if first is not None:
        yield from spine(first, last + timedelta(days=1), Grain.MONTH).collect()["bucket"]
