"""The marts of facts, with their dimensions, and the lists made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from data_access.engine import Engine, Frame
from metrics import sla, surveys
from metrics.dimensions import Dimensions
from metrics.numbering import with_numbers


@dataclass(frozen=True, slots=True)
class Customers:
    """Everybody: the ids with their numbers, and by number what facts are counted by."""

    numbers: pl.DataFrame
    dimensions: Dimensions


def facts(
    engine: Engine, events: Callable[[str], Frame], customers: Customers
) -> dict[str, pl.LazyFrame]:
    """Facts by name, in the order of their days and keys, so that they are the same bytes always.

    Args:
        engine: What sorts them.
        events: Gives the rows of a contract table.
        customers: Whose facts they are.
    """
    answers = surveys.survey_facts(events("survey_responses"))
    days = {
        "survey_facts": (
            answers,
            surveys.event_day(),
            ("answered_on", "invited_on", "response_id"),
        ),
        "ticket_facts": (events("tickets"), pl.col("created_on"), ("created_on", "ticket_id")),
    }
    numbers = engine.lend(customers.numbers)
    return {
        name: customers.dimensions.beside(
            engine.in_order(with_numbers(rows, numbers), order), day=day
        )
        for name, (rows, day, order) in days.items()
    }


def lists(
    facts: dict[str, pl.LazyFrame],
    customers: pl.LazyFrame,
    employees: pl.LazyFrame,
    judged_at: datetime,
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Lists in the order in which they are shown, with names: a page of one is a few rows read."""
    written = surveys.comments(facts["survey_facts"])
    names = customers.select("customer_id", "name")
    yield "comments", _beside(written, names, "customer_id")
    broken = sla.breaches(facts["ticket_facts"], as_of=judged_at)
    broken = _beside(broken, names.rename({"name": "customer"}), "customer_id")
    agents = employees.select(agent_id="employee_id", agent="name")
    yield "breaches", _beside(broken, agents, "agent_id")


def _beside(rows: pl.LazyFrame, names: pl.LazyFrame, key: str) -> pl.LazyFrame:
    return rows.join(names, on=key, how="left", validate="m:1", maintain_order="left")
