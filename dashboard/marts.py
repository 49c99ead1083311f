"""The marts of one version: which functions of `metrics` build them, in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from metrics import campaigns, lifecycle, retention, revenue, sla, surveys
from metrics.budget import budget_months
from metrics.churn.history import risk_months
from metrics.churn.risk import Assessment, assess
from metrics.churn.tables import CrmTables
from metrics.churn.win_back import lapsed
from metrics.customer_mart import Parts, customer_mart, customers_today
from metrics.dimensions import with_dimensions
from metrics.purchase_days import purchase_days
from metrics.tiers.history import tiers_at
from metrics.tiers.marts import tier_marts
from metrics.tiers.scheme import scheme

Tables = Callable[[str], pl.LazyFrame]


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


def build(
    table: Tables,
    write: Callable[[str, pl.LazyFrame | pl.DataFrame], pl.LazyFrame],
    clock: Clock,
    *,
    money_scale: int,
) -> Assessment:
    """Build every mart and hand it to `write`; return the risk of churn and the model behind it.

    Cost: one pass over orders, interactions, tickets and surveys each for the customer features,
    one over orders for the months, joins of one row per customer, and those passes again for each
    past month of `risk_months`. Measured in `benchmarks/refresh.py`.

    Args:
        table: Gives a contract table as admitted; an absent one is empty.
        write: Stores a mart and returns it, read back.
        clock: When figures are judged.
        money_scale: Digits of money after the unit.
    """
    as_of = clock.day("orders")
    tickets = _judged_tickets(table, clock)
    assessment = assess(_crm(table, tickets), as_of=as_of)
    purchases = lifecycle.purchase_dates(table("orders"), as_of=as_of).collect(engine="streaming")
    parts = Parts(
        customers=table("customers"),
        employees=table("employees"),
        purchases=purchases.lazy(),
        risk=assessment.customers.lazy().join(
            lapsed(table("orders"), as_of=as_of), on="customer_id", how="left", validate="1:1"
        ),
        orders=table("orders"),
        interactions=table("interactions"),
        tickets=table("tickets"),
        survey_responses=table("survey_responses"),
    )
    people = customers_today(parts, as_of=as_of).collect(engine="streaming").lazy()
    months = revenue.customer_months(table("orders"), as_of=as_of)
    months = months.collect(engine="streaming").lazy()
    tiers = tier_marts(months, people, scheme=scheme(), as_of=as_of, money_scale=money_scale)
    history = write("tier_history", tiers.history)
    write("tier_states", tiers.states)
    write("tier_months", tiers.months)
    known = write("customer_mart", customer_mart(people, history, as_of=as_of))
    write("purchase_days", purchase_days(table("orders"), known, as_of=as_of))
    who = people.join(tiers_at(history, as_of), on="customer_id", how="left", validate="1:1")
    write("cohort_months", retention.cohort_months(months, who))
    write(
        "retention_months", retention.retention_months(table("orders"), who, history, as_of=as_of)
    )
    write("order_months", revenue.order_months(months, who, history))
    facts = {name: write(name, rows) for name, rows in _facts(table, tickets, who, history)}
    crm = _crm(table, facts["ticket_facts"])
    write("risk_months", risk_months(crm, assessment.model, people, history, as_of=as_of))
    for name, rows in _lists(facts, known, table("employees"), clock):
        write(name, rows)
    budgets = (table("budget_lines"), table("expenses"), table("budgets"))
    write("budget_months", budget_months(*budgets, as_of=clock.day("expenses")))
    return assessment


def _judged_tickets(table: Tables, clock: Clock) -> pl.LazyFrame:
    tickets = table("tickets")
    return sla.ticket_facts(
        tickets,
        table("customers").select("customer_id"),
        policies=sla.policies(),
        as_of=clock.moment("tickets"),
        recorded=sla.recorded_times(tickets),
    )


def _crm(table: Tables, tickets: pl.LazyFrame) -> CrmTables:
    missed = tickets.filter((pl.col("sla_state") == "missed") & pl.col("customer_id").is_not_null())
    return CrmTables(
        orders=table("orders"),
        customers=table("customers"),
        interactions=table("interactions"),
        tickets=table("tickets"),
        survey_responses=table("survey_responses"),
        missed=missed.select("customer_id", "created_on"),
    )


def _facts(
    table: Tables, tickets: pl.LazyFrame, who: pl.LazyFrame, history: pl.LazyFrame
) -> Iterator[tuple[str, pl.LazyFrame]]:
    nobody = who.select("customer_id")
    answers = surveys.survey_facts(table("survey_responses"), nobody)
    dated = answers.with_columns(_day=surveys.event_day())
    yield "survey_facts", with_dimensions(dated, who, history, day="_day").drop("_day")
    yield "ticket_facts", with_dimensions(tickets, who, history, day="created_on")
    members = campaigns.member_facts(table("campaign_members"), table("campaigns"), nobody)
    yield "member_facts", with_dimensions(members, who, history, day="contacted_on")


def _lists(
    facts: dict[str, pl.LazyFrame], customers: pl.LazyFrame, employees: pl.LazyFrame, clock: Clock
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Lists in the order in which they are shown, with names: a page of one is a few rows read."""
    written = surveys.comments(facts["survey_facts"])
    names = customers.select("customer_id", "name")
    yield "comments", _beside(written, names, "customer_id")
    broken = sla.breaches(facts["ticket_facts"], as_of=clock.moment("tickets"))
    broken = _beside(broken, names.rename({"name": "customer"}), "customer_id")
    agents = employees.select(agent_id="employee_id", agent="name")
    yield "breaches", _beside(broken, agents, "agent_id")


def _beside(rows: pl.LazyFrame, names: pl.LazyFrame, key: str) -> pl.LazyFrame:
    return rows.join(names, on=key, how="left", validate="m:1", maintain_order="left")
