"""The marts of the loyalty page: members, points by month, coupons, recommendations, reviews."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard.facts import Customers
from dashboard.inputs import Clock, Events, Tables
from dashboard.resident import as_text, compact
from metrics.loyalty import coupons, landmark, members, months, points, referrals
from metrics.loyalty.rule import rule
from metrics.numbering import NUMBER, named, numbered, places, with_numbers
from metrics.purchase_days import first_purchase
from metrics.selection import DIMENSIONS
from metrics.tiers import versions
from metrics.tiers.history import tiers_at
from metrics.tiers.scheme import default_code, scheme_codes
from metrics.tiers.versions import Histories

_OTHERS = versions.columns()[1:]  # the tiers of the schemes beside the default one
_PEOPLE = (
    *("customer_id", *DIMENSIONS, "registered_on", "first_order_on", "last_order_on"),
    *("tau_days", "contract_ended_on", "revenue_12m", "purchases_12m", *_OTHERS),
)


@dataclass(frozen=True, slots=True)
class Company:
    """customer_mart, purchase_days, of the same customers; by number tier histories, and all."""

    known: pl.LazyFrame
    bought: pl.LazyFrame
    histories: Histories
    numbered: Customers


def build(
    tables: Tables, events: Events, company: Company, clock: Clock, *, money_scale: int
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """The marts one after the other, each with its name.

    At 2 million customers: one pass over 8 million movements of points, one over the coupons;
    in memory the points by customer and month (6 million rows of 48 bytes), and the days of all
    purchases as numbers (4 bytes a customer and month).
    """
    people = _people(company, events)
    bought = _bought(company, people)
    yield from _members(tables, events, company, people, bought, clock, money_scale=money_scale)
    yield "coupon_facts", _coupons(tables, events, company, people["customer_id"], bought, clock)
    yield from _words(tables, events, company, clock)


def _people(company: Company, events: Events) -> pl.DataFrame:
    """Customers not deleted, in the order of their numbers."""
    known = company.known.select(_PEOPLE)
    ids = known.select("customer_id").collect()["customer_id"]
    number = events.numbers[NUMBER].gather(places(ids, events.numbers["customer_id"]))
    rest = compact(known.drop("customer_id"))
    return rest.select(number.alias("customer_id"), pl.all())


def _bought(company: Company, people: pl.DataFrame) -> pl.DataFrame:
    """The days of their purchases, by number."""
    bits = company.bought.drop("customer_id", *DIMENSIONS, *_OTHERS).collect()
    return bits.select(people["customer_id"], pl.all())


def _members(
    tables: Tables,
    events: Events,
    company: Company,
    people: pl.DataFrame,
    bought: pl.DataFrame,
    clock: Clock,
    *,
    money_scale: int,
) -> Iterator[tuple[str, pl.LazyFrame]]:
    as_of, how, engine = clock.day("loyalty_accounts"), rule(), tables.engine
    accounts = numbered(tables.read("loyalty_accounts"), events.numbers.lazy()).collect()
    moved = numbered(tables.events("loyalty_transactions"), events.lent)
    moves = engine.fetch(points.point_months(moved, as_of=as_of)).collect()
    seen = numbered(tables.events("activity_days"), events.lent)
    visits = engine.fetch(points.visit_months(seen, as_of=as_of)).collect()
    held = members.Memberships.of(accounts, people["customer_id"])
    told = members.members(
        people.lazy(),
        accounts.lazy(),
        moves.lazy(),
        visits.lazy(),
        how,
        as_of=as_of,
        money_scale=money_scale,
    )
    tiers = people.lazy().select("customer_id", *_OTHERS)
    told = told.join(tiers, on="customer_id", how="left", validate="m:1", maintain_order="left")
    yield "loyalty_members", named(as_text(told), events.numbers)
    walked = months.Company(people, held, moves, visits, bought)
    found = months.loyalty_months(
        walked, as_of=as_of, active_days=how.active_days, tiers=versions.columns()
    )
    for code, rows in zip(scheme_codes(), found, strict=True):
        yield versions.named("loyalty_months", code), rows.lazy()
    del found
    yield "loyalty_landmark", _landmark(company, people, held, bought, events, clock)


def _landmark(
    company: Company,
    people: pl.DataFrame,
    held: members.Memberships,
    bought: pl.DataFrame,
    events: Events,
    clock: Clock,
) -> pl.LazyFrame:
    as_of, how = clock.day("orders"), rule()
    day = landmark.landmark(as_of, how.landmark_months)
    rows = landmark.landmark_rows(
        people.lazy(),
        held,
        bought.lazy(),
        _tiers(company, day, default_code()),
        day=day,
        as_of=as_of,
        observed_from=first_purchase(bought) or date(2000, 1, 1),
        tenure_days=how.tenure_days,
        purchase_days=how.purchase_days,
    )
    for code in scheme_codes()[1:]:
        tiers = _tiers(company, day, code).rename({"tier": versions.named("tier", code)})
        rows = rows.join(tiers, on="customer_id", how="left", validate="1:1")
    return named(as_text(rows.sort("customer_id")), events.numbers)


def _tiers(company: Company, day: date, code: str) -> pl.LazyFrame:
    return tiers_at(company.histories[code], day).with_columns(pl.col("tier").cast(pl.String))


def _coupons(
    tables: Tables,
    events: Events,
    company: Company,
    ids: pl.Series,
    bought: pl.DataFrame,
    clock: Clock,
) -> pl.LazyFrame:
    rows = coupons.coupon_rows(tables.events("coupons"), as_of=clock.day("coupons"))
    numbers = events.lent
    order = ("issued_on", "coupon_id")
    given = tables.engine.in_order(with_numbers(rows, numbers), order)
    asked = given.select(NUMBER, "issued_on").collect()
    found = coupons.orders_after(
        asked.select(places(asked[NUMBER], ids).alias("row"), "issued_on"),
        bought,
        window_days=rule().window_days,
        as_of=clock.day("orders"),
    )
    place = pl.col("_place")
    counted = given.with_row_index("_place").with_columns(orders=pl.lit(found).gather(place))
    return company.numbered.dimensions.beside(counted.drop("_place"), day=pl.col("issued_on"))


def _words(
    tables: Tables, events: Events, company: Company, clock: Clock
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Recommendations and reviews: few, read by Polars."""
    dimensions, numbers = company.numbered.dimensions, events.numbers.lazy()
    said = referrals.referral_rows(
        tables.read("referrals"), company.known, as_of=clock.day("referrals")
    ).sort("referred_on", "referral_id")
    yield "referral_facts", dimensions.beside(_with(said, numbers), day=pl.col("referred_on"))
    posted = tables.read("reviews").filter(pl.col("posted_on") <= clock.day("reviews"))
    posted = posted.select("review_id", "customer_id", "posted_on", "rating", "shared")
    posted = posted.sort("posted_on", "review_id")
    yield "review_facts", dimensions.beside(_with(posted, numbers), day=pl.col("posted_on"))


def _with(rows: pl.LazyFrame, numbers: pl.LazyFrame) -> pl.LazyFrame:
    return rows.join(numbers, on="customer_id", how="left", maintain_order="left")
