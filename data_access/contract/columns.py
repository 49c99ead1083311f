"""What a contract table and a contract column are, and short ways to write them down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from data_access.contract.powers import Power

TIME = pl.Datetime("us", "UTC")


class Scope(StrEnum):
    """Which rows a principal with a limited row scope may read."""

    CUSTOMER = "customer"  # rows of the customers in scope; anonymous rows only for "all"
    COMPANY = "company"  # whole table, only for principals who see everything
    OPEN = "open"  # no personal or confidential content


# Beyond these a value is a slip or a placeholder such as 0001-01-01, and would do harm: sums of
# 64 bits wrap around without an error, and every month since the first order has its own row.
MOST = 10**15
MOST_OF_A_STATE = 10**18  # budget lines of a state in a currency of small worth
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, whether it may be null or missing, and the values it may hold."""

    name: str
    dtype: pl.DataType
    doc: str
    nullable: bool = True
    optional: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    references: str = ""
    not_before: str = ""  # the time column that this time cannot precede
    earliest: date = EARLIEST
    announced: bool = False  # a time that may be known before it comes
    powers: tuple[Power, ...] = ()  # what its absence switches off; the table's own if empty


@dataclass(frozen=True, slots=True)
class Table:
    """One contract table: grain, key, columns and the row scope that guards it."""

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    scope: Scope
    powers: tuple[Power, ...]
    required: bool = False
    event_time: str = ""  # the time an event happened; it may not lie in the future
    parent: str = ""  # the table whose customer_id a row inherits through its reference

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name to Polars type, in order, with the columns added on the way in.

        Those are the day of each time (`days`), and the customer of a row's parent.
        """
        schema = {column.name: column.dtype for column in self.columns}
        schema |= {day: pl.Date() for day in self.days.values()}
        return schema | ({"customer_id": pl.String()} if self.parent else {})

    @property
    def own_schema(self) -> dict[str, pl.DataType]:
        """The schema without the customer of a row's parent: what the CRM's table itself gives."""
        own = {*(column.name for column in self.columns), *self.days.values()}
        return {name: dtype for name, dtype in self.schema.items() if name in own}

    @property
    def days(self) -> dict[str, str]:
        """Each time column with the column that holds its day in the business time zone."""
        return {
            column.name: column.name.removesuffix("_at") + "_on"
            for column in self.columns
            if column.dtype == TIME and column.name != "updated_at"
        }

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: The contract has no such column in this table.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


def identifier(
    name: str,
    doc: str,
    references: str = "",
    *powers: Power,
    nullable: bool = False,
    optional: bool = False,
) -> Column:
    """An id; always text, whatever the CRM counts with."""
    return Column(
        name,
        pl.String(),
        doc,
        nullable=nullable,
        optional=optional,
        references=references,
        powers=powers,
    )


def text(name: str, doc: str, *powers: Power, optional: bool = False) -> Column:
    """Free text or the source's own codes."""
    return Column(name, pl.String(), doc, optional=optional, powers=powers)


def one_of(name: str, doc: str, *values: str) -> Column:
    """A code out of a closed list, never null."""
    return Column(name, pl.String(), doc, nullable=False, values=values)


def time(
    name: str,
    doc: str,
    *powers: Power,
    nullable: bool = True,
    optional: bool = False,
    not_before: str = "",
) -> Column:
    """A moment, UTC."""
    return Column(
        name,
        TIME,
        doc,
        nullable=nullable,
        optional=optional,
        not_before=not_before,
        powers=powers,
    )


def money(
    name: str,
    doc: str,
    *powers: Power,
    nullable: bool = False,
    optional: bool = False,
    limit: int = MOST,
) -> Column:
    """An exact integer in 10**-money_scale of the currency's unit."""
    return Column(
        name,
        pl.Int64(),
        doc,
        nullable=nullable,
        optional=optional,
        minimum=-limit,
        maximum=limit,
        powers=powers,
    )


def score(name: str, doc: str, low: float, high: float, *powers: Power) -> Column:
    """An answer on a scale, both ends included."""
    return Column(name, pl.Int16(), doc, minimum=low, maximum=high, optional=True, powers=powers)


def count(
    name: str,
    doc: str,
    minimum: float | None = None,
    maximum: float | None = None,
    *powers: Power,
    optional: bool = False,
) -> Column:
    """A whole number; null only where it may be missing."""
    return Column(
        name,
        pl.Int32(),
        doc,
        nullable=optional,
        optional=optional,
        minimum=minimum,
        maximum=maximum,
        powers=powers,
    )


def day(
    name: str,
    doc: str,
    *powers: Power,
    nullable: bool = True,
    optional: bool = False,
    earliest: date = EARLIEST,
) -> Column:
    """A calendar day, as the source says it."""
    return Column(
        name,
        pl.Date(),
        doc,
        nullable=nullable,
        optional=optional,
        earliest=earliest,
        powers=powers,
    )


def flag(name: str, doc: str, *powers: Power) -> Column:
    """Yes, no, or not known."""
    return Column(name, pl.Boolean(), doc, optional=True, powers=powers)


CUSTOMER_ID = identifier(
    "customer_id", "The customer; null for an anonymous row.", "customers", nullable=True
)
UPDATED_AT = time(
    "updated_at", "Last change of the row in the CRM.", Power.LATEST_VERSION, optional=True
)
DELETED_AT = time(
    "deleted_at", "When the row was deleted; null while it lives.", Power.DELETIONS, optional=True
)
CURRENCY = Column(
    "currency", pl.String(), "ISO 4217 code, or another code of the source.", nullable=False
)
