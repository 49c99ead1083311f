"""Whose contacts are counted: what is looked up of customers by number, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.cells import Cells, cells
from metrics.dimensions import Dimensions
from metrics.numbering import NUMBER


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

    def tiers_of(self, month: date) -> dict[str, tuple[pl.Expr, pl.Series]]:
        """By scheme the tier known on any day of a month of the customer at `_row`, as a place.

        Returns:
            The place, and what places stand for; the last of them for none.
        """
        return {
            code: (pl.lit(known.on(month)).gather(pl.col("_row")), known.tiers)
            for code, known in self.dimensions.tiers.items()
        }

    def tiers(self, scheme: str) -> pl.Series:
        """What the places of a scheme stand for; the last for none."""
        return self.dimensions.tiers[scheme].tiers


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


def placed(events: pl.LazyFrame, people: People, as_of: date) -> pl.LazyFrame:
    """Events with the stretch of their day; who is unknown has the place of nobody (`_row`)."""
    return events.with_columns(
        day=stretch(pl.col("occurred_on"), as_of),
        _row=pl.col(NUMBER).fill_null(people.known.height).cast(pl.Int64),
    )
