"""What marts are built from: the contract tables, and the moments at which they are judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from data_access import parquet
from data_access.engine import Engine, Frame
from metrics.churn.tables import CrmTables, lots
from metrics.numbering import numbered, numbering

# What is read of the tables that are passed over again and again.
_ORDERS = ("customer_id", "ordered_on", "status", "amount", "profit")


@dataclass(frozen=True, slots=True)
class Clock:
    """The moments at which each table's figures are judged, and the business time zone.

    With the first day of the programme, if there is one: its baselines are told of the past.
    """

    read_at: datetime
    complete_until: dict[str, datetime]
    time_zone: str
    programme_start: date | None = None

    def moment(self, table: str) -> datetime:
        """The end of the table's feed, else the moment of the read."""
        return self.complete_until.get(table, self.read_at)

    def day(self, table: str) -> date:
        """That moment's day in the business time zone; it counts as the last day."""
        return self.moment(table).astimezone(ZoneInfo(self.time_zone)).date()


class Tables:
    """The contract tables of the version that is being built; absent ones are empty.

    Args:
        engine: What reads the tables of events.
        files: Gives the Parquet files of a table.
    """

    def __init__(self, engine: Engine, files: Callable[[str], Sequence[str]]) -> None:
        self.engine = engine
        self._files = files

    def events(self, name: str) -> Frame:
        """A table of any length, for the portable builders."""
        return self.engine.scan(self._files(name))

    def read(self, name: str) -> pl.LazyFrame:
        """A table for Polars."""
        return parquet.scan(self._files(name))


@dataclass(frozen=True, slots=True)
class Events:
    """The customers' numbers, and what is passed over several times by number."""

    numbers: pl.DataFrame
    lent: Frame
    orders: Frame


def numbered_events(tables: Tables) -> Events:
    """The customers numbered, and the orders by number, kept for several passes."""
    numbers = numbering(tables.read("customers"))
    lent = tables.engine.lend(numbers)
    orders = numbered(tables.events("orders"), lent, *_ORDERS)
    return Events(numbers, lent, tables.engine.keep(orders))


def crm_tables(tables: Tables, events: Events, missed: Frame) -> CrmTables:
    """What churn reads, by number, stored: it is passed over once today and once for the past.

    Args:
        tables: The contract tables.
        events: The customers' numbers, and the orders.
        missed: The broken promises.
    """
    engine, lent = tables.engine, events.lent
    names = ("interactions", "tickets", "survey_responses", "contracts")
    others = {name: numbered(tables.events(name), lent) for name in names}
    return CrmTables.read(
        numbered(lots(tables.read("customers")), events.numbers.lazy()),
        fetch=lambda rows: engine.fetch(engine.keep(rows)),
        orders=events.orders,
        missed=numbered(missed, lent),
        **others,
    )
