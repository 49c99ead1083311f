"""What of a CRM the churn model reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import polars as pl


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

    def without_empty(self) -> tuple[Self, list[str]]:
        """The tables with empty ones set to None, and the names of all that say nothing."""
        silent = [
            name
            for name, table in self.optional().items()
            if table is None or table.head(1).collect().is_empty()
        ]
        return replace(self, **dict.fromkeys(silent)), silent
