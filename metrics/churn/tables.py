"""What of a CRM the churn model reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import polars as pl

from metrics.churn import readers
from metrics.numbering import places

_CUSTOMERS = (
    "customer_id",
    "lot",
    "registered_on",
    "deleted_on",
    "segment",
    "region",
    "acquisition_channel",
)

_DAYS = {  # the day of an event; of several columns the first that the table has
    "orders": ("ordered_on",),
    "interactions": ("occurred_on",),
    "tickets": ("created_on",),
    "survey_responses": ("answered_on",),
    "missed": ("missed_on", "created_on"),
}

_READERS: dict[str, Callable[[Any], Any]] = {
    "orders": readers.orders,
    "interactions": readers.interactions,
    "tickets": readers.tickets,
    "survey_responses": readers.survey_responses,
    "missed": readers.missed,
    "contracts": readers.contracts,
}


@dataclass(frozen=True, slots=True)
class CrmTables:
    """Customers, and the events of `metrics.churn.readers`; None for a table the CRM has not.

    Customers go by id or by number, in all tables the same. `missed` holds one row per broken
    promise to a customer: customer_id and missed_on, or created_on of the ticket, then counted
    only when the longest promise has run out. `contracts` is there where a CRM has open-ended or
    renewed contracts; who has none open goes by purchases.
    """

    orders: pl.LazyFrame
    customers: pl.LazyFrame
    interactions: pl.LazyFrame | None = None
    tickets: pl.LazyFrame | None = None
    survey_responses: pl.LazyFrame | None = None
    missed: pl.LazyFrame | None = None
    contracts: pl.LazyFrame | None = None

    @classmethod
    def read(
        cls,
        customers: pl.LazyFrame,
        *,
        fetch: Callable[[Any], pl.LazyFrame] = lambda frame: frame,
        **events: Any,
    ) -> Self:
        """What churn reads of contract tables.

        Args:
            customers: The contract table, of Polars; by number it needs the `lots` of the ids.
            fetch: Makes a frame of the events' engine one of Polars.
            **events: The other tables by name, of one engine.
        """
        people = customers if "lot" in customers.collect_schema().names() else lots(customers)
        names = people.collect_schema().names()
        people = people.select(name for name in _CUSTOMERS if name in names)
        read = {name: fetch(_READERS[name](rows)) for name, rows in events.items()}
        return cls(customers=people, **read)

    def purchases(self) -> pl.LazyFrame:
        """The orders that are purchases: customer_id, ordered_on."""
        return self.orders.filter("bought").select("customer_id", "ordered_on")

    def optional(self) -> dict[str, pl.LazyFrame | None]:
        """The tables of events a CRM may lack, by name."""
        return {
            "interactions": self.interactions,
            "tickets": self.tickets,
            "survey_responses": self.survey_responses,
            "missed": self.missed,
        }

    def records_answers(self) -> bool:
        """Whether the CRM records answers to contacts."""
        contacts = self.interactions
        return contacts is not None and "answer" in contacts.collect_schema().names()

    def where(self, condition: pl.Expr) -> Self:
        """The rows of every table that meet a condition on the customer."""
        return self._each(lambda _, table: table.filter(condition))

    def sample(self, share: float) -> Self:
        """The rows of that share of the customers, drawn by lot."""
        drawn = self.customers.filter(pl.col("lot") < int(2**64 * share)).select("customer_id")
        return self._each(lambda _, table: table.join(drawn, on="customer_id", how="semi"))

    def with_contract(self) -> Self:
        """The rows of the customers who ever had a contract."""
        if self.contracts is None:
            return self.where(pl.lit(value=False))
        held = self.contracts.select(pl.col("customer_id").unique())
        return self._each(lambda _, table: table.join(held, on="customer_id", how="semi"))

    def after(self, day: date) -> Self:
        """The events after a day, and all customers."""

        def later(name: str, table: pl.LazyFrame) -> pl.LazyFrame:
            known = table.collect_schema().names()
            on = next((column for column in _DAYS.get(name, ()) if column in known), None)
            return table if on is None else table.filter(pl.col(on) > day)

        return self._each(later)

    def loaded(self) -> Self:
        """The same in memory: some 15 bytes an event, if customers go by number."""
        return self._each(lambda _, table: table.collect(engine="streaming").lazy())

    def numbered(self, ids: pl.Series) -> Self:
        """The rows of these customers, `loaded`, with their places in `ids` for customer_id."""

        def number(_: str, table: pl.LazyFrame) -> pl.LazyFrame:
            rows = table.collect(engine="streaming")
            place = places(rows["customer_id"], ids)
            return rows.lazy().with_columns(customer_id=place).drop_nulls("customer_id")

        return self._each(number)

    def _each(self, change: Callable[[str, pl.LazyFrame], pl.LazyFrame]) -> Self:
        tables = {"orders": self.orders, "customers": self.customers, **self.optional()}
        tables["contracts"] = self.contracts
        changed = {name: change(name, table) for name, table in tables.items() if table is not None}
        return replace(self, **changed)

    def without_empty(self) -> tuple[Self, list[str]]:
        """The tables with empty ones set to None, and the names of those without events."""
        silent = [name for name, table in self.optional().items() if _is_empty(table)]
        contracts = None if _is_empty(self.contracts) else self.contracts
        return replace(self, **dict.fromkeys(silent), contracts=contracts), silent


def _is_empty(table: pl.LazyFrame | None) -> bool:
    return table is None or table.head(1).collect().is_empty()


def lots(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Customers with `lot` (UInt64), drawn from the id: a sample is the same at every refresh."""
    return customers.with_columns(lot=pl.col("customer_id").hash(seed=0))
