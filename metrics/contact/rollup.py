"""A roll-up in the making: a month of events after the other, by whole numbers for all keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from polars.selectors import by_dtype, by_name

from metrics.cells import Cells
from metrics.contact.folding import NUMBER_OF_KEYS, folded, unfolded
from metrics.contact.people import People
from metrics.tiers.versions import named

OWNER = "owner_id"
_DAYS = 31  # the places of the days of a month
_NO_DAY = date(1970, 1, 1)

Part = tuple[date, pl.DataFrame]
"""A month, and its groups: the number of their keys, and the counts."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a roll-up is told by.

    Attributes:
        keys: By column of the rows what its places stand for, in one or more columns; the number
            of the values stands for none.
        dimensions: Which of today's dimensions, without the owner.
        plain: What is added up, whatever the tier.
        by_tier: What is added up of what the tier decides, once for each scheme.
        days: Whether by day, too (`day`, of the month), else over all months.
    """

    keys: Mapping[str, pl.DataFrame]
    dimensions: tuple[str, ...]
    plain: tuple[str, ...]
    by_tier: tuple[str, ...] = ()
    days: bool = True


@dataclass(frozen=True, slots=True)
class Groups:
    """How groups are numbered, and what their keys stand for.

    Attributes:
        sizes: Of the keys, see `folded`.
        stands_for: By key the values in the order of the places, in one or more columns.
        days: Whether the first key is the day.
    """

    sizes: Mapping[str, int]
    stands_for: Mapping[str, pl.DataFrame]
    days: bool

    def number(self, keys: Mapping[str, pl.Expr]) -> pl.Expr:
        """The number of a group, of its keys by name."""
        return folded({name: (keys[name], size) for name, size in self.sizes.items()})

    def keys(self) -> dict[str, pl.Expr]:
        """The keys of a group by name, of its number."""
        return unfolded(self.sizes)

    def spelt(self, parts: Iterable[Part], columns: Sequence[str]) -> pl.LazyFrame:
        """Groups with the values of their keys: the columns asked for, counts as Int64."""
        return pl.concat([self._spelt(*part).select(columns) for part in parts])

    def _spelt(self, month: date, rows: pl.DataFrame) -> pl.LazyFrame:
        counts = pl.col(rows.columns[1:]).cast(pl.Int64)
        keys = self.keys()
        told = [
            pl.lit(values).gather(keys[key]).alias(values.name)
            for key, frame in self.stands_for.items()
            for values in frame
        ]
        if self.days:
            day = pl.lit(month) + pl.duration(days=keys["day"])
            told.append(day.cast(pl.Date).alias("day"))
        return rows.lazy().select(*told, counts)


class RollUp:
    """The counts of the months so far.

    The rows of a month are grouped once, by the tiers of all schemes and with owners; the roll-up
    of each scheme without owners is added up from these groups. Groups are kept in as few bytes as
    they need: some 90 of one with 70 counts.

    Args:
        shape: What it is told by.
        people: Whose events they are.
        owned: Whether it is told with owners, too.
    """

    def __init__(self, shape: Shape, people: People, *, owned: bool = True) -> None:
        self._shape, self._schemes = shape, tuple(people.dimensions.tiers)
        few = people.cells(shape.dimensions)
        self._where = people.cells((OWNER, *shape.dimensions)) if owned else few
        self._fewer = np.zeros(len(self._where), np.int64)
        self._fewer[self._where.of] = few.of
        self._whole = self._groups(people, self._where, self._schemes)
        self._joint = self._groups(people, few, self._schemes)
        self._each = {code: self._groups(people, few, (code,)) for code in self._schemes}
        self._parts: list[Part] = []
        self._told: dict[str, list[Part]] = {code: [] for code in self._schemes}
        self._owned = owned

    def add(self, month: date, *tables: pl.LazyFrame) -> None:
        """Add the events of a month that has not been added yet.

        Args:
            month: Its first day.
            *tables: Of events, with `day` (Date), the keys and by scheme the tier as places,
                `_row` (the customer's), and what is added up: counts that are absent are 0.
        """
        whole = self._counted(tables)
        if self._owned:
            self._parts.append((month, whole))
        counts = self._counts(self._schemes)
        keys = self._whole.keys()
        keys["cell"] = pl.lit(pl.Series(self._fewer)).gather(keys["cell"])
        joint = _summed(whole.lazy(), self._joint.number(keys), counts).lazy()
        keys = self._joint.keys()
        for code, parts in self._told.items():
            groups, own = self._each[code], self._counts((code,))
            parts.append((month, _summed(joint, groups.number(keys), own)))

    def _counted(self, tables: Sequence[pl.LazyFrame]) -> pl.DataFrame:
        """The groups of some events, sorted."""
        cell = pl.lit(pl.Series(self._where.of.astype(np.int32))).gather(pl.col("_row"))
        day = pl.col("day").dt.day().cast(pl.Int64) - 1 if self._shape.days else pl.lit(0)
        number = self._whole.number({name: pl.col(name) for name in self._whole.sizes})
        told = [_nothing(self._counts(self._schemes))[1]]
        for rows in tables:
            present = set(rows.collect_schema().names())
            counts = [name for name in told[0].columns[1:] if name in present]
            told.append(_summed(rows.with_columns(cell=cell, day=day), number, counts))
        whole = pl.concat(told, how="diagonal_relaxed").fill_null(0)
        return _small(whole).sort(NUMBER_OF_KEYS)

    def by_owner(self) -> pl.LazyFrame:
        """One row per combination that occurs with owners, sorted by day and owner.

        Returns:
            day, the keys, the tier by every scheme, owner_id, the dimensions, the counts: of those
            that the tier decides one for each scheme.
        """
        tiers = [named("tier", code) for code in self._schemes]
        names = [*self._keys(), *tiers, OWNER, *self._shape.dimensions]
        counts = self._counts(self._schemes)
        return self._whole.spelt([_nothing(counts), *self._parts], [*names, *counts])

    def by_scheme(self) -> dict[str, pl.LazyFrame]:
        """By scheme one row per combination without owners, sorted by the keys, nulls last.

        Returns:
            day, the keys, tier, the dimensions, the counts.
        """
        told: dict[str, pl.LazyFrame] = {}
        for code, parts in self._told.items():
            counts, tier = self._counts((code,)), named("tier", code)
            months = parts if self._shape.days else [_added(parts, counts)]
            columns = [*self._keys(), tier, *self._shape.dimensions, *counts]
            rows = self._each[code].spelt([_nothing(counts), *months], columns)
            told[code] = rows.rename({named(n, code): n for n in ("tier", *self._shape.by_tier)})
        return told

    def _keys(self) -> list[str]:
        own = [name for frame in self._shape.keys.values() for name in frame.columns]
        return ["day", *own] if self._shape.days else own

    def _counts(self, schemes: Sequence[str]) -> list[str]:
        of_tier = [named(name, code) for code in schemes for name in self._shape.by_tier]
        return [*self._shape.plain, *of_tier]

    def _groups(self, people: People, where: Cells, schemes: Sequence[str]) -> Groups:
        """With owners the cell comes first: groups of one owner lie together, to be read alone."""
        tiers = {named("tier", code): people.tiers(code) for code in schemes}
        keys = {
            **{key: pl.concat([frame, frame.clear(1)]) for key, frame in self._shape.keys.items()},
            **{name: values.alias(name).to_frame() for name, values in tiers.items()},
        }
        cell = {"cell": where.names}
        keys = {**cell, **keys} if OWNER in where.names.columns else {**keys, **cell}
        sizes = {name: frame.height for name, frame in keys.items()}
        return Groups({"day": _DAYS, **sizes}, keys, self._shape.days)


def _summed(rows: pl.LazyFrame, number: pl.Expr, counts: Sequence[str]) -> pl.DataFrame:
    """The counts of every group, sorted."""
    # a sum of numbers of four bytes has four bytes, too, and money would run over
    short = by_dtype(pl.Int32, pl.UInt32) & by_name(counts, require_all=False)
    wide = rows.select(number, *counts).with_columns(short.cast(pl.Int64))
    added = wide.group_by(NUMBER_OF_KEYS).agg(pl.col(counts).sum())
    told = added.with_columns(pl.col(counts).cast(pl.Int64)).collect(engine="streaming")
    return _small(told).sort(NUMBER_OF_KEYS)


def _added(parts: Sequence[Part], counts: Sequence[str]) -> Part:
    """The same combination may occur in several months."""
    _, nothing = _nothing(counts)
    every = pl.concat([nothing, *(rows for _, rows in parts)], how="vertical_relaxed")
    return _NO_DAY, _summed(every.lazy(), pl.col(NUMBER_OF_KEYS), counts)


def _nothing(counts: Sequence[str]) -> Part:
    schema = dict.fromkeys((NUMBER_OF_KEYS, *counts), pl.Int64)
    return _NO_DAY, pl.DataFrame(schema=schema)


def _small(groups: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame([column.shrink_dtype() for column in groups.get_columns()])
