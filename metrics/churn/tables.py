"""What of a CRM the churn model reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import polars as pl

_READ = {  # the columns that churn reads, of those that the CRM has
    "orders": ("customer_id", "ordered_on", "status", "amount"),
    "customers": ("customer_id", "deleted_on", "segment", "region", "acquisition_channel"),
    "interactions": ("customer_id", "occurred_on", "direction", "responded"),
    "tickets": ("customer_id", "created_on", "kind"),
    "survey_responses": ("customer_id", "answered_on", "nps", "csat"),
    "missed": ("customer_id", "missed_on", "created_on"),
}

_DAYS = {  # the day of an event; of several columns the first that the table has
    "orders": ("ordered_on",),
    "interactions": ("occurred_on",),
    "tickets": ("created_on",),
    "survey_responses": ("answered_on",),
    "missed": ("missed_on", "created_on"),
}


@dataclass(frozen=True, slots=True)
class CrmTables:
    """The contract tables that churn reads, with their day columns; None if the CRM has none.

    `missed` holds one row per broken promise to a customer: customer_id and missed_on, or
    created_on of the ticket, then counted only when the longest promise has run out.
    """

    orders: pl.LazyFrame
    customers: pl.LazyFrame
    interactions: pl.LazyFrame | None = None
    tickets: pl.LazyFrame | None = None
    survey_responses: pl.LazyFrame | None = None
    missed: pl.LazyFrame | None = None

    def optional(self) -> dict[str, pl.LazyFrame | None]:
        """The tables a CRM may lack, by name."""
        return {
            "interactions": self.interactions,
            "tickets": self.tickets,
            "survey_responses": self.survey_responses,
            "missed": self.missed,
        }

    def where(self, condition: pl.Expr) -> Self:
        """The rows of every table that meet a condition on the customer."""
        return self._each(lambda _, table: table.filter(condition))

    def after(self, day: date) -> Self:
        """The events after a day, and all customers."""

        def later(name: str, table: pl.LazyFrame) -> pl.LazyFrame:
            known = table.collect_schema().names()
            on = next((column for column in _DAYS.get(name, ()) if column in known), None)
            return table if on is None else table.filter(pl.col(on) > day)

        return self._each(later)

    def loaded(self) -> Self:
        """The same in memory, and only the columns that churn reads: for part of the customers."""
        return self._each(lambda name, table: _read(name, table))

    def numbered(self, ids: pl.Series) -> Self:
        """The rows of these customers, `loaded`, with their places in `ids` for customer_id.

        Text is what costs in a join; a number in its place takes a third off what follows.
        """
        place = ids.to_frame("customer_id").with_row_index("_place")

        def number(name: str, table: pl.LazyFrame) -> pl.LazyFrame:
            rows = _read(name, table).collect()
            # Neighbours share a customer where tables are sorted: one look-up for all of them.
            runs = rows["customer_id"].rle().struct.field("value").to_frame("customer_id")
            found = runs.join(place, on="customer_id", how="left", maintain_order="left")
            places = found["_place"].gather(rows["customer_id"].rle_id())
            return rows.lazy().with_columns(customer_id=places).drop_nulls("customer_id")

        return self._each(number)

    def _each(self, change: Callable[[str, pl.LazyFrame], pl.LazyFrame]) -> Self:
        tables = {"orders": self.orders, "customers": self.customers, **self.optional()}
        changed = {name: change(name, table) for name, table in tables.items() if table is not None}
        return replace(self, **changed)

    def without_empty(self) -> tuple[Self, list[str]]:
        """The tables with empty ones set to None, and the names of all that say nothing."""
        silent = [
            name
            for name, table in self.optional().items()
            if table is None or table.head(1).collect().is_empty()
        ]
        return replace(self, **dict.fromkeys(silent)), silent


def _read(name: str, table: pl.LazyFrame) -> pl.LazyFrame:
    present = set(table.collect_schema().names())
    columns = [column for column in _READ[name] if column in present]
    return table.select(columns).collect(engine="streaming").lazy()
