"""The marts of one version: which functions of `metrics` build them, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.facts import Customers, facts, lists
from dashboard.resident import as_text, compact
from data_access import parquet
from data_access.engine import Engine, Frame
from metrics import customer_mart, lifecycle, retention, revenue, sla
from metrics.budget import budget_months
from metrics.churn.history import risk_months
from metrics.churn.risk import Assessment, assess
from metrics.churn.tables import CrmTables, lots
from metrics.churn.warnings import warnings_today
from metrics.churn.win_back import lapsed
from metrics.dimensions import TODAY, Dimensions, today
from metrics.numbering import named, numbered, numbering
from metrics.purchase_days import bought_on, in_order, purchase_bits, purchase_days
from metrics.tiers.history import tiers_at
from metrics.tiers.marts import tier_marts
from metrics.tiers.scheme import scheme

# What is read of the tables that are passed over again and again.
_ORDERS = ("customer_id", "ordered_on", "status", "amount", "profit")


@dataclass(frozen=True, slots=True)
class Clock:
    """The moments at which each table's figures are judged, and the business time zone."""

    read_at: datetime
    complete_until: dict[str, datetime]
    time_zone: str

    def moment(self, table: str) -> datetime:
        """The end of the table's feed, else the moment of the read."""
        return self.complete_until.get(table, self.read_at)

    def day(self, table: str) -> date:
        """That moment's day in the business time zone; it counts as the last day."""
        return self.moment(table).astimezone(ZoneInfo(self.time_zone)).date()


class Tables:
    """The contract tables of the version that is being built; absent ones are empty.

    Args:
        engine: What reads the tables of events.
        files: Gives the Parquet files of a table.
    """

    def __init__(self, engine: Engine, files: Callable[[str], Sequence[str]]) -> None:
        self.engine = engine
        self._files = files

    def events(self, name: str) -> Frame:
        """A table of any length, for the portable builders."""
        return self.engine.scan(self._files(name))

    def read(self, name: str) -> pl.LazyFrame:
        """A table for Polars."""
        return parquet.scan(self._files(name))


Write = Callable[[str, pl.LazyFrame | pl.DataFrame], pl.LazyFrame]


def build(tables: Tables, write: Write, clock: Clock, *, money_scale: int) -> Assessment:
    """Build every mart and hand it to `write`; return the risk of churn and the model behind it.

    What reads whole tables of events runs on the engine and gives at most a few rows per customer
    and month; the rest is Polars. Measured in `benchmarks/marts.py`.

    Args:
        tables: The contract tables.
        write: Stores a mart and returns it, read back.
        clock: When figures are judged.
        money_scale: Digits of money after the unit.
    """
    as_of = clock.day("orders")
    tickets, recorded = _judged(tables, clock)
    events = _events(tables)
    crm = _crm(tables, events, tickets)
    assessment = assess(crm, as_of=as_of)
    risk = _risk(crm, assessment, as_of)
    company = _customers(tables, events, write, risk, as_of=as_of, money_scale=money_scale)
    judged_at = clock.moment("tickets")
    made = facts(tables.engine, tables.events, tickets, company.numbered)
    made["ticket_facts"] = sla.ticket_facts(
        made["ticket_facts"], as_of=judged_at, recorded=recorded
    )
    written = {name: write(name, rows) for name, rows in made.items()}
    for name, rows in lists(written, company.known, tables.read("employees"), judged_at):
        write(name, rows)
    past = risk_months(crm, assessment.model, company.dimensions, company.history, as_of=as_of)
    write("risk_months", past)
    budgets = (tables.read(name) for name in ("budget_lines", "expenses", "budgets"))
    write("budget_months", budget_months(*budgets, as_of=clock.day("expenses")))
    return assessment


@dataclass(frozen=True, slots=True)
class _Company:
    """customer_mart; by number tier_history, everybody's dimensions, and both for facts."""

    known: pl.LazyFrame
    history: pl.LazyFrame
    dimensions: pl.LazyFrame
    numbered: Customers


@dataclass(frozen=True, slots=True)
class _Events:
    """The customers' numbers, and what is passed over several times by number."""

    numbers: pl.DataFrame
    lent: Frame
    orders: Frame


