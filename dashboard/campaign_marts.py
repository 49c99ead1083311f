"""The marts of the campaign page: members with what came of them, and promotions too early."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dashboard.inputs import Clock, Events, Tables
from dashboard.loyalty_marts import Company
from metrics.campaigns import around, members
from metrics.campaigns.rule import rule
from metrics.numbering import NUMBER, named, numbered, places, with_numbers
from metrics.selection import DIMENSIONS
from metrics.tiers import versions

_ORDER = ("contacted_on", "member_id")


def build(
    tables: Tables, events: Events, company: Company, clock: Clock
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """member_facts and early_promotions, each with its name.

    At 2 million customers with 4 million members: the days of purchases are read once (4 bytes a
    customer and month), complaints and offers fetched as a number and a day each (some 5 million
    rows of 16 bytes), then looked up; nothing is joined.
    """
    filed = _complaints(tables, events, clock)
    yield "member_facts", _members(tables, events, company, clock, filed)
    yield "early_promotions", _early(tables, events, company, clock, filed)


def _members(
    tables: Tables, events: Events, company: Company, clock: Clock, filed: pl.DataFrame
) -> pl.LazyFrame:
    how, engine = rule(), tables.engine
    rows = members.member_facts(tables.events("campaign_members"), tables.events("campaigns"))
    facts = engine.in_order(with_numbers(rows, events.lent), _ORDER)
    asked = facts.select(NUMBER, "starts_on", "ends_on").collect()
    ids, bought = _bought(company, events)
    bought_after = around.bought_after(
        asked.select("ends_on", row=places(asked[NUMBER], ids)),
        bought,
        window_days=how.repurchase_days,
        as_of=clock.day("orders"),
    )
    del bought
    complained = around.complaints_around(
        asked.rename({NUMBER: "customer_id"}),
        filed,
        window_days=how.complaint_days,
        as_of=clock.day("tickets"),
    )
    place = pl.col("_place")
    told = {"bought": bought_after, **{each.name: each for each in complained}}
    beside = (
        facts.with_row_index("_place")
        .with_columns(pl.lit(values).gather(place).alias(name) for name, values in told.items())
        .with_columns(channels=members.combination(pl.col("channels")))
        .drop("_place")
    )
    # the tier of the day on which it began, also of who is held out or was never reached
    day = pl.coalesce("starts_on", "contacted_on")
    return company.numbered.dimensions.beside(beside, day=day)


def _bought(company: Company, events: Events) -> tuple[pl.Series, pl.DataFrame]:
    """The numbers of the customers not deleted, and the days of their purchases in that order."""
    told = company.bought
    ids = told.select("customer_id").collect()["customer_id"]
    number = events.numbers[NUMBER].gather(places(ids, events.numbers["customer_id"]))
    others = ("customer_id", *DIMENSIONS, *versions.columns()[1:])
    return number, told.drop(others).collect()


def _complaints(tables: Tables, events: Events, clock: Clock) -> pl.DataFrame:
    rows = around.complaints(tables.events("tickets"), as_of=clock.day("tickets"))
    found = tables.engine.fetch(numbered(rows, events.lent))
    return found.drop_nulls(["customer_id", "created_on"]).collect()


def _early(
    tables: Tables, events: Events, company: Company, clock: Clock, filed: pl.DataFrame
) -> pl.LazyFrame:
    """Promotions that came while a complaint was open: by campaigns, and by single offers."""
    how = rule()
    rows = members.member_facts(tables.events("campaign_members"), tables.events("campaigns"))
    sent = tables.engine.fetch(numbered(rows, events.lent))
    by_campaign = sent.filter(
        pl.col("scenario").is_in(how.scenarios), ~pl.col("is_control").fill_null(value=False)
    ).select(
        "customer_id",
        "campaign_id",
        "campaign",
        kind=pl.lit(around.CAMPAIGN),
        sent_on="contacted_on",
        channel="campaign_channel",
    )
    as_of = clock.day("interactions")
    told = numbered(around.offers(tables.events("interactions"), how, as_of=as_of), events.lent)
    offered = tables.engine.fetch(told).with_columns(kind=pl.lit(around.OFFER))
    found = [
        around.too_early(each.drop_nulls(["customer_id", "sent_on"]).collect(), filed)
        for each in (by_campaign, offered)
    ]
    every = pl.concat(found, how="diagonal").sort(
        "sent_on", "kind", "customer_id", "campaign_id", "channel", nulls_last=True
    )
    beside = every.lazy().with_columns(pl.col("customer_id").alias(NUMBER))
    facts = company.numbered.dimensions.beside(beside, day=pl.col("sent_on"))
    return named(facts, events.numbers)
