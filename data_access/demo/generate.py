"""The demo company, chunk by chunk: deterministic, independent of the other chunks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl

from data_access.contract import TABLES
from data_access.demo import loyalty, returns
from data_access.demo.arrays import frame
from data_access.demo.campaign_examples import example_members
from data_access.demo.campaigns import draw_members, extra_orders, member_frame
from data_access.demo.company import company_frames
from data_access.demo.contacts import interaction_frame, welcomed_after_purchase
from data_access.demo.contracts import contract_frame
from data_access.demo.coupons import coupon_frame, referral_frame
from data_access.demo.customers import Base, customer_frame, draw_base, draw_life, truth_frame
from data_access.demo.desks import with_desks
from data_access.demo.dirt import soil
from data_access.demo.engagement import activity_frame, care_frame, experiment_member_frame
from data_access.demo.loyalty import review_frame
from data_access.demo.orders import Sales, line_frame, order_frame, order_times, sales
from data_access.demo.profiles import audit_frame, identity_frame, profile_columns
from data_access.demo.seasons import Seasons, seasons
from data_access.demo.service import (
    COMPLAINT,
    Tickets,
    draw_tickets,
    event_frame,
    of_customers_present,
    ticket_frame,
)
from data_access.demo.service_details import call_columns, ticket_columns
from data_access.demo.service_quality import quality_tables
from data_access.demo.surveys import survey_frame
from data_access.demo.tier_axes import axis_frames
from data_access.demo.tier_records import tier_record_frame
from data_access.demo.truth import DEMO, Truth
from data_access.demo.voice import feedback_frame, need_frame
from data_access.demo.waiting import source_verdict, with_waiting

CUSTOMERS = 20_000
SEED = 7
AS_OF = datetime(2026, 10, 31, 10, tzinfo=UTC)  # 18:00 in Shanghai
CHUNK = 100_000
_ROWS_PER_CHUNK = 100_000_000  # ids of one chunk start at its number times this


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of customers: contract tables, the latent truth about them, dirt counts."""

    tables: dict[str, pl.DataFrame]
    truth: pl.DataFrame
    dirt: dict[str, int]


def generate(
    customers: int = CUSTOMERS,
    *,
    seed: int = SEED,
    as_of: datetime = AS_OF,
    chunk: int = CHUNK,
    truth: Truth = DEMO,
) -> Iterator[dict[str, pl.DataFrame]]:
    """Contract tables of the demo company, `chunk` customers at a time.

    Memory is bounded by one chunk (about 4.5 M rows at 100,000 customers), so that 2 million
    customers can be streamed to Parquet: write the frames of each dictionary as one part file
    per table. Company-wide tables have rows in the first chunk only.

    Args:
        customers: Number of customers.
        seed: The same seed gives the same rows.
        as_of: Aware moment up to which the company is known; its data begins 3 years before.
        chunk: Customers per chunk. Another size is another company.
        truth: What is true of the company, `DEMO.busier(orders=2)` for instance.

    Yields:
        Every contract table by name, columns and types exactly as in the contract, without the
        day columns that the extraction adds.
    """
    for part in generate_chunks(customers, seed=seed, as_of=as_of, chunk=chunk, truth=truth):
        yield part.tables


def generate_chunks(
    customers: int = CUSTOMERS,
    *,
    seed: int = SEED,
    as_of: datetime = AS_OF,
    chunk: int = CHUNK,
    truth: Truth = DEMO,
) -> Iterator[Chunk]:
    """As `generate`, with the latent truth and the dirt of each chunk beside the tables."""
    for number in range(count_chunks(customers, chunk=chunk)):
        yield generate_chunk(number, customers, seed=seed, as_of=as_of, chunk=chunk, truth=truth)