def _events(tables: Tables) -> _Events:
    numbers = numbering(tables.read("customers"))
    lent = tables.engine.lend(numbers)
    orders = numbered(tables.events("orders"), lent, *_ORDERS)
    return _Events(numbers, lent, tables.engine.keep(orders))


def _customers(
    tables: Tables,
    events: _Events,
    write: Write,
    risk: pl.LazyFrame,
    *,
    as_of: date,
    money_scale: int,
) -> _Company:
    """The marts of customers, days and months of purchases: one stretch by number."""
    fetch, numbers, orders = tables.engine.fetch, events.numbers, events.orders
    days = in_order(fetch(bought_on(orders, as_of=as_of)))
    people = _people(tables, events, risk, days, as_of)
    bits = purchase_bits(days)
    del days  # as long as the orders
    months = fetch(tables.engine.keep(revenue.customer_months(orders, as_of=as_of)))
    who = _who(people)
    tiers = tier_marts(months, who, scheme=scheme(), as_of=as_of, money_scale=money_scale)
    history = tiers.history.collect().lazy()
    tiered = who.join(tiers_at(history, as_of), on="customer_id", how="left", validate="1:1")
    mart = customer_mart.customer_mart(people, history, as_of=as_of)
    known = write("customer_mart", named(mart, numbers))
    del people, mart
    write("tier_history", named(history, numbers))
    write("tier_states", named(tiers.states, numbers))
    write("tier_months", tiers.months)
    there = as_text(tiered.filter(pl.col("deleted_on").is_null()))
    write("purchase_days", named(purchase_days(bits, there), numbers))
    write("cohort_months", retention.cohort_months(months, tiered))
    write("retention_months", retention.retention_months(bits, who, history, as_of=as_of))
    write("order_months", revenue.order_months(months, who, history))
    by_number = Customers(numbers, Dimensions.of(who, history))
    return _Company(known, history, as_text(today(who)), by_number)


def _judged(tables: Tables, clock: Clock) -> tuple[Frame, frozenset[str]]:
    tickets = tables.events("tickets")
    recorded = sla.recorded_times(tickets)
    as_of = clock.moment("tickets")
    return sla.judged(tickets, policies=sla.policies(), as_of=as_of, recorded=recorded), recorded


def _crm(tables: Tables, events: _Events, judged: Frame) -> CrmTables:
    """What churn reads, by number, stored: it is passed over once today and once for the past."""
    engine, lent = tables.engine, events.lent
    names = ("interactions", "tickets", "survey_responses")
    others = {name: numbered(tables.events(name), lent) for name in names}
    return CrmTables.read(
        numbered(lots(tables.read("customers")), events.numbers.lazy()),
        fetch=lambda rows: engine.fetch(engine.keep(rows)),
        orders=events.orders,
        missed=numbered(sla.missed(judged), lent),
        **others,
    )


def _risk(crm: CrmTables, assessment: Assessment, as_of: date) -> pl.LazyFrame:
    """The risk of everybody, and the warnings of those who can leave."""
    customers = assessment.customers
    warned = warnings_today(crm, customers, as_of=as_of)
    return customers.join(warned, on="customer_id", how="left", validate="1:1").lazy()


def _people(
    tables: Tables, events: _Events, risk: pl.LazyFrame, days: pl.DataFrame, as_of: date
) -> pl.LazyFrame:
    """Everybody with what is known today, by number, in memory."""
    fetch, numbers = tables.engine.fetch, events.numbers

    def by_number(rows: Frame) -> pl.LazyFrame:
        return numbered(fetch(rows), numbers.lazy())

    totals = fetch(lifecycle.order_totals(events.orders, as_of=as_of))
    then = lapsed(days.lazy(), as_of=as_of)
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
        won_back=lifecycle.won_back_on(days, rhythm, as_of=as_of),
        open_tickets=by_number(lifecycle.open_tickets(tickets, as_of=as_of)),
        last_contacts=by_number(customer_mart.last_contacts(contacts, as_of=as_of)),
        last_scores=by_number(scores),
    )
    return customer_mart.customers_today(parts, as_of=as_of).collect(engine="streaming").lazy()


def _who(people: pl.LazyFrame) -> pl.LazyFrame:
    """Of everybody what roll-ups go by, text as numbers."""
    columns = ("customer_id", *TODAY, "deleted_on", "first_order_on", "revenue_12m", "profit_12m")
    return compact(people.select(columns)).lazy()
