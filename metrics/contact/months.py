"""Roll-ups of contacts by stretch of a month, channel and customers' dimensions (marts).

At 2 million customers with 41M contacts a pass takes the contacts a quarter of a year at a time
(3.4M rows, some 0.4 GB), looks up tier and cell of each by number and adds up once; the result has
as many rows as combinations occur, at most 2 million, and is read from disk column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import polars as pl

from metrics.calendar import Grain, next_bucket, spine
from metrics.cells import Cells, cells
from metrics.contact.flags import COUNTS, plain_flags, tier_flags
from metrics.contact.rule import Fit, window
from metrics.dimensions import Dimensions
from metrics.numbering import NUMBER

ROLLED = ("segment", "region", "owner_id", "acquisition_channel")
"""Dimensions of the roll-ups beside the tier at the time: today's stage follows from what came
after a contact, and is left out."""
MAPPED = ("segment", "region")
"""Of the map of weekday and hour, which needs few rows."""


Make = Callable[[pl.LazyFrame], pl.LazyFrame]
ByTier = Callable[[pl.LazyFrame, str], pl.LazyFrame]


@dataclass(frozen=True, slots=True)
class People:
    """What is looked up of customers by number.

    Attributes:
        known: In the order of the numbers: preferred_channel, kind, born_on, marketing_consent.
        dimensions: Of everybody, with their tiers by every scheme.
    """

    known: pl.DataFrame
    dimensions: Dimensions

    def cells(self, names: tuple[str, ...]) -> Cells:
        """Everybody's cells of some of today's dimensions."""
        return cells(self.dimensions.today.with_row_index("customer_id"), names)

    def tier(self, scheme: str) -> pl.Expr:
        """The tier known on the day of an event of the customer with `NUMBER`."""
        return self.dimensions.tiers[scheme].at(pl.col(NUMBER), pl.col("occurred_on"))


@dataclass(frozen=True, slots=True)
class Source:
    """Events that are counted.

    Attributes:
        rows: Events with `NUMBER` and occurred_on.
        make: Given those of a quarter of a year with their stretch (`day`): keys and counts.
        by_tier: Given these with `tier`, and the scheme: the counts that the tier decides.
    """

    rows: pl.LazyFrame
    make: Make = lambda part: part
    by_tier: ByTier = lambda part, _: part


def stretch(day: pl.Expr, as_of: date) -> pl.Expr:
    """First day of the stretch of a month: up to as of's day of the month, or after it.

    Every period that ends with as of, and every earlier one that is compared with it day for day,
    begins and ends with a stretch. (Only from 28 February before a leap day a year is a day more.)
    """
    month, cut = day.dt.truncate("1mo"), (as_of + timedelta(days=1)).day
    if cut == 1:
        return month
    later = month + pl.duration(days=cut - 1)
    return pl.when(day.dt.day() >= cut).then(later.cast(pl.Date)).otherwise(month)


def contact_months(
    contacts: pl.LazyFrame, people: People, rules: Callable[[str], Fit], *, as_of: date
) -> dict[str, pl.DataFrame]:
    """Contacts by stretch of a month, channel and dimensions (mart).

    Args:
        contacts: Of `contact_rows`.
        people: Whose contacts they are.
        rules: What suits whom, by scheme.
        as_of: Last day, inclusive.

    Returns:
        By scheme one row per combination that occurs: day (Date, first of the stretch), channel
        (null: unknown), tier (of the time), segment, region, owner_id, acquisition_channel, and
        the counts `flags.COUNTS` (Int64; cost in minor units, talk in seconds); sorted by the keys,
        nulls last.
    """
    any_scheme = next(iter(people.dimensions.tiers))
    source = Source(
        contacts,
        partial(plain_flags, known=people.known, rule=rules(any_scheme)),
        lambda part, scheme: tier_flags(part, rules(scheme)),
    )
    return Table(("day", "channel"), ROLLED, COUNTS).of(people, [source], as_of=as_of)


def contact_hours(
    contacts: pl.LazyFrame, people: People, *, as_of: date, time_zone: str
) -> dict[str, pl.DataFrame]:
    """Our contacts of the last year by channel, weekday and hour (mart).

    Returns:
        By scheme one row per combination that occurs: channel, weekday (1 Monday … 7), hour
        (0 … 23, business time), tier (of the time), segment, region, judged (their answer is
        known), answered (Int64); sorted.
    """
    since = as_of - timedelta(days=window("heat_days"))
    local = pl.col("occurred_at").dt.convert_time_zone(time_zone)
    known = (pl.col("direction") == "outbound") & pl.col("responded").is_not_null()
    rows = contacts.filter(pl.col("occurred_on") > since, known).with_columns(
        weekday=local.dt.weekday(), hour=local.dt.hour(), judged=1, answered="responded"
    )
    table = Table(("channel", "weekday", "hour"), MAPPED, ("judged", "answered"))
    return table.of(people, [Source(rows)], as_of=as_of)


@dataclass(frozen=True, slots=True)
class Table:
    """A roll-up: by which columns of the rows, which of today's dimensions, and what is added."""

    keys: tuple[str, ...]
    dimensions: tuple[str, ...]
    counts: tuple[str, ...]

    def of(
        self, people: People, sources: Sequence[Source], *, as_of: date
    ) -> dict[str, pl.DataFrame]:
        """The roll-up of some tables of events, by scheme.

        What no tier decides is made once of each quarter of a year, and held while every scheme
        adds it up: reading and making it costs as much as adding it up.

        Args:
            people: Whose events they are.
            sources: The events.
            as_of: Last day, inclusive.
        """
        where = people.cells(self.dimensions)
        parts: dict[str, list[pl.DataFrame]] = {code: [] for code in people.dimensions.tiers}
        for source in sources:
            for part in _quarters(source.rows):
                made = source.make(placed(part, people, as_of)).collect(engine="streaming").lazy()
                for code, told in parts.items():
                    rows = source.by_tier(made.with_columns(tier=people.tier(code)), code)
                    told.append(self._added(rows, where))
        return {code: self._together(told) for code, told in parts.items()}

    @property
    def _order(self) -> tuple[str, ...]:
        return (*self.keys, "tier", *self.dimensions)

    def _added(self, rows: pl.LazyFrame, where: Cells) -> pl.DataFrame:
        cell = pl.lit(pl.Series(where.of.astype(np.int32))).gather(pl.col("_row"))
        counts = {name: pl.col(name).sum().cast(pl.Int64) for name in self.counts}
        grouped = rows.with_columns(_cell=cell).group_by(*self.keys, "tier", "_cell").agg(**counts)
        counted = grouped.collect(engine="streaming")
        names = where.names.select(self.dimensions)[counted["_cell"]]
        return pl.concat([counted.drop("_cell"), names], how="horizontal")

    def _together(self, parts: list[pl.DataFrame]) -> pl.DataFrame:
        kinds = {"day": pl.Date(), "weekday": pl.Int8(), "hour": pl.Int8()}
        schema = pl.Schema({name: kinds.get(name, pl.String()) for name in self._order})
        schema.update(dict.fromkeys(self.counts, pl.Int64()))
        told = [part.select(schema.names()).cast(schema) for part in parts]
        rows = pl.concat([pl.DataFrame(schema=schema), *told])
        if "day" not in self.keys:  # else a stretch lies in one quarter: nothing occurs twice
            rows = rows.group_by(self._order).agg(pl.col(self.counts).sum())
        return rows.sort(self._order, nulls_last=True)


def placed(events: pl.LazyFrame, people: People, as_of: date) -> pl.LazyFrame:
    """Events with the stretch of their day; who is unknown has the place of nobody (`_row`)."""
    return events.with_columns(
        day=stretch(pl.col("occurred_on"), as_of),
        _row=pl.col(NUMBER).fill_null(people.known.height).cast(pl.Int64),
    )


def _quarters(rows: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    day = pl.col("occurred_on")
    first, last = rows.select(first=day.min(), last=day.max()).collect(engine="streaming").row(0)
    if first is None:
        return
    for begin in spine(first, last + timedelta(days=1), Grain.QUARTER).collect()["bucket"]:
        end = next_bucket(begin, Grain.QUARTER)
        yield rows.filter(day >= begin, day < end)
