"""The mart of touches: what was owed to whom, until when, and whether it was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard.facts import Customers
from dashboard.inputs import Clock, Events, Tables
from data_access.engine import Frame
from metrics import touches
from metrics.numbering import NUMBER, named, numbered
from metrics.tiers import versions
from metrics.tiers.scheme import schemes
from metrics.touches import Touch, cross_sell, facts, readers

_CONTACTS = (
    *("customer_id", "occurred_at", "occurred_on", "direction", "channel", "content", "purpose"),
    *("rule", "responded", "delivered"),
)
_LINED = ("order_id", "customer_id", "ordered_on", "status", "amount")
_ORDERS = ("customer_id", "ordered_at", "ordered_on", "status", "amount")


@dataclass(frozen=True, slots=True)
class _Source:
    """What touches are built from; customers go by number."""

    tables: Tables
    numbers: Frame
    customers: Customers
    known: pl.LazyFrame
    contacts: Frame
    clock: Clock
    since: date

    def fetch(self, rows: Frame) -> pl.LazyFrame:
        return self.tables.engine.fetch(rows)

    def by_number(self, table: str, *columns: str) -> Frame:
        return numbered(self.tables.events(table), self.numbers, *columns)

    def made(self, starts: pl.LazyFrame, touch: Touch) -> pl.LazyFrame:
        lent = self.tables.engine.lend(starts.select("customer_id", "started_at").collect())
        return self.fetch(readers.made(self.contacts, lent, touch, since=self.since))


def touch_marts(
    tables: Tables, events: Events, customers: Customers, known: pl.LazyFrame, clock: Clock
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """The marts of touches: touch_facts and cross_sells.

    Args:
        tables: The contract tables.
        events: The customers' numbers.
        customers: Everybody's dimensions.
        known: customer_mart.
        clock: When figures are judged.
    """
    since = touches.since(clock.day("interactions"))
    people = numbered(known.select("customer_id", "first_order_on"), events.numbers.lazy())
    mine = people.collect().lazy()
    contacts = numbered(tables.events("interactions"), events.lent, *_CONTACTS)
    source = _Source(tables, events.lent, customers, mine, contacts, clock, since)
    yield "touch_facts", _touch_facts(source)
    yield "cross_sells", _cross_sells(source)


def _touch_facts(source: _Source) -> pl.LazyFrame:
    """Touches of the last 400 days (mart).

    At 2 million customers with 41 million contacts: the contacts of the 400 days are read once for
    each touch that contacts make (four), joined with the customers whose clock started then; the
    mart has two or three rows per customer, most of them occasions, of which 13 bytes are held in
    memory. Nothing as long as the contacts is.

    Returns:
        One row per touch, sorted by due_on, touch, customer_id, triggered_at: touch, customer_id,
        triggered_at, triggered_on, due_at, due_on, tried_at, done_at (null if not), state, tried
        (whether in time), and the dimensions (the tier known at the trigger).
    """
    clock, zone = source.clock, source.clock.time_zone
    parts = [
        facts.with_days(touches.with_states(rows, now=clock.moment(table)), time_zone=zone)
        for table, rows in _every(source)
    ]
    rows = pl.concat(parts).with_columns(pl.col("customer_id").alias(NUMBER))
    beside = source.customers.dimensions.beside(rows, day=pl.col("triggered_on"))
    ordered = beside.sort("due_on", "touch", "customer_id", "triggered_at")
    return named(ordered, source.customers.numbers)


def _every(source: _Source) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Every touch that can be judged, with the table that tells when it was made."""
    yield "care_events", _occasions(source)
    told = readers.recorded(source.contacts, since=source.since)
    yield "survey_responses", _surveys(source, told)
    starts: dict[str, Callable[[Touch], pl.LazyFrame]] = {
        "first_order": lambda _: _newcomers(source),
        "announcement": lambda touch: _announced(source, touch),
    }
    for trigger, start in starts.items():
        for touch in touches.touches(trigger):
            if readers.can_be_judged(touch, told):
                begun = start(touch).collect().lazy()
                yield "interactions", facts.by_the_hour(begun, source.made(begun, touch), touch)


