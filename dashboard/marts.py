"""The marts of one version: which functions of `metrics` build them, in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import polars as pl

from dashboard import campaign_marts, loyalty_marts, tier_schemes
from dashboard.contact_marts import contact_marts
from dashboard.facts import Customers, facts, lists
from dashboard.inputs import Clock, Events, Tables, crm_tables, numbered_events
from dashboard.profile_marts import profile_marts
from dashboard.promised import Promised
from dashboard.resident import as_text, compact
from dashboard.service_marts import service_marts
from dashboard.tier_schemes import Write
from dashboard.touch_facts import touch_marts
from dashboard.voice_marts import voice_marts
from data_access.engine import Frame
from metrics import come_back, customer_mart, lifecycle, reorders, revenue
from metrics.budget import budget_months
from metrics.churn.history import risk_months
from metrics.churn.quality import quality_marts
from metrics.churn.risk import Assessment, Models, assess
from metrics.churn.tables import CrmTables
from metrics.churn.warnings import warnings_today
from metrics.churn.win_back import lapsed
from metrics.clv.margin import margin, margin_sums
from metrics.clv.rule import Terms
from metrics.clv.worth import worth
from metrics.dimensions import TODAY, Dimensions, today
from metrics.numbering import named, numbered
from metrics.purchase_days import bought_on, in_order, purchase_bits, purchase_days
from metrics.sla.staying import staying
from metrics.tiers import records, versions
from metrics.tiers.requests import requests
from metrics.tiers.versions import Histories

_FOLLOW_UPS = ("customer_id", "occurred_on", "direction", "purpose", "delivered")


@dataclass(frozen=True, slots=True)
class Built:
    """What the marts rest on: the risk of churn with its model, the facts of `clv.worth`."""

    risk: Assessment
    clv: dict[str, Any]


def build(
    tables: Tables,
    write: Write,
    clock: Clock,
    *,
    money_scale: int,
    last_good: Models | None = None,
) -> Built:
    """Build every mart and hand it to `write`.

    What reads whole tables of events runs on the engine and gives at most a few rows per customer
    and month; the rest is Polars. Measured in `benchmarks/marts.py`.

    Args:
        tables: The contract tables.
        write: Stores a mart and returns it, read back.
        clock: When figures are judged.
        money_scale: Digits of money after the unit.
        last_good: The churn models of the version before, which go on if no new ones can be fitted.
    """
    as_of = clock.day("orders")
    promised = Promised.read(tables, clock)
    events = numbered_events(tables)
    crm = crm_tables(tables, events, promised.missed(tables))
    assessment = assess(crm, as_of=as_of, last_good=last_good)
    risk = _risk(crm, assessment, as_of)
    company = _customers(tables, events, write, crm, risk, as_of=as_of, money_scale=money_scale)
    whole = loyalty_marts.Company(
        company.known, company.bought, company.histories, company.numbered
    )
    loyalty = loyalty_marts.build(tables, events, whole, clock, money_scale=money_scale)
    for name, rows in chain(loyalty, campaign_marts.build(tables, events, whole, clock)):
        write(name, rows)
    made = facts(tables.engine, tables.events, company.numbered)
    made["ticket_facts"] = promised.facts(made["ticket_facts"])
    written = {name: write(name, rows) for name, rows in made.items()}
    served = service_marts(tables, written["ticket_facts"], company.numbered, clock)
    listed = lists(written, company.known, tables.read("employees"), promised.as_of)
    written |= _written(write, listed)
    said = written["ticket_facts"], written["comments"]
    heard = voice_marts(tables, company.known, company.numbered, clock, *said)
    _written(write, chain(served, heard))
    for name, rows in touch_marts(tables, events, company.numbered, company.known, clock):
        write(name, rows)
    for name, rows in contact_marts(tables, company.known, company.numbered, clock):
        write(name, rows)
    past = risk_months(
        crm,
        assessment.model,
        company.dimensions,
        company.histories,
        as_of=as_of,
        contracts=assessment.contracts,
        programme_start=clock.programme_start,
    )
    for code, rows in past.items():
        write(versions.named("risk_months", code), rows)
    write("driver_groups", assessment.groups)
    write("service_staying", staying(crm, as_of=as_of))
    for name, rows in quality_marts(crm, company.histories, as_of=as_of):
        write(name, rows)
    for name, rows in profile_marts(tables, events, company.known, company.numbered, clock):
        write(name, rows)
    budgets = (tables.read(name) for name in ("budget_lines", "expenses", "budgets"))
    write("budget_months", budget_months(*budgets, as_of=clock.day("expenses")))
    return Built(assessment, company.clv)


def _written(write: Write, made: Iterable[tuple[str, pl.LazyFrame]]) -> dict[str, pl.LazyFrame]:
    return {name: write(name, rows) for name, rows in made}


@dataclass(frozen=True, slots=True)
class _Company:
    """customer_mart, purchase_days; by number tier histories, dimensions and both; CLV facts."""

    known: pl.LazyFrame
    bought: pl.LazyFrame
    histories: Histories
    dimensions: pl.LazyFrame
    numbered: Customers
    clv: dict[str, Any]


def _customers(
    tables: Tables,
    events: Events,
    write: Write,
    crm: CrmTables,
    risk: pl.LazyFrame,
    *,
    as_of: date,
    money_scale: int,
) -> _Company:
    """The marts of customers, days and months of purchases: one stretch by number."""
    fetch, numbers, orders = tables.engine.fetch, events.numbers, events.orders
    days = in_order(fetch(bought_on(orders, as_of=as_of)))
    asked = _requests(tables, events, as_of)
    people = _people(tables, events, crm, risk, days, asked, as_of)
    bits = purchase_bits(days)
    del days  # as long as the orders
    months = fetch(tables.engine.keep(revenue.customer_months(orders, as_of=as_of)))
    who = _who(people)
    contacts = numbered(tables.events("interactions"), events.lent, *_FOLLOW_UPS)
    followed = fetch(reorders.followed_up(contacts, as_of=as_of)).collect(engine="streaming").lazy()
    sold = tier_schemes.Bought(numbers, who, months, bits, asked, followed)
    tiered = tier_schemes.build(sold, write, as_of=as_of, money_scale=money_scale)
    share = margin(fetch(margin_sums(orders, as_of=as_of)))
    value = worth(people, crm, Terms.standard(share, money_scale=money_scale), as_of=as_of)
    histories = tiered.histories
    kept = records.kept(numbered(tables.read("tier_records"), numbers.lazy()), as_of=as_of)
    mart = customer_mart.customer_mart(
        people, histories, value.customers.lazy(), kept.drop_nulls("customer_id"), as_of=as_of
    )
    known = write("customer_mart", named(mart, numbers))
    del people, mart
    there = as_text(tiered.who.filter(pl.col("deleted_on").is_null()))
    bought = write("purchase_days", named(purchase_days(bits, there), numbers))
    by_number = Customers(numbers, Dimensions.of(who, histories))
    return _Company(known, bought, histories, as_text(today(who)), by_number, value.facts)


def _requests(tables: Tables, events: Events, as_of: date) -> pl.LazyFrame:
    """The inquiries and complaints by number, in memory."""
    found = tables.engine.fetch(requests(tables.events("tickets"), as_of=as_of))
    return numbered(found, events.numbers.lazy()).drop_nulls("customer_id").collect().lazy()


def _risk(crm: CrmTables, assessment: Assessment, as_of: date) -> pl.LazyFrame:
    """The risk of everybody, and the warnings of those who can leave."""
    customers = assessment.customers
    warned = warnings_today(crm, customers, as_of=as_of)
    return customers.join(warned, on="customer_id", how="left", validate="1:1").lazy()


def _people(
    tables: Tables,
    events: Events,
    crm: CrmTables,
    risk: pl.LazyFrame,
    days: pl.DataFrame,
    asked: pl.LazyFrame,
    as_of: date,
) -> pl.LazyFrame:
    """Everybody with what is known today, by number, in memory."""
    fetch, numbers = tables.engine.fetch, events.numbers

    def by_number(rows: Frame) -> pl.LazyFrame:
        return numbered(fetch(rows), numbers.lazy())

    totals = fetch(lifecycle.order_totals(events.orders, as_of=as_of))
    then = lapsed(days.lazy(), as_of=as_of, contracts=crm.contracts)
    risk = risk.join(then, on="customer_id", how="left", validate="1:1").collect().lazy()
    # by the threshold known before the come-back: the broken silence itself has raised today's
    rhythm = risk.select("customer_id", tau_days="tau_then_days").drop_nulls()
    contacts, tickets = tables.events("interactions"), tables.events("tickets")
    scores = customer_mart.last_scores(tables.events("survey_responses"), as_of=as_of)
    parts = customer_mart.Parts(
        customers=numbered(tables.read("customers"), numbers.lazy()),
        employees=tables.read("employees"),
        purchases=lifecycle.purchase_dates(totals, days),
        risk=risk,
        won_back=come_back.won_back_on(days, rhythm, as_of=as_of, contracts=crm.contracts),
        open_tickets=by_number(lifecycle.open_tickets(tickets, as_of=as_of)),
        last_contacts=by_number(customer_mart.last_contacts(contacts, as_of=as_of)),
        last_scores=by_number(scores),
        requests=asked,
    )
    return customer_mart.customers_today(parts, as_of=as_of).collect(engine="streaming").lazy()


def _who(people: pl.LazyFrame) -> pl.LazyFrame:
    """Of everybody what roll-ups go by, text as numbers."""
    sums = ("revenue_12m", "profit_12m", "purchases_12m")
    columns = ("customer_id", *TODAY, "deleted_on", "first_order_on", *sums)
    return compact(people.select(columns)).lazy()
