"""Contacts with whom they were about, as that customer was then, and who made them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from dashboard import data
from dashboard.view import View
from metrics.contact.flags import KNOWN
from metrics.tiers.history import known_in

TODAY = ("segment", "region", "owner_id", "acquisition_channel")
"""The dimensions of today beside contacts; a tier is that of the time."""


def beside(
    view: View, rows: pl.LazyFrame, months: Sequence[date], *, few: bool = False
) -> pl.LazyFrame:
    """Contacts with what is known of their customers: `KNOWN`, name, dimensions of the day, here.

    Args:
        view: The view.
        rows: Contacts.
        months: The first days of the months that they lie in.
        few: Whether they are in memory and few: then all others' customers are left out first.
    """
    states = data.frame(view, "tier_states")
    names = states.collect_schema().names()
    tiers = {f"_{at}": known_in(names, first) for at, first in enumerate(months)}
    told = data.frame(view, "customers").select(
        "customer_id", *KNOWN, *TODAY, "name", here=pl.col("deleted_on").is_null()
    )
    if few:
        ids = rows.select("customer_id")
        states, told = (each.join(ids, on="customer_id", how="semi") for each in (states, told))
    for each in (told, states.select("customer_id", **tiers)):
        rows = rows.join(each, on="customer_id", how="left", validate="m:1")
    month = pl.col("occurred_on").dt.truncate("1mo")
    known = [pl.when(month == first).then(f"_{at}") for at, first in enumerate(months)]
    return rows.with_columns(tier=pl.coalesce(known).cast(pl.String)).drop(tiers)


ASKED = ("customer_id", "employee_id", "occurred_at", "occurred_on")
TOLD = ("customer_id", "name", "tier", "agent", "made")
"""What `told` reads of a page, and what it adds or replaces."""


def told(view: View, page: pl.LazyFrame) -> pl.LazyFrame:
    """A page of contacts with whom they were about and who made them.

    Returns:
        Its rows in their order with `TOLD`: name, tier (of the time), agent, made (business time);
        of a customer deleted since neither id nor name.
    """
    rows = page.with_row_index("_place").collect()
    months = rows["occurred_on"].dt.truncate("1mo").unique().sort().to_list()
    agents = data.frame(view, "employees").select("employee_id", agent="name")
    own = rows.drop(*KNOWN, *TODAY, "tier", "name", "here", strict=False)
    whole = beside(view, own.lazy(), months, few=True)
    named = whole.join(agents, on="employee_id", how="left", validate="m:1")
    shown = (pl.when("here").then(name).alias(name) for name in ("customer_id", "name"))
    return named.sort("_place").with_columns(*shown, made=local_time())


def local_time() -> pl.Expr:
    """When a contact was made, in business time."""
    return pl.col("occurred_at").dt.convert_time_zone(data.time_zone().key)