def _newcomers(source: _Source) -> pl.LazyFrame:
    new = source.known.filter(pl.col("first_order_on") >= source.since)
    lent = source.tables.engine.lend(new.collect())
    orders = source.by_number("orders", *_ORDERS)
    return source.fetch(readers.first_orders(orders, lent))


def _announced(source: _Source, touch: Touch) -> pl.LazyFrame:
    """Messages to customers of the top tier of any scheme; which one counts, the view says."""
    found = source.fetch(readers.announcements(source.contacts, touch, since=source.since))
    there = found.join(source.known.select("customer_id"), on="customer_id", how="semi")
    numbers = there.with_columns(pl.col("customer_id").alias(NUMBER))
    tiered = source.customers.dimensions.beside(numbers, day=pl.col("started_on"))
    tops = (pl.col(versions.named("tier", each.code)) == each.codes[0] for each in schemes())
    return tiered.filter(pl.any_horizontal(tops))


def _surveys(source: _Source, told: frozenset[str]) -> pl.LazyFrame:
    (touch,) = touches.touches("quarter")
    answers = source.by_number("survey_responses")
    made = readers.surveys(answers, touch, since=source.since)
    if readers.can_be_judged(touch, told):
        made.append(readers.interviews(source.contacts, touch, since=source.since))
    collected = [source.fetch(rows).collect() for rows in made]
    owed = source.known
    if all(rows.is_empty() for rows in collected):
        owed = owed.clear()  # nobody records surveys: none was missed
    return facts.by_the_quarter(
        owed,
        [rows.lazy() for rows in collected],
        touch,
        since=source.since,
        as_of=source.clock.day("survey_responses"),
        time_zone=source.clock.time_zone,
    )


def _occasions(source: _Source) -> pl.LazyFrame:
    ahead = source.by_number("care_events", "customer_id", "occasion", "due_on", "delivered_at")
    found = source.fetch(readers.occasions(ahead, since=source.since))
    there = found.join(source.known.select("customer_id"), on="customer_id", how="semi")
    codes = touches.touches("occasion")
    return facts.by_the_day(there, codes, time_zone=source.clock.time_zone)


def _cross_sells(source: _Source) -> pl.LazyFrame:
    """Products bought in the last 400 days by customers without their accessory (mart).

    At 2 million customers: the order lines of products that have or are accessories, joined with
    the orders of the 400 days.

    Returns:
        One row per customer and pair, sorted: product, accessory, bought_on, advised_on (first
        advice from that day on), taken_on, customer_id, and the dimensions (the tier known when
        the product was bought).
    """
    pairs = cross_sell.pairs(source.tables.read("products").collect())
    products = [*{*pairs["product"], *pairs["accessory"]}]
    orders, lines = source.by_number("orders", *_LINED), source.tables.events("order_lines")
    first = cross_sell.first_bought(lines, orders, sorted(products), since=source.since)
    there = source.fetch(first).join(
        source.known.select("customer_id"), on="customer_id", how="semi"
    )
    sold = cross_sell.cross_sells(there, pairs).with_columns(
        started_at=facts.midnight(pl.col("bought_on"), source.clock.time_zone)
    )
    begun = sold.collect().lazy()
    starts = begun.select("customer_id", "started_at").unique()
    advised = source.made(starts, cross_sell.advice()).select(
        "customer_id",
        "started_at",
        advised_on=pl.col("tried_at").dt.convert_time_zone(source.clock.time_zone).dt.date(),
    )
    rows = begun.join(advised, on=["customer_id", "started_at"], how="left", validate="m:1")
    by_number = rows.with_columns(pl.col("customer_id").alias(NUMBER))
    beside = source.customers.dimensions.beside(by_number, day=pl.col("bought_on"))
    ordered = beside.sort("product", "accessory", "bought_on", "customer_id").drop("started_at")
    return named(ordered, source.customers.numbers)
