"""Lists in which customers deleted since keep a row: as long as the number says."""

from __future__ import annotations

import polars as pl


def beside(rows: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with what is known of each customer; a row of nulls, its id too, of the deleted.

    Args:
        rows: customer_id (unique) and more, of customers in the scope of `people`.
        people: Rows of the customer mart, which has no deleted ones.
    """
    known = people.with_columns(_id="customer_id")
    found = rows.join(known, on="customer_id", how="left", validate="1:1")
    return found.with_columns(customer_id="_id").drop("_id")
