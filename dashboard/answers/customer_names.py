"""What the customer mart says of the customers of a list, joined to its rows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard import data
from dashboard.view import View


def told(
    view: View, rows: pl.LazyFrame, *, columns: Mapping[str, str], few: bool = False
) -> pl.LazyFrame:
    """The rows in their order with columns of their customers; null of who is unknown or deleted.

    Args:
        view: The view.
        rows: A list with customer_id.
        columns: By their names in the list, the columns of the mart.
        few: Whether the rows are few, such as a page: then theirs are looked up, which takes a
            tenth of joining everybody.
    """
    people = data.frame(view, "customer_mart").select("customer_id", **columns)
    if few:
        page = rows.collect()
        rows = page.lazy()
        people = people.filter(pl.col("customer_id").is_in(page["customer_id"].implode()))
    return rows.join(people, on="customer_id", how="left", validate="m:1", maintain_order="left")
