"""The marts of the contact page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from dashboard.facts import Customers
from dashboard.inputs import Clock, Tables
from dashboard.resident import by_owner
from metrics.contact.cadence import contact_cadence
from metrics.contact.experiments import experiment_lifts
from metrics.contact.flags import KNOWN
from metrics.contact.months import roll_up
from metrics.contact.people import People
from metrics.contact.rows import app_users, channels_used, contact_counts, contact_rows
from metrics.contact.rule import cadences, fit, window
from metrics.contact.staying import landmark, stayed
from metrics.numbering import NUMBER, with_numbers
from metrics.tiers import versions
from metrics.tiers.scheme import scheme_codes


def contact_marts(
    tables: Tables, customers: pl.LazyFrame, company: Customers, clock: Clock
) -> Iterator[tuple[str, pl.LazyFrame | pl.DataFrame]]:
    """Marts by name: contact_cadence, contact_months, contact_topics, contact_hours, lifts.

    Contacts are read by customer for the cadence and for channels at two moments, and once, month
    by month, for the roll-ups of all tier schemes.

    Args:
        tables: The contract tables.
        customers: customer_mart.
        company: Everybody by number.
        clock: When figures are judged.
    """
    engine, as_of = tables.engine, clock.day("interactions")
    numbers = engine.lend(company.numbers)

    def by_number(name: str) -> pl.LazyFrame:
        return with_numbers(tables.events(name), numbers)

    rows = contact_rows(by_number("interactions"), as_of=as_of)
    then = landmark(as_of)
    reached = timedelta(days=window("reached_days"))
    used, accounts = app_users(
        by_number("activity_days"), by_number("identities"), as_of=clock.day("activity_days")
    )
    told = {
        "counts": contact_counts(rows, cadences(), as_of=as_of),
        "now": channels_used(rows, after=as_of - reached, until=as_of),
        "then": channels_used(rows, after=then - reached, until=then),
        "app": used,
        "accounts": accounts,
    }
    named = {name: _named(engine.fetch(part), company.numbers) for name, part in told.items()}
    named["stayed"] = stayed(
        customers,
        day=then,
        as_of=clock.day("orders"),
        observed_from=_first_order(tables) or as_of,
    )
    yield "contact_cadence", contact_cadence(customers, named)

    known, events = _known(tables, company.numbers), engine.fetch(rows)
    coupons = engine.fetch(by_number("coupons"))
    coupons = coupons.filter(~pl.col("is_control").fill_null(value=False)).select(
        NUMBER, coupon="kind", occurred_on="issued_on"
    )
    told = roll_up(
        events,
        coupons,
        People(known, company.dimensions),
        {code: fit(code) for code in scheme_codes()},
        as_of=as_of,
        time_zone=clock.time_zone,
    )
    rolled = {
        "contact_months": told.months,
        "contact_topics": told.topics,
        "contact_hours": told.hours,
    }
    for name, by_scheme in rolled.items():
        for code, rows in by_scheme.items():
            yield versions.named(name, code), rows
    yield by_owner("contact_months"), told.months_by_owner
    yield by_owner("contact_topics"), told.topics_by_owner
    tried = (tables.read("experiments"), tables.read("experiment_members"))
    yield "experiment_lifts", experiment_lifts(*tried, as_of=clock.day("experiment_members"))


def _first_order(tables: Tables) -> date | None:
    return tables.read("orders").select(pl.col("ordered_on").min()).collect().item()


def _named(part: pl.LazyFrame, numbers: pl.DataFrame) -> pl.LazyFrame:
    ids = numbers.lazy()
    return part.join(ids, on=NUMBER, how="inner", validate="1:1").drop(NUMBER)


def _known(tables: Tables, numbers: pl.DataFrame) -> pl.DataFrame:
    """What channel fit and consent ask of customers, in the order of the numbers."""
    rows = tables.read("customers").select("customer_id", *KNOWN)
    ordered = numbers.lazy().join(rows, on="customer_id", how="left", maintain_order="left")
    return ordered.select(KNOWN).collect()
