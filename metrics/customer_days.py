"""Events in the order of customer and day, to be asked what happened in a window of days.

A customer's number and a day fit one word. Words are sorted twenty times as fast as rows, and in
sorted words any window of any customer is found by two look-ups: so a question costs the same
however many events a customer has, and however many days are asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

_DAYS = 1 << 24  # more than any two dates are apart
_EPOCH = date(1970, 1, 1)

Ints = NDArray[np.int64]


def packed(customers: Ints, days: Ints) -> Ints:
    """A word for each customer and day, in their order."""
    return customers * _DAYS + (days + _DAYS // 2)


def unpacked(words: Ints) -> tuple[Ints, Ints]:
    """The customers and the days of words."""
    return words // _DAYS, words % _DAYS - _DAYS // 2


def ints(column: pl.Series) -> Ints:
    """A column of numbers or days (since 1970) without nulls."""
    return column.to_physical().cast(pl.Int64).to_numpy()


def as_dates(days: Ints) -> pl.Series:
    """Days since 1970 as dates."""
    return pl.Series(days).cast(pl.Int32).cast(pl.Date)


def day_number(day: date) -> int:
    """Days since 1970, as in a column of dates."""
    return (day - _EPOCH).days


@dataclass(frozen=True, slots=True)
class Span:
    """For each question the rows from `low` up to, not including, `high`."""

    low: Ints
    high: Ints

    def count(self) -> Ints:
        """How many rows."""
        return self.high - self.low

    def rows(self) -> tuple[Ints, Ints]:
        """Every row of every question: which question it is of, and which row it is."""
        count = self.count()
        question = np.repeat(np.arange(len(count)), count)
        within = np.arange(len(question)) - np.repeat(np.cumsum(count) - count, count)
        return question, self.low[question] + within


@dataclass(frozen=True, slots=True)
class CustomerDays:
    """Events in the order of customer and day.

    Attributes:
        words: Of `packed`, ascending; one for each event.
        values: What else is known of the events, in their order.
        sums: Of these, how much had come together before each event and after the last.
    """

    words: Ints
    values: Mapping[str, Ints]
    sums: Mapping[str, Ints]

    @classmethod
    def of(cls, events: pl.DataFrame, day: str, *values: str) -> Self:
        """The events by customer_id (a number) and a day (Date), in whatever order they come.

        Args:
            events: Without nulls in these columns.
            day: The column of the day.
            *values: Columns of whole numbers or truths.
        """
        words = packed(ints(events["customer_id"]), ints(events[day]))
        if not values:
            return cls(np.sort(words), {}, {})
        order = np.argsort(words, kind="stable")
        columns = {name: ints(events[name])[order] for name in values}
        sums = {name: np.concatenate([[0], np.cumsum(each)]) for name, each in columns.items()}
        return cls(words[order], columns, sums)

    def within(self, who: Ints, *, after: Any, until: Any) -> Span:
        """The events of each customer later than one day, up to and including another."""
        low, high = (
            np.searchsorted(self.words, packed(who, day), side="right") for day in (after, until)
        )
        return Span(low, np.maximum(low, high))

    def until(self, who: Ints, day: Any) -> Span:
        """All events of each customer up to and including a day."""
        return self.within(who, after=-_DAYS // 2, until=day)

    def total(self, span: Span, value: str) -> Ints:
        """The sum of a value over each span."""
        return self.sums[value][span.high] - self.sums[value][span.low]

    def latest(self, span: Span, value: str) -> pl.Series:
        """A value of the last event of each span; null if it has none."""
        last = pl.Series(span.high - 1).set(pl.Series(span.high == span.low), None)
        return pl.Series(self.values[value]).gather(last)

    def last_day(self, span: Span, otherwise: Ints) -> Ints:
        """The day of the last event of each span, or what else is given for one without."""
        return self._day(span, span.high - 1, otherwise)

    def first_day(self, span: Span, otherwise: Ints) -> Ints:
        """The day of the first event of each span, or what else is given for one without."""
        return self._day(span, span.low, otherwise)

    def _day(self, span: Span, place: Ints, otherwise: Ints) -> Ints:
        there = span.high > span.low
        days = otherwise.copy()
        days[there] = unpacked(self.words[place[there]])[1]
        return days

    def distinct(self) -> Self:
        """The same days, each once; without values."""
        return type(self)(self.words[np.diff(self.words, prepend=-1) != 0], {}, {})

    def customers(self) -> Ints:
        """The customer of each event."""
        return unpacked(self.words)[0]

    def days(self) -> Ints:
        """The day of each event."""
        return unpacked(self.words)[1]

    def day_of(self, rows: Ints) -> Ints:
        """The day of some events, by their rows."""
        return unpacked(self.words[rows])[1]