def count_chunks(customers: int, *, chunk: int = CHUNK) -> int:
    """How many chunks a company has."""
    return -(-customers // chunk)


def generate_chunk(
    number: int,
    customers: int,
    *,
    seed: int = SEED,
    as_of: datetime = AS_OF,
    chunk: int = CHUNK,
    truth: Truth = DEMO,
) -> Chunk:
    """One chunk, counted from 0, of `generate_chunks`: it needs none of the others."""
    first = number * chunk + 1
    count = min(chunk, customers + 1 - first)
    calendar = seasons(as_of)

    def rng(topic: str) -> np.random.Generator:
        return np.random.default_rng([seed, number, zlib.crc32(topic.encode())])

    start = number * _ROWS_PER_CHUNK + 1
    base = draw_base(rng("base"), first, count, truth, calendar)
    asked = draw_tickets(rng("tickets"), base, truth, calendar)
    complaints, late = asked.kind == COMPLAINT, ~asked.met
    life = draw_life(
        rng("life"),
        base,
        (asked.who[complaints], asked.when[complaints]),
        (asked.who[late], asked.when[late]),
        truth,
        calendar,
    )
    tickets = of_customers_present(asked, life)
    members = draw_members(rng("members"), base, life, tickets, truth, calendar)
    own = order_times(rng("orders"), base, life, truth, calendar)
    extra = extra_orders(rng("extra orders"), members, calendar)
    placed = np.concatenate([own[0], extra[0]]), np.concatenate([own[1], extra[1]])
    sold = sales(rng("sales"), base, placed, truth, calendar)
    contacts, preferred = interaction_frame(
        rng("interactions"), rng("contact details"), base, life, sold, truth, start, calendar
    )
    profile = profile_columns(rng("profiles"), base, preferred, calendar)
    tables = {
        "customers": returns.with_acquisition_cost(
            rng("acquisition costs"), customer_frame(rng("customers"), base, profile, calendar)
        ),
        "orders": order_frame(rng("order rows"), sold, base, start, calendar),
        "order_lines": line_frame(rng("order lines"), sold, start, calendar),
        "contracts": contract_frame(rng("contracts"), base, life, truth, start, calendar),
        "interactions": call_columns(rng("calls"), contacts),
        **_service(rng, tickets, base, start, calendar),
        "survey_responses": survey_frame(
            rng("surveys"), rng("survey scores"), base, life, tickets, truth, start, calendar
        ),
        "campaign_members": member_frame(
            rng("member rows"), rng("member details"), members, sold, base, start, calendar
        ),
        "activity_days": activity_frame(rng("activity"), base, life, calendar),
        "experiment_members": experiment_member_frame(
            rng("experiments"), base, life, truth, start, calendar
        ),
        "care_events": care_frame(rng("care"), base, life, profile["born_on"], start, calendar),
        **_loyalty(rng, base, sold, truth, start, calendar),
        "coupons": coupon_frame(rng("coupons"), base, life, sold, start, calendar),
        "referrals": referral_frame(rng("referrals"), base, start, calendar),
        "reviews": review_frame(rng("reviews"), base, start, calendar),
        "identities": identity_frame(rng("identities"), base, start, calendar),
        "profile_audits": audit_frame(rng("audits"), base, start, calendar),
        "feedback": feedback_frame(rng("feedback"), base, life, start, calendar),
        "needs": need_frame(rng("needs"), base, life, start, calendar),
    }
    tables["tier_records"] = _kept_tiers(
        rng, tables["orders"], sold, tickets, base, start, calendar
    )
    if number == 0:
        own = tables["campaign_members"]
        more = (base, sold, calendar, start + own.height)
        tables["campaign_members"] = pl.concat([own, example_members(rng("examples"), *more)])
    dirt = _soiled(rng, tables, base, sold, calendar, as_of)
    tables |= quality_tables(rng, tables, start, calendar, as_of)
    company: dict[str, pl.DataFrame] = {}
    if number == 0:
        company = company_frames(rng, tables["campaign_members"], truth, calendar, as_of)
    complete = {name: (tables | company).get(name, frame(name, {})) for name in TABLES}
    return Chunk(complete, truth_frame(base, life, calendar), dirt)


def _service(
    rng: Callable[[str], np.random.Generator],
    tickets: Tickets,
    base: Base,
    start: int,
    calendar: Seasons,
) -> dict[str, pl.DataFrame]:
    rows = ticket_frame(rng("ticket rows"), tickets, base, start, calendar)
    events = with_waiting(rng("waiting"), event_frame(rows, calendar), rows)
    told = with_desks(ticket_columns(rng("ticket details"), rows), events)
    return {"tickets": source_verdict(rng("verdicts"), told), "ticket_events": events}


def _soiled(
    rng: Callable[[str], np.random.Generator],
    tables: dict[str, pl.DataFrame],
    base: Base,
    sold: Sales,
    calendar: Seasons,
    as_of: datetime,
) -> dict[str, int]:
    dirt = soil(rng("dirt"), tables, len(base.number), as_of)
    contacts = tables["interactions"]
    tables["interactions"] = welcomed_after_purchase(contacts, base, sold, calendar)
    return dirt


def _kept_tiers(
    rng: Callable[[str], np.random.Generator],
    orders: pl.DataFrame,
    sold: Sales,
    tickets: Tickets,
    base: Base,
    start: int,
    calendar: Seasons,
) -> pl.DataFrame:
    own = tier_record_frame(rng("tier records"), sold, base, start, calendar)
    more = axis_frames(rng, orders, sold, tickets, base, start + own.height, calendar)
    return pl.concat([own, *more])


def _loyalty(
    rng: Callable[[str], np.random.Generator],
    base: Base,
    sold: Sales,
    truth: Truth,
    start: int,
    calendar: Seasons,
) -> dict[str, pl.DataFrame]:
    joined = loyalty.draw_members(rng("loyalty"), base, truth, calendar)
    return {
        "loyalty_accounts": loyalty.account_frame(rng("accounts"), joined, base, start, calendar),
        "loyalty_transactions": loyalty.transaction_frame(
            rng("points"), joined, sold, base, start, calendar
        ),
    }
